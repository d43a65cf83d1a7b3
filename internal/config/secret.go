package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxBeside bounds a file that the configuration names, in bytes.
const maxBeside = 1 << 20

// secretName is what the name of a setting ends in whose value is a secret,
// also where a driver does not say so by its type.
var secretName = regexp.MustCompile(`(password|passphrase|secret|token|api_key|private_key)$`)

var (
	fromEnvironment   = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)
	withinEnvironment = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)
)

// reveal gives the value of a text: of ${NAME} what the environment has, of a
// secret what its file holds. false: a mistake was found.
func (p *parser) reveal(text string, at spot) (string, bool) {
	from, value := text, text
	if byConsole(at.line) && (withinEnvironment.MatchString(text) || at.secret && text != "" && !mayConsole(text)) {
		p.wrong(at, "this can't be read from elsewhere by the console: write it in the configuration file")
		return "", false
	}
	if m := fromEnvironment.FindStringSubmatch(text); m != nil {
		v, ok := os.LookupEnv(m[1])
		if !ok {
			p.wrong(at, "the environment has no variable %s: set it before you start", m[1])
			return "", false
		}
		from, value = "the variable "+m[1], v
	} else if withinEnvironment.MatchString(text) {
		p.wrong(at, "a variable has to be the whole value, as ${NAME}, and not a part of it")
		return "", false
	} else if at.secret && text != "" {
		path, ok := strings.CutPrefix(text, "file:")
		if !ok {
			p.wrong(at, "a secret must not stand in this file: write file:PATH, or ${NAME} for a variable of the environment")
			return "", false
		}
		b, err := p.besideOf(p.place(at.line).File, path)
		if err == errAbsent && byConsole(at.line) {
			p.keyless = append(p.keyless, at.path) // it stops what needs it, and nothing else
			return "", true
		}
		if err != nil {
			p.wrong(at, "%s: %s", path, err)
			return "", false
		}
		from, value = path, strings.TrimPrefix(string(b), "\ufeff")
	}
	if at.secret {
		value = strings.TrimSpace(value)
		p.secrets = append(p.secrets, value)
	}
	switch {
	case from == text:
		return value, true
	case at.secret && value == "":
		p.wrong(at, "%s: it is empty", from)
		return "", false
	case !utf8.ValidString(value) || strings.ContainsFunc(value, control):
		p.wrong(at, "%s: it is no text", from)
		return "", false
	}
	return value, true
}

// shortSecret is what is too short to be a secret, in bytes: taking it out of
// messages would only garble them.
const shortSecret = 4

// scrub takes secrets out of a message: a driver may quote what it can't use.
func (p *parser) scrub(msg string) string {
	for _, s := range p.secrets {
		if len(s) >= shortSecret {
			msg = strings.ReplaceAll(msg, s, "***")
		}
	}
	return msg
}

// beside reads a file that the configuration names. A relative path begins in
// the configuration's folder.
func (p *parser) beside(path string) ([]byte, error) { return p.besideOf(p.name, path) }

func (p *parser) besideOf(file, path string) ([]byte, error) {
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(filepath.Dir(file), full)
	}
	// Only a file: a pipe could keep us waiting, and a device never ends.
	info, err := os.Stat(full)
	if err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("it is not a file")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return readAtMost(full, maxBeside)
}

// readAtMost reads a file that must not be larger than most bytes. The error
// says what is the matter with it in plain words.
func readAtMost(path string, most int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if len(b) > most {
		return nil, fmt.Errorf("it is over %d MiB", most>>20)
	}
	return b, nil
}

var errAbsent = errors.New("there is no such file")

// unreadable says in plain words why a file can't be read.
func unreadable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errAbsent
	case errors.Is(err, fs.ErrPermission):
		return errors.New("the user who runs this may not read it")
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return fmt.Errorf("it can't be read: %w", err)
}

// A Source is shown without its settings wherever something prints it, since
// there may be secrets among them.

// String tells which source it is.
func (s Source) String() string { return fmt.Sprintf("source %q on %s", s.Name, s.Network) }

// GoString keeps the settings out of %#v.
func (s Source) GoString() string { return s.String() }

// LogValue keeps the settings out of logs.
func (s Source) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps the settings out of JSON and YAML.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

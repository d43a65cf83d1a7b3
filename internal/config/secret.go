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
	if m := fromEnvironment.FindStringSubmatch(text); m != nil {
		v, ok := os.LookupEnv(m[1])
		switch {
		case !ok:
			p.wrong(at, "the environment has no variable %s: set it before you start", m[1])
		case at.secret && strings.TrimSpace(v) == "":
			p.wrong(at, "the variable %s is empty", m[1])
			return "", false
		}
		return v, ok
	}
	if withinEnvironment.MatchString(text) {
		p.wrong(at, "a variable has to be the whole value, as ${NAME}, and not a part of it")
		return "", false
	}
	if !at.secret || text == "" {
		return text, true
	}
	path, ok := strings.CutPrefix(text, "file:")
	if !ok {
		p.wrong(at, "a secret must not stand in this file: write file:PATH, or ${NAME} for a variable of the environment")
		return "", false
	}
	b, err := p.beside(path)
	v := strings.TrimSpace(strings.TrimPrefix(string(b), "\ufeff"))
	switch {
	case err != nil:
		p.wrong(at, "%s", err)
		return "", false
	case v == "":
		p.wrong(at, "the file %s is empty", path)
		return "", false
	case strings.ContainsFunc(v, func(r rune) bool { return control(r) || r == '\ufffd' }):
		p.wrong(at, "the file %s is no text: a secret is one", path)
		return "", false
	}
	return v, true
}

// beside reads a file that the configuration names. A relative path begins in
// the configuration's folder.
func (p *parser) beside(path string) ([]byte, error) {
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(filepath.Dir(p.name), full)
	}
	// Only a file: a pipe could keep us waiting, and a device never ends.
	info, err := os.Stat(full)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	return readAtMost(full, path, maxBeside)
}

// readAtMost reads a file that must not be larger than most bytes. shown is how
// messages call it.
func readAtMost(path, shown string, most int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(shown, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, unreadable(shown, err)
	}
	if len(b) > most {
		return nil, fmt.Errorf("%s is over %d MiB", shown, most>>20)
	}
	return b, nil
}

// unreadable says in plain words why a file can't be read.
func unreadable(path string, err error) error {
	why := err
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		why = e.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %s", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the file %s may not be read by the user who runs this", path)
	}
	return fmt.Errorf("the file %s can't be read: %w", path, why)
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

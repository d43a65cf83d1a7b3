// Package file reads mentions from files: JSON lines or CSV in the import
// format (docs/import-format.md), from one file, a watched folder or standard
// input. Its [Reader] also serves imports.
//
// A source reads files in the order of their names and each from where it last
// stopped. Lines that are added later, files that are added later, and the rest
// of a file that was put aside for a fresh one are read; where something can't
// be read any more, the page says so as a gap. All it keeps is in the cursor.
//
// It never writes, moves or deletes a file, and never follows a link out of the
// watched folder.
package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"

	"github.com/amends-care/amends/internal/network"
)

// networkName is what posts carry that name no network.
const networkName = "file"

// Settings say what to read.
type Settings struct {
	// Path is a file, a folder to watch, or - for standard input.
	Path string `yaml:"path"`
	// Pattern says which files of a folder are read, like mentions-*.csv.
	// Default: those that end in .jsonl, .ndjson, .json, .csv or .tsv.
	Pattern string `yaml:"pattern"`
	// Page is the most lines that are read and kept at once. Default: 500.
	Page int `yaml:"page"`
	// Replay lets posts appear as time passes, this many times faster than they
	// were written: 60 makes a minute of an hour. Lines must be oldest first.
	// Default: 0, all at once.
	Replay float64 `yaml:"replay"`
	// Shift moves the times of replayed posts to when they appear, as if they
	// were written just now.
	Shift bool `yaml:"shift"`
}

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	if s.Path == "" {
		wrong = append(wrong, errors.New("path is missing: name a file, a folder to watch, or - for standard input"))
	}
	if _, err := path.Match(s.Pattern, "x"); err != nil {
		wrong = append(wrong, fmt.Errorf("pattern %q is no file pattern: write it like mentions-*.csv", s.Pattern))
	}
	if s.Page < 0 || s.Page > 10_000 {
		wrong = append(wrong, fmt.Errorf("page is %d: choose from 1 to 10000 lines", s.Page))
	}
	if !(s.Replay >= 0 && s.Replay <= 1e6) {
		wrong = append(wrong, fmt.Errorf("replay is %v: choose from 0 (at once) to 1000000 times as fast", s.Replay))
	}
	if s.Shift && s.Replay == 0 {
		wrong = append(wrong, errors.New("shift needs replay: say how fast to replay"))
	}
	if s.Path == "-" && (s.Pattern != "" || s.Replay != 0) {
		wrong = append(wrong, errors.New("standard input can have neither pattern nor replay: read a file instead"))
	}
	return errors.Join(wrong...)
}

// Driver is the driver of files. stdin is what the path - reads.
func Driver(stdin io.Reader) network.Driver {
	return network.Driver{
		Name:     networkName,
		Settings: func() network.Settings { return new(Settings) },
		Open:     network.Opening(func(s *Settings, _ *http.Client) (network.Account, error) { return open(*s, stdin), nil }),
	}
}

func open(s Settings, stdin io.Reader) network.Account {
	if s.Page == 0 {
		s.Page = 500
	}
	if s.Path == "-" {
		return newStream(stdin, s.Page)
	}
	return &folder{Settings: s}
}

// where says which folder holds the files and, for a single file, its name
// there. A link that was configured is followed; see [os.Root] for others.
func (s *Settings) where() (dir, only string, err error) {
	real, err := filepath.EvalSymlinks(s.Path)
	if err != nil {
		return "", "", err
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return "", "", err
	case info.IsDir():
		return real, "", nil
	case !info.Mode().IsRegular():
		return "", "", network.Refused.Because("the path is neither a file nor a folder; write - for standard input")
	}
	return filepath.Dir(real), filepath.Base(real), nil
}

// wanted says whether a file of the folder is to be read.
func (s *Settings) wanted(name string) bool {
	if s.Pattern != "" {
		ok, _ := path.Match(s.Pattern, name)
		return ok
	}
	return formatOf(name) != "" && name[0] != '.'
}

// typed makes the driver's error of the system's.
func typed(err error) error {
	if e, ok := errors.AsType[*network.Error](err); ok {
		return e
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return network.Transient.Because("the file or folder is not there", err)
	case errors.Is(err, fs.ErrPermission):
		return network.Refused.Because("we have no right to read it", err)
	}
	return network.Transient.Because("it can't be read", err)
}

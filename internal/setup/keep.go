package setup

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// keep writes a version, and before it what stood in the file if nobody kept that:
// somebody may have written in it. It returns the version's number.
func (f *File) keep(before, content []byte) (int, error) {
	all, err := f.Versions()
	if err != nil {
		return 0, err
	}
	n, last := 0, []byte(nil)
	if len(all) > 0 {
		n = all[0]
		if last, err = os.ReadFile(f.version(n)); err != nil {
			return 0, err
		}
	}
	if err := os.MkdirAll(filepath.Join(f.dir, versionsIn), 0o700); err != nil {
		return 0, err
	}
	for _, b := range [][]byte{before, content} {
		if bytes.Equal(b, last) && n > 0 || n == 0 && len(b) == 0 {
			continue
		}
		n, last = n+1, b
		if err := WriteWhole(f.version(n), b); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// tidy removes old versions, and the secrets that none of those kept has.
func (f *File) tidy() error {
	all, err := f.Versions()
	if err != nil {
		return err
	}
	now, err := f.read()
	if err != nil {
		return err
	}
	var used strings.Builder
	used.WriteString(string(now))
	for i, n := range all {
		if i >= maxVersions {
			if err := os.Remove(f.version(n)); err != nil {
				return err
			}
			continue
		}
		b, err := os.ReadFile(f.version(n))
		if err != nil {
			return err
		}
		used.WriteString(string(b))
	}
	secrets, err := filepath.Glob(filepath.Join(f.dir, secretsIn, keptSecrets+"*"))
	for _, path := range secrets {
		if !strings.Contains(used.String(), filepath.Base(path)) {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}

func (f *File) keepSecret(name, secret string) error {
	dir := filepath.Join(f.dir, secretsIn)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return WriteWhole(filepath.Join(dir, name), []byte(strings.TrimSpace(strings.ReplaceAll(secret, "\r\n", "\n"))+"\n"))
}

// WriteWhole makes a file that only we can read, whole or not at all.
func WriteWhole(path string, b []byte) error {
	part := path + ".new"
	w, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	if err = errors.Join(err, w.Sync(), w.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close()) // so that the name lasts too
}

package setup

import (
	"archive/tar"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// sealedIn is where the secrets of a backup lie until the key that opens them is
// there.
const sealedIn = secretsIn + "/sealed"

// maxPacked bounds what a backup can hold of the console's files, in bytes.
const maxPacked = 256 << 20

// ErrSealed says that the secrets of a restored folder were sealed with another
// key than the one that is there.
var ErrSealed = errors.New("the keys that were pasted in the console are sealed, and the key in this folder does not open them")

// Pack is what the console set up in a folder, for a backup: its file, the
// versions and the secrets, which are sealed with the folder's key. Without that
// key, which is kept apart from backups, nobody reads them. nil: there is nothing.
func Pack(dir string, key []byte) ([]byte, error) {
	files, err := filesOf(dir, fileName, filepath.Join(versionsIn, "*.yaml"))
	if err != nil {
		return nil, err
	}
	secrets, err := filesOf(dir, filepath.Join(secretsIn, keptSecrets+"*"))
	if err != nil {
		return nil, err
	}
	if len(secrets) > 0 {
		whole, err := packed(secrets)
		if err != nil {
			return nil, err
		}
		seal, err := sealer(key)
		if err != nil {
			return nil, err
		}
		files = append(files, file{sealedIn, seal.Seal(nil, nil, whole, nil)})
	}
	if len(files) == 0 {
		return nil, nil
	}
	return packed(files)
}

// Unpack puts what [Pack] made into a folder that has nothing of it yet. The
// secrets stay sealed until [Unseal].
func Unpack(dir string, pack []byte) error {
	files, err := unpacked(pack)
	if err != nil {
		return err
	}
	return put(dir, files)
}

// Unseal opens the secrets that a restored folder brought, if there are any: with
// the key of the folder that the backup was made of.
func Unseal(dir string, key []byte) error {
	path := filepath.Join(dir, sealedIn)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	seal, err := sealer(key)
	if err != nil {
		return err
	}
	whole, err := seal.Open(nil, nil, b, nil)
	if err != nil {
		return ErrSealed
	}
	files, err := unpacked(whole)
	if err != nil {
		return err
	}
	if err := put(dir, files); err != nil {
		return err
	}
	return os.Remove(path)
}

// Sealed says that a folder has secrets that are not open yet.
func Sealed(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, sealedIn))
	return err == nil
}

func sealer(key []byte) (cipher.AEAD, error) {
	own, err := hkdf.Key(sha256.New, key, nil, "amends: secrets in a backup", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(own)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// A file is one of ours, by its path in the folder.
type file struct {
	name string
	b    []byte
}

func filesOf(dir string, patterns ...string) (all []file, err error) {
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				continue // it was tidied away just now
			}
			if err != nil {
				return nil, err
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return nil, err
			}
			all = append(all, file{filepath.ToSlash(name), b})
		}
	}
	return all, nil
}

func packed(files []file) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o600, Size: int64(len(f.b))}); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.b); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if out.Len() > maxPacked {
		return nil, fmt.Errorf("what the console set up is over %d MiB with its versions", maxPacked>>20)
	}
	return out.Bytes(), nil
}

// ours are the only paths that a backup can hold: nothing else is written.
var ours = regexp.MustCompile(`^(console\.yaml|console/[0-9]{6,9}\.yaml|secrets/console-[a-z0-9]{1,40}|secrets/sealed)$`)

func unpacked(pack []byte) (all []file, err error) {
	for r := tar.NewReader(bytes.NewReader(pack)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("what the console set up can't be read from the backup: %w", err)
		}
		if h.Typeflag != tar.TypeReg || !ours.MatchString(h.Name) {
			return nil, errors.New("the backup holds a file that no console sets up")
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		all = append(all, file{h.Name, b})
	}
}

func put(dir string, files []file) error {
	for _, f := range files {
		if below, _, ok := strings.Cut(f.name, "/"); ok {
			if err := os.MkdirAll(filepath.Join(dir, below), 0o700); err != nil {
				return err
			}
		}
		if err := WriteWhole(filepath.Join(dir, filepath.FromSlash(f.name)), f.b); err != nil {
			return err
		}
	}
	return nil
}

package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/amends-care/amends/internal/store"
)

// A lock is the right to use the file. It is the system's lock on a file of
// its own, so it ends with the process however that ends, and stays in place
// while the store's file is replaced. The lock file says who holds it.
type lock struct{ f *os.File }

// errLocked is what tryLock returns when another holds the lock.
var errLocked = errors.New("locked")

// acquire waits for the lock, and says who has it when it waited in vain.
func acquire(path string, timeout time.Duration) (*lock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	for {
		err := tryLock(f)
		if err == nil {
			return held(f)
		}
		if !errors.Is(err, errLocked) {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-again.C:
		case <-deadline.C:
			err := fmt.Errorf("%w: %s has it open", store.ErrHeld, holder(f))
			return nil, errors.Join(err, f.Close())
		}
	}
}

// held writes down who holds the lock.
func held(f *os.File) (*lock, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	who := fmt.Appendf(nil, "process %d on %s\n", os.Getpid(), host)
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt(who, 0)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &lock{f}, nil
}

// holder reads who wrote himself down last.
func holder(f *os.File) string {
	who, err := io.ReadAll(io.NewSectionReader(f, 0, 256))
	if who = bytes.TrimSpace(who); err != nil || len(who) == 0 {
		return "another process"
	}
	return string(who)
}

// release lets go. The file stays: removing it could take it from under one
// who has just opened it to wait.
func (l *lock) release() error {
	return l.f.Close()
}

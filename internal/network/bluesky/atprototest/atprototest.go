// Package atprototest runs a real AT Protocol network on this machine for
// tests: PLC directory, PDS and AppView from their published npm packages, on
// PostgreSQL, every listener on loopback and no connection leaving the machine.
//
// The packages are installed once by .ci/atproto into the user's cache folder,
// keyed by the hash of testdata/package-lock.json; a run keeps all it writes in
// a temporary folder of its own and takes free ports, so runs don't disturb each
// other. When the test binary dies, however it dies, a small shell process that
// waits for that ends what it left behind.
//
// The package knows nothing of Amends: it creates accounts and writes posts as
// people would, and tells what is on the network. It never mocks anything.
package atprototest

import (
	"errors"
	"os"
	"sync"
	"testing"
	"time"
)

// Shared is one network for all tests of a binary, started when the first test
// asks for it. Keep it in a variable of the test package and end it in TestMain.
type Shared struct {
	once sync.Once
	net  *Network
	err  error
}

// Main runs the tests, then stops the network if one was started. Its result
// is for os.Exit.
func (s *Shared) Main(m *testing.M) int {
	defer func() {
		if s.net != nil {
			s.net.Stop()
		}
	}()
	return m.Run()
}

// Network returns the running network. Where it is not installed the test is
// skipped, or fails if CI=true.
func (s *Shared) Network(t testing.TB) *Network {
	t.Helper()
	s.once.Do(func() { s.net, s.err = Start(Options{}) })
	if errors.Is(s.err, ErrMissing) && os.Getenv("CI") != "true" {
		t.Skip(s.err)
	}
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.net
}

// patience bounds every wait for the network: many times what is usual, since
// a test machine may be busy.
const patience = 2 * time.Minute

// Await asks until ok says yes, and fails the test after two minutes.
func Await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("the test ended while waiting: %s", what)
		}
	}
}

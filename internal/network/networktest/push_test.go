package networktest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A telling network is the fake with a stream: what is posted goes to whoever
// listens, and every poll tells it too.
type telling struct {
	*networktest.FakeNetwork
	t     *testing.T
	wrong wrong

	mu     sync.Mutex
	line   chan care.Remote
	opened chan struct{}
}

// A wrong is what is broken about a driver's Listen.
type wrong string

const (
	right     wrong = ""
	deaf      wrong = "tells nothing"
	careless  wrong = "goes on when a page was not kept"
	stubborn  wrong = "does not end"
	untyped   wrong = "ends with an error of another kind"
	blabbing  wrong = "tells a secret when it breaks"
	moving    wrong = "moves the cursor"
	satisfied wrong = "takes a refusal for an end"
	dull      wrong = "does not notice that the stream broke"
)

func newTelling(t *testing.T, w wrong) *telling {
	return &telling{FakeNetwork: networktest.Fake(networktest.FakeOptions{Page: 3}), t: t, wrong: w, opened: make(chan struct{})}
}

func (n *telling) Account() network.Account {
	return listening{n.FakeNetwork.Account().(whole), n}
}

func (n *telling) Post(p networktest.Post) care.Remote {
	id := n.FakeNetwork.Post(p)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.line != nil {
		n.line <- id
	}
	return id
}

func (n *telling) Listening() {
	n.mu.Lock()
	opened := n.opened
	n.mu.Unlock()
	select {
	case <-opened:
	case <-time.After(10 * time.Second):
		n.t.Fatal("nobody listens")
	}
}

func (n *telling) HangUp() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.line)
	n.line, n.opened = nil, make(chan struct{})
}

func (n *telling) connect() chan care.Remote {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.line == nil {
		close(n.opened)
	}
	n.line = make(chan care.Remote, 100)
	return n.line
}

func (n *telling) disconnect(line chan care.Remote) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.line == line {
		n.line, n.opened = nil, make(chan struct{})
	}
}

type listening struct {
	whole
	net *telling
}

func (l listening) Listen(ctx context.Context, took func(network.Page) error) error {
	// A look is a call like any other: it fails as the network does.
	if _, err := l.Look(ctx, nil); err != nil {
		if l.net.wrong == satisfied {
			return nil
		}
		return err
	}
	line := l.net.connect()
	defer l.net.disconnect(line)
	for {
		select {
		case <-ctx.Done():
			if l.net.wrong == stubborn {
				<-l.net.t.Context().Done()
			}
			if l.net.wrong == untyped {
				return ctx.Err()
			}
			return network.Transient.Because("cancelled", ctx.Err())
		case id, open := <-line:
			if !open {
				switch l.net.wrong {
				case blabbing:
					return &network.Error{Fault: network.Transient, Err: errors.New("read https://fake.example/?token=" + secret)}
				case dull:
					<-ctx.Done()
					return network.Transient.Because("cancelled", ctx.Err())
				}
				return network.Transient.Because("the stream ended", io.EOF)
			}
			if err := l.tell(ctx, id, took); err != nil {
				return err
			}
		}
	}
}

func (l listening) tell(ctx context.Context, id care.Remote, took func(network.Page) error) error {
	items, err := l.Look(ctx, []care.Remote{id})
	if err != nil || l.net.wrong == deaf {
		return err
	}
	page := network.Page{Items: items}
	if l.net.wrong == moving {
		page.Next = "9.0.0"
	}
	if err := took(page); err != nil && l.net.wrong != careless {
		return fmt.Errorf("keep: %w", err)
	}
	return nil
}

func TestATellingNetworkPassesTheSuite(t *testing.T) {
	traits := networktest.Fake(networktest.FakeOptions{Page: 3}).Traits()
	traits.Secrets = []string{secret}
	networktest.Run(t, traits, func(t *testing.T) networktest.World { return newTelling(t, right) })
}

// Each broken driver runs in a process of its own, since a failing case fails
// the test that runs it.
func TestTheSuiteFindsBrokenListeners(t *testing.T) {
	const which = "NETWORKTEST_LISTENER"
	if w, ok := os.LookupEnv(which); ok {
		traits := networktest.Fake(networktest.FakeOptions{Page: 3}).Traits()
		traits.Secrets = []string{secret}
		networktest.Run(t, traits, func(t *testing.T) networktest.World { return newTelling(t, wrong(w)) })
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for w, found := range map[wrong]string{
		deaf:      "push/what is posted while we listen",
		careless:  "push/what can't be kept",
		stubborn:  "push/cancelled while",
		untyped:   "push/cancelled while",
		blabbing:  "push/a stream that breaks",
		moving:    "push/what is posted while we listen",
		satisfied: "push/through/401",
		dull:      "push/a stream that breaks",
	} {
		t.Run(string(w), func(t *testing.T) {
			t.Parallel() // some are found only by waiting
			cmd := exec.CommandContext(t.Context(), self, "-test.v", "-test.run=^TestTheSuiteFindsBrokenListeners$/"+strings.ReplaceAll(found, " ", "_"))
			cmd.Env = append(os.Environ(), which+"="+string(w), "GORACE=atexit_sleep_ms=0")
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Error("it passes")
			} else if !strings.Contains(string(out), "--- FAIL: TestTheSuiteFindsBrokenListeners/") {
				t.Errorf("it fails, but not at %q:\n%s", found, out)
			}
		})
	}
}

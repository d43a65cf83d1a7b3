package notifytest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/notify/notifytest"
)

const secret = "hush-4711"

// A memory is a channel that keeps what it is told, spoilt in one way or not at all.
type memory struct {
	mu     sync.Mutex
	defect string
	got    []notifytest.Arrival
	fault  networktest.Fault
}

func (m *memory) Channel() notify.Channel   { return m }
func (m *memory) Break(f networktest.Fault) { m.fault = f }
func (m *memory) Got() []notifytest.Arrival { return m.got }

func (m *memory) Send(ctx context.Context, to string, n notify.Notice) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := &network.Error{Fault: network.Transient, Unsent: m.fault != networktest.Dropped}
	if m.defect == "tells a secret" {
		e.Err = network.Explain("the key is " + secret)
	}
	if ctx.Err() != nil && m.defect != "deaf to the end" {
		return e
	}
	if m.defect == "an error of no type" && m.fault != "" {
		return errors.New("it failed")
	}
	if m.defect != "as it comes" {
		n = n.Clean()
	}
	switch m.defect {
	case "twice":
		m.got = append(m.got, notifytest.Arrival{To: to, Title: n.Title, Body: n.Body, Link: n.Link, Key: n.Key})
	case "another receiver":
		to += "x"
	case "markup":
		n.Body = strings.ReplaceAll(n.Body, "<", "")
	case "no link":
		n.Link = ""
	case "no key":
		n.Key = ""
	}
	if m.fault == "" || m.fault == networktest.Dropped || m.defect == "lies" {
		m.got = append(m.got, notifytest.Arrival{To: to, Title: n.Title, Body: n.Body, Link: n.Link, Key: n.Key})
	}
	if m.fault != "" && m.defect != "says nothing of failures" {
		return e
	}
	return nil
}

// TestSpoilt runs the suite over one defect: the test below runs it in a process of its own.
func TestSpoilt(t *testing.T) {
	defect, set := os.LookupEnv("NOTIFYTEST_DEFECT")
	if !set {
		defect = "none"
	}
	traits := notifytest.Traits{To: "lead", Keyed: true, Secrets: []string{secret}, Faults: []networktest.Fault{networktest.Unreachable, networktest.Dropped}}
	notifytest.Run(t, traits, func(*testing.T) notifytest.World { return &memory{defect: defect} })
}

func TestSuiteFindsDefects(t *testing.T) {
	for defect, found := range map[string]string{
		"twice": "it_arrives_once", "another receiver": "it_arrives_once", "no link": "it_arrives_once", "no key": "it_arrives_once",
		"markup": "hostile_text", "as it comes": "hostile_text", "deaf to the end": "cancelled", "tells a secret": "cancelled",
		"an error of no type": "through", "lies": "through", "says nothing of failures": "through",
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSpoilt$")
		cmd.Env = append(os.Environ(), "NOTIFYTEST_DEFECT="+defect)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), fmt.Sprintf("--- FAIL: TestSpoilt/%s", found)) {
			t.Errorf("%s was not found by %s: %v\n%s", defect, found, err, out)
		}
	}
}

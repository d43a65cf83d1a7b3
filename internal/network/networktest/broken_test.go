package networktest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A defect spoils a correct driver in one way. The suite must find it in the
// case that is named.
type defect struct {
	found string // the failing case, as a pattern for -run
	poll  func(network.Account, context.Context, string) (network.Page, error)
	send  func(network.Replier, context.Context, care.Answer) (network.Sent, error)
	find  func(network.Replier, context.Context, care.Answer) (network.Sent, bool, error)
	take  func(network.Receiver, http.Header, []byte) (network.Page, error)
	ask   func(network.Challenger, url.Values) (string, error)
}

const secret = "hush-4711"

var defects = map[string]defect{
	"loses the last item of a full page": {found: "poll/[0-9]+ posts in pages", poll: changed(func(p *network.Page) {
		if len(p.Items) == 3 {
			p.Items = p.Items[:2]
		}
	})},
	"stops too early": {found: "poll/more is said until drained", poll: changed(func(p *network.Page) { p.More = false })},
	"never stops":     {found: "poll/a network with nothing to tell", poll: changed(func(p *network.Page) { p.More = true })},
	"newest first in a page": {found: "poll/[0-9]+ posts in pages", poll: changed(func(p *network.Page) {
		for i := range p.Items {
			p.Items[i].Post.PostedAt = p.Items[i].Post.PostedAt.Add(-time.Duration(i) * time.Hour)
		}
	})},
	"a cursor that is no cursor": {found: "poll/a network with nothing to tell", poll: changed(func(p *network.Page) {
		p.Next += strings.Repeat(" ", 5000)
	})},
	"a cursor with a token in it": {found: "poll/a network with nothing to tell", poll: changed(func(p *network.Page) { p.Next += secret })},
	"broken UTF-8": {found: "poll/[0-9]+ posts in pages", poll: changed(func(p *network.Page) {
		for i := range p.Items {
			p.Items[i].Post.Text += "\xff"
		}
	})},
	"everything is our own": {found: "change/our own posts", poll: changed(func(p *network.Page) {
		for i := range p.Items {
			p.Items[i].Own = true
		}
	})},
	"edits pass for news": {found: "change/an edit is told", poll: changed(func(p *network.Page) {
		for i := range p.Items {
			if p.Items[i].Kind == network.Edited {
				p.Items[i].Kind = network.Seen
			}
		}
	})},
	"an error is a success": {found: "fault/401", poll: func(a network.Account, ctx context.Context, cursor string) (network.Page, error) {
		p, err := a.Poll(ctx, cursor)
		if err != nil {
			return network.Page{Next: cursor}, nil
		}
		return p, nil
	}},
	"an error is wrapped":  {found: "fault/401", poll: failed(func(err error) error { return fmt.Errorf("poll: %w", err) })},
	"an error is anything": {found: "fault/401", poll: failed(func(err error) error { return errors.New("poll failed") })},
	"an error tells a secret": {found: "fault/401", poll: failed(func(err error) error {
		return &network.Error{Fault: network.Refused, Err: errors.New("GET /?key=" + secret)}
	})},
	"a limit is forgotten": {found: "fault/429", poll: failed(func(err error) error {
		e := *err.(*network.Error)
		e.After = 0
		return &e
	})},
	"a hidden retry": {found: "fault/500", poll: func(a network.Account, ctx context.Context, cursor string) (p network.Page, err error) {
		for range 10 {
			if p, err = a.Poll(ctx, cursor); err == nil {
				break
			}
		}
		return p, err
	}},
	"sends twice": {found: "answer/it stands on the network once", send: func(r network.Replier, ctx context.Context, a care.Answer) (network.Sent, error) {
		r.Send(ctx, a)
		return r.Send(ctx, a)
	}},
	"retries by itself": {found: "answer/through/done, then the connection breaks", send: func(r network.Replier, ctx context.Context, a care.Answer) (network.Sent, error) {
		s, err := r.Send(ctx, a)
		if err != nil && ctx.Err() == nil {
			r.Send(ctx, a)
		}
		return s, err
	}},
	"always says unsent": {found: "answer/write through/done, then a 504", send: func(r network.Replier, ctx context.Context, a care.Answer) (network.Sent, error) {
		s, err := r.Send(ctx, a)
		if e, ok := errors.AsType[*network.Error](err); ok {
			e.Unsent = true
		}
		return s, err
	}},
	"never says unsent": {found: "answer/through/connection refused", send: func(r network.Replier, ctx context.Context, a care.Answer) (network.Sent, error) {
		s, err := r.Send(ctx, a)
		if e, ok := errors.AsType[*network.Error](err); ok {
			e.Unsent = false
		}
		return s, err
	}},
	"a success without an id": {found: "answer/it stands on the network once", send: func(r network.Replier, ctx context.Context, a care.Answer) (network.Sent, error) {
		_, err := r.Send(ctx, a)
		return network.Sent{}, err
	}},
	"finds nothing": {found: "answer/it stands on the network once", find: func(network.Replier, context.Context, care.Answer) (network.Sent, bool, error) {
		return network.Sent{}, false, nil
	}},
	"finds everything": {found: "answer/an answer that was not sent is not found", find: func(_ network.Replier, _ context.Context, a care.Answer) (network.Sent, bool, error) {
		return network.Sent{Remote: "x"}, true, nil
	}},
	"cuts what is too long": {found: "answer/an answer that is too long", send: func(r network.Replier, ctx context.Context, a care.Answer) (network.Sent, error) {
		a.Text = a.Text[:min(len(a.Text), 300)]
		return r.Send(ctx, a)
	}},
	"takes what nobody signed": {found: "receive/a delivery without its signature", take: resigned(func(http.Header) bool { return true })},
	"takes what has any signature": {found: "receive/a header that was changed", take: resigned(func(h http.Header) bool {
		return h.Get("Fake-Signature") != "" && h.Get("Fake-Time") != ""
	})},
	"does not sign the body": {found: "receive/a body that was changed", take: resigned(func(h http.Header) bool { return len(h) > 0 })},
	"takes old deliveries": {found: "receive/an old delivery", take: func(r network.Receiver, h http.Header, body []byte) (network.Page, error) {
		p, err := r.Receive(h, body)
		if err != nil && strings.Contains(err.Error(), "old") {
			return r.Receive(networktest.Fake(networktest.FakeOptions{}).Sign(body, time.Now()), body)
		}
		return p, err
	}},
	"nonsense is an empty page": {found: "receive/signed nonsense", take: func(r network.Receiver, h http.Header, body []byte) (network.Page, error) {
		p, err := r.Receive(h, body)
		if e, ok := errors.AsType[*network.Error](err); ok && e.Fault == network.Malformed {
			return network.Page{}, nil
		}
		return p, err
	}},
	"receives another post than is read": {found: "receive/a delivered post", take: received(func(p *network.Page) {
		p.Items[0].Post.Author.ID += "x"
	})},
	"receives a new post each time": {found: "receive/the same delivery again", take: received(func(p *network.Page) {
		p.Items[0].Post.Remote += care.Remote(rand.Text())
	})},
	"cuts what it receives": {found: "receive/text comes as it was written", take: received(func(p *network.Page) {
		p.Items[0].Post.Text = p.Items[0].Post.Text[:5]
	})},
	"a refusal tells the secret": {found: "receive/a body that was changed", take: func(r network.Receiver, h http.Header, body []byte) (network.Page, error) {
		p, err := r.Receive(h, body)
		if err != nil {
			err = &network.Error{Fault: network.Refused, Err: errors.New("want a signature by " + secret)}
		}
		return p, err
	}},
	"answers every question": {found: "receive/only the right question", ask: func(_ network.Challenger, q url.Values) (string, error) {
		return q.Get("challenge"), nil
	}},
	"answers no question": {found: "receive/only the right question", ask: func(network.Challenger, url.Values) (string, error) {
		return "", &network.Error{Fault: network.Refused}
	}},
}

// resigned signs what arrives anew where the condition holds.
func resigned(when func(http.Header) bool) func(network.Receiver, http.Header, []byte) (network.Page, error) {
	return func(r network.Receiver, h http.Header, body []byte) (network.Page, error) {
		if when(h) {
			h = networktest.Fake(networktest.FakeOptions{}).Sign(body, time.Now())
		}
		p, err := r.Receive(h, body)
		if e, ok := errors.AsType[*network.Error](err); ok && e.Fault == network.Malformed && when(h) {
			return network.Page{}, nil // a changed body that is taken for what it is
		}
		return p, err
	}
}

func received(change func(*network.Page)) func(network.Receiver, http.Header, []byte) (network.Page, error) {
	return func(r network.Receiver, h http.Header, body []byte) (network.Page, error) {
		p, err := r.Receive(h, body)
		if err == nil {
			change(&p)
		}
		return p, err
	}
}

func changed(change func(*network.Page)) func(network.Account, context.Context, string) (network.Page, error) {
	return func(a network.Account, ctx context.Context, cursor string) (network.Page, error) {
		p, err := a.Poll(ctx, strings.TrimRight(strings.TrimSuffix(cursor, secret), " "))
		if err == nil {
			change(&p)
		}
		return p, err
	}
}

func failed(change func(error) error) func(network.Account, context.Context, string) (network.Page, error) {
	return func(a network.Account, ctx context.Context, cursor string) (network.Page, error) {
		p, err := a.Poll(ctx, cursor)
		if err != nil {
			err = change(err)
		}
		return p, err
	}
}

// whole is what a fake account can do.
type whole interface {
	network.Account
	network.Replier
	network.Looker
	network.Threader
	network.Receiver
	network.Challenger
}

type spoiled struct {
	whole
	defect
}

func (s spoiled) Poll(ctx context.Context, cursor string) (network.Page, error) {
	if s.poll != nil {
		return s.poll(s.whole, ctx, cursor)
	}
	return s.whole.Poll(ctx, cursor)
}

func (s spoiled) Send(ctx context.Context, a care.Answer) (network.Sent, error) {
	if s.send != nil {
		return s.send(s.whole, ctx, a)
	}
	return s.whole.Send(ctx, a)
}

func (s spoiled) Find(ctx context.Context, a care.Answer) (network.Sent, bool, error) {
	if s.find != nil {
		return s.find(s.whole, ctx, a)
	}
	return s.whole.Find(ctx, a)
}

func (s spoiled) Receive(h http.Header, body []byte) (network.Page, error) {
	if s.take != nil {
		return s.take(s.whole, h, body)
	}
	return s.whole.Receive(h, body)
}

func (s spoiled) Challenge(q url.Values) (string, error) {
	if s.ask != nil {
		return s.ask(s.whole, q)
	}
	return s.whole.Challenge(q)
}

type spoiledWorld struct {
	*networktest.FakeNetwork
	defect
}

func (w spoiledWorld) Account() network.Account {
	return spoiled{w.FakeNetwork.Account().(whole), w.defect}
}

// A suite that lets a defect pass is worth nothing. Each defect runs in a
// process of its own, since a failing case fails the test that runs it.
func TestTheSuiteFindsDefects(t *testing.T) {
	const which = "NETWORKTEST_DEFECT"
	if name := os.Getenv(which); name != "" {
		d, ok := defects[name]
		if !ok && name != "none" {
			t.Fatal("no such defect")
		}
		traits := networktest.Fake(networktest.FakeOptions{Page: 3}).Traits()
		traits.Secrets = append(traits.Secrets, secret)
		networktest.Run(t, traits, func(*testing.T) networktest.World {
			return spoiledWorld{networktest.Fake(networktest.FakeOptions{Page: 3}), d}
		})
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := func(name, found string) (string, error) {
		cases := strings.ReplaceAll(found, " ", "_")
		cmd := exec.CommandContext(t.Context(), self, "-test.v", "-test.run=^TestTheSuiteFindsDefects$/"+cases)
		cmd.Env = append(os.Environ(), which+"="+name, "GORACE=atexit_sleep_ms=0")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("none", ""); err != nil {
		t.Fatalf("a correct driver fails: %v\n%s", err, out)
	}
	for name, d := range defects {
		out, err := run(name, d.found)
		if err == nil {
			t.Errorf("a driver with this defect passes: %s", name)
			continue
		}
		if !strings.Contains(out, "--- FAIL: TestTheSuiteFindsDefects/") {
			t.Errorf("%q fails, but not at %q:\n%s", name, d.found, out)
		}
	}
}

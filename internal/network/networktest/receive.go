package networktest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// receiveCases are about what a network posts to us: nobody but the network is
// believed, and what it tells is what reading tells.
func receiveCases(run runner, traits Traits) {
	receiving := func(name string, f func(*suite)) {
		run("receive/"+name, func(s *suite) {
			_, receives := s.world.Account().(network.Receiver)
			_, delivers := s.world.(Deliverer)
			if receives != delivers {
				s.Fatalf("the driver receives: %v, the World delivers: %v", receives, delivers)
			}
			if !receives {
				s.Skip("the network posts nothing to us")
			}
			f(s)
		})
	}
	receiving("a delivered post is the one that is read", deliveredIsRead)
	receiving("text comes as it was written", func(s *suite) {
		r := &reader{suite: s, posts: map[care.Remote]*told{}}
		for _, text := range texts {
			id := s.world.Post(Post{Text: text})
			r.deliver(id)
			r.must(id)
			if k := r.posts[id]; k != nil && !strings.Contains(k.post.Text, text) {
				s.Errorf("wrote %q, received %q", text, k.post.Text)
			}
		}
	})
	receiving("the same delivery again tells the same", func(s *suite) {
		body := s.world.(Deliverer).Delivery(s.burst(1)[0])
		one, two := s.received(body, time.Now()), s.received(body, time.Now())
		if a, b := remotes(one), remotes(two); !slices.Equal(a, b) || len(a) == 0 {
			s.Errorf("first %v, then %v", a, b)
		}
	})
	receiving("a body that was changed is refused", changedBody)
	receiving("a header that was changed is refused", changedHeader)
	receiving("a delivery without its signature is refused", func(s *suite) {
		d := s.world.(Deliverer)
		body := d.Delivery(s.burst(1)[0])
		s.mustRefuse("no headers at all", nil, body)
		for _, name := range slices.Sorted(maps.Keys(d.Sign(body, time.Now()))) {
			h := d.Sign(body, time.Now())
			h.Del(name)
			s.mustRefuse("no "+name, h, body)
			h = d.Sign(body, time.Now())
			h.Set(name, "")
			s.mustRefuse("an empty "+name, h, body)
		}
	})
	if traits.Stale > 0 {
		receiving("an old delivery is refused", func(s *suite) {
			d := s.world.(Deliverer)
			body := d.Delivery(s.burst(1)[0])
			s.mustRefuse("from the past", d.Sign(body, time.Now().Add(-traits.Stale-time.Minute)), body)
			s.mustRefuse("from the future", d.Sign(body, time.Now().Add(traits.Stale+time.Minute)), body)
			s.received(body, time.Now().Add(-traits.Stale/2))
		})
	}
	receiving("signed nonsense is malformed", signedNonsense)
	run("receive/only the right question is answered", rightQuestion)
}

// receive hands a delivery to our account, opened anew.
func (s *suite) receive(h http.Header, body []byte) (network.Page, error) {
	s.Helper()
	r, ok := s.world.Account().(network.Receiver)
	if !ok {
		s.Fatal("the driver does not receive")
	}
	return r.Receive(h, body)
}

// received is a delivery that must be taken.
func (s *suite) received(body []byte, at time.Time) network.Page {
	s.Helper()
	p, err := s.receive(s.world.(Deliverer).Sign(body, at), body)
	if err != nil {
		s.Fatalf("receive: %v", err)
	}
	return p
}

func (s *suite) mustRefuse(what string, h http.Header, body []byte) {
	s.Helper()
	_, err := s.receive(h, body)
	if err == nil {
		s.Errorf("taken: %s", what)
		return
	}
	if e := s.typed(err); e.Fault != network.Refused {
		s.Errorf("%s: told as %v", what, e)
	}
}

func deliveredIsRead(s *suite) {
	ids := s.burst(2)
	got := &reader{suite: s, posts: map[care.Remote]*told{}}
	for _, id := range ids {
		got.deliver(id)
	}
	got.must(ids...)
	if s.traits.Pushed {
		return
	}
	read := &reader{suite: s, posts: map[care.Remote]*told{}}
	read.drain()
	for _, id := range ids {
		if read.posts[id] == nil { // the source begins now: it was posted before
			read.posts[id] = &told{seen: true, post: s.polled(id)}
		}
		a, b := read.posts[id].post, got.posts[id].post
		if a.Network != b.Network || a.Author.ID != b.Author.ID || a.Text != b.Text || a.Kind != b.Kind ||
			a.InReplyTo != b.InReplyTo || a.Thread != b.Thread || a.Summoned != b.Summoned {
			s.Errorf("read %+v, received %+v", a, b)
		}
		if d := a.PostedAt.Sub(b.PostedAt).Abs(); d > time.Minute {
			s.Errorf("%s: read and received dates differ by %v", id, d)
		}
	}
}

func changedBody(s *suite) {
	d := s.world.(Deliverer)
	body := d.Delivery(s.burst(1)[0])
	h := d.Sign(body, time.Now())
	for _, at := range []int{0, len(body) / 3, len(body) / 2, len(body) - 1} {
		changed := bytes.Clone(body)
		changed[at] ^= 1
		s.mustRefuse(fmt.Sprintf("byte %d of %d changed", at, len(body)), h, changed)
	}
	s.mustRefuse("a byte more", h, append(bytes.Clone(body), ' '))
	s.mustRefuse("a byte less", h, body[:len(body)-1])
	s.mustRefuse("no body", h, nil)
}

func changedHeader(s *suite) {
	d := s.world.(Deliverer)
	body := d.Delivery(s.burst(1)[0])
	right := d.Sign(body, time.Now())
	if len(right) == 0 {
		s.Fatal("the World signs nothing")
	}
	for name := range right {
		value := right.Get(name)
		for _, wrong := range []string{
			value[:len(value)-1], value + "0", "x" + value, value[:len(value)-1] + other(value[len(value)-1]),
			value[:len(value)/2] + other(value[len(value)/2]) + value[len(value)/2+1:], strings.Repeat("0", 1<<16),
		} {
			h := right.Clone()
			h.Set(name, wrong)
			s.mustRefuse("another "+name, h, body)
		}
	}
}

func other(c byte) string {
	if c == '7' {
		return "8"
	}
	return "7"
}

func signedNonsense(s *suite) {
	for name, body := range map[string]string{
		"nothing":        "",
		"blanks":         " \n ",
		"a word":         "hello",
		"a number":       "17",
		"half an object": `{"id":`,
		"a page":         "<!doctype html><title>404</title>",
		"bytes":          "\x00\xff\xfe{",
		"two values":     "{} {} trailing",
		"deep":           strings.Repeat("[", 200_000),
		"deep, closed":   strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000),
		"deep objects":   strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"huge":           `{"id":"1","text":"` + strings.Repeat("a", 17<<20) + `"}`,
	} {
		_, err := s.receive(s.world.(Deliverer).Sign([]byte(body), time.Now()), []byte(body))
		if err == nil {
			s.Errorf("taken: %s", name)
			continue
		}
		if e := s.typed(err); e.Fault != network.Malformed {
			s.Errorf("%s: told as %v", name, e)
		}
	}
}

func rightQuestion(s *suite) {
	ours, challenged := s.world.Account().(network.Challenger)
	theirs, asks := s.world.(Challenger)
	if challenged != asks {
		s.Fatalf("the driver answers: %v, the World asks: %v", challenged, asks)
	}
	if !asks {
		s.Skip("the network does not ask")
	}
	q, want := theirs.Ask()
	if got, err := ours.Challenge(q); err != nil || got != want {
		s.Errorf("answered %q, %v; want %q", got, err, want)
	}
	refuse := func(what string, q url.Values) {
		s.Helper()
		answer, err := ours.Challenge(q)
		if err == nil {
			s.Errorf("answered %q: %s", answer, what)
			return
		}
		if e := s.typed(err); e.Fault != network.Refused {
			s.Errorf("%s: told as %v", what, e)
		}
	}
	refuse("no question", url.Values{})
	for name := range q {
		less := maps.Clone(q)
		delete(less, name)
		refuse("no "+name, less)
		if q.Get(name) == want {
			continue // any words will do there
		}
		changed := maps.Clone(q)
		changed[name] = []string{q.Get(name) + "x"}
		refuse("another "+name, changed)
		changed[name] = []string{""}
		refuse("an empty "+name, changed)
	}
}

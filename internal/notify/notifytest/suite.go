// Package notifytest says what a correct channel does: one suite that every
// channel runs, against a real server or one in the test.
//
// It never opens a socket and never sleeps; a [World] may.
package notifytest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/notify"
)

// A World is the other side of a channel.
type World interface {
	// Channel opens the channel anew, as after a restart of the program.
	Channel() notify.Channel
	// Break makes every call from now on meet the fault, until
	// [networktest.Mended]. Called only with what [Traits].Faults lists.
	Break(f networktest.Fault)
	// Got lists what arrived, in order, as a receiver reads it.
	Got() []Arrival
}

// An Arrival is one message as its receiver sees it.
type Arrival struct {
	To    string
	Title string
	Body  string // all of the text, the link included where it is part of it
	Link  string
	Key   string // empty where the channel carries none
}

// Traits say what a channel can do.
type Traits struct {
	To      string              // somebody whom the channel knows
	Keyed   bool                // a receiver gets the notice's key
	Faults  []networktest.Fault // what Break can cause
	Secrets []string            // must never show in an error
}

// Run checks a channel against the contract of package notify.
func Run(t *testing.T, traits Traits, open func(t *testing.T) World) {
	cases := 0
	run := func(name string, f func(*suite)) {
		cases++
		t.Run(name, func(t *testing.T) { f(&suite{T: t, traits: traits, world: open(t)}) })
	}
	run("it arrives once, and whole", arrivesOnce)
	run("nothing but the title", func(s *suite) {
		s.send(notify.Notice{Key: "k", Title: "Only this"})
		if got := s.one(); got.Title != "Only this" {
			s.Errorf("title %q", got.Title)
		}
	})
	for i, text := range hostile {
		run(fmt.Sprintf("hostile text/%d", i), func(s *suite) { arrivesAsText(s, text) })
	}
	run("texts without an end", func(s *suite) {
		s.send(notify.Notice{Key: "k", Title: strings.Repeat("t", 1<<20), Body: strings.Repeat("b ", 1<<20), Link: "https://care.example/" + strings.Repeat("x", 1<<16)})
		if got := s.one(); len(got.Title) > 2*notify.MaxTitle || len(got.Body) > 2*(notify.MaxBody+notify.MaxLink) {
			s.Errorf("a title of %d bytes, a text of %d", len(got.Title), len(got.Body))
		}
	})
	run("many at once", func(s *suite) {
		c := s.world.Channel()
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				if err := c.Send(s.Context(), s.traits.To, notice(fmt.Sprint("k", i))); err != nil {
					s.Errorf("send: %v", err)
				}
			})
		}
		all.Wait()
		seen := map[string]bool{}
		for _, got := range s.world.Got() {
			seen[got.Title] = true
		}
		if len(seen) != 16 || len(s.world.Got()) != 16 {
			s.Errorf("of 16 notices %d arrived, %d of them different", len(s.world.Got()), len(seen))
		}
	})
	run("how it stands is no news", func(s *suite) {
		if !notify.Keeps(s.world.Channel()) {
			return // it is never told
		}
		n := notice("k")
		n.About = "incident"
		s.send(n)
		s.send(notify.Notice{Key: "k/known", Title: "Somebody has it", About: n.About, Known: true})
		s.send(notify.Notice{Key: "k/over", Title: "It is over", About: n.About, Over: true})
		s.one()
	})
	run("cancelled before it began", func(s *suite) {
		ctx, end := context.WithCancel(s.Context())
		end()
		e := s.typed(s.world.Channel().Send(ctx, s.traits.To, notice("k")))
		if !e.Unsent || len(s.world.Got()) != 0 {
			s.Errorf("%d arrived; told as unsent: %v", len(s.world.Got()), e.Unsent)
		}
	})
	for _, f := range traits.Faults {
		run("through/"+string(f), func(s *suite) { sendThrough(s, f) })
	}
	t.Logf("%d cases", cases)
}

type suite struct {
	*testing.T
	traits Traits
	world  World
}

func notice(key string) notify.Notice {
	return notify.Notice{
		Key: key, Title: "Case " + key + " breaks its promise", Body: "Due at 10:30.\nNobody has it.", Link: "https://care.example/cases/" + key,
		Severity: notify.Warning, At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
	}
}

func (s *suite) send(n notify.Notice) {
	s.Helper()
	if err := s.world.Channel().Send(s.Context(), s.traits.To, n); err != nil {
		s.Fatalf("send: %v", err)
	}
}

func (s *suite) one() Arrival {
	s.Helper()
	got := s.world.Got()
	if len(got) != 1 {
		s.Fatalf("%d messages arrived, want one", len(got))
	}
	if got[0].To != s.traits.To {
		s.Errorf("it went to %q", got[0].To)
	}
	for what, text := range map[string]string{"title": got[0].Title, "text": got[0].Body} {
		if !utf8.ValidString(text) {
			s.Errorf("the %s is not UTF-8", what)
		}
	}
	return got[0]
}

func arrivesOnce(s *suite) {
	want := notice("k1")
	s.send(want)
	got := s.one()
	if got.Title != want.Title || !strings.Contains(got.Body, want.Body) || got.Link != want.Link {
		s.Errorf("arrived as %+v", got)
	}
	if s.traits.Keyed && got.Key != want.Key {
		s.Errorf("key %q", got.Key)
	}
}

// hostile is what strangers write, as it comes into notices.
var hostile = []string{
	"<script>alert(1)</script><b>bold</b> & &amp;",
	"*bold* _under_ `code` [link](https://evil.example) <https://evil.example|x> ~~~ ```",
	"<!channel> @everyone @here <@U123> #general",
	"%s %d %n {{.Key}} ${HOME} $(id) \\n \\u0000",
	"zwölf Äpfel, русский, 日本語, עברית, 👨‍👩‍👧‍👦",
	`"quotes" 'single' \back\slash {"json": 1}`,
	"x\r\nBcc: evil@evil.example\r\n\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n",
	"broken \xff\xfe and \x00 nothing",
	"a\u202eesrever\u2066 and back",
	"- one\n# two\n> three\n.\n..\nFrom x",
}

// arrivesAsText checks that a text stays a text: one message, to one receiver,
// with the words in their place.
func arrivesAsText(s *suite, text string) {
	n := notify.Notice{Key: "k", Title: "Case: " + text, Body: text, Link: "https://care.example/cases/1"}
	s.send(n)
	got, want := s.one(), n.Clean()
	if got.Title != want.Title {
		s.Errorf("title %q, want %q", got.Title, want.Title)
	}
	if !strings.Contains(got.Body, want.Body) {
		s.Errorf("%q is not in %q", want.Body, got.Body)
	}
	if got.Link != want.Link {
		s.Errorf("link %q", got.Link)
	}
}

// sendThrough sends while the other side fails: at most one message arrives,
// what the error says of it is true, and once all is mended another arrives.
func sendThrough(s *suite, f networktest.Fault) {
	s.world.Break(f)
	err := s.world.Channel().Send(s.Context(), s.traits.To, notice("k1"))
	s.world.Break(networktest.Mended)
	arrived := len(s.world.Got())
	if arrived > 1 {
		s.Fatalf("one call, %d messages", arrived)
	}
	if err == nil {
		if arrived != 1 {
			s.Error("told as sent, but nothing arrived")
		}
		return
	}
	e := s.typed(err)
	if e.Settled() && arrived != 0 {
		s.Errorf("told as not taken, but it arrived: %v", e)
	}
	if f == networktest.Unreachable && !e.Unsent {
		s.Errorf("nobody was reached, but the error does not say so: %v", e)
	}
	s.send(notice("k2"))
	if n := len(s.world.Got()); n != arrived+1 {
		s.Errorf("once mended %d messages, want %d", n, arrived+1)
	}
}

// typed checks that an error is what a channel may return.
func (s *suite) typed(err error) *network.Error {
	s.Helper()
	if err == nil {
		s.Fatal("no error")
	}
	e, ok := errors.AsType[*network.Error](err)
	if !ok || error(e) != err {
		s.Fatalf("%T is no *network.Error: %v", err, err)
	}
	for _, secret := range append(s.traits.Secrets, "breaks its promise", "Nobody has it") {
		if strings.Contains(fmt.Sprintf("%v %+v", e, e.Err), secret) {
			s.Errorf("the error tells %q: %v", secret, e)
		}
	}
	return e
}

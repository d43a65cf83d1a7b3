package networktest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// answerCases are about answering: a customer never gets one answer twice, and
// what the driver says about it is true.
func answerCases(run runner, traits Traits) {
	answering := func(name string, f func(*suite, network.Replier)) {
		run("answer/"+name, func(s *suite) {
			r, ok := s.world.Account().(network.Replier)
			if !ok {
				s.Skip("the driver can't answer")
			}
			f(s, r)
		})
	}
	answering("it stands on the network once", answerOnce)
	answering("asking whether we may makes no call", mayIsPure)
	answering("an answer that was not sent is not found", func(s *suite, r network.Replier) {
		if sent, found, err := r.Find(s.Context(), s.answer("k1")); err != nil || found {
			s.Errorf("found %q, %v, %v", sent.Remote, found, err)
		}
	})
	if traits.Shape != Single {
		answering("somebody else's words are not our answer", otherWords)
	}
	answering("two answers to two posts are told apart", func(s *suite, r network.Replier) {
		a, b := s.answer("k1"), s.answer("k2")
		one := s.send(r, a)
		if _, found, err := r.Find(s.Context(), b); err != nil || found {
			s.Errorf("the second was found before it was sent: %v", err)
		}
		two := s.send(r, b)
		if one.Remote == two.Remote {
			s.Error("two answers with one id")
		}
		for _, c := range []struct {
			a    care.Answer
			want network.Sent
		}{{a, one}, {b, two}} {
			if found, ok, err := r.Find(s.Context(), c.a); err != nil || !ok || found.Remote != c.want.Remote {
				s.Errorf("sent as %s, found %v as %s: %v", c.want.Remote, ok, found.Remote, err)
			}
		}
	})
	answering("cancelled before it began", func(s *suite, r network.Replier) {
		_, err := r.Send(ended(), s.answer("k1"))
		if e := s.typed(err); !e.Unsent {
			s.Errorf("nothing was sent, but the error doesn't say so: %v", e)
		}
		s.standing("k1", 0)
		_, _, err = r.Find(ended(), s.answer("k1"))
		s.typed(err)
	})
	answering("an answer that is too long is refused, not cut", tooLong)
	if traits.Keyed {
		answering("the same key again changes nothing", func(s *suite, r network.Replier) {
			a := s.answer("k1")
			one := s.send(r, a)
			two, err := s.world.Account().(network.Replier).Send(s.Context(), a)
			if err != nil {
				s.Fatalf("again: %v", err)
			}
			if one.Remote != two.Remote {
				s.Errorf("first %s, then %s", one.Remote, two.Remote)
			}
			if n := len(s.world.Sent()); n != 1 {
				s.Errorf("%d answers stand on the network", n)
			}
		})
	}
	if traits.Own {
		answering("our answer is polled as our own", func(s *suite, r network.Replier) {
			reader := s.reader()
			sent := s.send(r, s.answer("k1"))
			reader.drain()
			if k := reader.posts[sent.Remote]; k == nil || !k.own {
				s.Errorf("our answer was polled as %+v", k)
			}
		})
	}
	if traits.Direct {
		directCases(answering, traits)
	}
	for _, f := range traits.Faults {
		answering("through/"+string(f), func(s *suite, r network.Replier) { sendThrough(s, r, s.answer("k1"), f, false) })
		answering("write through/"+string(f), func(s *suite, r network.Replier) { sendThrough(s, r, s.answer("k1"), f, true) })
		answering("find through/"+string(f), func(s *suite, r network.Replier) {
			a := s.answer("k1")
			s.world.Break(f)
			s.checkFault(f, s.failing(f, func(ctx context.Context) error {
				_, _, err := r.Find(ctx, a)
				return err
			}))
		})
	}
}

func otherWords(s *suite, r network.Replier) {
	a := s.answer("k1")
	s.world.Post(Post{Author: "troll", Text: a.Text, InReplyTo: a.To.Remote})
	if sent, found, err := r.Find(s.Context(), a); err != nil || found {
		s.Errorf("found %q, %v, %v", sent.Remote, found, err)
	}
}

// answer makes an answer to a fresh complaint.
func (s *suite) answer(key string) care.Answer {
	s.Helper()
	to := s.polled(s.world.Post(Post{Author: "ana", Text: "where is my order?"}))
	return care.Answer{To: to, Text: "We are looking into it (" + key + ").", Key: "amends-" + key, At: time.Now().UTC()}
}

// polled reads a post back, as an answer needs it.
func (s *suite) polled(id care.Remote) care.Post {
	s.Helper()
	if looker, ok := s.world.Account().(network.Looker); ok {
		items, err := looker.Look(s.Context(), []care.Remote{id})
		if err != nil || len(items) != 1 {
			s.Fatalf("look: %d items, %v", len(items), err)
		}
		return items[0].Post
	}
	r := &reader{suite: s, posts: map[care.Remote]*told{}}
	if s.traits.Pushed {
		r.deliver(id)
	} else {
		r.drain()
	}
	if r.must(id); r.posts[id] == nil {
		s.FailNow()
	}
	return r.posts[id].post
}

func (s *suite) send(r network.Replier, a care.Answer) network.Sent {
	s.Helper()
	sent, err := r.Send(s.Context(), a)
	if err != nil {
		s.Fatalf("send: %v", err)
	}
	if sent.Remote == "" {
		s.Fatal("sent, but without an id")
	}
	return sent
}

// standing checks how many answers with this key's text stand on the network.
func (s *suite) standing(key string, want int) {
	s.Helper()
	n := 0
	for _, a := range s.world.Sent() {
		if strings.Contains(a.Text, "("+key+")") {
			n++
		}
	}
	if n != want {
		s.Errorf("%d answers stand on the network, want %d", n, want)
	}
}

func answerOnce(s *suite, r network.Replier) {
	a := s.answer("k1")
	sent := s.send(r, a)
	all := s.world.Sent()
	if len(all) != 1 || !strings.Contains(all[0].Text, a.Text) || all[0].To.Remote != a.To.Remote {
		s.Fatalf("on the network: %+v", all)
	}
	found, ok, err := s.world.Account().(network.Replier).Find(s.Context(), a)
	if err != nil || !ok || found.Remote != sent.Remote {
		s.Errorf("sent as %s, found %v as %s: %v", sent.Remote, ok, found.Remote, err)
	}
	if threader, ok := r.(network.Threader); ok {
		posts, err := threader.Thread(s.Context(), a.To.Remote)
		if err != nil {
			s.Fatalf("thread: %v", err)
		}
		if !slices.ContainsFunc(posts, func(p care.Post) bool { return p.Remote == sent.Remote }) {
			s.Error("our answer is not in the thread")
		}
	}
}

func mayIsPure(s *suite, r network.Replier) {
	post := s.polled(s.burst(1)[0])
	now, calls := time.Now(), s.calls()
	want := r.May(post, now)
	if want.How != care.ByAPI && want.How != care.ByHand && want.How != care.ByNone {
		s.Errorf("how: %q", want.How)
	}
	if want.Why == "" {
		s.Error("no reason for the agent")
	}
	if want.Length.Max > 0 && !slices.Contains([]string{"graphemes", "characters", "bytes", "utf16", "weighted"}, want.Length.Unit) {
		s.Errorf("length in %q", want.Length.Unit)
	}
	if slices.Contains(s.traits.Faults, Unreachable) {
		s.world.Break(Unreachable)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 8 {
				if got := r.May(post, now); got != want {
					s.Errorf("first %+v, then %+v", want, got)
				}
			}
		})
	}
	wg.Wait()
	if n := s.calls() - calls; n != 0 {
		s.Errorf("asking made %d calls", n)
	}
	for _, p := range []care.Post{{}, {Kind: care.PostDirect}, {Network: "elsewhere", Remote: "x"}} {
		r.May(p, time.Time{}) // whatever it says, it says it
	}
}

func tooLong(s *suite, r network.Replier) {
	a := s.answer("k1")
	length := r.May(a.To, time.Now()).Length
	if length.Max == 0 {
		s.Skip("the network has no limit")
	}
	a.Text = strings.Repeat("a", length.Max+1)
	s.refusedForCertain(r, a, 0)
	a.Text = strings.Repeat("a", length.Max)
	s.send(r, a)
}

// sendThrough answers as the outbox does while the network fails: it sends
// again only what is certainly unsent, and otherwise looks. At the end the
// answer stands once, whatever happened. With writes only those fail, so the
// fault is sure to hit the answer itself.
func sendThrough(s *suite, r network.Replier, a care.Answer, f Fault, writes bool) {
	if !writes {
		s.world.Break(f)
	} else if w, ok := s.world.(WriteBreaker); !ok {
		s.Skip("the World can't break writes alone")
	} else if _, _, err := r.Find(s.Context(), a); err != nil { // signs in, where that is a write too
		s.Fatalf("find: %v", err)
	} else {
		w.BreakWrites(f)
	}
	err := s.failing(f, func(ctx context.Context) error {
		sent, err := r.Send(ctx, a)
		if err == nil && sent.Remote == "" {
			err = fmt.Errorf("a success without an id")
		}
		return err
	})
	s.world.Break(Mended)
	n := len(s.world.Sent())
	if n > 1 {
		s.Fatalf("one call left %d answers on the network", n)
	}
	if err == nil {
		if n != 1 {
			s.Fatal("told as sent, but nothing stands on the network")
		}
		return // the driver saw through the fault
	}
	e := s.typed(err)
	if writes {
		s.checkFault(f, err)
		if f.takes() != (n == 1) {
			s.Fatalf("the World is at fault: %d answers stand on the network", n)
		}
	}
	if e.Settled() && n != 0 {
		s.Fatalf("told as never taken, but it stands on the network: %v", e)
	}
	again := s.world.Account().(network.Replier)
	found, ok, err := again.Find(s.Context(), a)
	if err != nil {
		s.Fatalf("find: %v", err)
	}
	if s.traits.Blind && n == 1 && !ok {
		return // a person is asked
	}
	if ok != (n == 1) || ok && found.Remote == "" {
		s.Fatalf("%d answers stand on the network; found %v, id %q", n, ok, found.Remote)
	}
	if !ok {
		s.send(again, a)
	}
	s.standing("k1", 1)
}

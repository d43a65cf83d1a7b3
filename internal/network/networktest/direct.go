package networktest

import (
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// directCases are about answers in private: they stand where nobody else reads
// them, and only while the network takes them.
func directCases(answering func(string, func(*suite, network.Replier)), traits Traits) {
	answering("in private/it stands once, and in private", func(s *suite, r network.Replier) {
		a := s.direct(r, "k1")
		sent := s.send(r, a)
		if all := s.world.Sent(); len(all) != 1 || !all[0].Direct || !strings.Contains(all[0].Text, a.Text) || all[0].To.Remote != a.To.Remote {
			s.Fatalf("on the network: %+v", all)
		}
		found, ok, err := s.world.Account().(network.Replier).Find(s.Context(), a)
		if err != nil || !ok || found.Remote != sent.Remote {
			s.Errorf("sent as %s, found %v as %s: %v", sent.Remote, ok, found.Remote, err)
		}
	})
	answering("in private/one that was not sent is not found", func(s *suite, r network.Replier) {
		if sent, found, err := r.Find(s.Context(), s.direct(r, "k1")); err != nil || found {
			s.Errorf("found %q, %v, %v", sent.Remote, found, err)
		}
	})
	answering("in private/one that is too long is refused, not cut", func(s *suite, r network.Replier) {
		a := s.direct(r, "k1")
		most := r.May(a.To, time.Now()).LengthOf(true).Max
		if most == 0 {
			s.Skip("the network has no limit")
		}
		a.Text = strings.Repeat("a", most+1)
		s.refusedForCertain(r, a, 0)
		a.Text = strings.Repeat("a", most)
		s.send(r, a)
	})
	if traits.Once {
		answering("in private/a second one to the same post is refused", func(s *suite, r network.Replier) {
			a := s.direct(r, "k1")
			s.send(r, a)
			a.Text, a.Key = "And one thing more.", "amends-k2"
			s.refusedForCertain(r, a, 1)
		})
	}
	if traits.Window > 0 {
		answering("in private/after the window it is refused", func(s *suite, r network.Replier) {
			to := s.polled(s.world.Post(Post{Author: "ana", Text: "where is my order?", At: time.Now().Add(-traits.Window - time.Hour)}))
			if r.May(to, time.Now()).Direct {
				s.Error("an answer in private is offered after its window")
			}
			s.refusedForCertain(r, care.Answer{To: to, Text: "We are looking into it.", Direct: true, Key: "amends-k1", At: time.Now().UTC()}, 0)
		})
	}
	for _, f := range traits.Faults {
		answering("in private/write through/"+string(f), func(s *suite, r network.Replier) { sendThrough(s, r, s.direct(r, "k1"), f, true) })
	}
}

// direct makes an answer in private to a fresh complaint.
func (s *suite) direct(r network.Replier, key string) care.Answer {
	s.Helper()
	a := s.answer(key)
	if may := r.May(a.To, time.Now()); !may.Direct {
		s.Errorf("no answer in private is offered: %+v", may)
	}
	a.Direct = true
	return a
}

// refusedForCertain sends what the network doesn't take: want answers stand.
func (s *suite) refusedForCertain(r network.Replier, a care.Answer, want int) {
	s.Helper()
	_, err := r.Send(s.Context(), a)
	if e := s.typed(err); !e.Settled() {
		s.Errorf("refused for certain, but the error leaves it open: %v", e)
	}
	if n := len(s.world.Sent()); n != want {
		s.Errorf("%d answers stand on the network, want %d", n, want)
	}
}

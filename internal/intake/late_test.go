package intake_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network/networktest"
)

const day = 24 * time.Hour

// expectLate checks whether a post's mention and case count as late.
func (b *bench) expectLate(post care.Remote, want bool) {
	b.Helper()
	m, ok := b.kept()[post]
	if !ok {
		b.Fatalf("%s was not taken in", post)
	}
	for _, c := range b.cases() {
		if c.Case.ID != m.Case {
			continue
		}
		if c.Case.Late != want || m.Late != want || c.Case.Mentions[0].Late != want {
			b.Errorf("seen %v after it was posted: case late %v, mention late %v, want %v", m.SeenAt.Sub(m.Post.PostedAt), c.Case.Late, m.Late, want)
		}
		tg := c.Case.Target(care.FirstResponse)
		switch {
		case want && tg != nil:
			b.Errorf("a late case has a target: %+v", tg)
		case !want && (tg == nil || !tg.StartAt.Equal(m.Post.PostedAt)):
			b.Errorf("the customer's clock does not stand: %+v", tg)
		}
		return
	}
	b.Errorf("%s is in no case", post)
}

// A new source that reads back into the past sets off no storm.
func TestOldPostsOfANewSourceAreLate(t *testing.T) {
	for name, o := range shapes {
		t.Run(name, func(t *testing.T) {
			in(t, o, func(b *bench) {
				var old []care.Remote
				for i := range 20 {
					old = append(old, b.net.Post(networktest.Post{Author: string(rune('a' + i)), Text: "broken", At: time.Now().Add(-30 * day)}))
				}
				young := b.net.Post(networktest.Post{Author: "zoe", Text: "broken", At: time.Now().Add(-day / 2)})
				b.boot(settings{}, source("kettles", b.net.Account()))
				b.pass(every)
				for _, p := range old {
					b.expectLate(p, true)
				}
				b.expectLate(young, false)
				if sum := b.totals("kettles"); sum.Late != 20 {
					b.Errorf("the log counts %d late", sum.Late)
				}
			})
		})
	}
}

// What we could not read for a while is not late: the customer waits all the
// same.
func TestGapOfOurOwnIsNotLate(t *testing.T) {
	for name, gap := range map[string]func(b *bench, p *process, lasts time.Duration) (end func()){
		"the network is down": func(b *bench, _ *process, _ time.Duration) func() {
			b.net.Break(networktest.Unreachable)
			return func() { b.net.Break(networktest.Mended) }
		},
		"the keys are wrong": func(b *bench, _ *process, _ time.Duration) func() {
			b.net.Break(networktest.Unauthorised)
			return func() { b.net.Break(networktest.Mended) }
		},
		"we are not running": func(b *bench, p *process, _ time.Duration) func() {
			p.end()
			return func() { b.boot(settings{}, source("kettles", b.net.Account())) }
		},
	} {
		for shape, o := range shapes {
			t.Run(name+"/"+shape, func(t *testing.T) {
				in(t, o, func(b *bench) {
					p := b.boot(settings{}, source("kettles", b.net.Account()))
					before := b.says("ana", "broken")
					b.pass(every)
					end := gap(b, p, 3*day)
					var missed []care.Remote
					for i := range 20 {
						b.pass(4 * time.Hour)
						missed = append(missed, b.says(string(rune('b'+i)), "broken"))
					}
					end()
					b.pass(16 * time.Minute)
					b.expectLate(before, false)
					for _, m := range missed {
						b.expectLate(m, false)
					}
				})
			})
		}
	}
}

// The process dies while it catches up: what it reads after that is not late
// either.
func TestGapOfOurOwnWithACrashInIt(t *testing.T) {
	in(t, networktest.FakeOptions{Page: 4, Newest: true}, func(b *bench) {
		src := source("kettles", b.net.Account())
		b.says("ana", "broken")
		p := b.boot(settings{}, src)
		b.pass(every)
		p.end()
		var missed []care.Remote
		for i := range 25 {
			b.pass(2 * time.Hour)
			missed = append(missed, b.says(string(rune('b'+i)), "broken"))
		}
		for k := range 12 {
			p := b.boot(settings{killAt: 2 + 2*k}, src)
			b.pass(time.Second)
			p.end()
		}
		b.boot(settings{}, src)
		b.pass(every)
		for _, m := range missed {
			b.expectLate(m, false)
		}
	})
}

// A network that shows a post only days later, while we read all the time, is
// late: nobody could have answered in time.
func TestPostThatTheNetworkShowsLate(t *testing.T) {
	for _, restart := range []bool{false, true} {
		in(t, networktest.FakeOptions{}, func(b *bench) {
			src := source("kettles", b.net.Account())
			p := b.boot(settings{}, src)
			b.pass(every)
			b.net.Lag(2 * day)
			hidden := b.says("ana", "broken")
			b.net.Lag(0)
			for i := range 40 { // others are seen meanwhile
				b.says(string(rune('b'+i)), "fine")
				b.pass(time.Hour)
			}
			if restart {
				p.end()
				b.boot(settings{}, src)
			}
			b.pass(10 * time.Hour)
			b.expectLate(hidden, true)
		})
	}
}

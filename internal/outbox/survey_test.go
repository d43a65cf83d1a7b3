package outbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network/networktest"
)

// surveying puts rules in force by which everybody is asked a day after.
func (b *bench) surveying() {
	b.rules.Queues = map[string]desk.QueueRules{"care": {Survey: care.SurveyRule{Ask: care.CSAT, After: 24 * time.Hour, Share: 1}}}
	b.rules.LetAlone, b.rules.SurveyOpen = 30*24*time.Hour, 14*24*time.Hour
}

// solved is a complaint that was answered and resolved with the answer.
func (b *bench) solved(text string) care.CaseID {
	b.Helper()
	id, m := b.complaint()
	b.answer(id, m, text, care.ThenResolve)
	b.pass(undoFor + 2*time.Second)
	return id
}

// askers starts a process that asks customers whose time has come, beside one
// that sends.
func (b *bench) askers(killAt func(int, string) bool) *process {
	b.Helper()
	p := b.boot(killAt)
	d := b.newDesk(p.point)
	ctx, stop := context.WithCancel(b.Context())
	both := p.stop
	p.stop = func() { both(); stop() }
	p.wg.Go(func() {
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			ids, err := b.view.Surveys(time.Now(), 10)
			if err != nil {
				continue
			}
			for _, id := range ids {
				_, _ = d.AskSurvey(ctx, care.ByClock, "", id, desk.Asking{
					Ask: care.CSAT, Language: "en", Body: func(token string) string { return "How did we do? https://care.example/s/" + token },
				})
			}
		}
	})
	return p
}

func (b *bench) asked(id care.CaseID) int { return b.posted(care.SurveyKey(id, 1)) }

// A process that dies between any two steps asks nobody twice, and nobody is
// forgotten.
func TestSurveyThroughAKill(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.surveying()
		unharmed := b.askers(nil)
		id := b.solved("unharmed")
		b.pass(23 * time.Hour)
		if b.asked(id) != 0 {
			b.Fatal("asked before its time")
		}
		before := unharmed.reached()
		b.pass(2 * time.Hour)
		steps := unharmed.reached() - before
		unharmed.end()
		c, _ := b.story(id)
		if b.asked(id) != 1 || len(c.Surveys) != 1 || c.State != care.StateResolved {
			b.Fatalf("asked %d times, %d surveys, %s", b.asked(id), len(c.Surveys), c.State)
		}
		if c.Row().Replies != 1 || !c.FirstReplyAt.Equal(c.Replies[0].VisibleAt) {
			b.Error("the survey counts as an answer")
		}
		if steps < 6 {
			b.Fatalf("only %d steps", steps)
		}
		for k := 1; k <= steps; k++ {
			sender := b.boot(nil)
			id := b.solved(fmt.Sprint("killed at ", k))
			sender.end()
			b.pass(24 * time.Hour)
			p := b.askers(func(step int, _ string) bool { return step == k })
			b.pass(time.Hour)
			if !p.killed() {
				b.Fatalf("step %d was never reached", k)
			}
			at := p.steps[k-1]
			p.end()
			p = b.askers(nil)
			b.pass(2 * time.Hour)
			p.end()
			c, _ := b.story(id)
			// Killed with the attempt recorded and nothing sent: looked for, not found, and
			// never sent blindly.
			want, state := 1, care.ReplyIsSent
			attempted := at == "outbox.attempted" || at == "desk.outbox.committed"
			if attempted && len(c.Replies) == 2 && c.Replies[1].State == care.ReplyIsUnknown {
				want, state = 0, care.ReplyIsUnknown
			}
			if b.asked(id) != want || len(c.Surveys) != 1 || len(c.Replies) != 2 || c.Replies[1].State != state {
				b.Errorf("killed at step %d (%s): asked %d times, %d surveys, %+v", k, at, b.asked(id), len(c.Surveys), c.Replies)
			}
		}
	})
}

// What stands against asking is found when its time comes, and told.
func TestSurveyThatIsSkipped(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	for _, v := range []struct {
		why    string
		before func(b *bench, id care.CaseID) error
	}{
		{"held", func(b *bench, id care.CaseID) error {
			return b.act(id, func(time.Time, *care.Case) ([]care.Event, error) { return []care.Event{care.LegalHold{Note: 9}}, nil })
		}},
		{"promise", func(b *bench, id care.CaseID) error {
			return b.act(id, func(now time.Time, _ *care.Case) ([]care.Event, error) {
				return []care.Event{care.PromiseMade{Promise: 9, DueAt: now.Add(100 * time.Hour), Owner: "ada"}}, nil
			})
		}},
		{"opted_out", func(b *bench, id care.CaseID) error {
			c, _ := b.story(id)
			_, err := b.agent.People(b.Context(), care.ByAgent("ada"), "", []care.AuthorRef{{Network: c.Labels.Network, Author: c.Author}},
				func(_ time.Time, ps []*care.Person) (care.Change, error) {
					es, err := ps[0].AskSilence("asked", "")
					return care.Change{Contacts: es}, err
				})
			return err
		}},
	} {
		t.Run(v.why, func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				b.surveying()
				b.askers(nil)
				id := b.solved("solved")
				if err := v.before(b, id); err != nil {
					b.Fatal(err)
				}
				b.pass(25 * time.Hour)
				c, story := b.story(id)
				var why string
				for _, r := range story {
					for _, e := range r.Events {
						if e, ok := e.(care.SurveySkipped); ok {
							why = e.Why
						}
					}
				}
				if why != v.why || b.asked(id) != 0 || len(c.Surveys) != 0 {
					b.Errorf("skipped for %q, asked %d times", why, b.asked(id))
				}
			})
		})
	}
}

// What a survey's link leads by goes with the texts of its case: when their
// term is over, and when the person is erased.
func TestSurveyLinksGoWithTheirCase(t *testing.T) {
	links := func(b *bench) (n int) {
		for _, err := range b.st.List(b.Context(), "survey/", "") {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		return n
	}
	for name, remove := range map[string]func(b *bench, d *desk.Desk, id care.CaseID) error{
		"term": func(b *bench, d *desk.Desk, _ care.CaseID) error {
			b.pass(40 * 24 * time.Hour)
			_, err := d.Sweeper(desk.Terms{Mentions: 24 * time.Hour, Cases: 30 * 24 * time.Hour}).Step(b.Context())
			return err
		},
		"erasure": func(b *bench, d *desk.Desk, id care.CaseID) error {
			c, _ := b.story(id)
			docs, err := b.st.Get(b.Context(), "mention/"+string(c.Mentions[0].Mention))
			if err != nil {
				return err
			}
			m, err := care.DecodeMention(docs[0].Data)
			if err != nil {
				return err
			}
			_, err = d.Erase(b.Context(), care.ByAgent("root"), m.Post.Network, m.Post.Author.Handle, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				b.surveying()
				p := b.askers(nil)
				id := b.solved("a word")
				b.pass(26 * time.Hour)
				p.end()
				if n := links(b); n != 1 {
					b.Fatalf("%d links after one survey", n)
				}
				if err := remove(b, b.newDesk(nil), id); err != nil {
					b.Fatal(err)
				}
				if n := links(b); n != 0 {
					b.Errorf("%d links are left", n)
				}
			})
		})
	}
}

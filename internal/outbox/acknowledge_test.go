package outbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/sla"
)

// night puts an acknowledgement in force, at an hour when nobody is there.
func (b *bench) night() {
	b.Helper()
	never, err := sla.NewCalendar(sla.Timetable{Name: "day", Zone: "UTC", Week: sla.Week{"mon": {{From: 3 * time.Hour, To: 4 * time.Hour}}}})
	if err != nil {
		b.Fatal(err)
	}
	b.rules.Queues = map[string]desk.QueueRules{"care": {Away: &desk.Away{
		Acknowledgement: care.Acknowledgement{Texts: map[string]string{"en": "We are back at nine."}, After: undoFor}, Hours: never,
	}}}
	b.rules.May = func(m *care.Mention, now time.Time) care.Permission {
		return b.account.(network.Replier).May(m.Post, now)
	}
}

// atNight is a complaint that comes then, taken in twice: the first reading
// crashed before anybody heard that it was durable.
func (b *bench) atNight() care.CaseID {
	b.Helper()
	b.posts++
	remote := b.net.Post(networktest.Post{Author: fmt.Sprint("customer", b.posts), Text: "my kettle is broken"})
	items, err := b.net.Account().(network.Looker).Look(b.Context(), []care.Remote{remote})
	if err != nil {
		b.Fatal(err)
	}
	for range 2 {
		_, err = b.agent.Receive(b.Context(), desk.Arrivals{Source: "kettles", Items: []desk.Arrival{{
			What: desk.WasSeen, Post: items[0].Post, Verdict: &care.Verdict{Complaint: true, Labels: care.Labels{Language: "en"}},
		}}})
		if err != nil {
			b.Fatal(err)
		}
	}
	docs, err := b.st.Get(b.Context(), "seen/file/"+string(remote))
	if err != nil {
		b.Fatal(err)
	}
	m, err := b.mention(care.MentionID(docs[0].Data))
	if err != nil {
		b.Fatal(err)
	}
	return m.Case
}

// TestAcknowledgementKilledBetweenAnyTwoSteps kills the outbox at every step of
// an acknowledgement: it is there once or not at all, and is no answer.
func TestAcknowledgementKilledBetweenAnyTwoSteps(t *testing.T) {
	for _, f := range []networktest.Fault{networktest.Mended, networktest.Lied, networktest.ServerError} {
		t.Run("network "+string(f), func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				b.night()
				for k := 1; k < 20; k++ {
					b.net.Break(networktest.Mended)
					id := b.atNight()
					b.net.BreakWrites(f)
					p := b.boot(func(step int, _ string) bool { return step == k })
					b.until(p, id)
					p.end()
					if !p.killed() {
						return
					}
					p = b.boot(nil)
					b.until(p, id)
					p.end()
					c, _ := b.story(id)
					r, key := c.Replies[0], "acknowledge/"+string(id)
					if n := b.posted(key); n > 1 || r.State == care.ReplyIsSent && n != 1 || !r.Automatic {
						b.Errorf("killed at %d (%s): %s, and there %d times", k, b.step(k), r.State, n)
					}
					if !c.FirstReplyAt.IsZero() || c.Unanswered() == nil {
						b.Errorf("killed at %d: it counts as an answer", k)
					}
				}
			})
		})
	}
}

// What changes between asking and sending is looked at again.
func TestAcknowledgementIsTakenBack(t *testing.T) {
	for name, meanwhile := range map[string]func(*bench, care.CaseID){
		"they asked us not to write": (*bench).optOut,
		"the network allows it no more": func(b *bench, _ care.CaseID) {
			b.account = struct {
				network.Account
				network.Replier
			}{b.account, mute{b.account.(network.Replier)}}
		},
		"a known issue tells them": func(b *bench, id care.CaseID) { b.told = id },
		"somebody answers": func(b *bench, id care.CaseID) {
			c, _ := b.story(id)
			b.answer(id, c.Mentions[0].Mention, "sorry", care.ThenKeep)
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				b.night()
				id := b.atNight()
				meanwhile(b, id)
				b.boot(nil)
				b.pass(time.Hour)
				c, _ := b.story(id)
				if r := c.Replies[0]; r.State != care.ReplyIsUndone || b.posted("acknowledge/"+string(id)) != 0 {
					b.Errorf("it is %s, and there %d times", r.State, b.posted("acknowledge/"+string(id)))
				}
			})
		})
	}
}

// mute is a network that lets nobody answer.
type mute struct{ network.Replier }

func (mute) May(care.Post, time.Time) care.Permission { return care.Permission{How: care.ByNone} }

package report_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// chance is a random story of a few customers and agents who do whatever the
// rules let them do.
type chance struct {
	*story
	r   *rand.Rand
	now time.Time
	cut int
	// second is the pace: an hour of a story has 3600. near: who acts does so mostly in
	// the latest cases, that many; 0: in any.
	second time.Duration
	near   int
	// saying lets replies promise something, be undone and fail.
	saying bool
	acked  int // cases that were acknowledged by nobody
}

// randomStory is the same for the same seed; from 30 on, replies promise something.
func randomStory(t testing.TB, seed uint64, steps int) *chance {
	return told(t, seed, steps, &chance{second: time.Second})
}

// longStory has half a day from one step to the next. What is late is weeks old, and
// cases of long ago are seldom changed.
func longStory(t testing.TB, seed uint64, steps int) *chance {
	return told(t, seed, steps, &chance{second: 30 * time.Second, near: 8})
}

func told(t testing.TB, seed uint64, steps int, h *chance) *chance {
	*h = chance{second: h.second, near: h.near, story: newStory(t, office(), standard()), r: rand.New(rand.NewPCG(seed, 7)), now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), saying: seed >= 30}
	for range steps {
		h.now = h.now.Add(time.Duration(h.r.IntN(50*60)) * h.second)
		h.clock(h.now)
		if len(h.ids) < 3 || h.r.IntN(6) == 0 {
			h.opensOne()
			continue
		}
		ids := h.ids
		if h.near > 0 && h.r.IntN(50) > 0 {
			ids = ids[max(0, len(ids)-h.near):]
		}
		h.step(pick(h.r, ids))
	}
	h.clock(h.now)
	return h
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (h *chance) post() post {
	return post{
		author: pick(h.r, []string{"ana", "ben", "cem", "dora"}), network: pick(h.r, []string{"bluesky", "mastodon"}), source: pick(h.r, []string{"a", "b", "import"}),
		language: pick(h.r, []string{"en", "de", ""}), topic: pick(h.r, []string{"billing", "delivery", ""}),
		severity: pick(h.r, []care.Severity{"", care.Low, care.High}), list: pick(h.r, []string{"", "vip"}),
		lag: time.Duration(h.r.IntN(900)) * h.second, unflagged: h.r.IntN(4) == 0, praise: h.r.IntN(6) == 0, byHand: h.r.IntN(9) == 0,
		queue: pick(h.r, []string{"care", "repairs"}),
	}
}

func (h *chance) opensOne() {
	p := h.post()
	if p.late = h.r.IntN(9) == 0; p.late {
		p.lag = 40 * 60 * 60 * h.second
	}
	id := care.CaseID(fmt.Sprintf("c%04d", len(h.ids)))
	h.record(id, h.now, care.ByIntake, care.Opened{MentionRef: h.ref(string(id)+".m", h.now.Add(-p.lag).Truncate(time.Millisecond), p), ByHand: p.byHand},
		care.Routed{Queue: p.queue, Lane: pick(h.r, []care.Lane{care.Ordinary, care.Critical}), Policy: "standard"})
}

// manyAct is something that is done to many cases.
func manyAct(r *rand.Rand, now time.Time) care.BulkAct {
	return care.BulkAct{Do: pick(r, care.BulkActs()), To: "cara", Queue: "repairs", Until: now.Add(time.Hour), Add: []string{"outage"},
		End: care.Disposition{Code: "solved"}, Reason: pick(r, []string{"spam", care.NotAComplaint})}
}

func (h *chance) step(id care.CaseID) {
	c := h.cases[id]
	by := pick(h.r, []care.AgentID{"ada", "bob", "cara"})
	if c.Assignee != "" && h.r.IntN(3) > 0 {
		by = c.Assignee
	}
	try := func(events []care.Event, err error) { h.try(id, by, events, err) }
	both := func(change care.Change, err error) {
		if err != nil {
			return
		}
		for _, ce := range change.Cases {
			h.record(ce.Case, h.now, care.ByAgent(by), ce.Events...)
		}
	}
	var m care.MentionID
	if len(c.Mentions) > 0 {
		m = pick(h.r, c.Mentions).Mention
	}
	switch h.r.IntN(28) {
	case 26, 27:
		h.acknowledges(id)
	case 0, 1, 2:
		p := h.post()
		h.cut++
		h.record(id, h.now, care.ByIntake, c.TakeIn(h.ref(fmt.Sprintf("x%d", h.cut), h.now.Add(-p.lag).Truncate(time.Millisecond), p))...)
	case 3:
		try(c.Claim(by, "next"))
	case 4:
		try(c.Release(by))
	case 5:
		try(c.HandOff(by, pick(h.r, []care.AgentID{"", "bob"}), c.NextText()))
	case 6, 7, 8, 9:
		if m != "" {
			h.answer(id, by, m)
		}
	case 10:
		h.cut++
		h.record(id, h.now, care.ByIntake, c.ReplyWasSeen(care.ReplySeen{Mention: care.MentionID(fmt.Sprintf("own%d", h.cut)), VisibleAt: h.now.Add(-time.Duration(h.r.IntN(3000)) * time.Second)})...)
	case 11, 12:
		try(c.Resolve(by, "solved"))
	case 13:
		try(c.Dismiss(by, pick(h.r, []string{"spam", care.NotAComplaint})))
	case 14:
		try(c.Reopen())
	case 15:
		try(c.MakePromise(by, c.NextText(), h.now, h.now.Add(time.Duration(1+h.r.IntN(300))*time.Minute), "call"))
	case 16:
		if len(c.Promises) > 0 {
			try(c.KeepPromise(pick(h.r, c.Promises).N))
		}
	case 17:
		if len(c.Promises) > 0 {
			try(c.Renegotiate(pick(h.r, c.Promises).N, h.now, h.now.Add(time.Hour), h.r.IntN(2) == 0))
		}
	case 18:
		both(care.Merge(c, h.cases[pick(h.r, h.ids)], by))
	case 19:
		if c.State == care.StateMerged {
			both(care.Unmerge(h.cases[c.MergedInto], c, by))
		}
	case 20:
		if m != "" {
			h.cut++
			both(care.Split(c, by, []care.MentionID{m}, care.CaseID(fmt.Sprintf("s%04d", h.cut))))
		}
	case 21:
		if m != "" && h.r.IntN(2) == 0 {
			h.record(id, h.now, care.ByIntake, c.DeleteMention(m)...)
		}
	case 22:
		if m != "" {
			try(c.Review(m, h.r.IntN(2) == 0))
		}
	case 23:
		try(c.Note(c.NextText()))
	case 24:
		b := care.Bulk{ID: "b", By: care.ByAgent(by), Cases: []care.CaseID{id}, Act: manyAct(h.r, h.now)}
		if try(b.Decide(h.now, c)); h.r.IntN(2) == 0 {
			return
		}
		fallthrough // and back at once
	case 25:
		b := care.Bulk{ID: "u", By: care.ByAgent(by), Cases: []care.CaseID{id}, Undoes: "b"}
		try(b.Decide(h.now, h.cases[id]))
	}
}

// acknowledges tells the customer that nobody is there, once in the life of a case.
func (h *chance) acknowledges(id care.CaseID) {
	c := h.cases[id]
	away := care.Acknowledgement{Texts: map[string]string{"": "We have read this.", "en": "We have read this.", "de": "Wir haben das gelesen."}}
	for i := range c.Mentions {
		events, _ := c.AcknowledgeAway(&away, c.Mentions[i].Mention, h.now)
		if len(events) == 0 {
			continue
		}
		n := events[0].(care.ReplyRequested).Reply
		h.record(id, h.now, care.ByIntake, events...)
		h.record(id, h.now, care.ByOutbox, h.cases[id].AttemptReply(n, h.now, h.now)...)
		h.record(id, h.now, care.ByOutbox, h.cases[id].ReplyWasSent(n, h.now, h.now, false)...)
		h.acked++
		return
	}
}

// try records what somebody may do.
func (h *chance) try(id care.CaseID, by care.AgentID, events []care.Event, err error) {
	if err == nil && len(events) > 0 {
		h.record(id, h.now, care.ByAgent(by), events...)
	}
}

// answer asks for a reply, which then goes one way or another.
func (h *chance) answer(id care.CaseID, by care.AgentID, m care.MentionID) {
	c := h.cases[id]
	n := c.NextText()
	events, err := c.RequestReply(by, care.ReplyRequested{Reply: n, To: m, Key: fmt.Sprintf("%s/%d", id, n), NotBefore: h.now,
		Then: pick(h.r, []string{care.ThenAwait, care.ThenKeep, care.ThenResolve}), Disposition: "solved"})
	if err == nil && len(events) > 0 && h.saying && h.r.IntN(2) == 0 {
		said, err := c.PromiseIn(n, by, n+1, h.now, h.now.Add(time.Hour), "call")
		h.try(id, by, append(events, said...), err)
	} else {
		h.try(id, by, events, err)
	}
	if c = h.cases[id]; c.Reply(n) == nil || h.r.IntN(5) == 0 {
		return
	}
	if h.saying && h.r.IntN(5) == 0 {
		events, err = c.UndoReply(c.Reply(n).By.Agent(), n)
		h.try(id, by, events, err)
		return
	}
	h.record(id, h.now, care.ByOutbox, c.AttemptReply(n, h.now, h.now)...)
	if c = h.cases[id]; h.saying && h.r.IntN(5) == 0 {
		h.record(id, h.now, care.ByOutbox, c.ReplyDidFail(n, "refused")...)
		return
	}
	h.record(id, h.now, care.ByOutbox, c.ReplyWasSent(n, h.now, h.now, false)...)
}

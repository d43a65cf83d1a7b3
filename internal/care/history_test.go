package care_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A history is a random life of a few cases: customers who write, edit, take
// back; agents who do all that can be done, in any order; replies that arrive,
// fail, hang; a clock that is late.
type history struct {
	*desk
	r        *rand.Rand
	claims   map[care.AuthorKey]*care.Claims
	mentions int
	posts    int // of ours
	cut      int // cases split off
	refused  int
	steps    int
	saying   bool           // replies promise something, sometimes
	done     map[string]int // how often each action had an effect
}

var (
	authors = []care.AuthorKey{"ana", "ben", "cem"}
	threads = []care.ThreadKey{"t1", "t2", "t3"}
	agents  = []care.AgentID{"ada", "bob", "cy"}
)

func newHistory(t testing.TB, seed uint64) *history {
	r := rand.New(rand.NewPCG(seed, 1))
	tt := promised{first: 30 * time.Minute, next: 20 * time.Minute, resolution: 3 * time.Hour, clock: pick(r, []string{"customer", "desk"})}
	if seed%2 == 0 { // else no case escalates, and none lapses
		tt.untouched = 2 * time.Hour
		tt.escalation = care.EscalationPolicy{Name: "standard", Steps: []care.EscalationStep{
			{When: care.WhenUnclaimed, After: 10 * time.Minute, Assign: "cy"},
			{When: care.WhenAtRisk, Notify: []string{"leads"}},
			{When: care.WhenBreached, Queue: "urgent", Notify: []string{"leads", "pager"}, Repeat: 15 * time.Minute, Times: 3},
			{When: care.WhenAngrier, Raise: true},
			{When: care.WhenPromiseDue, Notify: []string{"leads"}},
			{When: care.WhenPromiseSlipped, After: 5 * time.Minute, Queue: "urgent", Raise: true},
		}}
	}
	steps := 0
	if seed%2 == 0 {
		steps = 20 // alarms of a policy for one case
	}
	return &history{desk: newDesk(t, tt), steps: steps, r: r, claims: map[care.AuthorKey]*care.Claims{}, done: map[string]int{}}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (h *history) minutes(n int) time.Duration { return time.Duration(h.r.IntN(n)) * time.Minute }

// run takes n steps.
func (h *history) run(n int) {
	for range n {
		h.step()
	}
}

func (h *history) step() {
	switch h.r.IntN(4) { // the clock runs; sometimes right up to what is due
	case 0:
		h.now = h.now.Add(h.minutes(40))
	case 1:
		h.now = h.now.Add(time.Duration(h.r.IntN(90_000)) * time.Millisecond)
	case 2:
		if len(h.ids) > 0 {
			if at, ok := h.of(pick(h.r, h.ids)).NextAlarm(); ok && at.After(h.now) && at.Sub(h.now) < 5*time.Hour {
				h.now = at
			}
		}
	}
	if len(h.ids) == 0 || h.r.IntN(5) == 0 {
		h.arrive()
		return
	}
	name := pick(h.r, actions)
	id := pick(h.r, h.ids)
	if before := h.seq; act(h, name, h.of(id)) && h.seq > before {
		h.done[name]++
	}
}

// arrive brings a mention in, as package desk does.
func (h *history) arrive() {
	h.mentions++
	posted := h.now.Add(-h.minutes(50)).Truncate(time.Millisecond)
	m := care.MentionRef{
		Mention: care.MentionID(fmt.Sprintf("m%d", h.mentions)), Author: pick(h.r, authors), Thread: pick(h.r, threads),
		PostedAt: posted, SeenAt: h.now, Flagged: h.r.IntN(3) > 0, Source: "bluesky",
		Labels: care.Labels{Network: "bluesky", Topic: pick(h.r, []string{"", "fee", "refund"}), Lists: []string{"vip"}},
	}
	if h.r.IntN(12) == 0 {
		m.Late, m.PostedAt = true, posted.Add(-48*time.Hour)
	}
	k := h.claims[m.Author]
	if k == nil {
		k = &care.Claims{}
		h.claims[m.Author] = k
	}
	cases := func(id care.CaseID) *care.Case {
		if c := h.of(id); c.Exists() {
			return c
		}
		return nil
	}
	switch p := care.Place(m, *k, cases, h.now, 6*time.Hour); {
	case p.Join != "":
		h.do(p.Join, care.ByIntake, h.of(p.Join).TakeIn(m)...)
	case p.Open:
		id := care.CaseID(fmt.Sprintf("c%03d", len(h.ids)+1))
		h.do(id, care.ByIntake, care.Opened{MentionRef: m, Previous: p.Previous, ByHand: h.r.IntN(9) == 0},
			care.Routed{Queue: pick(h.r, []string{"billing", "repairs"}), Lane: care.Ordinary, Policy: "normal"})
		k.Set(m.Thread, id)
	}
}

// actions are the names of all that act can do.
var actions = []string{
	"claim", "claim", "assign", "release", "hand off", "note", "tag", "snooze", "wake", "await", "escalate", "requeue",
	"resolve", "dismiss", "reopen", "reopen", "review", "edit", "delete", "promise", "keep", "renegotiate",
	"merge", "merge", "unmerge", "unmerge", "split", "request", "request", "request", "outbox", "outbox", "outbox", "outbox",
	"undo", "settle", "theirs", "notice", "link", "scan", "wait on", "stop waiting", "follow", "unfollow", "friction", "goodwill", "decide", "approve", "refuse",
	"bulk", "bulk", "take back", "take back",
	"acknowledge", "acknowledge", "let it be", "change", "change", "undo change", "change goes on", "change goes on", "change goes on",
}

// act lets somebody do something to a case; false: it was refused or made no sense.
func act(h *history, name string, c *care.Case) bool {
	by := pick(h.r, agents)
	if c.Assignee != "" && h.r.IntN(3) > 0 {
		by = c.Assignee
	}
	actor := care.ByAgent(by)
	one := func(events []care.Event, err error) bool {
		if err != nil {
			h.refused++
			return false
		}
		h.do(c.ID, actor, events...)
		return true
	}
	both := func(change care.Change, err error) bool {
		if err != nil {
			h.refused++
			return false
		}
		h.change(actor)(change, nil)
		for _, s := range change.Claims {
			if k := h.claims[s.Author]; k != nil {
				k.Set(s.Thread, s.Case)
			}
		}
		return true
	}
	until := h.now.Add(h.minutes(120))
	switch name {
	case "claim":
		return one(c.Claim(by, "claim"))
	case "assign":
		return one(c.Assign(by))
	case "release":
		return one(c.Release(by))
	case "hand off":
		return one(c.HandOff(by, pick(h.r, []care.AgentID{"", "bob", "cy"}), c.NextText()))
	case "note":
		return one(c.Note(c.NextText()))
	case "tag":
		return one(c.Tag([]string{pick(h.r, []string{"a", "b"})}, []string{pick(h.r, []string{"a", "b"})}))
	case "snooze":
		return one(c.Snooze(by, h.now, until))
	case "wait on":
		return one(c.WaitOn(by, pick(h.r, []string{"bank", "warehouse"}), h.now, until))
	case "stop waiting":
		return one(c.StopWaiting(by))
	case "follow":
		return one(c.Follow(by))
	case "unfollow":
		return one(c.Unfollow(by))
	case "friction":
		return one(c.MeetFriction(c.NextText(), "refund_limit"))
	case "goodwill":
		return one(c.GiveGoodwill(by, care.GoodwillGiven{Goodwill: c.NextText(), Amount: 500, Currency: "EUR"}, care.Limit{Amount: pick(h.r, []int{0, 1000}), Currency: "EUR"}, h.now))
	case "decide":
		return len(c.Goodwill) > 0 && one(c.DecideGoodwill("lea", pick(h.r, c.Goodwill).N, h.r.IntN(2) == 0, c.NextText()))
	case "wake":
		return one(c.Wake(by))
	case "await":
		return one(c.Await(by))
	case "escalate":
		return one(c.Escalate("lea", "friction"))
	case "requeue":
		return one(c.Requeue(care.Routed{Queue: pick(h.r, []string{"billing", "repairs"}), Policy: "normal"}))
	case "resolve":
		return one(c.Resolve(by, "solved"))
	case "dismiss":
		return one(c.Dismiss(by, pick(h.r, []string{"spam", care.NotAComplaint})))
	case "reopen":
		return one(c.Reopen())
	case "promise":
		return one(c.MakePromise(by, c.NextText(), h.now, until, "call"))
	case "merge":
		return both(care.Merge(c, h.of(pick(h.r, h.ids)), by))
	case "unmerge":
		return c.State == care.StateMerged && both(care.Unmerge(h.of(c.MergedInto), c, by))
	case "split":
		h.cut++
		return len(c.Mentions) > 0 && both(care.Split(c, by, []care.MentionID{pick(h.r, c.Mentions).Mention}, care.CaseID(fmt.Sprintf("s%03d", h.cut))))
	case "notice":
		key := pick(h.r, []string{"k1", "k2"})
		return one([]care.Event{care.NoticeRequested{Key: key, Channel: "email", To: by}, care.NoticeAttempted{Key: key, Try: 1}, care.NoticeSent{Key: key}}, nil)
	case "link":
		return one([]care.Event{care.Linked{To: pick(h.r, h.ids)}}, nil)
	case "scan":
		return h.do(c.ID, care.ByClock) != nil
	case "bulk":
		b := care.Bulk{ID: "b", By: actor, Act: manyAct(h), Cases: []care.CaseID{c.ID}}
		return one(b.Decide(h.now, c))
	case "take back":
		b := care.Bulk{ID: "u", By: actor, Undoes: "b", Cases: []care.CaseID{c.ID}}
		return one(b.Decide(h.now, c))
	}
	return actMention(h, name, c, one) || actPromise(h, name, c, one, until) || actReply(h, name, c, by, one)
}

// nobodyThere is what customers hear while nobody is there.
var nobodyThere = care.Acknowledgement{Texts: map[string]string{"": "We have read this."}, After: 2 * time.Minute, Topics: []string{"refund"}}

func actMention(h *history, name string, c *care.Case, one func([]care.Event, error) bool) bool {
	if len(c.Mentions) == 0 {
		return false
	}
	m := pick(h.r, c.Mentions)
	switch name {
	case "acknowledge":
		events, _ := c.AcknowledgeAway(&nobodyThere, m.Mention, h.now)
		return one(events, nil)
	case "review":
		return one(c.Review(m.Mention, h.r.IntN(2) == 0))
	case "edit":
		return one(c.EditMention(care.MentionEdited{Mention: m.Mention, At: h.now.Add(-h.minutes(9)), Flagged: true, Labels: care.Labels{Topic: "fee"}}), nil)
	case "delete":
		return h.r.IntN(3) == 0 && one(c.DeleteMention(m.Mention), nil)
	case "theirs":
		h.posts++
		seen := care.ReplySeen{Mention: care.MentionID(fmt.Sprintf("own%d", h.posts)), VisibleAt: h.now.Add(-h.minutes(30))}
		if h.r.IntN(2) == 0 && !seen.VisibleAt.Before(m.PostedAt) {
			seen.To = m.Mention
		}
		return one(c.ReplyWasSeen(seen), nil)
	}
	return false
}

func actPromise(h *history, name string, c *care.Case, one func([]care.Event, error) bool, due time.Time) bool {
	if len(c.Promises) == 0 {
		return false
	}
	p := pick(h.r, c.Promises)
	switch name {
	case "keep":
		return one(c.KeepPromise(p.N))
	case "renegotiate":
		return one(c.Renegotiate(p.N, h.now, due, h.r.IntN(2) == 0))
	}
	return false
}

func actReply(h *history, name string, c *care.Case, by care.AgentID, one func([]care.Event, error) bool) bool {
	if name == "request" && len(c.Mentions) > 0 {
		n := c.NextText()
		events, err := c.RequestReply(by, care.ReplyRequested{
			Reply: n, To: pick(h.r, c.Mentions).Mention, Key: fmt.Sprintf("%s/%d", c.ID, n), NotBefore: h.now.Add(10 * time.Second),
			Then: pick(h.r, []string{care.ThenAwait, care.ThenResolve, care.ThenKeep}), Disposition: "solved",
			Approval: pick(h.r, []string{"", "", "money"}), Automatic: h.r.IntN(9) == 0,
		})
		if !h.saying || err != nil || len(events) == 0 || h.r.IntN(3) == 0 {
			return one(events, err)
		}
		said, err := c.PromiseIn(n, by, n+1, h.now, h.now.Add(time.Minute+h.minutes(200)), "call")
		return one(append(events, said...), err)
	}
	if actChange(h, name, c, by, one) {
		return true
	}
	open := slices.DeleteFunc(slices.Clone(c.Replies), func(r care.Reply) bool { return r.Settled() })
	if len(open) == 0 {
		return false
	}
	r := pick(h.r, open)
	switch name {
	case "let it be": // as the outbox does before one leaves
		return !c.StillUnheard(r.N) && one(c.DropReply(r.N), nil)
	case "approve":
		return one(c.ApproveReply("lea", r.N))
	case "refuse":
		return one(c.RefuseReply("lea", r.N, c.NextText()))
	case "undo":
		return one(c.UndoReply(by, r.N))
	case "settle":
		return one(c.SettleReply(r.N, h.now, h.r.IntN(2) == 0))
	case "outbox":
		switch {
		case r.State == care.ReplyIsRequested:
			return one(c.AttemptReply(r.N, h.now, h.now.Add(30*time.Second)), nil)
		case r.State == care.ReplyIsUnknown && h.r.IntN(2) == 0:
			return one(c.SoughtReply(r.N), nil)
		}
		switch h.r.IntN(6) {
		case 0:
			return one(c.ReplyDidFail(r.N, "refused"), nil)
		case 1:
			return one(c.DelayReply(r.N, h.now.Add(h.minutes(10)), "limited"), nil)
		case 2:
			return one(c.ReplyMayBeSent(r.N, "timeout"), nil)
		}
		visible := h.now.Add(h.minutes(6) - 3*time.Minute)
		return one(c.ReplyWasSent(r.N, h.now, visible, r.State == care.ReplyIsUnknown), nil)
	}
	return false
}

// actChange mends and withdraws what was sent.
func actChange(h *history, name string, c *care.Case, by care.AgentID, one func([]care.Event, error) bool) bool {
	if len(c.Replies) == 0 {
		return false
	}
	r := pick(h.r, c.Replies)
	if i := slices.IndexFunc(c.Replies, func(r care.Reply) bool { return r.Change.Open() }); i >= 0 { // there are few
		r = c.Replies[i]
	}
	switch name {
	case "change":
		if i := slices.IndexFunc(c.Replies, func(r care.Reply) bool { return r.State == care.ReplyIsSent && !r.Automatic }); i >= 0 {
			r = c.Replies[i]
		}
		e := care.ReplyChangeAsked{Reply: r.N, What: care.Withdraw, NotBefore: h.now.Add(10 * time.Second)}
		if h.r.IntN(3) > 0 {
			e.What, e.Wording = care.Mend, c.NextText()
		}
		return one(c.ChangeReply(by, true, e))
	case "undo change":
		return r.Change.State == care.ReplyIsRequested && one(c.UndoReply(r.Change.By.Agent(), r.N))
	case "change goes on":
		switch {
		case !r.Change.Open():
			return false
		case r.Change.State == care.ReplyIsRequested:
			return one(c.AttemptChange(r.N, h.now, h.now.Add(30*time.Second)), nil)
		case r.Change.State == care.ReplyIsUnknown && h.r.IntN(2) == 0:
			return one(c.SoughtChange(r.N), nil)
		}
		switch h.r.IntN(4) {
		case 0:
			return one(c.ChangeDidFail(r.N, "refused"), nil)
		case 1:
			return one(c.DelayChange(r.N, h.now.Add(h.minutes(10)), "limited"), nil)
		case 2:
			return one(c.ChangeMayBeMade(r.N, "timeout"), nil)
		}
		return one(c.ChangeIsMade(r.N), nil)
	}
	return false
}

package view_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/view"
)

// A life is a history that chance makes: everything that can happen to cases,
// allowed or not.
type life struct {
	*house
	random *rand.Rand
	posts  []care.Post
	cases  []care.CaseID
	merged [][2]care.CaseID // loser, winner
}

// live begins a life under a policy that promises everything.
func live(t *testing.T, seed uint64) *life {
	t.Helper()
	l := &life{house: newHouse(t), random: rand.New(rand.NewPCG(seed, 7))}
	tree, err := route.New(route.Routing{Tree: route.Node{Queue: "care", Policy: "standard"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rules := desk.NewRules(tree, map[string]sla.Policy{"standard": {
		Name: "standard", FirstResponse: time.Hour, NextResponse: time.Hour, Resolution: 8 * time.Hour,
	}}, nil)
	rules.ReopenWindow, rules.LateAfter = 24*time.Hour, 24*time.Hour
	l.desk.Use(rules)
	return l
}

func (l *life) one(n int) bool { return l.random.IntN(n) == 0 }

// step lets one thing happen.
func (l *life) step(v *view.View) {
	l.t.Helper()
	switch l.random.IntN(10) {
	case 0, 1:
		l.page()
	case 2:
		l.now = l.now.Add(time.Duration(l.random.IntN(5400)) * time.Second)
		catchUp(l.t, v)
		if ids, err := v.Alarms(l.now, 100); err != nil {
			l.t.Fatal(err)
		} else if _, err := l.desk.Settle(l.t.Context(), ids); err != nil {
			l.t.Fatal(err)
		}
	default:
		l.now = l.now.Add(time.Duration(l.random.IntN(90)) * time.Second)
		if len(l.cases) > 0 {
			l.decide()
		}
	}
}

// page brings posts, answers of ours, edits and deletions.
func (l *life) page() {
	l.t.Helper()
	var items []desk.Arrival
	for range 1 + l.random.IntN(6) {
		if len(l.posts) > 0 && l.one(5) {
			p := l.posts[l.random.IntN(len(l.posts))]
			p.Text, p.EditedAt = "changed", l.now
			items = append(items, desk.Arrival{What: desk.WasEdited, Post: p, Verdict: &care.Verdict{Complaint: l.one(2)}})
			continue
		}
		if len(l.posts) > 0 && l.one(9) {
			items = append(items, desk.Arrival{What: desk.WasDeleted, Post: l.posts[l.random.IntN(len(l.posts))]})
			continue
		}
		l.n++
		who := fmt.Sprint("author", l.random.IntN(12))
		p := care.Post{Network: "file", Remote: care.Remote(fmt.Sprint(l.n)), Text: "words", PostedAt: l.now.Add(-time.Duration(l.random.IntN(200)*l.random.IntN(20)) * time.Minute)}
		own := l.one(6)
		if own {
			who = "us"
		}
		if len(l.posts) > 0 && !l.one(3) {
			to := l.posts[l.random.IntN(len(l.posts))]
			p.InReplyTo, p.Thread = to.Remote, to.Thread
			if p.Thread == "" {
				p.Thread = to.Remote
			}
		}
		p.Author = care.Author{ID: who, Handle: who}
		l.posts = append(l.posts, p)
		items = append(items, desk.Arrival{What: desk.WasSeen, Post: p, Own: own, Verdict: &care.Verdict{Complaint: l.one(2)}})
	}
	source := []string{"a", "b"}[l.random.IntN(2)]
	gaps := []care.SourceGap{{From: l.now, To: l.now, Why: "chance"}}[:l.random.IntN(2)]
	if _, err := l.desk.Receive(l.t.Context(), desk.Arrivals{Source: source, Items: items, Read: len(items), Gaps: gaps}); err != nil {
		l.t.Fatal(err)
	}
}

// decide lets a person or the outbox do something to one or two cases. What the
// rules refuse changes nothing.
func (l *life) decide() {
	l.t.Helper()
	ids := []care.CaseID{l.cases[l.random.IntN(len(l.cases))], l.cases[l.random.IntN(len(l.cases))]}
	if ids[0] == ids[1] {
		ids = ids[:1]
	}
	by := care.AgentID([]string{"ada", "bob"}[l.random.IntN(2)])
	kind, chance := l.random.IntN(19), l.random.Uint64()
	switch {
	case l.one(3):
		kind = 10 + l.random.IntN(2) // a reply's way is long
	case kind == 1 && len(l.merged) > 0:
		pair := l.merged[len(l.merged)-1]
		ids, l.merged = pair[:], l.merged[:len(l.merged)-1]
	}
	_, err := l.desk.Do(l.t.Context(), care.ByAgent(by), "", ids, func(now time.Time, cs []*care.Case) (care.Change, error) {
		c := cs[0]
		switch {
		case kind == 0 && len(cs) == 2:
			return care.Merge(c, cs[1], by)
		case kind == 1 && len(cs) == 2:
			return care.Unmerge(cs[1], c, by)
		case kind == 2 && len(c.Mentions) > 1:
			return care.Split(c, by, []care.MentionID{c.Mentions[len(c.Mentions)-1].Mention}, splitID(now, chance))
		}
		events, err := l.alone(kind, chance, now, c, by)
		return care.One(c.ID, events, err)
	})
	if _, refused := errors.AsType[*care.Error](err); err != nil && !refused {
		l.t.Fatal(err)
	}
	if err == nil && kind == 0 && len(ids) == 2 {
		l.merged = append(l.merged, [2]care.CaseID{ids[1], ids[0]})
	}
}

func splitID(now time.Time, chance uint64) care.CaseID {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], chance)
	return care.CaseID(care.TimeID(now, binary.BigEndian.Uint32(b[:4]), [5]byte(b[3:])))
}

func (l *life) alone(kind int, chance uint64, now time.Time, c *care.Case, by care.AgentID) ([]care.Event, error) {
	later := now.Add(time.Duration(1+chance%7200) * time.Second)
	switch kind {
	case 3, 4:
		return c.Claim(by, "claim")
	case 5:
		return c.Release(by)
	case 6:
		return c.Resolve(by, "solved")
	case 7:
		return c.Dismiss(by, []string{"spam", care.NotAComplaint}[chance%2])
	case 8:
		return c.Reopen()
	case 9:
		return c.Snooze(by, now, later)
	case 10:
		if len(c.Mentions) == 0 {
			return nil, nil
		}
		return c.RequestReply(by, care.ReplyRequested{
			Reply: c.NextText(), To: c.Mentions[chance%uint64(len(c.Mentions))].Mention, Key: fmt.Sprint(chance), NotBefore: now.Add(10 * time.Second),
			Then: []string{care.ThenAwait, care.ThenKeep, care.ThenResolve}[chance%3], Disposition: "solved",
		})
	case 11:
		return carryOn(chance, now, c), nil
	case 12:
		return c.MakePromise(by, c.NextText(), now, later, "call")
	case 13:
		if len(c.Promises) == 0 {
			return nil, nil
		}
		return c.KeepPromise(c.Promises[0].N)
	case 14:
		return c.Tag([]string{"x", "y"}[:1+chance%2], nil)
	case 15:
		return c.Escalate("", "chance")
	case 16:
		return c.Requeue(care.Routed{Queue: []string{"care", "billing", "tech"}[chance%3], Lane: []care.Lane{care.Critical, care.Ordinary}[chance%2], Policy: "standard"})
	case 17:
		return c.Await(by)
	case 18:
		return c.HandOff(by, "bob", c.NextText())
	}
	return c.Assign("ada")
}

// carryOn does what an outbox may do to a reply, whatever the network says.
func carryOn(chance uint64, now time.Time, c *care.Case) []care.Event {
	for _, r := range c.Replies {
		switch {
		case r.State == care.ReplyIsRequested && chance%5 == 0:
			return c.ReplyDidFail(r.N, "gone")
		case r.State == care.ReplyIsRequested:
			return c.AttemptReply(r.N, now, now.Add(30*time.Second))
		case r.State == care.ReplyIsAttempted && chance%4 == 0:
			return c.ReplyMayBeSent(r.N, "transient")
		case r.State == care.ReplyIsAttempted && chance%4 == 1:
			return c.DelayReply(r.N, now.Add(time.Minute), "limited")
		case r.State == care.ReplyIsAttempted, r.State == care.ReplyIsUnknown && chance%3 == 0:
			return c.ReplyWasSent(r.N, now, now.Add(-time.Second), false)
		case r.State == care.ReplyIsUnknown:
			return c.SoughtReply(r.N)
		}
	}
	return nil
}

// know finds the cases there are by now.
func (l *life) know(v *view.View) {
	l.t.Helper()
	catchUp(l.t, v)
	l.cases = l.cases[:0]
	for q := (view.Query{List: view.Every, Limit: 200}); ; {
		p, err := v.Cases(l.t.Context(), q)
		if err != nil {
			l.t.Fatal(err)
		}
		for _, r := range p.Rows {
			l.cases = append(l.cases, r.ID)
		}
		if q.After = p.Next; p.Next == "" {
			return
		}
	}
}

// Whatever happens to cases, a view that followed in whatever steps equals one
// that is rebuilt, and counts what its lists hold.
func TestRandomLives(t *testing.T) {
	met := map[care.Kind]int{}
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := live(t, seed)
			var told []view.Applied
			v := l.open(view.Options{Cache: []int{0, 3}[seed%2], Applied: func(a []view.Applied) { told = append(told, a...) }})
			defer func() { v.Close() }()
			for i := range 250 {
				l.step(v)
				if l.one(4) {
					l.know(v)
				}
				if i == 125 { // closed and opened, it goes on where it was
					if err := v.Close(); err != nil {
						t.Fatal(err)
					}
					v = l.open(view.Options{Cache: 3, Applied: func(a []view.Applied) { told = append(told, a...) }})
				}
			}
			l.know(v)
			if at, found, err := v.Verify(t.Context()); err != nil || len(found) > 0 || at != v.Position() {
				t.Errorf("at %d of %d: %v, %v", at, v.Position(), found, err)
			}
			checkCounts(t, v)
			checkRows(t, v, l.cases)
			checkTold(t, told)
			for _, a := range told {
				for _, k := range a.Kinds {
					met[k]++
				}
			}
		})
	}
	for _, k := range []care.Kind{
		"case.opened", "mention.added", "mention.edited", "mention.deleted", "case.assigned", "case.released", "case.handed_off", "case.awaiting",
		"case.snoozed", "case.woken", "case.escalated", "case.routed", "case.resolved", "case.reopened", "case.dismissed", "case.merged",
		"case.absorbed", "case.unmerged", "case.parted", "case.split_off", "reply.requested", "reply.attempted", "reply.sent", "reply.failed",
		"reply.delayed", "reply.unknown", "reply.sought", "reply.seen", "promise.made", "promise.kept", "promise.slipped", "target.set",
		"target.paused", "target.met", "target.breached", "target.ended",
	} {
		if met[k] == 0 {
			t.Errorf("the lives were dull: no %s in any", k)
		}
	}
}

// checkCounts compares the counts with what the lists hold.
func checkCounts(t *testing.T, v *view.View) {
	t.Helper()
	c, err := v.Counts()
	if err != nil {
		t.Fatal(err)
	}
	same := func(what string, kept int, q view.Query) {
		t.Helper()
		if n := len(every(t, v, q)); n != kept {
			t.Errorf("%s: counted %d, listed %d", what, kept, n)
		}
	}
	same("all", c.All, view.Query{List: view.Every})
	same("needs", c.Needs, view.Query{})
	same("snoozed", c.Snoozed, view.Query{List: view.Snoozed})
	same("promises", c.Promises, view.Query{List: view.Promised})
	for _, queue := range []string{"care", "billing", "tech"} {
		same("queue "+queue, c.Queues[queue], view.Query{Queue: queue})
		same("waiting in "+queue, c.Waiting[queue], view.Query{Queue: queue, Unassigned: true})
	}
	for _, who := range []care.AgentID{"ada", "bob"} {
		same("of "+string(who), c.Mine[who], view.Query{List: view.Mine, Assignee: who})
	}
	for _, s := range []care.State{care.StateAwaiting, care.StateResolved, care.StateDismissed, care.StateMerged} {
		same(string(s), c.States[s], view.Query{List: view.InState, State: s})
	}
	if c.Position != v.Position() {
		t.Errorf("counts as of %d, the view stands at %d", c.Position, v.Position())
	}
	var breached, sending, failed, noticing int
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	for _, id := range every(t, v, view.Query{List: view.Every}) {
		r, err := v.Row(id)
		if err != nil {
			t.Fatal(err)
		}
		count(&breached, r.Breached && r.NeedsUs())
		count(&sending, !r.SendAt.IsZero())
		count(&failed, r.Reply == care.ReplyIsFailed && !r.State.Over())
		count(&noticing, !r.Notice.IsZero())
	}
	if breached != c.Breached || sending != c.Sending || failed != c.Failed || noticing != c.Noticing {
		t.Errorf("%d breached, %d sending, %d failed, %d noticing, counted %d, %d, %d, %d",
			breached, sending, failed, noticing, c.Breached, c.Sending, c.Failed, c.Noticing)
	}
}

// checkRows compares each row with the case as its records tell it, and every
// list that a case is in with what it is.
func checkRows(t *testing.T, v *view.View, ids []care.CaseID) {
	t.Helper()
	for _, id := range ids {
		page, err := v.Case(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		row, err := v.Row(id)
		if err != nil {
			t.Fatal(err)
		}
		want := page.Case.Row()
		if got, want := row.Encode(), want.Encode(); !slices.Equal(got, want) {
			t.Errorf("%s: the row is %+v, the log tells %+v", id, row, want)
		}
		if by, err := v.ByNumber(row.Number); err != nil || by != id {
			t.Errorf("case %d is %s, want %s: %v", row.Number, by, id, err)
		}
		for name, q := range map[string]view.Query{
			"author": {List: view.OfAuthor, Author: row.Author}, "thread": {List: view.InThread, Thread: row.Thread},
		} {
			if !slices.Contains(every(t, v, q), id) {
				t.Errorf("%s is not in the list of its %s", id, name)
			}
		}
	}
}

// checkTold checks that changes were told in order, each once, each going on
// from what was told before.
func checkTold(t *testing.T, told []view.Applied) {
	t.Helper()
	rows, last := map[care.CaseID][]byte{}, uint64(0)
	for _, a := range told {
		if uint64(a.Seq) <= last {
			t.Fatalf("record %d is told after %d", a.Seq, last)
		}
		last = uint64(a.Seq)
		was := rows[a.Row.ID]
		if got := a.Was.Encode(); a.Was.ID != "" && !slices.Equal(got, was) || a.Was.ID == "" && was != nil {
			t.Errorf("record %d begins where no other ended", a.Seq)
		}
		if a.Row.Seq != uint64(a.Seq) || len(a.Kinds) == 0 || a.By == "" {
			t.Errorf("record %d is told as %+v", a.Seq, a)
		}
		rows[a.Row.ID] = a.Row.Encode()
	}
	if len(rows) == 0 {
		t.Error("nothing was told")
	}
}

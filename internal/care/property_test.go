package care_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// histories can be raised for a long look: go test -run Random -histories 20000
var histories = flag.Int("histories", 100, "random histories for each property")

// lives runs random histories; each gets a seed that a failure names.
func lives(t *testing.T, steps int, each func(t *testing.T, h *history)) {
	n := *histories
	if testing.Short() {
		n = min(n, 20)
	}
	for seed := range uint64(n) {
		ok := t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			h := newHistory(t, seed)
			h.check = func(before, after *care.Case) { invariants(t, h, before, after) }
			h.run(steps)
			each(t, h)
		})
		if !ok {
			return // the first is enough to look at
		}
	}
}

// What holds of a case after each commit, whatever happened before.
func invariants(t *testing.T, h *history, before, c *care.Case) {
	t.Helper()
	now := c.LastAt
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("%s at %s (%s): %s", c.ID, clock(now), c.State, fmt.Sprintf(format, args...))
	}
	for _, b := range []*care.Case{before, c} {
		if again := c.Settle(b, now, h.tt); len(again) > 0 {
			fail("settling again adds%s", show(again))
		}
	}
	alarm, rings := c.NextAlarm()
	listed := func(what string, at time.Time) {
		t.Helper()
		switch {
		case !rings || alarm.After(at):
			fail("%s at %s is not listed", what, clock(at))
		case !at.After(now):
			fail("%s at %s is past and nothing was made of it", what, clock(at))
		}
	}
	owed := false
	for _, x := range c.Targets {
		if x.State == care.TargetRunning {
			listed(string(x.Target), x.DueAt)
		}
		if x.Open() && c.State.Over() {
			fail("%s is still open", x.Target)
		}
		if x.Target != care.Resolution && (x.Open() || x.State == care.TargetIsBroken && x.DoneAt.IsZero() && x.How == "") {
			owed = true
		}
		if (x.State == care.TargetIsPaused) && (x.Target != care.Resolution || c.State != care.StateAwaiting) {
			fail("%s is paused", x.Target)
		}
		if x.State == care.TargetIsMet && x.DoneAt.After(x.DueAt) && x.Left == 0 {
			fail("%s is met after it was due: %+v", x.Target, x)
		}
		if x.State == care.TargetIsBroken && !x.BreachedAt.Equal(x.DueAt) {
			fail("%s was breached at %s, due %s", x.Target, clock(x.BreachedAt), clock(x.DueAt))
		}
	}
	if u := c.Unanswered(); u != nil && !c.State.Over() && !owed {
		fail("%s waits for an answer and nothing is promised: %s", u.Mention, h.targets(c.ID))
	}
	promisesListed(c, listed, fail)
	promisesStay(before, c, fail)
	nobodyAnswered(before, c, fail)
	if !c.SnoozedUntil.IsZero() {
		listed("the end of a snooze", c.SnoozedUntil)
	}
	if c.WaitsOn != "" {
		listed("the end of a wait for "+c.WaitsOn, c.WaitsUntil)
	}
	switch c.State {
	case care.StateWaiting:
		if c.Assignee != "" || c.QueuedAt.IsZero() {
			fail("waits with %q since %v", c.Assignee, c.QueuedAt)
		}
	case care.StateClaimed:
		if c.Assignee == "" || !c.QueuedAt.IsZero() {
			fail("claimed by %q, waits since %v", c.Assignee, c.QueuedAt)
		}
	}
	if !before.FirstReplyAt.IsZero() && (c.FirstReplyAt.IsZero() || c.FirstReplyAt.After(before.FirstReplyAt)) {
		fail("the first reply moved from %s to %s", clock(before.FirstReplyAt), clock(c.FirstReplyAt))
	}
	row := c.Row()
	for _, r := range c.Replies {
		if r.Waits() && !row.ToApprove {
			fail("reply %d waits for an approval and nobody is told", r.N)
		}
		if !r.Settled() && !r.Waits() && r.Looks < care.MaxLooks && row.SendAt.IsZero() {
			fail("reply %d is %s and not listed", r.N, r.State)
		}
		if ch := r.Change; ch.Open() && ch.Looks < care.MaxLooks && row.SendAt.IsZero() {
			fail("a change of reply %d is %s and not listed", r.N, ch.State)
		}
	}
	if back, err := care.DecodeRow(row.Encode()); err != nil || !reflect.DeepEqual(back, row) {
		fail("the row came back as %+v, %v\nwant %+v", back, err, row)
	}
}

// promisesListed holds a case to the promises in it, whatever state it is in:
// what is to be done is listed by when, warned of before, and called slipped after.
func promisesListed(c *care.Case, listed func(string, time.Time), fail func(string, ...any)) {
	row, open := c.Row(), 0
	for _, p := range c.Promises {
		if !p.Outstanding() {
			continue
		}
		open++
		if row.Promise.IsZero() || row.Promise.After(p.DueAt) {
			fail("promise %d of %s is listed for %s", p.N, clock(p.DueAt), clock(row.Promise))
		}
		if p.State == care.PromiseOpen {
			listed("a promise", p.DueAt)
			if !p.Warned {
				listed("the warning of a promise", p.AtRiskAt())
			}
		}
		if p.Owner == "" {
			fail("promise %d is nobody's", p.N)
		}
	}
	if row.Promises != open {
		fail("%d promises are listed, %d are open", row.Promises, open)
	}
}

// promisesStay holds a case to what it promised: a promise leaves it with the
// reply that says it, once that is known never to be sent, and no other way.
func promisesStay(before, c *care.Case, fail func(string, ...any)) {
	unsent := func(reply int) bool {
		r := c.Reply(reply)
		return reply != 0 && r != nil && r.Settled() && r.State != care.ReplyIsSent
	}
	for _, p := range before.Promises {
		if c.Promise(p.N) == nil && !unsent(p.Reply) {
			fail("promise %d of reply %d is gone", p.N, p.Reply)
		}
	}
	for _, p := range c.Promises {
		if unsent(p.Reply) {
			fail("promise %d stands, and nobody ever said it: reply %d", p.N, p.Reply)
		}
	}
}

// nobodyAnswered holds a case to what an acknowledgement is: asked for once, and no
// answer. Where nothing but one was sent, no wait ends and no target is met.
func nobodyAnswered(before, c *care.Case, fail func(string, ...any)) {
	asked := 0
	for _, r := range c.Replies {
		if r.Key == "acknowledge/"+string(c.ID) {
			asked++
		}
		was := before.Reply(r.N)
		if !r.Automatic || r.State != care.ReplyIsSent || was == nil || was.State == care.ReplyIsSent {
			continue
		}
		if !c.FirstReplyAt.Equal(before.FirstReplyAt) || c.State != before.State {
			fail("a reply that nobody wrote counts: first %s, was %s; the case was %s", clock(c.FirstReplyAt), clock(before.FirstReplyAt), before.State)
		}
		for _, m := range c.Mentions {
			if b := before.Mention(m.Mention); b != nil && m.Settled && !b.Settled {
				fail("%s is answered by nobody", m.Mention)
			}
		}
		for _, x := range c.Targets {
			if b := before.Target(x.Target); x.State == care.TargetIsMet && b != nil && b.State != care.TargetIsMet {
				fail("%s is met by nobody", x.Target)
			}
		}
	}
	if asked > 1 {
		fail("it was acknowledged %d times", asked)
	}
}

func TestRandomLives(t *testing.T) {
	done := map[string]int{}
	lives(t, 250, func(t *testing.T, h *history) {
		replayEqualsLive(t, h)
		neverSentTwice(t, h)
		eachMentionInOneCase(t, h)
		alarmsRunOut(t, h)
		for k, n := range h.done {
			done[k] += n
		}
	})
	for _, a := range actions {
		if done[a] == 0 && !t.Failed() && !testing.Short() {
			t.Errorf("%q never had an effect: the histories don't reach it", a)
		}
	}
}

// Folding the log gives what was held in memory, from the compact and from the
// printed form, and a clone that goes on does not disturb what it came from.
func replayEqualsLive(t *testing.T, h *history) {
	t.Helper()
	for _, id := range h.ids {
		live := h.of(id)
		if got := care.Fold(id, h.log[id]); !reflect.DeepEqual(got, live) {
			t.Fatalf("%s replayed\n got %+v\nwant %+v", id, got, live)
		}
		var printed []care.SeqRecord
		for _, r := range h.log[id] {
			b, err := json.Marshal(r.Record)
			if err != nil {
				t.Fatal(err)
			}
			var back care.Record
			if err := json.Unmarshal(b, &back); err != nil {
				t.Fatalf("%v\n%s", err, b)
			}
			printed = append(printed, care.SeqRecord{Seq: r.Seq, Record: back})
		}
		if got := care.Fold(id, printed); !reflect.DeepEqual(got, live) {
			t.Fatalf("%s replayed from print\n got %+v\nwant %+v", id, got, live)
		}
		for i := 0; i < len(h.log[id]); i += 1 + len(h.log[id])/5 {
			part := care.Fold(id, h.log[id][:i])
			clone, same := part.Clone(), care.Fold(id, h.log[id][:i])
			for _, r := range h.log[id][i:] {
				clone.Apply(r.Seq, r.Record)
			}
			if !reflect.DeepEqual(part, same) {
				t.Fatalf("%s: a clone that went on changed what it came from", id)
			}
			if !reflect.DeepEqual(clone, live) {
				t.Fatalf("%s: a clone went another way", id)
			}
		}
	}
}

// A reply is attempted again only after an attempt that provably sent nothing.
func neverSentTwice(t *testing.T, h *history) {
	t.Helper()
	for id, log := range h.log {
		free := map[int]bool{}
		for _, rec := range log {
			for _, e := range rec.Events {
				switch e := e.(type) {
				case care.ReplyRequested:
					if _, twice := free[e.Reply]; twice {
						t.Fatalf("%s: reply %d is asked for twice", id, e.Reply)
					}
					free[e.Reply] = true
				case care.ReplyDelayed:
					free[e.Reply] = true
				case care.ReplyAttempted:
					if !free[e.Reply] {
						t.Fatalf("%s: reply %d is attempted while it may be there", id, e.Reply)
					}
					free[e.Reply] = false
				case care.ReplyUndone:
					if !free[e.Reply] {
						t.Fatalf("%s: reply %d is taken back while it may be there", id, e.Reply)
					}
					free[e.Reply] = false
				}
			}
		}
	}
}

// A mention is in one case that goes on; merged ones remember theirs.
func eachMentionInOneCase(t *testing.T, h *history) {
	t.Helper()
	in := map[care.MentionID]care.CaseID{}
	for _, id := range h.ids {
		c := h.of(id)
		if c.State == care.StateMerged {
			continue
		}
		for _, m := range c.Mentions {
			if other, twice := in[m.Mention]; twice {
				t.Fatalf("%s is in %s and in %s", m.Mention, other, id)
			}
			in[m.Mention] = id
		}
	}
}

// Settling at each alarm makes progress, until nothing rings any more.
func alarmsRunOut(t *testing.T, h *history) {
	t.Helper()
	for _, id := range h.ids {
		for rings := 0; ; rings++ {
			at, ok := h.of(id).NextAlarm()
			if !ok {
				break
			}
			if rings > 3+len(h.of(id).Promises)+h.steps {
				t.Fatalf("%s rings for ever, at %s: %s", id, clock(at), h.targets(id))
			}
			if at.After(h.now) {
				h.now = at
			}
			if h.scan(id) == nil {
				t.Fatalf("%s rings at %s and nothing follows: %s", id, clock(at), h.targets(id))
			}
		}
	}
}

// Merging and taking apart again, with nothing between, leaves both as they were.
func TestUnmergeUndoesMerge(t *testing.T) {
	merges := 0
	lives(t, 120, func(t *testing.T, h *history) {
		h.now = h.now.Add(time.Hour)
		for _, id := range h.ids { // nothing is due any more
			h.scan(id)
		}
		for _, w := range h.ids {
			for _, l := range h.ids {
				winner, loser := h.of(w), h.of(l)
				change, err := care.Merge(winner, loser, winner.Assignee)
				if err != nil {
					continue
				}
				h.change("agent/lea")(change, nil)
				if change, err = care.Unmerge(h.of(w), h.of(l), winner.Assignee); err != nil {
					t.Fatalf("unmerge: %v", err)
				}
				h.change("agent/lea")(change, nil)
				merges++
				for was, is := range map[*care.Case]*care.Case{winner: h.of(w), loser: h.of(l)} {
					restored(t, was, is)
					if !reflect.DeepEqual(was.Mentions, is.Mentions) && !(len(was.Mentions) == 0 && len(is.Mentions) == 0) {
						t.Fatalf("%s: mentions\n got %+v\nwant %+v", is.ID, is.Mentions, was.Mentions)
					}
				}
			}
		}
	})
	if merges < *histories && !t.Failed() && !testing.Short() {
		t.Errorf("only %d merges", merges)
	}
}

// restored compares the targets before a merge and after it was undone: what
// was to be done still is, by the same instant. What the winner only had for the
// loser's sake ended with the merge, in place of a next response that was done
// with; and one that waited for the customer works again.
func restored(t *testing.T, was, is *care.Case) {
	t.Helper()
	for _, k := range []care.TargetKind{care.FirstResponse, care.NextResponse, care.Resolution} {
		a, b := was.Target(k), is.Target(k)
		switch {
		case reflect.DeepEqual(a, b):
		case a != nil && a.State == care.TargetIsPaused && is.State != care.StateAwaiting:
		case (a == nil || k == care.NextResponse && (a.State == care.TargetIsMet || a.How != "" || !a.DoneAt.IsZero())) && b.How == care.EndMerged:
		default:
			t.Fatalf("%s: %s\n got %+v\nwant %+v", is.ID, k, b, a)
		}
	}
}

// The same mentions and answers in any order of reading: who waits, since when,
// and since when we were silent, is the same. (Which mention a first response
// began with may differ once it is met: that one never moves.)
func TestOrderOfReadingDoesNotMatter(t *testing.T) {
	rounds := 2 * *histories
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 2))
		now := minute(300)
		var items []any
		for i := range 1 + r.IntN(5) {
			m := mention(care.MentionID(fmt.Sprintf("m%d", i)), r.IntN(300), seen(300))
			m.Flagged, m.Late = i == 0 || r.IntN(2) == 0, r.IntN(6) == 0
			items = append(items, m)
		}
		for i := range r.IntN(4) {
			items = append(items, care.ReplySeen{Mention: care.MentionID(fmt.Sprintf("own%d", i)), VisibleAt: minute(r.IntN(300))})
		}
		var want string
		var first []string
		for range 8 {
			d := newDesk(t, promised{first: 30 * time.Minute, next: 20 * time.Minute}).at(300)
			var loose []care.Event
			var order []string
			for _, i := range r.Perm(len(items)) {
				var e care.Event
				flagged := false
				switch it := items[i].(type) {
				case care.MentionRef:
					e, flagged = care.MentionAdded{MentionRef: it}, it.Flagged
					order = append(order, fmt.Sprintf("%s@%s", it.Mention, clock(it.PostedAt)))
				case care.ReplySeen:
					e = it
					order = append(order, fmt.Sprintf("%s@%s", it.Mention, clock(it.VisibleAt)))
				}
				switch {
				case d.of("c1").Exists():
					d.do("c1", care.ByIntake, e)
				case flagged:
					d.do("c1", care.ByIntake, append([]care.Event{care.Opened{MentionRef: e.(care.MentionAdded).MentionRef}}, loose...)...)
				default:
					loose = append(loose, e)
				}
			}
			c := d.of("c1")
			var got strings.Builder
			got.WriteString(fmt.Sprintf("first reply %s, waits %s", clock(c.FirstReplyAt), clock(c.Row().WaitsSince)))
			ms := slices.Clone(c.Mentions)
			slices.SortFunc(ms, func(a, b care.CaseMention) int { return int(a.Mention[1]) - int(b.Mention[1]) })
			for _, m := range ms {
				got.WriteString(fmt.Sprintf(", %s settled %v", m.Mention, m.Settled))
			}
			if t, ok := c.Overdue(); ok {
				got.WriteString(fmt.Sprintf(", overdue since %s", clock(t.StartAt)))
			}
			if t, ok := c.Due(); ok {
				got.WriteString(fmt.Sprintf(", due since %s", clock(t.StartAt)))
			}
			if c.Late {
				continue // opened by a late mention: it set no clock, which another order would
			}
			if want == "" {
				want, first = got.String(), order
			}
			if got.String() != want {
				t.Fatalf("seed %d, now %s:\nread %s\n gives %s\nread %s\n gives %s", seed, clock(now), first, want, order, got.String())
			}
		}
	}
}

package view_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

func (h *house) act(id care.CaseID, decide func(now time.Time, c *care.Case) ([]care.Event, error)) {
	h.t.Helper()
	if _, err := h.desk.One(h.t.Context(), care.ByAgent("ada"), "", id, decide); err != nil {
		h.t.Fatal(err)
	}
}

func claim(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Claim("ada", "claim") }

// While somebody walks through a queue, others take from it and add to it. What
// stands there all the time is met exactly once, and in order.
func TestPagesWhileTheQueueChanges(t *testing.T) {
	h := newHouse(t)
	for range 10 {
		h.mentions("a", 60)
	}
	v := h.open(view.Options{})
	defer v.Close()
	catchUp(t, v)
	random := rand.New(rand.NewPCG(1, 1))
	q := view.Query{List: view.Needs, Queue: "care", Unassigned: true, Limit: 7}
	before := every(t, v, q)
	moved, met := map[care.CaseID]bool{}, []care.CaseID{}
	for {
		p, err := v.Cases(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			met = append(met, r.ID)
		}
		if q.After = p.Next; p.Next == "" {
			break
		}
		for range 3 { // taken from anywhere, also what comes next
			id := before[random.IntN(len(before))]
			moved[id] = true
			h.act(id, func(now time.Time, c *care.Case) ([]care.Event, error) {
				if c.Assignee != "" {
					return c.Release("ada")
				}
				return c.Claim("ada", "claim")
			})
		}
		h.mentions("a", 6) // due later and earlier than the place
		catchUp(t, v)
	}
	count := map[care.CaseID]int{}
	for _, id := range met {
		if count[id]++; count[id] > 1 {
			t.Errorf("%s is met twice", id)
		}
	}
	for _, id := range before {
		if !moved[id] && count[id] != 1 {
			t.Errorf("%s stood there all the time and is met %d times", id, count[id])
		}
	}
	stayed := slices.DeleteFunc(slices.Clone(met), func(id care.CaseID) bool { return moved[id] || !slices.Contains(before, id) })
	want := slices.DeleteFunc(slices.Clone(before), func(id care.CaseID) bool { return moved[id] })
	if !slices.Equal(stayed, want) {
		t.Error("what stood there all the time is met in another order")
	}
}

// Pages of two sources lie across each other when they are read at once. Each
// mention is met exactly once all the same, newest first, however it is cut.
func TestAllMentionsOfTwoSourcesAtOnce(t *testing.T) {
	h := newHouse(t)
	const rounds = 12
	done := make(chan struct{})
	bring := func(source string) {
		for i := range rounds {
			var items []desk.Arrival
			for n := range 20 {
				items = append(items, desk.Arrival{What: desk.WasSeen, Own: n%7 == 0, Verdict: &care.Verdict{Complaint: n%3 == 0}, Post: care.Post{
					Network: "file", Remote: care.Remote(fmt.Sprintf("%s-%d-%d", source, i, n)), PostedAt: h.now, Author: care.Author{ID: source + fmt.Sprint(n)},
				}})
			}
			// The judge is where two pages meet: ids are given after it.
			if _, err := h.desk.Receive(t.Context(), desk.Arrivals{Source: source, Items: items, Read: len(items)}); err != nil {
				t.Error(err)
			}
		}
		done <- struct{}{}
	}
	go bring("a")
	go bring("b")
	<-done
	<-done
	v := h.open(view.Options{})
	defer v.Close()
	catchUp(t, v)
	var all []care.MentionID
	for d, err := range h.st.List(t.Context(), "mention/", "") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, care.MentionID(d.Key[len("mention/"):]))
	}
	slices.Reverse(all)
	if len(all) != 2*rounds*20 {
		t.Fatalf("%d mentions", len(all))
	}
	for _, limit := range []int{1, 3, 20, 21, 200} {
		if got := mentionsBy(t, v, view.MentionQuery{Limit: limit}); !slices.Equal(got, all) {
			t.Errorf("in pages of %d: %d met, want %d", limit, len(got), len(all))
		}
	}
	yes, no := true, false
	for name, c := range map[string]struct {
		q    view.MentionQuery
		want int
	}{
		"flagged":         {view.MentionQuery{Flagged: &yes}, 2 * rounds * 6}, // of 7 one is our own
		"not flagged":     {view.MentionQuery{Flagged: &no, Own: &no}, 2 * rounds * 11},
		"our own":         {view.MentionQuery{Own: &yes}, 2 * rounds * 3},
		"of one source":   {view.MentionQuery{Source: "a"}, rounds * 20},
		"of none":         {view.MentionQuery{Source: "z"}, 0},
		"in no case, all": {view.MentionQuery{Loose: true, Flagged: &yes}, 0},
	} {
		if got := mentionsBy(t, v, c.q); len(got) != c.want {
			t.Errorf("%s: %d, want %d", name, len(got), c.want)
		}
	}
}

func mentionsBy(t *testing.T, v *view.View, q view.MentionQuery) (ids []care.MentionID) {
	t.Helper()
	for {
		ms, next, err := v.AllMentions(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ms {
			ids = append(ids, m.ID)
		}
		if q.Before = next; next == "" {
			return ids
		}
	}
}

// Years after, most pages hold nothing any more: no question walks through all
// of them at once.
func TestAllMentionsOverPagesThatAreEmpty(t *testing.T) {
	h := newHouse(t)
	for range 5200 {
		h.mentions("a", 1)
	}
	var keys []string
	for d, err := range h.st.List(t.Context(), "mention/", "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, d.Key)
	}
	for part := range slices.Chunk(keys[1:], 1000) {
		if _, err := h.st.Commit(t.Context(), store.Batch{Erases: part}); err != nil {
			t.Fatal(err)
		}
	}
	v := h.open(view.Options{})
	defer v.Close()
	catchUp(t, v)
	ms, next, err := v.AllMentions(t.Context(), view.MentionQuery{})
	if err != nil || len(ms) != 0 || next == "" {
		t.Errorf("%d mentions, next %q, %v", len(ms), next, err)
	}
	if got := mentionsBy(t, v, view.MentionQuery{}); len(got) != 1 {
		t.Errorf("%d mentions, want the oldest alone", len(got))
	}
}

// Hints for the clock, the outbox and who takes the next.
func TestHints(t *testing.T) {
	h := newHouse(t)
	v := h.open(view.Options{})
	defer v.Close()
	if _, ok := v.NextAlarm(); ok {
		t.Error("an alarm of nothing")
	}
	if _, ok := v.NextSend(); ok {
		t.Error("a reply of nobody")
	}
	begin := h.now
	h.mentions("a", 9) // three cases, posted 3, 6 and 9 minutes before
	catchUp(t, v)
	all := every(t, v, view.Query{})
	heads, at, err := v.Heads("care", 2)
	if err != nil || !slices.Equal(heads, all[:2]) || at != v.Position() {
		t.Errorf("heads %v as of %d, %v; want %v", heads, at, err, all[:2])
	}
	h.act(all[0], claim)
	h.act(all[1], func(now time.Time, c *care.Case) ([]care.Event, error) {
		return c.Snooze("ada", now, now.Add(10*time.Minute))
	})
	catchUp(t, v)
	if heads, _, err := v.Heads("care", 9); err != nil || !slices.Equal(heads, all[2:]) {
		t.Errorf("heads %v, %v; want %v", heads, err, all[2:])
	}
	if heads, _, err := v.Heads("elsewhere", 9); err != nil || len(heads) > 0 {
		t.Errorf("heads %v, %v", heads, err)
	}

	wakes := h.now.Add(10 * time.Minute)
	if next, ok := v.NextAlarm(); !ok || !next.Equal(wakes) {
		t.Errorf("the next alarm is at %v, want %v", next, wakes)
	}
	for _, c := range []struct {
		at   time.Time
		want []care.CaseID
	}{
		{wakes.Add(-time.Millisecond), nil},
		{wakes, all[1:2]},
		{begin.Add(time.Hour - 9*time.Minute), all[:2]}, // due, and in the order of their instants
		{begin.Add(2 * time.Hour), []care.CaseID{all[1], all[0], all[2]}},
	} {
		got, err := v.Alarms(c.at, 9)
		slices.Sort(got)
		want := slices.Sorted(slices.Values(c.want))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("alarms at %v: %v, %v; want %v", c.at, got, err, c.want)
		}
	}
	if one, err := v.Alarms(begin.Add(2*time.Hour), 1); err != nil || !slices.Equal(one, all[1:2]) {
		t.Errorf("the first alarm is %v, %v", one, err)
	}
}

func TestUnsentReplies(t *testing.T) {
	h := newHouse(t)
	v := h.open(view.Options{})
	defer v.Close()
	h.mentions("a", 3)
	catchUp(t, v)
	id := every(t, v, view.Query{})[0]
	expect := func(want time.Time, open bool) {
		t.Helper()
		catchUp(t, v)
		if next, ok := v.NextSend(); ok != !want.IsZero() || !next.Equal(want) {
			t.Errorf("to be looked at at %v, want %v", next, want)
		}
		early, err := v.Unsent(want.Add(-time.Millisecond), 9)
		if err != nil || len(early) > 0 {
			t.Errorf("due too early: %v, %v", early, err)
		}
		if due, err := v.Unsent(want, 9); err != nil || !want.IsZero() && !slices.Equal(due, []care.CaseID{id}) {
			t.Errorf("due: %v, %v", due, err)
		}
		if all, err := v.Unsettled(); err != nil || (len(all) == 1) != open {
			t.Errorf("unsettled: %v, %v", all, err)
		}
	}
	expect(time.Time{}, false)
	h.act(id, func(now time.Time, c *care.Case) ([]care.Event, error) {
		return c.RequestReply("ada", care.ReplyRequested{Reply: 1, To: c.Mentions[0].Mention, Key: "k", NotBefore: now.Add(10 * time.Second), Then: care.ThenAwait})
	})
	expect(h.now.Add(10*time.Second), true)
	h.now = h.now.Add(10 * time.Second)
	h.act(id, func(now time.Time, c *care.Case) ([]care.Event, error) {
		return c.AttemptReply(1, now, now.Add(30*time.Second)), nil
	})
	expect(h.now.Add(30*time.Second), true)
	h.act(id, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.ReplyMayBeSent(1, "transient"), nil })
	expect(h.now.Add(35*time.Second), true)
	for range care.MaxLooks {
		h.act(id, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.SoughtReply(1), nil })
	}
	expect(time.Time{}, false) // a person has to say
	if c, err := v.Counts(); err != nil || c.All != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// What a query can't mean is said so.
func TestQuestionsThatMakeNoSense(t *testing.T) {
	h := newHouse(t)
	h.mentions("a", 9)
	v := h.open(view.Options{})
	defer v.Close()
	catchUp(t, v)
	if _, err := v.Cases(t.Context(), view.Query{List: "nonsense"}); !invalid(err) {
		t.Errorf("a list that isn't there: %v", err)
	}
	if _, err := v.Cases(t.Context(), view.Query{After: "%%%"}); !invalid(err) {
		t.Errorf("a mark that is none: %v", err)
	}
	if p, err := v.Cases(t.Context(), view.Query{After: "_____w"}); err != nil || len(p.Rows) > 0 {
		t.Errorf("a mark of nowhere: %d rows, %v", len(p.Rows), err)
	}
	if _, err := v.ByNumber(999); err == nil {
		t.Error("case 999 is found")
	}
	if _, err := v.Row("nobody"); err == nil {
		t.Error("a case that was never opened has a row")
	}
	if _, err := v.Case(t.Context(), "nobody"); err == nil {
		t.Error("a case that was never opened has a page")
	}
	if ms, err := v.Mentions(t.Context(), "nobody"); err != nil || len(ms) != 1 || ms[0].ID != "nobody" || !ms[0].SeenAt.IsZero() {
		t.Errorf("a mention that is gone: %+v, %v", ms, err)
	}
}

func invalid(err error) bool {
	ce, ok := errors.AsType[*care.Error](err)
	return ok && ce.Code == care.Invalid
}

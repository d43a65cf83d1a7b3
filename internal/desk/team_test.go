package desk_test

import (
	"cmp"
	"context"
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
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// A day with a simulated team: two shifts of twenty agents, three languages,
// sixteen hours with three times as much for four of them, and ten restarts. It
// is worked in our own order, and in others for comparison; -v says how long
// customers waited. Nobody holds a case of another, none is forgotten, and every
// step of the escalation is done once.
func TestSimulatedTeam(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	own := playDay(t, "critical lane, then deadline", nil)
	for _, other := range []struct {
		name string
		by   func(a, b *care.Row) int
	}{
		{"first come, first served", func(a, b *care.Row) int { return a.OpenedAt.Compare(b.OpenedAt) }},
		{"strict priority", func(a, b *care.Row) int { return cmp.Or(b.Priority-a.Priority, a.OpenedAt.Compare(b.OpenedAt)) }},
		{"deadline alone", func(a, b *care.Row) int { return a.DueAt.Compare(b.DueAt) }},
	} {
		theirs := playDay(t, other.name, other.by)
		if own.broken["critical"] > theirs.broken["critical"] {
			t.Errorf("of the critical lane %.0f %% were late, by %q %.0f %%", own.broken["critical"]*100, other.name, theirs.broken["critical"]*100)
		}
	}
}

// An outcome is what a day came to.
type outcome struct {
	broken map[string]float64 // share of first responses that were late, by lane
}

// otherOrder gives the heads of a queue in another order.
type otherOrder struct {
	*view.View
	by func(a, b *care.Row) int
}

func (o otherOrder) Heads(queue string, n int) ([]care.CaseID, store.Seq, error) {
	var rows []care.Row
	q := view.Query{List: view.Needs, Queue: queue, Unassigned: true, Limit: 200}
	for {
		p, err := o.Cases(context.Background(), q)
		if err != nil {
			return nil, 0, err
		}
		if rows = append(rows, p.Rows...); p.Next == "" {
			break
		}
		q.After = p.Next
	}
	slices.SortStableFunc(rows, func(a, b care.Row) int { return o.by(&a, &b) })
	var ids []care.CaseID
	for _, r := range rows[:min(n, len(rows))] {
		ids = append(ids, r.ID)
	}
	return ids, o.Position(), nil
}

// A worker is an agent at work: until then on one case.
type worker struct {
	id     care.AgentID
	queues []string
	from   int // of the shift, in minutes of the day
	busy   int
	on     care.CaseID
}

// playDay plays the day in an order of the queue; nil: our own.
func playDay(t *testing.T, name string, by func(a, b *care.Row) int) outcome {
	t.Helper()
	b := newBench(t)
	rules := dayRules(t)
	restart := func() {
		var heads desk.Heads = b.view
		if by != nil {
			heads = otherOrder{b.view, by}
		}
		d, err := desk.New(b.st, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: rules, Now: b.clock, Heads: heads})
		if err != nil {
			t.Fatal(err)
		}
		b.desk = d
	}
	restart()
	rng := rand.New(rand.NewPCG(8, 15))
	languages := []string{"en", "de", "fr"}
	var team []*worker
	for n := range 40 {
		own := []string{languages[n%3], languages[rng.IntN(3)]}
		team = append(team, &worker{id: care.AgentID(fmt.Sprintf("agent%02d", n)), queues: own, from: n / 20 * 480})
	}
	posted := 0
	for minute := range 16*60 + 240 {
		if minute%115 == 114 {
			restart()
		}
		arrivals := 0
		if minute < 16*60 {
			rate := 70.0 / 60
			if minute >= 300 && minute < 540 {
				rate *= 3
			}
			arrivals = poisson(rng, rate)
		}
		var posts []care.Post
		for range arrivals {
			posted++
			p := post(fmt.Sprint("customer", posted), fmt.Sprint(posted), "it is broken", b.clock())
			p.Language = languages[rng.IntN(3)]
			if p.Rating = 3; rng.IntN(10) == 0 { // the judge below makes it critical
				p.Rating = 1
			}
			posts = append(posts, p)
		}
		b.arrive(posts)
		b.catchUp()
		for _, w := range team {
			b.work(w, minute, rng)
		}
		b.advance(time.Minute)
	}
	return b.reckon(name, posted)
}

// dayRules are the rules of the day: a queue for each language, and a promise of
// half an hour in the critical lane, of an hour in the other.
func dayRules(t *testing.T) *desk.Rules {
	t.Helper()
	node := func(language string) route.Node {
		return route.Node{When: route.Match{Language: route.OneOf{language}}, Queue: language, Routes: []route.Node{
			{When: route.Match{Severity: route.OneOf{"high"}}, Policy: "fast", Lane: care.Critical, Priority: new(9)},
		}}
	}
	tree, err := route.New(route.Routing{Tree: route.Node{Queue: "en", Policy: "standard", Routes: []route.Node{node("en"), node("de"), node("fr")}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := desk.NewRules(tree, map[string]sla.Policy{
		"fast":     {Name: "fast", FirstResponse: 30 * time.Minute},
		"standard": {Name: "standard", FirstResponse: time.Hour},
	}, nil)
	r.ReopenWindow, r.LateAfter = 24*time.Hour, 24*time.Hour
	steps := []care.EscalationStep{
		{When: care.WhenAtRisk, Target: care.FirstResponse, Notify: []string{"leads"}},
		{When: care.WhenBreached, Target: care.FirstResponse, Raise: true, Notify: []string{"leads"}, Repeat: 30 * time.Minute, Times: 2},
	}
	r.Queues = map[string]desk.QueueRules{}
	for _, q := range []string{"en", "de", "fr"} {
		r.Queues[q] = desk.QueueRules{Escalation: care.EscalationPolicy{Name: "day", Steps: steps}}
	}
	return r
}

// arrive takes posts in, with labels as the day has them.
func (b *bench) arrive(posts []care.Post) {
	b.t.Helper()
	a := desk.Arrivals{Source: "test", Read: len(posts)}
	for _, p := range posts {
		v := care.Verdict{Complaint: true, Probability: 0.9, Model: "test", Labels: care.Labels{Language: p.Language, Severity: care.Low}}
		if p.Rating == 1 {
			v.Labels.Severity = care.High
		}
		a.Items = append(a.Items, desk.Arrival{What: desk.WasSeen, Post: p, Verdict: &v})
	}
	if _, err := b.desk.Receive(b.t.Context(), a); err != nil {
		b.t.Fatal(err)
	}
}

// work lets an agent finish what they are on, and take the next.
func (b *bench) work(w *worker, minute int, rng *rand.Rand) {
	b.t.Helper()
	if w.on != "" && minute >= w.busy {
		if err := b.answerAndResolve(w); err != nil {
			b.t.Fatal(err)
		}
		w.on = ""
	}
	if w.on != "" || minute < w.from || minute >= w.from+480+240 && w.from == 0 {
		return
	}
	for _, q := range w.queues {
		id, _, err := b.desk.Next(b.t.Context(), w.id, "", q)
		if errors.Is(err, desk.ErrNobodyWaits) {
			continue
		}
		if err != nil {
			b.t.Fatal(err)
		}
		w.on, w.busy = id, minute+1+int(rng.ExpFloat64()*10)
		b.catchUp()
		return
	}
}

func (b *bench) answerAndResolve(w *worker) error {
	now := b.clock()
	return b.do(w.id, w.on, func(_ time.Time, c *care.Case) ([]care.Event, error) {
		if c.Assignee != w.id {
			return nil, fmt.Errorf("%s works on a case of %q", w.id, c.Assignee)
		}
		events, err := c.RequestReply(w.id, care.ReplyRequested{To: c.Mentions[0].Mention, Key: string(c.ID), Reply: c.NextText(), Then: care.ThenResolve, Disposition: "solved"})
		if err != nil {
			return nil, err
		}
		n := c.NextText()
		return append(events, care.ReplyAttempted{Reply: n, Try: 1}, care.ReplySent{Reply: n, VisibleAt: now}, care.Resolved{Disposition: "solved", Reply: n}), nil
	}, care.KeptText{Case: w.on, N: 1, Text: care.Text{Body: "We are sorry."}})
}

// reckon looks at every case of the day.
func (b *bench) reckon(name string, posted int) outcome {
	b.t.Helper()
	all, late := map[string]int{}, map[string]int{}
	var waits []time.Duration
	steps := map[string]int{}
	cases := b.everyCase()
	for _, c := range cases {
		lane := string(c.Lane)
		all[lane]++
		if !c.State.Over() {
			b.t.Errorf("%s: case %s was forgotten: %s", name, c.ID, c.State)
			continue
		}
		waits = append(waits, c.FirstReplyAt.Sub(c.OpenedAt))
		if t := c.Target(care.FirstResponse); t != nil && !t.BreachedAt.IsZero() {
			late[lane]++
		}
		for _, s := range c.Steps {
			if steps[string(c.ID)+s]++; steps[string(c.ID)+s] > 1 {
				b.t.Errorf("%s: step %s of case %s was done twice", name, s, c.ID)
			}
		}
	}
	if len(cases) != posted {
		b.t.Errorf("%s: %d cases of %d posts", name, len(cases), posted)
	}
	slices.Sort(waits)
	out := outcome{broken: map[string]float64{}}
	for lane, n := range all {
		out.broken[lane] = float64(late[lane]) / float64(n)
	}
	b.t.Logf("%-28s %d cases; late: critical %2.0f %%, ordinary %2.0f %%; waits: median %v, p90 %v, longest %v; %d steps of escalation",
		name, len(cases), out.broken["critical"]*100, out.broken["ordinary"]*100,
		waits[len(waits)/2].Round(time.Minute), waits[len(waits)*9/10].Round(time.Minute), waits[len(waits)-1].Round(time.Minute), len(steps))
	return out
}

// everyCase is all there are, however many.
func (b *bench) everyCase() (all []*care.Case) {
	b.t.Helper()
	for q := (view.Query{List: view.Every, Limit: 200}); ; {
		p, err := b.view.Cases(b.t.Context(), q)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, r := range p.Rows {
			c, err := b.view.Case(b.t.Context(), r.ID)
			if err != nil {
				b.t.Fatal(err)
			}
			all = append(all, c.Case)
		}
		if q.After = p.Next; p.Next == "" {
			return all
		}
	}
}

func poisson(rng *rand.Rand, mean float64) (n int) {
	for at := rng.ExpFloat64(); at < mean; at += rng.ExpFloat64() {
		n++
	}
	return n
}

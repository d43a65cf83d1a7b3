package desk_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
	"github.com/amends-care/amends/internal/desk"
)

// noted is what notices tell, as this test keeps it: how often each was asked for.
func noted(_ *care.Issue, asked []care.NoticeRequested, kept []byte) ([]byte, error) {
	n := map[string]int{}
	if len(kept) > 0 {
		if err := json.Unmarshal(kept, &n); err != nil {
			return nil, err
		}
	}
	for _, a := range asked {
		n[a.Key]++
	}
	return json.Marshal(n)
}

// Whatever crashes, and with two nodes that look: that it is time to say more is
// recorded once, at its own instant, and each step of the escalation is done once.
func TestSayingMoreIsSettledOnce(t *testing.T) {
	const late = 7 * time.Second
	for seed := range uint64(15) {
		b := newBench(t)
		in := rules(t)
		in.Issues = care.EscalationPolicy{Name: "standard", Steps: []care.EscalationStep{
			{When: care.WhenPromiseDue, Notify: []string{"leads"}},
			{When: care.WhenPromiseSlipped, Notify: []string{"leads", "pager"}, Repeat: 10 * time.Minute, Times: 2},
		}}
		id, _ := b.affected(2)
		due := b.clock().Add(time.Hour)
		b.issue(id, func(i *care.Issue, _ []*care.Case) (care.Change, error) {
			es, err := i.Say(care.IssueSaid{NextAt: due}, b.clock())
			return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: es}}}, err
		})
		s := &shaky{Store: b.st, random: rand.New(rand.NewPCG(seed, 8))}
		node := func(st *shaky) *desk.Desk {
			o := desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: in, Now: b.clock}
			d, err := desk.New(b.st, o)
			if st != nil {
				d, err = desk.New(st, o)
			}
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		other := node(nil)
		s.first = func() {
			if _, err := other.SettleIssue(t.Context(), id, noted); err != nil {
				t.Error(err)
			}
		}
		for end := due.Add(time.Hour); b.clock().Before(end); {
			b.catchUp()
			if err := node(s).SettleIssues(t.Context(), b.view, noted); err != nil && !errors.Is(err, errShaken) { // what was in memory is gone
				t.Fatal(err)
			}
			b.mu.Lock()
			b.now = b.now.Add(time.Minute + late)
			b.mu.Unlock()
		}
		i, kinds := b.known(id), map[care.Kind]int{}
		for r := range caretest.Records(t, b.st.Stream(t.Context(), "issue/"+string(id), 0)) {
			for _, e := range r.Events {
				kinds[e.Kind()]++
				switch e := e.(type) {
				case care.IssuePromiseAtRisk:
					if !e.At.Equal(due.Add(-15 * time.Minute)) {
						t.Errorf("seed %d: at risk at %v", seed, e.At)
					}
				case care.IssuePromiseSlipped:
					if !e.At.Equal(due) {
						t.Errorf("seed %d: slipped at %v", seed, e.At)
					}
				}
			}
		}
		if kinds["issue.promise_at_risk"] != 1 || kinds["issue.promise_slipped"] != 1 || kinds["issue.escalated"] != 4 || kinds["notice.requested"] != 7 || i.Late != 1 {
			t.Fatalf("seed %d: %v, %d late", seed, kinds, i.Late)
		}
		docs, err := b.st.Get(t.Context(), "bulletin/issue/"+string(id))
		if err != nil {
			t.Fatal(err)
		}
		var asked map[string]int
		if err := json.Unmarshal(docs[0].Data, &asked); err != nil || len(asked) != 7 {
			t.Fatalf("seed %d: kept %s, %v", seed, docs[0].Data, err)
		}
		for key, n := range asked {
			if n != 1 {
				t.Errorf("seed %d: %s is asked for %d times", seed, key, n)
			}
		}
	}
}

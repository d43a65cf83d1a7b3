package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// nine is a calendar of one morning a day: 9 to 12, UTC.
func nine(t testing.TB) *sla.Calendar {
	t.Helper()
	c, err := sla.NewCalendar(sla.Timetable{Name: "mornings", Zone: "UTC", Week: sla.Week{"daily": {{From: 9 * time.Hour, To: 12 * time.Hour}}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEscalationOverRestarts: a step is done once for a deadline, whoever looks
// and however often, and what is asked for in the night waits for the morning,
// except in the critical lane.
func TestEscalationOverRestarts(t *testing.T) {
	for _, c := range []struct {
		name  string
		hours bool
		lane  care.Lane
		want  time.Duration // after the case was opened
	}{
		{"at any time", false, care.Ordinary, 30 * time.Minute},
		{"in hours", true, care.Ordinary, 21 * time.Hour},
		{"the critical lane never waits", true, care.Critical, 30 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.advance(3 * time.Hour) // noon
			noon := b.clock()
			tree, err := route.New(route.Routing{Tree: route.Node{Queue: "care", Policy: "standard", Lane: c.lane}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			rules := desk.NewRules(tree, map[string]sla.Policy{"standard": {Name: "standard", FirstResponse: 30 * time.Minute}}, nil)
			q := desk.QueueRules{
				Escalation: care.EscalationPolicy{Name: "standard", Steps: []care.EscalationStep{
					{When: care.WhenBreached, Target: care.FirstResponse, Raise: true, Assign: "first-line", Notify: []string{"leads"}},
				}},
				OnCall: func(name string, _ time.Time) ([]care.AgentID, bool) {
					return []care.AgentID{"lea", "bob"}, name == "first-line"
				},
			}
			if c.hours {
				q.Hours = nine(t)
			}
			rules.Queues = map[string]desk.QueueRules{"care": q}
			b.desk.Use(rules)
			b.seen(post("ana", "1", "it is broken", noon))
			id := b.only().ID
			for range 180 {
				b.advance(10 * time.Minute)
				if _, err := b.desk.Settle(t.Context(), []care.CaseID{id}); err != nil {
					t.Fatal(err)
				}
				// As after a restart: nothing of the case is in memory.
				if b.desk, err = desk.New(b.st, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: rules, Now: b.clock, Heads: b.view}); err != nil {
					t.Fatal(err)
				}
			}
			var at []time.Duration
			notices := 0
			for r := range caretest.Records(t, b.st.Stream(t.Context(), "case/"+string(id), 0)) {
				for _, e := range r.Events {
					switch e := e.(type) {
					case care.Escalated:
						at = append(at, r.At.Sub(noon))
						if e.To != "lea" || e.Level != 1 {
							t.Errorf("%+v", e)
						}
					case care.NoticeRequested:
						notices++
						if !strings.HasPrefix(e.Key, "standard/1/first_response/") || e.Channel != "leads" {
							t.Errorf("%+v", e)
						}
					}
				}
			}
			if len(at) != 1 || at[0] != c.want || notices != 1 {
				t.Errorf("escalated %v after it was opened, %d notices; want once after %v", at, notices, c.want)
			}
		})
	}
}

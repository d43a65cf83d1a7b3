package desk_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

func weekdays(t testing.TB, hours string) *sla.Calendar {
	t.Helper()
	span, err := sla.ParseSpan(hours)
	if err != nil {
		t.Fatal(err)
	}
	c, err := sla.NewCalendar(sla.Timetable{Name: "office", Zone: "Europe/Berlin", Week: sla.Week{"mon-fri": {span}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func promisedBy(t testing.TB, office *sla.Calendar, kept []*sla.Calendar, ps ...sla.Policy) *desk.Rules {
	t.Helper()
	tree, err := route.New(route.Routing{Tree: route.Node{Queue: "care", Policy: ps[0].Name}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]sla.Policy{}
	for _, p := range ps {
		p.Calendar = "office"
		all[p.Name] = p
	}
	r := desk.NewRules(tree, all, map[string]*sla.Calendar{"office": office}, kept...)
	r.ReopenWindow = 7 * 24 * time.Hour
	return r
}

// A case waits for its customer while the hours, the policy or the clocks change.
// Monday 09:00 in Berlin, 16 hours to resolve it; on Monday at 15:00 we ask
// something: six hours are used, ten are left.
func TestPausedAcrossAChange(t *testing.T) {
	office, early := weekdays(t, "09:00-17:00"), weekdays(t, "06:00-14:00")
	standard := sla.Policy{Name: "standard", Resolution: 16 * time.Hour}
	shorter := sla.Policy{Name: "standard", Resolution: 8 * time.Hour}
	fast := sla.Policy{Name: "fast", Resolution: 8 * time.Hour}
	for _, c := range []struct {
		name   string
		monday string
		then   *desk.Rules // in force on Tuesday
		lead   string      // moves it to this policy then
		wrote  string      // the customer again, in Berlin
		risk   string
		due    string
	}{
		{"nothing changes", "2026-03-02", nil, "", "2026-03-05 08:00", "2026-03-05 15:00", "2026-03-06 11:00"},
		{"other hours: it goes on by its own", "2026-03-02", promisedBy(t, early, []*sla.Calendar{office}, standard), "", "2026-03-05 08:00", "2026-03-05 15:00", "2026-03-06 11:00"},
		{"a shorter promise of the same name is for others", "2026-03-02", promisedBy(t, office, nil, shorter), "", "2026-03-05 08:00", "2026-03-05 15:00", "2026-03-06 11:00"},
		{"a lead moves it to a shorter one", "2026-03-02", nil, "fast", "2026-03-05 08:00", "2026-03-05 08:00", "2026-03-05 11:00"},
		{"the clocks go forward meanwhile", "2026-03-23", nil, "", "2026-03-30 08:00", "2026-03-30 15:00", "2026-03-31 11:00"},
		{"the clocks go back meanwhile", "2026-10-19", nil, "", "2026-10-26 08:00", "2026-10-26 15:00", "2026-10-27 11:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			berlin := office.Location()
			at := func(s string) time.Time {
				out, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			b := newBench(t)
			b.now = at(c.monday + " 09:00")
			b.desk.Use(promisedBy(t, office, nil, standard, fast))
			b.seen(post("ana", "1", "it is broken", b.now))
			id := b.only().ID
			b.advance(6 * time.Hour)
			act := func(by care.AgentID, decide func(c *care.Case) ([]care.Event, error)) {
				t.Helper()
				if err := b.do(by, id, func(_ time.Time, c *care.Case) ([]care.Event, error) { return decide(c) }); err != nil {
					t.Fatal(err)
				}
			}
			act("ada", func(c *care.Case) ([]care.Event, error) { return c.Await("ada") })
			b.advance(20 * time.Hour)
			if c.then != nil {
				b.desk.Use(c.then)
			}
			if c.lead != "" {
				act("lea", func(k *care.Case) ([]care.Event, error) { return k.MoveTo("lea", true, "care", c.lead) })
			}
			b.advance(at(c.wrote).Sub(b.now))
			b.seen(post("ana", "2", "here is the number", b.now))
			got := b.only().Target(care.Resolution)
			if got.State != care.TargetRunning || !got.DueAt.Equal(at(c.due)) || !got.AtRiskAt.Equal(at(c.risk)) {
				t.Errorf("%s, at risk %s, due %s; want %s, %s", got.State, got.AtRiskAt.In(berlin), got.DueAt.In(berlin), c.risk, c.due)
			}
		})
	}
}

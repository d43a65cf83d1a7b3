package web

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// A school is a model that is told what to say, and remembers what it was asked.
type school struct {
	state  ModelState
	offers []Offer
	aim    ModelAim
	back   int
	by     care.Actor
}

func (l *school) Model(context.Context) (*ModelState, error) { return &l.state, nil }

func (l *school) Aim(_ context.Context, by care.Actor, _ string, a ModelAim) (store.Seq, error) {
	if l.state.Fixed {
		return 0, &care.Error{Code: care.Conflict, Msg: "The configuration fixes the threshold."}
	}
	l.aim, l.by = a, by
	return 0, nil
}

func (l *school) RollBack(_ context.Context, by care.Actor, _ string) (store.Seq, error) {
	l.back, l.by = l.back+1, by
	return 0, nil
}

func (l *school) Offers(_ context.Context, _ care.AgentID, n int) ([]Offer, error) {
	return l.offers[:min(n, len(l.offers))], nil
}

func figureOf(v, low, high float64, n int) Figure {
	return Figure{Value: &v, Low: low, High: high, N: n}
}

func taught() *school {
	return &school{state: ModelState{
		Base: "amends-linear@43ce", Version: "5f0a", Since: start, Shift: -0.4, Slope: 1, Threshold: 0.45, CanGoBack: true, Aim: ModelAim{MissAtMost: 5},
		Reviews: ModelReviews{Total: 312, Needed: 50, Complaints: 201, Worked: 150, Dismissed: 60, Outright: 102, Reviewers: 4, Teaching: 300, Contrary: []care.AgentID{"eve"}},
		PerDay:  420, Agents: 6, Share: figureOf(0.31, 0.27, 0.36, 0), Missed: figureOf(6.5, 2, 14, 88), Overturned: figureOf(0.1, 0.02, 0.3, 20),
		Costs:      []ModelCost{{Threshold: 0.3, Missed: figureOf(3, 1, 7, 0), False: figureOf(9, 7, 12, 0), Right: figureOf(61, 50, 70, 0)}, {Threshold: 0.45, InForce: true}},
		Challenger: &ModelChallenger{Version: "77aa", MadeAt: start, Held: 31, NextLook: 50, Both: 12, OnlyOld: 3, LastLook: &ModelEvidence{Held: 50, DPrecision: figureOf(0.1, -0.02, 0.2, 0)}},
		History: []ModelChange{{At: start, By: care.ByClock, ModelChanged: care.ModelChanged{To: "5f0a", From: "11c2", Why: "promoted", Threshold: 0.45, Held: 120, Recall: 0.9, Precision: 0.75}},
			{At: start.Add(-time.Hour), By: care.ByAgent("admin"), ModelChanged: care.ModelChanged{To: "11c2", Why: "aim", Aim: "miss_at_most 5"}}},
	}}
}

func TestModelPage(t *testing.T) {
	l := taught()
	b := staffed(t, func(d *Deps) { d.Learning = l })
	lead, admin := b.in(auth.Lead), b.in(auth.Admin)
	p := b.browse(lead, "GET", "/model", nil).want(200)
	for _, s := range []string{"version 5f0a", "312 by 4 people", "miss at most 5 of 100", "6.5 (2.0 to 14.0)", "in force", "not known", "77aa", "compared at 50", "Promoted", "What eve says", "miss at most 5"} {
		p.contains(s)
	}
	p.lacks("Roll back</button>")
	b.browse(admin, "GET", "/model", nil).want(200).contains("Roll back</button>")
	b.browse(lead, "POST", "/model/rollback", url.Values{}).want(403)
	b.browse(admin, "POST", "/model/rollback", url.Values{"op": {"x"}}).want(303)
	b.browse(admin, "POST", "/model/aim", url.Values{"aim": {"false"}, "n": {"12.5"}}).want(303)
	if l.back != 1 || l.aim.FalseAtMost != 12.5 || l.aim.MissAtMost != 0 || l.by != care.ByAgent("admin") {
		t.Errorf("%+v", l)
	}
	b.browse(admin, "POST", "/model/aim", url.Values{"aim": {"miss"}, "n": {"five"}}).want(422).contains("Write a number")
	l.state.Fixed = true
	b.browse(admin, "POST", "/model/aim", url.Values{"aim": {"miss"}, "n": {"5"}}).want(409).contains("fixes the threshold")
	b.browse(admin, "GET", "/model", nil).want(200).lacks("/model/aim")
}

func TestModelByAPI(t *testing.T) {
	l := taught()
	b := staffed(t, func(d *Deps) { d.Learning = l })
	b.get(auth.Lead, "/model").want(200).contains(`"version":"5f0a"`)
	b.as(auth.Admin, "POST", "/model/aim", `{"miss_at_most":3}`).want(200)
	b.as(auth.Admin, "POST", "/model/rollback", nil).want(200)
	if l.aim.MissAtMost != 3 || l.back != 1 {
		t.Errorf("%+v", l)
	}
	none := staffed(t)
	none.get(auth.Lead, "/model").wantProblem(404, "not_found")
	none.browse(none.in(auth.Lead), "GET", "/queue", nil).want(200).lacks(`href="/model"`)
}

// The list offers what is to be looked at; saying what it is takes one press,
// and a mention in no case can be reviewed too.
func TestReviewList(t *testing.T) {
	l := taught()
	b := staffed(t, func(d *Deps) { d.Learning = l })
	b.says("ana", "1", "lovely day by the sea")
	b.says("bea", "2", "my bill is broken")
	ms, _, err := b.view.AllMentions(t.Context(), view.MentionQuery{})
	if err != nil || len(ms) != 2 {
		t.Fatalf("%d mentions, %v", len(ms), err)
	}
	for _, m := range ms {
		l.offers = append(l.offers, Offer{Mention: m.ID, Doubt: m.Case != ""})
	}
	l.offers = append(l.offers, Offer{Mention: care.MentionID(care.TimeFloor(start))}) // it is gone
	lead := b.in(auth.Lead)
	b.browse(lead, "GET", "/reviews", nil).want(200).contains("lovely day").contains("dismissed by a colleague").contains("<kbd>Y</kbd>")
	b.browse(b.in(auth.Agent), "GET", "/reviews", nil).want(403)
	for _, o := range l.offers[:2] {
		b.browse(lead, "POST", "/mentions/"+string(o.Mention)+"/review", url.Values{"complaint": {"true"}, "op": {"1"}}).want(303)
	}
	b.as(auth.Lead, "POST", "/mentions/"+string(l.offers[0].Mention)+"/review", `{"complaint":false}`).want(200)
	b.as(auth.Lead, "POST", "/mentions/nonsense/review", `{"complaint":false}`).wantProblem(404, "not_found")
	got := 0
	for _, stream := range []string{"review", "case/" + string(b.cases()[0].ID)} {
		for r := range caretest.Records(t, b.st.Stream(t.Context(), stream, 0)) {
			for _, e := range r.Events {
				if e.Kind() == (care.Reviewed{}).Kind() && r.By == care.ByAgent("lead") {
					got++
				}
			}
		}
	}
	if got != 3 {
		t.Errorf("%d reviews are in the log, want 3", got)
	}
}

func TestDepthOfACase(t *testing.T) {
	b := staffed(t, func(d *Deps) {
		d.Depth = func(m *care.Mention) (Depth, bool) {
			return Depth{Line: "The bill\u202e is broken.", Names: []string{"Larkfield"}, Phrases: []string{"broken bill"}}, m.Post.Text != ""
		}
	})
	b.says("ana", "1", "my bill is broken")
	b.get(auth.Agent, "/cases/"+string(b.cases()[0].ID)).want(200).contains(`"line":"The bill is broken."`, `"phrases":["broken bill"]`)
}

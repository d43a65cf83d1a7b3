package report_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/sla"
)

// claims says whether the recovery figures of a report claim an effect.
func claims(t *testing.T, f *report.Fold, q report.Query) bool {
	t.Helper()
	r := made(t, f, "voice", q)
	for _, table := range []string{"recovery_7", "recovery_30"} {
		c, _ := cellOf(&r, report.Ref{Table: table, Row: "all", Column: "difference"})
		if c.Value != nil && (*c.Low > 0 || *c.High < 0) {
			return true
		}
	}
	return false
}

// recoveries is a story of complaints whose customers cool down by themselves,
// the severe ones less; effect is what an answer adds to that.
func recoveries(t *testing.T, r *rand.Rand, n int, effect float64) *report.Fold {
	s := newStory(t, office(), sla.Policy{Name: "standard", FirstResponse: time.Hour})
	start := march(t, 2, 9, 0)
	for i := range n {
		id := care.CaseID(fmt.Sprintf("c%04d", i))
		p := post{author: string(id), network: "bluesky", source: "bluesky", severity: care.Low}
		praises, isAnswered := 0.35, 0.5
		if r.IntN(3) == 0 {
			p.severity, praises, isAnswered = care.High, 0.1, 0.9 // they are answered first, and cool least
		}
		at := start.Add(time.Duration(i) * time.Minute)
		s.opens(id, at, p)
		replied := r.Float64() < isAnswered
		if replied {
			praises += effect
			s.replies(id, "ada", at.Add(time.Hour))
		}
		said := at.Add(time.Duration(2+r.IntN(600)) * time.Hour) // within 25 days
		switch u := r.Float64(); {
		case u < praises:
			p.praise, p.unflagged = true, true
			s.writes(id, 2, said, p)
		case u < praises+0.2:
			s.writes(id, 2, said, p)
		}
	}
	s.run(start.AddDate(0, 0, 40))
	return s.fold()
}

// Where an answer does nothing, the figure claims nothing in at least 95 of 100
// reports, though the severe complaints are answered more and cool less. A real
// effect is found.
func TestRecoveryClaimsNothingWhereNothingIs(t *testing.T) {
	r := rand.New(rand.NewPCG(2026, 3))
	q := report.Query{From: march(t, 1, 0, 0), AsOf: march(t, 2, 9, 0).AddDate(0, 0, 60), Zone: berlin(t)}
	silent := 0
	for range 100 {
		if !claims(t, recoveries(t, r, 120, 0), q) {
			silent++
		}
	}
	t.Logf("%d of 100 reports claim nothing", silent)
	if silent < 95 {
		t.Errorf("only %d of 100 reports claim nothing", silent)
	}
	if !claims(t, recoveries(t, r, 600, 0.35), q) {
		t.Error("a large effect is not found")
	}
}

// The interval itself, over many more samples, small ones too: how often it
// misses that there is no difference.
func TestDifferenceCoversNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(2026, 4))
	binomial := func(n int, p float64) (k int) {
		for range n {
			if r.Float64() < p {
				k++
			}
		}
		return k
	}
	for _, v := range []struct {
		n1, n0 int
		p      [2]float64
	}{{6, 6, [2]float64{0.1, 0.4}}, {30, 8, [2]float64{0.02, 0.3}}, {200, 20, [2]float64{0.05, 0.2}}, {500, 500, [2]float64{0.3, 0.6}}} {
		const runs = 4000
		wrong := 0
		for range runs {
			var strata [][4]int
			for _, p := range v.p {
				strata = append(strata, [4]int{binomial(v.n1, p), v.n1, binomial(v.n0, p), v.n0})
			}
			if lo, hi, ok := report.Difference(strata); ok && (lo > 0 || hi < 0) {
				wrong++
			}
		}
		// One of the two horizons may err in 2.5 of 100, and a little by chance.
		if share := float64(wrong) / runs; share > 0.025+3*math.Sqrt(0.025*0.975/runs) {
			t.Errorf("%+v: %.1f %% of the intervals claim a difference", v, 100*share)
		}
	}
}

package learn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/amends-care/amends/classifiers/adapt"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/internal/care"
)

func TestWeights(t *testing.T) {
	team := func(given map[care.AgentID]int) (by []care.AgentID) {
		for a, n := range given {
			for range n {
				by = append(by, a)
			}
		}
		return by
	}
	for _, c := range []struct {
		name  string
		given map[care.AgentID]int
		who   care.AgentID
		want  float64 // all of theirs together
	}{
		{"alone", map[care.AgentID]int{"ada": 500}, "ada", 500},
		{"few reviews count in full", map[care.AgentID]int{"ada": 25, "bo": 1, "cy": 1}, "ada", 25},
		{"one who reviews day and night", map[care.AgentID]int{"eve": 900, "ada": 60, "bo": 60, "cy": 60}, "eve", 120},
		{"twice as much as usual", map[care.AgentID]int{"ada": 80, "bo": 40, "cy": 40}, "ada", 80},
		{"of two, the busy one", map[care.AgentID]int{"eve": 900, "ada": 40}, "eve", 80},
		{"the others are not touched", map[care.AgentID]int{"eve": 900, "ada": 40, "bo": 30}, "ada", 40},
	} {
		by := team(c.given)
		sum := 0.0
		for i, w := range Weights(by) {
			if by[i] == c.who {
				sum += w
			}
		}
		if math.Abs(sum-c.want) > 1e-9 {
			t.Errorf("%s: %s counts %.1f, want %.1f", c.name, c.who, sum, c.want)
		}
	}
}

func TestTrust(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	// What a model makes of mentions that it ranks rightly 83 times of 100.
	reviews := func(n int, says func(complaint bool) bool) (out []adapt.Example) {
		for range n {
			yes := rng.IntN(2) == 0
			z := rng.NormFloat64() + map[bool]float64{true: 0.7, false: -0.7}[yes]
			out = append(out, adapt.Example{Z: z, Complaint: says(yes), Weight: 1})
		}
		return out
	}
	honest := func(yes bool) bool { return yes }
	opposite := func(yes bool) bool { return !yes }
	never := func(bool) bool { return false }
	coin := func(bool) bool { return rng.IntN(2) == 0 }
	others := func(n int, says func(bool) bool) (team []Habit) {
		for range n {
			team = append(team, habit(reviews(60, says)))
		}
		return team
	}
	for _, c := range []struct {
		name      string
		reviews   []adapt.Example
		team      []Habit
		low, high float64
	}{
		{"nobody", nil, nil, 1, 1},
		{"three reviews", reviews(3, honest), nil, 0.9, 1},
		{"honest", reviews(200, honest), others(4, honest), 1, 1},
		{"wrong in one of five", reviews(200, func(yes bool) bool { return yes != (rng.Float64() < 0.2) }), others(4, honest), 0.9, 1},
		{"a coin", reviews(400, coin), others(4, honest), 0, 0.7},
		{"the opposite", reviews(100, opposite), others(4, honest), 0, 0},
		{"the opposite, alone", reviews(100, opposite), nil, 0, 0},
		{"the opposite, a few times only", reviews(12, opposite), nil, 0, 0.7},
		{"the opposite, as everybody says", reviews(100, opposite), others(4, opposite), 1, 1},
		{"no complaints at all", reviews(200, never), others(4, honest), 0, 0},
		{"no complaints at all, as everybody says", reviews(200, never), others(4, never), 1, 1},
		{"no complaints at all, alone", reviews(200, never), nil, 1, 1},
	} {
		h := habit(c.reviews)
		if got := Trust(h, append(c.team, h)); got < c.low || got > c.high {
			t.Errorf("%s: %.2f of %+v", c.name, got, h)
		}
	}
}

// Whatever one person says, and however often, neither the prior nor the score
// of any text moves far in a round.
func TestOneReviewerIsBounded(t *testing.T) {
	words := []string{"tin", "tea", "late", "dented", "lovely", "refund", "bitter", "cup", "driver", "nobody", "answers", "box", "thanks", "again"}
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 5))
		text := func() (s string) {
			for range 3 + rng.IntN(9) {
				s += words[rng.IntN(len(words))] + " "
			}
			return s
		}
		var honest []Example
		for person := range 4 {
			for range 30 + rng.IntN(30) {
				z := rng.NormFloat64()
				honest = append(honest, Example{Label: Label{By: care.AgentID(fmt.Sprint(person)), Complaint: z+rng.NormFloat64() > 0}, Z: z, Text: text(), Teaches: true})
			}
		}
		all := honest
		for range 1 + rng.IntN(3000) {
			z := 3 * rng.NormFloat64()
			all = append(all, Example{Label: Label{By: "eve", Complaint: z < 0}, Z: z, Text: text(), Teaches: true})
		}
		plain := adapt.Plain("b")
		if r := Recalibrated(plain, all); math.Abs(r.Shift) > stepShift || math.Abs(r.Slope-1) > stepSlope {
			t.Fatalf("one round moved the prior by %.2f and the slope to %.2f", r.Shift, r.Slope)
		}
		without, _ := Challenger("b", honest)
		with, _ := Challenger("b", all)
		for range 30 {
			s, z := text(), rng.NormFloat64()
			if moved := math.Abs(with.LogOdds(z, s) - without.LogOdds(z, s)); moved > 2*adapt.MaxCorrection+2 {
				t.Fatalf("moved by %.2f", moved)
			}
		}
	}
}

func TestSampler(t *testing.T) {
	s, other := Sampler{Key: []byte("one"), Unflagged: 0.05, Dismissed: 0.2}, Sampler{Key: []byte("two"), Unflagged: 0.05}
	const n = 20_000
	var picked, doubted, both int
	for i := range n {
		id := care.MentionID(fmt.Sprint(i))
		again := Sampler{Key: []byte("one"), Unflagged: 0.05}
		if s.Picks(id) != again.Picks(id) {
			t.Fatal("with the same key it picks others")
		}
		if s.Picks(id) {
			picked++
			if other.Picks(id) {
				both++
			}
		}
		if s.Doubts(id) {
			doubted++
		}
	}
	if math.Abs(float64(picked)/n-0.05) > 0.006 || math.Abs(float64(doubted)/n-0.2) > 0.012 {
		t.Errorf("%d picked, %d doubted of %d", picked, doubted, n)
	}
	if both > picked/5 {
		t.Errorf("another key picks %d of the same %d", both, picked)
	}
	none := Sampler{Key: []byte("one")}
	if none.Picks("1") || none.Doubts("1") {
		t.Error("a share of nothing picks something")
	}
}

// A hundred thousand mentions of which the flagging misses a known share: the
// interval from a sample holds it in about 95 of 100 samples.
func TestMissedHoldsTheTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	v := Volume{Day: Day{Mentions: 10_000, Flagged: 1_000}}
	const right, p = 0.8, 0.02 // 800 caught; 180 of 9,000 missed
	truth := 100 * 180.0 / 980
	holds := 0
	for range 400 {
		looked, found := 300, 0
		for range looked {
			if rng.Float64() < p {
				found++
			}
		}
		if i := Missed(v, right, found, looked); i.Low <= truth && truth <= i.High {
			holds++
		}
	}
	if holds < 365 {
		t.Errorf("held %d times of 400", holds)
	}
	if i := Missed(v, right, 0, 0); !math.IsNaN(i.Value) || i.Low != 0 || i.High < 90 {
		t.Errorf("without a sample nothing is known: %+v", i)
	}
}

func pairs(n int, p Pair) (out []Pair) {
	if p.Weight == 0 {
		p.Weight = 1
	}
	for range n {
		out = append(out, p)
	}
	return out
}

func TestRule(t *testing.T) {
	caught := Pair{Champion: true, Challenger: true, Complaint: true}
	falseBoth := Pair{Champion: true, Challenger: true}
	mended := Pair{Champion: true}
	spoilt := Pair{Challenger: true}
	lost := Pair{Champion: true, Complaint: true}
	found := Pair{Challenger: true, Complaint: true}
	join := func(parts ...[]Pair) (all []Pair) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for _, c := range []struct {
		name  string
		pairs []Pair
		want  Ruling
	}{
		{"too few, however good", join(pairs(20, caught), pairs(20, mended)), Waits},
		{"the same", join(pairs(60, caught), pairs(20, falseBoth)), Waits},
		{"wrong less often, misses no more", join(pairs(60, caught), pairs(10, falseBoth), pairs(14, mended)), Promoted},
		{"one fewer may be luck", join(pairs(60, caught), pairs(20, falseBoth), pairs(1, mended)), Waits},
		{"wrong less often, but misses one", join(pairs(60, caught), pairs(14, mended), pairs(1, lost)), Waits},
		{"finds more at the price of being wrong more often", join(pairs(60, caught), pairs(10, found), pairs(25, spoilt)), Retired},
		{"misses many", join(pairs(60, caught), pairs(30, lost), pairs(20, mended)), Retired},
		{"no better after four hundred", join(pairs(300, caught), pairs(100, falseBoth)), Retired},
		{"wrong less often, and finds one that stands for fifty", join(pairs(60, caught), pairs(14, mended), pairs(1, Pair{Challenger: true, Complaint: true, Weight: 50})), Promoted},
		{"loses one that stands for fifty", join(pairs(60, caught), pairs(14, mended), pairs(1, Pair{Champion: true, Complaint: true, Weight: 50})), Waits},
	} {
		e := Compare(c.pairs)
		if got := e.Rule(); got != c.want {
			t.Errorf("%s: %s, want %s (%+v)", c.name, got, c.want, e)
		}
	}
}

// Two models that are equally good: hardly ever is one promoted, at any of the
// four looks.
func TestLuckDoesNotPromote(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	promoted := 0
	const runs = 40
	for range runs {
		var ps []Pair
		for range looks()[3] {
			yes := rng.IntN(2) == 0
			say := func() bool { return rng.Float64() < map[bool]float64{true: 0.8, false: 0.3}[yes] }
			ps = append(ps, Pair{Champion: say(), Challenger: say(), Complaint: yes, Weight: 1})
		}
		for _, n := range looks() {
			e := Compare(ps[:n])
			if e.Rule() == Promoted {
				promoted++
				break
			}
		}
	}
	t.Logf("%d of %d promoted", promoted, runs)
	if promoted > 3 {
		t.Errorf("%d of %d", promoted, runs)
	}
}

func TestThreshold(t *testing.T) {
	var ps []eval.Weighed
	for i := range 100 {
		p := (float64(i) + 0.5) / 100
		ps = append(ps, eval.Weighed{Point: eval.Point{P: p, True: i%10 < 5 && i > 30 || i > 80}, Weight: 1})
	}
	v := eval.Volume{PerDay: 1000}
	for _, c := range []struct {
		name      string
		aim       Aim
		points    []eval.Weighed
		now       float64
		low, high float64
	}{
		{"no aim", Aim{}, ps, 0.5, 0.5, 0.5},
		{"too few reviews", Aim{MissAtMost: 1}, ps[:49], 0.5, 0.5, 0.5},
		{"miss next to nothing", Aim{MissAtMost: 1}, ps, 0.35, 0.25, 0.345},
		{"no further than a round may go", Aim{MissAtMost: 1}, ps, 0.9, 0.84, 0.86},
		{"few false ones", Aim{FalseAtMost: 10}, ps, 0.6, 0.6, 0.73},
	} {
		if got := Threshold(c.aim, c.points, v, 2, c.now, stepShift); got < c.low-1e-9 || got > c.high+1e-9 {
			t.Errorf("%s: %.3f", c.name, got)
		}
	}
}

func TestAimCheck(t *testing.T) {
	for _, c := range []struct {
		aim  Aim
		good bool
	}{
		{Aim{}, true}, {Aim{MissAtMost: 5}, true}, {Aim{FalseAtMost: 20}, true},
		{Aim{MissAtMost: 5, FalseAtMost: 20}, false}, {Aim{MissAtMost: -1}, false}, {Aim{MissAtMost: 100}, false}, {Aim{FalseAtMost: -3}, false},
	} {
		if err := c.aim.Check(); (err == nil) != c.good {
			t.Errorf("%+v: %v", c.aim, err)
		}
	}
}

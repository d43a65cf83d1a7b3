package learn

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/adapt"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/linear"
	"github.com/amends-care/amends/classifiers/train"
	"github.com/amends-care/amends/internal/care"
)

// sectors are two halves of the development set's brands: each is a brand that
// the model has never heard of, when it was trained on the other.
func sectors() [][]string {
	return [][]string{{"services", "software", "transport"}, {"electronics", "apparel", "retail", "cars", "food"}}
}

// labelled are the development set's texts.
func labelled(t *testing.T) []train.Example {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", "complaints_dev_train.csv")
	all, err := train.ReadComplaints(path)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI=true, but the data sets are not there: %v", err)
		}
		t.Skipf("needs the data sets beside the checkout: %v", err)
	}
	return all
}

// without is a model trained on all but a sector, and the sector's texts as it
// scores them.
func without(t *testing.T, all []train.Example, sector []string) (*linear.Model, []Example) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rest.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"text", "complaint", "domain"}}
	var held []train.Example
	for _, e := range all {
		if slices.Contains(sector, e.Domain) {
			held = append(held, e)
			continue
		}
		rows = append(rows, []string{e.Text, map[bool]string{true: "1", false: "0"}[e.Complaint == train.Yes], e.Domain})
	}
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	m, err := train.Run(t.Context(), train.Options{Data: []string{path}, Seed: 1}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]Example, len(held))
	for i, e := range held {
		p, _ := m.Score(classifiers.Text{Body: e.Text, Lang: "en"})
		out[i] = Example{Label: Label{Complaint: e.Complaint == train.Yes}, Z: eval.Logit(p), Text: e.Text, Teaches: true}
	}
	return m, out
}

// A team is how reviews come about: who gives them, and how they go wrong.
type team struct {
	name   string
	honest int     // people
	wrong  float64 // share of their reviews that are the wrong way round
	idle   bool    // one more reviews as much as all others together, and calls nothing a complaint
	vandal bool    // one more reviews as much as all others together, all of it the wrong way round
	thin   bool    // of the complaints one in five stays: another prior
}

func teams() []team {
	return []team{
		{name: "five people", honest: 5}, {name: "five people, 20 % of the reviews wrong", honest: 5, wrong: 0.2},
		{name: "five people and a vandal", honest: 5, vandal: true}, {name: "a vandal alone", vandal: true},
		{name: "five people, few complaints", honest: 5, thin: true}, {name: "five people and one who dismisses all", honest: 5, idle: true},
	}
}

// reviews of some texts, by the team.
func (m *team) reviews(texts []Example, rng *rand.Rand) (out []Example) {
	for i, e := range texts {
		if m.honest > 0 {
			r := e
			r.By = care.AgentID(fmt.Sprint("person ", i%m.honest))
			r.Complaint = e.Complaint != (rng.Float64() < m.wrong)
			out = append(out, r)
		}
		if m.vandal || m.idle {
			r := e
			r.By, r.Complaint = "another", m.vandal && !e.Complaint
			out = append(out, r)
		}
	}
	return out
}

// learned is what a learner makes of reviews that come fifty at a time: the
// prior of each round, and the last challenger.
func learned(reviews []Example) (prior, challenger *adapt.Adaptation) {
	prior = adapt.Plain("b")
	for n := LeastReviews; n <= len(reviews); n += LeastReviews {
		prior = Recalibrated(prior, reviews[:n])
	}
	challenger, ok := Challenger("b", reviews)
	if !ok {
		challenger = prior
	}
	return prior, challenger
}

const (
	splits = 20
	aside  = 150 // texts of a split to test on
)

// TestSimulatedFeedback prints the table of docs/learning.md.
func TestSimulatedFeedback(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains a few hundred models")
	}
	all := labelled(t)
	sums := map[string][2]float64{} // by team and number: prior alone, with the correction
	sizes := []int{0, 50, 100, 500}
	for _, sector := range sectors() {
		_, texts := without(t, all, sector)
		for _, m := range teams() {
			texts := slices.Clone(texts)
			if m.thin {
				n := 0
				texts = slices.DeleteFunc(texts, func(e Example) bool {
					n++
					return e.Complaint && n%5 != 0
				})
			}
			for split := range uint64(splits) {
				rng := rand.New(rand.NewPCG(split, 7))
				order := rng.Perm(len(texts))
				var test, rest []Example
				for i, j := range order {
					if i < aside {
						test = append(test, texts[j])
					} else {
						rest = append(rest, texts[j])
					}
				}
				given := m.reviews(rest, rng)
				for _, n := range sizes {
					if n > len(given) {
						continue
					}
					prior, challenger := learned(given[:n])
					key := fmt.Sprint(m.name, n)
					s := sums[key]
					share := 1.0 / float64(splits*len(sectors()))
					sums[key] = [2]float64{s[0] + share*macro(prior, test), s[1] + share*macro(challenger, test)}
				}
			}
		}
	}
	t.Log(printed(sums, sizes))
	at := func(team, n int) float64 { return sums[fmt.Sprint(teams()[team].name, n)][1] }
	for _, c := range []struct {
		what        string
		from, least float64
	}{
		{"500 reviews help", at(0, 500) - at(0, 0), 0.015},
		{"100 reviews do no harm", at(0, 100) - at(0, 0), -0.005},
		{"500 reviews help with 20 % wrong", at(1, 500) - at(1, 0), -0.005},
		{"a vandal does not move it far", at(2, 500) - at(2, 0), -0.02},
		{"a vandal alone does not move it far", at(3, 500) - at(3, 0), -0.02},
		{"one who dismisses all does not move it far", at(5, 500) - at(5, 0), -0.03},
		{"where complaints are few, 50 reviews help", at(4, 50) - at(4, 0), 0.02},
	} {
		if c.from < c.least {
			t.Errorf("%s: %+.3f", c.what, c.from)
		}
	}
}

// printed is the table, a team a line.
func printed(sums map[string][2]float64, sizes []int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-42s", "macro-F1 at .5, prior / with correction")
	for _, n := range sizes {
		fmt.Fprintf(&b, "%16d", n)
	}
	for _, m := range teams() {
		fmt.Fprintf(&b, "\n%-42s", m.name)
		for _, n := range sizes {
			if s, ok := sums[fmt.Sprint(m.name, n)]; ok {
				fmt.Fprintf(&b, "     %.3f / %.3f", s[0], s[1])
			} else {
				fmt.Fprintf(&b, "%16s", "–")
			}
		}
	}
	return b.String()
}

func macro(a *adapt.Adaptation, test []Example) float64 {
	ps := make([]eval.Point, len(test))
	for i, e := range test {
		ps[i] = eval.Point{P: eval.Sigmoid(a.LogOdds(e.Z, e.Text)), True: e.Complaint}
	}
	return eval.At(ps, 0.5).MacroF1()
}

// What is in force after a roll back gives the same probability to every text,
// to the last bit.
func TestRollBackIsExactOnRealTexts(t *testing.T) {
	all := labelled(t)
	m, texts := without(t, all, sectors()[0])
	_, challenger := learned(texts[:300])
	again, err := adapt.Decode(challenger.Encode())
	if err != nil {
		t.Fatal(err)
	}
	before, after := adapt.New(m, challenger, 0.5, nil), adapt.New(m, again, 0.5, nil)
	for _, e := range texts {
		text := []classifiers.Text{{Body: e.Text, Lang: "en"}}
		a, err := before.Classify(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		b, err := after.Classify(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		if a[0].Probability != b[0].Probability || a[0].Model != b[0].Model || !strings.HasPrefix(a[0].Model, "brand@") {
			t.Fatalf("%v by %s, then %v by %s", a[0].Probability, a[0].Model, b[0].Probability, b[0].Model)
		}
	}
}

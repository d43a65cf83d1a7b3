package train

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/eval"
)

// without spans: the text with the bytes of some spans taken out.
func cut(text string, spans [][2]int) string {
	slices.SortFunc(spans, func(a, b [2]int) int { return b[0] - a[0] })
	for _, s := range spans {
		text = text[:s[0]] + text[s[1]:]
	}
	return text
}

// TestDeletingTheReasonsLowersTheScore is the proof of the reasons: taking the
// strongest ones out of a flagged text lowers its log odds more than taking out
// as many bytes elsewhere.
func TestDeletingTheReasonsLowersTheScore(t *testing.T) {
	m := shipped(t)
	rng := rand.New(rand.NewPCG(1, 1))
	var texts []classifiers.Text
	for _, e := range complaints(t) {
		texts = append(texts, classifiers.Text{Body: e.Text, Lang: "en"})
	}
	verdicts, err := m.Classify(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	odds := func(text string) float64 {
		p, _ := m.Score(classifiers.Text{Body: text, Lang: "en"})
		return eval.Logit(p)
	}
	var byReason, byChance float64
	n, wins := 0, 0
	for i, v := range verdicts {
		text := texts[i].Body
		if !v.Complaint || len(text) < 40 {
			continue
		}
		var top, other [][2]int
		for _, r := range v.Why {
			if r.Weight > 0 && len(top) < 2 {
				top = append(top, [2]int{r.From, r.To})
			}
		}
		for _, s := range top {
			width := s[1] - s[0]
			from := rng.IntN(max(1, len(text)-width))
			other = append(other, [2]int{from, min(len(text), from+width)})
		}
		if len(other) == 2 && other[0][0] < other[1][1] && other[1][0] < other[0][1] {
			other = other[:1] // they overlap
		}
		before := odds(text)
		a, b := before-odds(cut(text, top)), before-odds(cut(text, other))
		byReason, byChance = byReason+a, byChance+b
		if a > b {
			wins++
		}
		n++
	}
	if n < 300 {
		t.Fatalf("only %d flagged texts", n)
	}
	t.Logf("%d flagged texts: log odds fall by %.2f without the two strongest reasons, by %.2f without as much elsewhere; more in %.1f %%",
		n, byReason/float64(n), byChance/float64(n), 100*float64(wins)/float64(n))
	if byReason < 2*byChance || wins*100 < n*80 {
		t.Errorf("the reasons are no better than chance: %.2f against %.2f", byReason/float64(n), byChance/float64(n))
	}
}

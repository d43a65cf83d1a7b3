package linear

import (
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/amends-care/amends/classifiers"
)

// TestAVerdictDependsOnItsTextAlone judges the same posts in several orders,
// long ones between them, with one scratch after the other: what was judged
// before must leave nothing behind.
func TestAVerdictDependsOnItsTextAlone(t *testing.T) {
	b, err := os.ReadFile("testdata/posts.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var texts []classifiers.Text
	for line := range strings.Lines(string(b)) {
		_, text, _ := strings.Cut(line, "\t")
		texts = append(texts, classifiers.Text{Body: text})
	}
	texts = append(texts, classifiers.Text{Body: strings.Repeat("why why why does it never work ", 3000)},
		classifiers.Text{Body: strings.Repeat("等了三个星期 ", 2000)}, classifiers.Text{Body: strings.Repeat("ha", 5000)})
	m := open(t)
	want, err := m.Classify(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		order := rng.Perm(len(texts))
		shuffled := make([]classifiers.Text, len(texts))
		for i, k := range order {
			shuffled[i] = texts[k]
		}
		got, err := m.Classify(t.Context(), shuffled)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range order {
			if !reflect.DeepEqual(got[i], want[k]) {
				t.Fatalf("another verdict on %.60q", texts[k].Body)
			}
		}
	}
}

// TestScoresMatchTheWeights holds that the scores are those of the plain sum
// over what the features weigh, repeats and all.
func TestScoresMatchTheWeights(t *testing.T) {
	m := open(t)
	for _, text := range []string{"why why why why does my order never arrive, my order my order", "ok", "", "等了三个星期还没收到货，等了等了", strings.Repeat("ha ha ", 400)} {
		s := m.take()
		m.score(s, text, "en")
		for lane := range Lanes {
			if got, want := s.scores[lane], m.plainScore(s, lane); got-want > 1e-9 || want-got > 1e-9 {
				t.Errorf("%.40q, lane %d: %v, plainly %v", text, lane, got, want)
			}
		}
		m.give(s)
	}
}

// plainScore adds up one lane the slow way.
func (m *Model) plainScore(s *scratch, lane int) float64 {
	sum := m.Heads[lane].Bias
	for _, hashes := range s.x.Hashes {
		times := map[uint32]int{}
		for _, h := range hashes {
			times[h>>(32-m.Bits)]++
		}
		dot, norm := 0.0, 0.0
		for row, n := range times {
			w := weightOf(n)
			dot += w * float64(m.at(lane, row))
			norm += w * w
		}
		if norm > 0 {
			sum += m.Heads[lane].Step * dot / math.Sqrt(norm)
		}
	}
	for c, v := range s.x.Cues {
		sum += float64(v) * m.Heads[lane].Cues[c]
	}
	return sum
}

func weightOf(n int) float64 { return 1 + math.Log(float64(n)) }

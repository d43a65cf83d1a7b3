package topic

import (
	"math"
	"slices"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/internal/feature"
)

// headBits is how many bits of a word's hash choose its row in a head.
const headBits = 13

// A Head is what was learned from texts with a known topic: the log of how much
// likelier each word is under a topic than otherwise. Its fields are exported
// to be stored.
type Head struct {
	Topics []classifiers.Topic `json:"topics"`
	Weight [][]float32         `json:"weight"` // by topic, then by row
	Scale  float64             `json:"scale"`  // how much it counts against the seed words
}

// A Sample is a text whose topic is known.
type Sample struct {
	Text  string
	Topic classifiers.Topic
}

// Train learns a head for the topics of a taxonomy by naive Bayes with
// smoothing: good from a few dozen samples on, and it can't be led far by one.
// Samples of other topics are ignored. It depends on the order of nothing.
func Train(t Taxonomy, samples []Sample) *Head {
	h := &Head{}
	for _, e := range t {
		h.Topics = append(h.Topics, e.Name)
	}
	counts := make([][]float64, len(t))
	sums := make([]float64, len(t))
	for k := range counts {
		counts[k] = make([]float64, 1<<headBits)
	}
	x := feature.New()
	used := 0
	for _, s := range samples {
		k := slices.Index(h.Topics, s.Topic)
		if k < 0 {
			continue
		}
		used++
		x.Extract(s.Text)
		for row := range rows(x) {
			counts[k][row]++
			sums[k]++
		}
	}
	var total float64
	all := make([]float64, 1<<headBits)
	for k := range counts {
		total += sums[k]
		for row, n := range counts[k] {
			all[row] += n
		}
	}
	const smooth = 2.0
	h.Weight = make([][]float32, len(t))
	for k := range counts {
		h.Weight[k] = make([]float32, 1<<headBits)
		for row, n := range all {
			if n == 0 || sums[k] == 0 {
				continue
			}
			base := n / total
			p := (counts[k][row] + smooth*base) / (sums[k] + smooth)
			h.Weight[k][row] = float32(max(-3, min(3, math.Log(p/base))) * n / (n + smooth))
		}
	}
	// From a hundred samples on it counts as much as the seed words.
	h.Scale = float64(used) / float64(used+100)
	return h
}

// rows are the distinct rows of a text's words.
func rows(x *feature.Extractor) map[uint32]bool {
	out := map[uint32]bool{}
	for _, h := range x.WordHashes() {
		out[h>>(feature.Bits-headBits)] = true
	}
	return out
}

// add adds the head's opinion to the scores of the seed words.
func (h *Head) add(x *feature.Extractor, score []float64) {
	found := rows(x)
	if len(found) == 0 {
		return
	}
	for k := range score {
		sum := 0.0
		for row := range found {
			sum += float64(h.Weight[k][row])
		}
		score[k] += 4 * h.Scale * sum / math.Sqrt(float64(len(found))) / 2
	}
}

package train

import (
	"slices"
	"strings"

	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/linear"
)

// Sizes of the feature space: the hashed rows, then the bias, then the cues.
// What comes after size is an example's source, or the score of a head.
const (
	bits    = 18
	rowBias = 1 << bits
	rowCues = rowBias + 1
	size    = rowCues + feature.NumCues
	// cueScale makes a cue as dear to the penalty as it should be.
	cueScale = 0.5
)

// A reader turns texts into rows. It must not be used by two goroutines at once.
type reader struct {
	x    *feature.Extractor
	seen map[uint32]int
}

func newReader() *reader {
	return &reader{feature.New(), map[uint32]int{}}
}

func (r *reader) row(text, lang string) row {
	out := vector(r.x, text, bits, r.seen)
	r.x.Cue(lexicon.Default(), lang)
	out.idx = append(out.idx, rowBias)
	out.val = append(out.val, 1)
	for c, v := range r.x.Cues {
		if v != 0 {
			out.idx = append(out.idx, uint32(rowCues+c))
			out.val = append(out.val, v*cueScale)
		}
	}
	out.cost = 1
	return out
}

// readRows reads examples, in order, on all processors.
func readRows(examples []Example) []row {
	out := make([]row, len(examples))
	const chunk = 512
	parallel((len(examples)+chunk-1)/chunk, func(k int) {
		r := newReader()
		for i := k * chunk; i < min(len(examples), (k+1)*chunk); i++ {
			out[i] = r.row(examples[i].Text, spoken(&examples[i]))
		}
	})
	return out
}

// spoken is the language whose word lists fit an example.
func spoken(e *Example) string {
	if e.Lang == "hi" && mostlyLatin(e.Text) {
		return "hi-Latn"
	}
	return e.Lang
}

// head reads one linear model out of a solution.
func head(name string, w []float64) (linear.Head, []float64) {
	h := linear.Head{Name: name, Bias: w[rowBias], Cues: make([]float64, feature.NumCues)}
	for c := range h.Cues {
		h.Cues[c] = w[rowCues+c] * cueScale
	}
	return h, w[:1<<bits]
}

// Languages of which texts are too far from all that Amends serves to share a
// table with: they only crowd it.
var farLanguages = []string{"am", "ha", "ig", "rw", "pcm", "tw", "yo", "sw"}

// badEmotions are those of GoEmotions that count as negative.
var badEmotions = []int{2, 3, 9, 10, 11, 14, 16, 24, 25}

// An auxiliary is a head that other data teach, and what it asks of them.
type auxiliary struct {
	lane int
	name string
	cost float64
	ask  func(*Example) Label
}

func emotions(lane int, name string, ids ...int) auxiliary {
	return auxiliary{lane, name, 1, func(e *Example) Label {
		if e.Emotions == nil {
			return 0
		}
		return label(slices.ContainsFunc(e.Emotions, func(k int) bool { return slices.Contains(ids, k) }))
	}}
}

func auxiliaries() []auxiliary {
	return []auxiliary{
		{linear.LaneNegative, "negative", 1, func(e *Example) Label {
			if e.Emotions != nil {
				return label(slices.ContainsFunc(e.Emotions, func(k int) bool { return slices.Contains(badEmotions, k) }))
			}
			return e.Negative
		}},
		{linear.LanePositive, "positive", 1, func(e *Example) Label {
			if e.Emotions != nil {
				return 0
			}
			return e.Positive
		}},
		emotions(linear.LaneAnger, "anger", 2, 3, 11),
		emotions(linear.LaneLetDown, "let down", 9, 10),
		emotions(linear.LaneAsking, "asking", 6, 7),
		{linear.LaneReview, "complaint in a review", 1, func(e *Example) Label {
			if e.Source != "cesamard" {
				return 0
			}
			return e.Complaint
		}},
	}
}

// auxiliaryHeads trains what the texts beside the complaints teach. A constant
// for each source takes up how frequent a label is there.
func auxiliaryHeads(c *Corpus, seed uint64) (heads [linear.Lanes]linear.Head, weights [linear.Lanes][]float64) {
	pool := slices.Concat(c.Sentiment, c.Reviews, c.Emotions, plain())
	pool = slices.DeleteFunc(pool, func(e Example) bool { return slices.Contains(farLanguages, e.Lang) })
	for _, e := range c.Sentiment {
		if (e.Lang == "hi" || e.Lang == "ru") && !mostlyLatin(e.Text) {
			e.Text, e.Lang, e.Source = romanise(e.Text), e.Lang+"-Latn", e.Source+"-latin"
			pool = append(pool, e)
		}
	}
	rows := readRows(pool)
	sources := map[string]int{}
	for i := range pool {
		s := pool[i].Source
		k := constant(&pool[i])
		if _, ok := sources[k]; !ok {
			sources[k] = len(sources)
		}
		rows[i].idx = append(rows[i].idx, uint32(size+sources[k]))
		rows[i].val = append(rows[i].val, 1)
		rows[i].cost = sourceCost(s)
	}
	all := auxiliaries()
	parallel(len(all), func(k int) {
		var mine []row
		for i := range pool {
			if l := all[k].ask(&pool[i]); l != 0 {
				r := rows[i]
				r.pos = l == Yes
				mine = append(mine, r)
			}
		}
		w := solveScaled(mine, size+len(sources), all[k].cost, 8, seed)
		w[rowBias] += tweetConstant(w, sources)
		heads[all[k].lane], weights[all[k].lane] = head(all[k].name, w)
	})
	return heads, weights
}

// constant names the constant that an example shares. A source with one label
// only has that of tweets, so that it teaches by its words.
func constant(e *Example) string {
	if e.Source != "plain" && e.Source != "massive-de" {
		return e.Source
	}
	for _, l := range tweetLangs {
		if l.lang == e.Lang {
			return "umsab-" + l.lang
		}
	}
	return "umsab-en"
}

// sourceCost says how much a source's examples count: tweets, of which there
// are few and which are what Amends reads, more than others.
func sourceCost(source string) float64 {
	switch {
	case strings.HasPrefix(source, "umsab-"), source == "plain":
		return 3
	case strings.HasPrefix(source, "massive-"):
		return 0.2
	}
	return 1
}

// tweetConstant is the mean constant of the sources of tweets: what a text of
// no known source gets.
func tweetConstant(w []float64, sources map[string]int) float64 {
	sum, n := 0.0, 0.0
	for _, l := range tweetLangs {
		if k, ok := sources["umsab-"+l.lang]; ok {
			sum += w[size+k]
			n++
		}
	}
	return sum / max(n, 1)
}

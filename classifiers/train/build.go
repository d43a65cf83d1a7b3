package train

import (
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/language"
	"github.com/amends-care/amends/classifiers/linear"
)

// Sizes of the feature space: the hashed rows, then the bias, then the cues.
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

// head reads one linear model out of a solution.
func head(name string, w []float64) (linear.Head, []float64) {
	h := linear.Head{Name: name, Bias: w[rowBias], Cues: make([]float64, feature.NumCues)}
	for c := range h.Cues {
		h.Cues[c] = w[rowCues+c] * cueScale
	}
	return h, w[:1<<bits]
}

func brand(e *Example) bool { return e.Domain != "random_reply" && e.Domain != "random_tweet" }

const (
	cost   = 8  // of an error against the penalty on weights
	epochs = 30 // of the solver, at most
)

// complaintRows reads the main training set.
func complaintRows(examples []Example) (rows []row, classes []bool) {
	r := newReader()
	for _, e := range examples {
		x := r.row(e.Text, e.Lang)
		x.pos = e.Complaint == Yes
		rows = append(rows, x)
		classes = append(classes, x.pos)
	}
	return rows, classes
}

// crossValidate gives every example the probability of a model that has not
// seen its fold.
func crossValidate(examples []Example, k int, seed uint64) []eval.Point {
	rows, classes := complaintRows(examples)
	out := make([]eval.Point, len(rows))
	for i, z := range crossScores(rows, eval.Folds(classes, k, seed), k, seed) {
		out[i] = eval.Point{P: eval.Sigmoid(z), True: classes[i], Group: examples[i].Domain}
	}
	return out
}

// Build trains the model that ships.
func Build(c *Corpus, l *language.Model, seed uint64) (*linear.Model, error) {
	rows, classes := complaintRows(c.Complaints)
	z := crossScores(rows, eval.Folds(classes, 10, seed), 10, seed)
	var bz []float64
	var truths []bool
	for i := range z {
		if brand(&c.Complaints[i]) {
			bz = append(bz, z[i])
			truths = append(truths, classes[i])
		}
	}
	platt := eval.FitPlatt(bz, truths)
	h := linear.Header{Name: "amends-linear", Bits: bits, Threshold: 0.5, Made: "complaints_dev_train"}
	var weights [linear.Lanes][]float64
	h.Heads[linear.LaneComplaint], weights[linear.LaneComplaint] = head("complaint", solve(rows, size, cost, epochs, seed))
	mix := linear.Mix{Bias: platt.B, Level: "good"}
	mix.Lanes[linear.LaneComplaint] = platt.A
	h.Mix = map[string]linear.Mix{"": mix}
	return linear.New(h, weights)
}

// crossScores gives every row the score of a model that has not seen its fold.
func crossScores(rows []row, folds []int, k int, seed uint64) []float64 {
	z := make([]float64, len(rows))
	for f := range k {
		var rest []row
		for i := range rows {
			if folds[i] != f {
				rest = append(rest, rows[i])
			}
		}
		w := solve(rest, size, cost, epochs, seed)
		for i := range rows {
			if folds[i] == f {
				z[i] = rows[i].dot(w)
			}
		}
	}
	return z
}

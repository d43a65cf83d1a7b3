package train

import (
	"math"
	"slices"
	"strings"

	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/linear"
)

const (
	cost   = 8  // of an error against the penalty on weights
	epochs = 20 // of the solver, at most
	// headScale makes the score of a head as dear to the penalty as it should be.
	headScale = 0.3
	// negativeShare of the negative head's score is added to the complaint head's.
	// Beside the penalised part that training gives it, it makes up for how few
	// domains the complaints come from: measured with each left out in turn.
	negativeShare = 0.4
)

// helpers are the lanes whose scores the complaint head may lean on.
var helpers = []int{linear.LaneNegative, linear.LanePositive, linear.LaneAnger, linear.LaneLetDown, linear.LaneAsking, linear.LaneReview}

// A stack is a set of labelled texts as the complaint head sees them: hashed
// features, cues, and the scores of the heads that other data have taught. As
// those are linear in the same features, the sum folds into one weight vector.
type stack struct {
	rows    []row
	own     []row // always trained on, besides; see own
	classes []bool
	brand   []bool // counts for calibration: about a brand, not just anything
	mean    []float64
	sd      []float64
	offset  []float64 // what the negative head adds to each score, whatever the weights
}

// newStack reads examples against the heads of base.
func newStack(examples []Example, base *linear.Model) *stack {
	posts := own()
	every := slices.Concat(examples, posts)
	n := len(examples)
	s := &stack{rows: readRows(every), mean: make([]float64, len(helpers)), sd: make([]float64, len(helpers))}
	scores := make([][linear.Lanes]float64, len(every))
	for i := range every {
		e := &every[i]
		s.rows[i].pos = e.Complaint == Yes
		scores[i] = base.Lanes(e.Text, spoken(e))
		if i < n {
			s.classes = append(s.classes, s.rows[i].pos)
			s.brand = append(s.brand, brand(e))
			s.offset = append(s.offset, negativeShare*scores[i][linear.LaneNegative])
		}
	}
	for k, l := range helpers {
		for i := range n {
			s.mean[k] += scores[i][l] / float64(n)
		}
		for i := range n {
			d := scores[i][l] - s.mean[k]
			s.sd[k] += d * d / float64(n)
		}
		s.sd[k] = math.Sqrt(s.sd[k]) + 1e-9
		for i := range every {
			s.rows[i].idx = append(s.rows[i].idx, uint32(size+k))
			s.rows[i].val = append(s.rows[i].val, float32(headScale*(scores[i][l]-s.mean[k])/s.sd[k]))
		}
	}
	s.rows, s.own = s.rows[:n:n], s.rows[n:]
	for i := range s.own {
		s.own[i].cost = ownCost
	}
	return s
}

// brand says whether an example is about a brand. The others are there to show
// what people say otherwise; they would distort how frequent complaints are.
func brand(e *Example) bool { return !strings.HasPrefix(e.Domain, "random_") }

// score of one example by some weights.
func (s *stack) score(id int, w []float64) float64 { return s.rows[id].dot(w) + s.offset[id] }

// pick returns the rows of some examples.
func (s *stack) pick(ids []int) []row {
	out := make([]row, len(ids))
	for i, id := range ids {
		out[i] = s.rows[id]
	}
	return out
}

func (s *stack) solve(ids []int, seed uint64) []float64 {
	return solveScaled(append(s.pick(ids), s.own...), size+len(helpers), cost, epochs, seed)
}

// A fitted head is one trained on some examples.
type fitted struct {
	weights []float64
	platt   eval.Platt // the map to log odds
	// best is the probability from which on to flag for the best macro-F1 over all
	// the examples, those about no brand included.
	best float64
}

// calibrated trains on the examples ids. The map to log odds is fitted to the
// scores that brand mentions get from models that have not seen them.
func (s *stack) calibrated(ids []int, inner int, seed uint64) fitted {
	classes := make([]bool, len(ids))
	for i, id := range ids {
		classes[i] = s.classes[id]
	}
	z := s.scores(ids, eval.Folds(classes, inner, seed+1), inner, seed)
	var bz []float64
	var truths []bool
	for i, id := range ids {
		if s.brand[id] {
			bz, truths = append(bz, z[i]), append(truths, s.classes[id])
		}
	}
	out := fitted{weights: s.solve(ids, seed), platt: eval.FitPlatt(bz, truths)}
	points := make([]eval.Point, len(ids))
	for i := range z {
		points[i] = eval.Point{P: out.probability(z[i]), True: classes[i]}
	}
	out.best = eval.Best(points)
	return out
}

func (f *fitted) probability(z float64) float64 { return eval.Sigmoid(f.platt.A*z + f.platt.B) }

// scores gives each of ids the score of a model that has not seen its fold.
func (s *stack) scores(ids, folds []int, k int, seed uint64) []float64 {
	z := make([]float64, len(ids))
	for f := range k {
		var rest []int
		for i, id := range ids {
			if folds[i] != f {
				rest = append(rest, id)
			}
		}
		w := s.solve(rest, seed)
		for i, id := range ids {
			if folds[i] == f {
				z[i] = s.score(id, w)
			}
		}
	}
	return z
}

// Folds that calibrate: of a model that is kept, and of the many that measure.
const (
	innerFolds = 10
	quickFolds = 4
)

// crossValidate gives every example the probability of a model, calibration
// included, that has not seen its part, and the threshold that was best for
// what that model has seen. Parts are numbered from 0.
func (s *stack) crossValidate(parts []int, seed uint64) (points []eval.Point, best []float64) {
	points, best = make([]eval.Point, len(s.rows)), make([]float64, len(s.rows))
	parallel(slices.Max(parts)+1, func(part int) {
		var rest []int
		for i := range s.rows {
			if parts[i] != part {
				rest = append(rest, i)
			}
		}
		f := s.calibrated(rest, quickFolds, seed)
		for i := range s.rows {
			if parts[i] == part {
				points[i] = eval.Point{P: f.probability(s.score(i, f.weights)), True: s.classes[i]}
				best[i] = f.best
			}
		}
	})
	return points, best
}

// fold adds what the heads contribute to the weights of the complaint head.
func (s *stack) fold(w []float64, base *linear.Model) (linear.Head, []float64) {
	h, flat := head("complaint", w)
	flat = slices.Clone(flat)
	for k, l := range helpers {
		by := w[size+k] * headScale / s.sd[k]
		h.Bias -= by * s.mean[k]
		if l == linear.LaneNegative {
			by += negativeShare
		}
		h.Bias += by * base.Heads[l].Bias
		for c := range h.Cues {
			h.Cues[c] += by * base.Heads[l].Cues[c]
		}
		for i, v := range base.Weights(l) {
			flat[i] += by * v
		}
	}
	return h, flat
}

// all is 0 to n-1.
func all(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// Build trains the model that ships.
func Build(c *Corpus, seed uint64) (*linear.Model, error) {
	h := linear.Header{Name: "amends-linear", Bits: bits, Threshold: 0.5, Made: made}
	var weights [linear.Lanes][]float64
	h.Heads, weights = auxiliaryHeads(c, seed)
	h.Mix = map[string]linear.Mix{"": {}}
	base, err := linear.New(h, weights)
	if err != nil {
		return nil, err
	}
	s := newStack(c.Complaints, base)
	f := s.calibrated(all(len(s.rows)), innerFolds, seed)
	h.Heads[linear.LaneComplaint], weights[linear.LaneComplaint] = s.fold(f.weights, base)
	severe, severeWeights := severity(c, seed)
	h.Heads[linear.LaneSevere], weights[linear.LaneSevere] = severe, severeWeights
	english := linear.Mix{Bias: f.platt.B, Level: "good"}
	english.Lanes[linear.LaneComplaint] = f.platt.A
	h.Mix = map[string]linear.Mix{"": english, "en": english}
	first, err := linear.New(h, weights)
	if err != nil {
		return nil, err
	}
	if h.Mix, err = mixes(c, first, english); err != nil {
		return nil, err
	}
	return linear.New(h, weights)
}

const made = "complaints_dev_train, goemotions, umsab, cesamard, multi"

package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/linear"
)

// EvalOptions say what to measure.
type EvalOptions struct {
	Data  []string      // as in Options
	Model *linear.Model // nil is the model that ships
	// Folds is how many times to train on the rest and judge the part left out; 0
	// judges by the model as it is.
	Folds int
	// By leaves out one "domain" or "language" at a time instead of folds, and
	// breaks the figures down by it; empty breaks them down by domain.
	By    string
	Seed  uint64
	Curve bool // also draw the learning curve, which trains fifteen times more
}

// A Figure is a measure with its 95 % interval and, if it has one, its bar.
type Figure struct {
	Name string `json:"name"`
	eval.Interval
}

// A Row is what one group, or one threshold, gets.
type Row struct {
	Name      string         `json:"name"`
	Confusion eval.Confusion `json:"confusion"`
	Macro     eval.Interval  `json:"macro_f1"`
	AUC       float64        `json:"-"` // NaN if the group has one class only
}

// A Step is one point of the learning curve.
type Step struct {
	N     int           `json:"n"` // texts trained on
	Macro eval.Interval `json:"macro_f1"`
}

// A Report is what an evaluation found.
type Report struct {
	Model      string       `json:"model"`
	How        string       `json:"how"`
	N          int          `json:"n"`
	Complaints int          `json:"complaints"`
	Figures    []Figure     `json:"figures"`
	Thresholds []Row        `json:"thresholds"`
	Groups     []Row        `json:"groups"`
	Bins       []eval.Bin   `json:"-"`
	Learning   []Step       `json:"learning,omitempty"`
	Points     []eval.Point `json:"-"` // by group; no text
}

const draws = 400 // of the bootstrap

// Evaluate measures a model on labelled texts, or a way of training by leaving
// parts out. It is the whole of the command "amends eval" but the printing.
func Evaluate(ctx context.Context, o EvalOptions, progress Progress) (*Report, error) {
	t := Options{Data: o.Data, Base: o.Model, Seed: o.Seed}
	examples, base, err := t.open()
	if err != nil {
		return nil, err
	}
	if o.By != "" && o.By != "domain" && o.By != "language" {
		return nil, fmt.Errorf("by %q: want domain or language", o.By)
	}
	if o.Folds < 0 || o.Folds == 1 || o.Folds > len(examples) {
		return nil, fmt.Errorf("%d folds of %d texts: want 2 or more, or 0 for the model as it is", o.Folds, len(examples))
	}
	progress.say("read", 1, 4)
	r := &Report{Model: base.ID(), N: len(examples)}
	group := func(e *Example) string {
		if o.By == "language" {
			return e.Lang
		}
		return e.Domain
	}
	switch {
	case o.Folds == 0 && o.By == "":
		r.How = "the model as it is"
		if r.Points, err = judged(ctx, base, examples); err != nil {
			return nil, err
		}
	default:
		s := newStack(examples, base)
		parts := eval.Folds(s.classes, max(2, o.Folds), o.Seed)
		r.How = fmt.Sprintf("trained anew for each of %d folds left out", o.Folds)
		if o.By != "" {
			parts = byGroup(examples, group)
			r.How = "trained anew for each " + o.By + " left out"
		}
		progress.say("train", 2, 4)
		r.Points, _ = s.crossValidate(parts, o.Seed)
		if o.Curve {
			r.Learning = learning(ctx, s, o.Seed)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	progress.say("measure", 3, 4)
	for i := range examples {
		r.Points[i].Group = cmp.Or(group(&examples[i]), "none")
		if r.Points[i].True {
			r.Complaints++
		}
	}
	r.measure(examples, o.Seed)
	progress.say("done", 4, 4)
	return r, nil
}

func judged(ctx context.Context, m *linear.Model, examples []Example) ([]eval.Point, error) {
	texts := make([]classifiers.Text, len(examples))
	for i := range examples {
		texts[i] = classifiers.Text{Body: examples[i].Text, Lang: examples[i].Lang}
	}
	verdicts, err := m.Classify(ctx, texts)
	if err != nil {
		return nil, err
	}
	out := make([]eval.Point, len(examples))
	for i, v := range verdicts {
		out[i] = eval.Point{P: v.Probability, True: examples[i].Complaint == Yes}
	}
	return out, nil
}

// byGroup numbers the groups as parts to leave out.
func byGroup(examples []Example, group func(*Example) string) []int {
	var names []string
	out := make([]int, len(examples))
	for i := range examples {
		g := group(&examples[i])
		k := slices.Index(names, g)
		if k < 0 {
			k = len(names)
			names = append(names, g)
		}
		out[i] = k
	}
	return out
}

func macro(ps []eval.Point) float64 { return eval.At(ps, 0.5).MacroF1() }

// figures are what a table of measures holds.
func figures() []struct {
	name   string
	figure func([]eval.Point) float64
} {
	return []struct {
		name   string
		figure func([]eval.Point) float64
	}{
		{"macro-F1 at .5", macro},
		{"precision at .5", func(ps []eval.Point) float64 { return eval.At(ps, 0.5).Precision() }},
		{"recall at .5", func(ps []eval.Point) float64 { return eval.At(ps, 0.5).Recall() }},
		{"AUC", eval.AUC},
		{"recall at precision .90", func(ps []eval.Point) float64 { return eval.RecallAt(ps, 0.9) }},
		{"Brier", eval.Brier},
		{"ECE", func(ps []eval.Point) float64 { return eval.ECE(ps, 10) }},
	}
}

func (r *Report) measure(examples []Example, seed uint64) {
	var brands []eval.Point
	for i := range examples {
		if brand(&examples[i]) {
			brands = append(brands, r.Points[i])
		}
	}
	sets := []struct {
		name   string
		points []eval.Point
	}{{"", r.Points}}
	if len(brands) > 0 && len(brands) < len(r.Points) {
		sets = append(sets, struct {
			name   string
			points []eval.Point
		}{", brand mentions only", brands})
	}
	for _, s := range sets {
		for _, f := range figures() {
			r.Figures = append(r.Figures, Figure{f.name + s.name, eval.Bootstrap(s.points, draws, seed, f.figure)})
		}
	}
	for k := 1; k < 10; k++ {
		at := float64(k) / 10
		r.Thresholds = append(r.Thresholds, Row{Name: fmt.Sprintf("%.1f", at), Confusion: eval.At(r.Points, at),
			Macro: eval.Interval{Value: eval.At(r.Points, at).MacroF1(), Low: math.NaN(), High: math.NaN()}})
	}
	for _, g := range eval.Groups(r.Points) {
		ps := eval.In(r.Points, g)
		r.Groups = append(r.Groups, Row{g, eval.At(ps, 0.5), eval.Bootstrap(ps, draws, seed, macro), eval.AUC(ps)})
	}
	r.Bins = eval.Calibration(brandOr(brands, r.Points), 10)
}

func brandOr(brands, points []eval.Point) []eval.Point {
	if len(brands) > 0 {
		return brands
	}
	return points
}

// learning trains on growing shares of four fifths and judges the last fifth,
// for five splits.
func learning(ctx context.Context, s *stack, seed uint64) []Step {
	folds := eval.Folds(s.classes, 5, seed+7)
	var out []Step
	for _, share := range []float64{0.1, 0.3, 1} {
		points := make([]eval.Point, len(s.rows))
		n := 0
		parallel(5, func(part int) {
			if ctx.Err() != nil {
				return
			}
			var rest []int
			for i := range s.rows {
				// Every so many of each fold, so that the classes keep their shares.
				if folds[i] != part && float64(i*7919%1000) < share*1000 {
					rest = append(rest, i)
				}
			}
			f := s.calibrated(rest, quickFolds, seed)
			for i := range s.rows {
				if folds[i] == part {
					points[i] = eval.Point{P: f.probability(s.score(i, f.weights)), True: s.classes[i]}
				}
			}
			if part == 0 {
				n = len(rest)
			}
		})
		out = append(out, Step{n, eval.Bootstrap(points, draws, seed, macro)})
	}
	return out
}

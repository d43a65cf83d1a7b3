package train

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/linear"
)

// dataDir is where the data sets are: beside the checkout. Without them a test
// is skipped, but not where CI=true promises them.
func dataDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI=true, but the data sets are not there: %v", err)
		}
		t.Skipf("needs the data sets beside the checkout: %v", err)
	}
	return dir
}

func complaints(t testing.TB) []Example {
	t.Helper()
	examples, err := ReadComplaints(filepath.Join(dataDir(t), "complaints_dev_train.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

// shipped is the model that ships: its heads beside the complaint head were
// trained without the complaints, so that these can be cross-validated on top.
func shipped(t testing.TB) *linear.Model {
	t.Helper()
	m, err := linear.Default()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBarsOnTheDevelopmentSet(t *testing.T) {
	examples := complaints(t)
	s := newStack(examples, shipped(t))
	var all, chosen, brands, left []eval.Point
	points, best := s.crossValidate(eval.Folds(s.classes, 10, 1), 1)
	for i, p := range points {
		all = append(all, p)
		flagged := eval.Point{True: p.True}
		if p.P >= best[i] {
			flagged.P = 1
		}
		chosen = append(chosen, flagged)
		if s.brand[i] {
			brands = append(brands, p)
		}
	}
	points, _ = s.crossValidate(byGroup(examples, func(e *Example) string { return e.Domain }), 1)
	for i, p := range points {
		if s.brand[i] {
			left = append(left, p)
		}
	}
	for _, bar := range []struct {
		name   string
		points []eval.Point
		figure func([]eval.Point) float64
		bar    float64
		most   bool
	}{
		{"macro-F1, 10-fold, all rows", all, macro, 0.825, false},
		{"macro-F1, 10-fold, all rows, its threshold", chosen, macro, 0.83, false},
		{"macro-F1, 10-fold, brand rows", brands, macro, 0.76, false},
		{"macro-F1, one domain left out", left, macro, 0.745, false},
		{"Brier, brand rows", brands, eval.Brier, 0.15, true},
		{"ECE, brand rows", brands, func(ps []eval.Point) float64 { return eval.ECE(ps, 10) }, 0.05, true},
		{"recall at precision .90, brand rows", brands, func(ps []eval.Point) float64 { return eval.RecallAt(ps, 0.9) }, 0.55, false},
		{"AUC, brand rows", brands, eval.AUC, 0.85, false},
		{"AUC, one domain left out", left, eval.AUC, 0.84, false},
	} {
		f := eval.Bootstrap(bar.points, 300, 1, bar.figure)
		t.Logf("%-43s %.3f (%.3f to %.3f), bar %.3f", bar.name, f.Value, f.Low, f.High, bar.bar)
		if bar.most && f.Value > bar.bar || !bar.most && f.Value < bar.bar {
			t.Errorf("%s: %.4f does not reach %.3f", bar.name, f.Value, bar.bar)
		}
	}
}

// TestWhatEachPartIsWorth tells the figures without the heads of other data, and
// without the cues as well: words and characters alone, as fastText has them.
func TestWhatEachPartIsWorth(t *testing.T) {
	examples := complaints(t)
	var last float64
	for _, part := range []struct {
		name string
		keep uint32 // rows below
	}{{"words and characters", rowCues}, {"and cues", size}, {"and heads", size + uint32(len(helpers))}} {
		s := newStack(examples, shipped(t))
		for i := range s.rows {
			r := &s.rows[i]
			n := 0
			for k, j := range r.idx {
				if j < part.keep {
					r.idx[n], r.val[n] = j, r.val[k]
					n++
				}
			}
			r.idx, r.val = r.idx[:n], r.val[:n]
			if part.keep <= size {
				s.offset[i] = 0
			}
		}
		z := s.scores(all(len(s.rows)), eval.Folds(s.classes, 10, 1), 10, 1)
		var brands []eval.Point
		for i := range z {
			if s.brand[i] {
				brands = append(brands, eval.Point{P: z[i], True: s.classes[i]})
			}
		}
		auc := eval.AUC(brands)
		best := eval.At(brands, eval.Best(brands)).MacroF1()
		t.Logf("%-22s AUC on brand rows %.3f, macro-F1 %.3f at the best threshold", part.name, auc, best)
		if auc < last-0.005 {
			t.Errorf("%s: AUC %.3f, %.3f without", part.name, auc, last)
		}
		last = auc
	}
}

// TestSeverityIsASoftSignal tells low from high among complaints, in 10-fold
// with the reviews always in training.
func TestSeverityIsASoftSignal(t *testing.T) {
	c := corpus(t)
	var examples []Example
	for _, e := range slices.Concat(c.Complaints, c.Reviews) {
		if e.Complaint == Yes && e.Severe != 0 {
			examples = append(examples, e)
		}
	}
	rows, z := severityScores(examples, 1)
	var points []eval.Point
	for i := range rows {
		if examples[i].Source == "complaints" {
			points = append(points, eval.Point{P: eval.Sigmoid(z[i]), True: rows[i].pos})
		}
	}
	best := eval.Best(points)
	f := eval.Bootstrap(points, 300, 1, func(ps []eval.Point) float64 { return eval.At(ps, best).MacroF1() })
	auc := eval.Bootstrap(points, 300, 1, eval.AUC)
	t.Logf("%d complaints: macro-F1 %.3f (%.3f to %.3f), AUC %.3f (%.3f to %.3f)", len(points), f.Value, f.Low, f.High, auc.Value, auc.Low, auc.High)
	if f.Value < 0.65 {
		t.Errorf("macro-F1 %.3f, want 0.65", f.Value)
	}
}

package train

import (
	_ "embed" // report.tmpl
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"github.com/amends-care/amends/classifiers/eval"
)

// WriteText writes the report as tables for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n%d texts, %d of them complaints\n\n", r.Model, r.How, r.N, r.Complaints)
	for _, f := range r.Figures {
		fmt.Fprintf(&b, "%-45s %.3f  (%.3f to %.3f)\n", f.Name, f.Value, f.Low, f.High)
	}
	fmt.Fprintf(&b, "\n%-10s %9s %9s %9s %9s\n", "threshold", "precision", "recall", "flagged", "macro-F1")
	for _, t := range r.Thresholds {
		fmt.Fprintf(&b, "%-10s %9.3f %9.3f %9d %9.3f\n", t.Name, t.Confusion.Precision(), t.Confusion.Recall(), t.Confusion.TP+t.Confusion.FP, t.Macro.Value)
	}
	fmt.Fprintf(&b, "\n%-16s %6s %6s %6s %6s  %s\n", "group", "hit", "false", "missed", "left", "macro-F1")
	for _, g := range r.Groups {
		fmt.Fprintf(&b, "%-16s %6d %6d %6d %6d  %.3f (%.3f to %.3f)\n", g.Name, g.Confusion.TP, g.Confusion.FP, g.Confusion.FN, g.Confusion.TN, g.Macro.Value, g.Macro.Low, g.Macro.High)
	}
	for _, s := range r.Learning {
		fmt.Fprintf(&b, "trained on %6d: macro-F1 %.3f (%.3f to %.3f)\n", s.N, s.Macro.Value, s.Macro.Low, s.Macro.High)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

//go:embed report.tmpl
var page string

// WriteHTML writes the report as one page that needs nothing else.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"three": func(v float64) string {
			if math.IsNaN(v) {
				return "–"
			}
			return fmt.Sprintf("%.3f", v)
		},
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	return t.Execute(w, struct {
		*Report
		Plots []plot
	}{r, r.plots()})
}

// A plot is a square picture with both axes from 0 to 1.
type plot struct {
	Title, X, Y string
	Diagonal    bool
	Line        string // points of a polyline, in pixels
	Dots        []dot
}

type dot struct {
	X, Y, R   float64
	Low, High float64 // an interval of Y; equal: none
	Label     string
}

// side of a plot in pixels.
const side = 240

func px(v float64) float64 { return math.Round(v*side*10) / 10 }

func py(v float64) float64 { return math.Round((1-v)*side*10) / 10 }

func (r *Report) plots() []plot {
	calibration := plot{Title: "Calibration", X: "probability given", Y: "share that were complaints", Diagonal: true}
	for _, b := range r.Bins {
		if b.N == 0 {
			continue
		}
		i := eval.Wilson(int(math.Round(b.True*float64(b.N))), b.N)
		calibration.Dots = append(calibration.Dots, dot{X: px(b.Claimed), Y: py(b.True), R: 3, Low: py(i.Low), High: py(i.High), Label: fmt.Sprintf("%d texts", b.N)})
	}
	pr := plot{Title: "Precision and recall", X: "recall", Y: "precision"}
	roc := plot{Title: "Found against false alarms", X: "share of others flagged", Y: "share of complaints flagged", Diagonal: true}
	var line, curve strings.Builder
	for _, o := range thin(eval.Curve(r.Points), 200) {
		fmt.Fprintf(&line, "%.1f,%.1f ", px(o.Recall()), py(o.Precision()))
		if fa := o.FalseAlarms(); !math.IsNaN(fa) {
			fmt.Fprintf(&curve, "%.1f,%.1f ", px(fa), py(o.Recall()))
		}
	}
	pr.Line, roc.Line = line.String(), curve.String()
	out := []plot{calibration, pr, roc}
	if len(r.Learning) > 0 {
		l := plot{Title: "Learning curve", X: fmt.Sprintf("texts trained on, of %d", r.Learning[len(r.Learning)-1].N), Y: "macro-F1"}
		most := float64(r.Learning[len(r.Learning)-1].N)
		for _, s := range r.Learning {
			l.Dots = append(l.Dots, dot{X: px(float64(s.N) / most), Y: py(s.Macro.Value), R: 3, Low: py(s.Macro.Low), High: py(s.Macro.High), Label: fmt.Sprintf("%d texts: %.3f", s.N, s.Macro.Value)})
		}
		out = append(out, l)
	}
	return out
}

// thin keeps about n of the points.
func thin(in []eval.Operating, n int) []eval.Operating {
	if len(in) <= n {
		return in
	}
	var out []eval.Operating
	for i := range n {
		out = append(out, in[i*(len(in)-1)/(n-1)])
	}
	return out
}

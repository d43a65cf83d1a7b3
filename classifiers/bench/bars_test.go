package bench

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/jdkato/prose/v2"
	"github.com/jonreiter/govader"

	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/train"
)

// A system judges every example by what it has learned from the other parts.
type system struct {
	name  string
	judge func(examples []train.Example, parts []int, by string) []eval.Point
}

func systems(t *testing.T) []system {
	path := filepath.Join(dataDir(t), "complaints_dev_train.csv")
	vader := govader.NewSentimentIntensityAnalyzer()
	return []system{
		{"ours", func(_ []train.Example, _ []int, by string) []eval.Point {
			o := train.EvalOptions{Data: []string{path}, Folds: 10, Seed: 1}
			if by == "domain" {
				o.Folds, o.By = 0, by
			}
			r, err := train.Evaluate(t.Context(), o, nil)
			if err != nil {
				t.Fatal(err)
			}
			return r.Points
		}},
		{"fastText-style", func(e []train.Example, parts []int, _ string) []eval.Point {
			return train.Baseline(e, subwords, parts, 1)
		}},
		{"prose tokens", func(e []train.Example, parts []int, _ string) []eval.Point {
			return train.Baseline(e, proseTokens(t), parts, 1)
		}},
		{"VADER", func(e []train.Example, parts []int, _ string) []eval.Point {
			z := make([]float64, len(e))
			for i := range e {
				z[i] = -vader.PolarityScores(e[i].Text).Compound
			}
			return train.Calibrated(e, parts, func([]int) func(int) float64 { return func(i int) float64 { return z[i] } })
		}},
	}
}

// subwords are what fastText reads: words, pairs of them, and runs of 3 to 6
// letters of <word>.
func subwords(text string) []string {
	var out []string
	before := "<"
	for w := range strings.FieldsSeq(strings.ToLower(clean(text))) {
		out = append(out, w, before+" "+w)
		before = w
		letters := []rune("<" + w + ">")
		for n := 3; n <= 6; n++ {
			for i := 0; i+n <= len(letters); i++ {
				out = append(out, string(letters[i:i+n]))
			}
		}
	}
	return out
}

// proseTokens are the tokens of prose and their pairs.
func proseTokens(t *testing.T) func(string) []string {
	return func(text string) []string {
		doc, err := prose.NewDocument(strings.ToLower(clean(text)), prose.WithTagging(false), prose.WithExtraction(false), prose.WithSegmentation(false))
		if err != nil {
			t.Error(err)
			return nil
		}
		var out []string
		before := "<"
		for _, token := range doc.Tokens() {
			out = append(out, token.Text, before+" "+token.Text)
			before = token.Text
		}
		return out
	}
}

// TestBarsBesideOthers is the table of MODEL.md: the bars, ours and others
// judged on the same parts.
func TestBarsBesideOthers(t *testing.T) {
	examples := posts(t)
	macro := func(ps []eval.Point) float64 { return eval.At(ps, 0.5).MacroF1() }
	for _, s := range systems(t) {
		all := s.judge(examples, train.Parts(examples, 10, 1), "")
		left := s.judge(examples, train.Parts(examples, 0, 1), "domain")
		brands := func(ps []eval.Point) []eval.Point {
			var out []eval.Point
			for i := range ps {
				if train.OfBrand(&examples[i]) {
					out = append(out, ps[i])
				}
			}
			return out
		}
		for _, m := range []struct {
			name   string
			points []eval.Point
			figure func([]eval.Point) float64
		}{
			{"macro-F1, all rows", all, macro},
			{"macro-F1, brand rows", brands(all), macro},
			{"macro-F1, domain left out", brands(left), macro},
			{"Brier", brands(all), eval.Brier},
			{"ECE", brands(all), func(ps []eval.Point) float64 { return eval.ECE(ps, 10) }},
			{"recall at precision .90", brands(all), func(ps []eval.Point) float64 { return eval.RecallAt(ps, 0.9) }},
			{"AUC", brands(all), eval.AUC},
		} {
			f := eval.Bootstrap(m.points, 300, 1, m.figure)
			t.Logf("%-14s | %-25s | %.3f (%.3f–%.3f)", s.name, m.name, f.Value, f.Low, f.High)
		}
	}
}

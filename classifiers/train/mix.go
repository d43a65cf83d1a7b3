package train

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/linear"
)

// complaintShare is how much of the English complaint head is added to the
// negative head in other languages. Its words are English, but its cues are
// classes of words and carry over.
const complaintShare = 0.10

// levels say how far the figures of MODEL.md vouch for a language.
var levels = map[string]string{
	"en": "good", "de": "fair", "fr": "fair", "es": "fair", "pt": "fair", "it": "fair", "ar": "fair", "th": "fair", "id": "fair",
	"nl": "fair", "tr": "fair", "ru": "fair", "zh": "fair", "ja": "fair", "vi": "fair",
}

// lean is added to the log odds outside English: a complaint missed costs more
// than one looked at in vain.
const lean = 1.0

// mixes fits how the lanes give log odds outside English. There are no labelled
// complaints there, so negative stands in: the map from score to log odds is
// fitted on tweets of seven languages that no head was trained on, and each
// language's scores are first brought to the mean and spread of the English ones
// on review sentences that say the same in all languages.
func mixes(c *Corpus, m *linear.Model, english linear.Mix) (map[string]linear.Mix, error) {
	score := func(text, lang string) float64 {
		s := m.Lanes(text, lang)
		return s[linear.LaneNegative] + complaintShare*s[linear.LaneComplaint]
	}
	var z []float64
	var truths []bool
	for i := range c.Validation {
		if e := &c.Validation[i]; e.Lang != "hi" { // those labels are no better than chance
			z = append(z, score(e.Text, e.Lang))
			truths = append(truths, e.Negative == Yes)
		}
	}
	platt := eval.FitPlatt(z, truths)
	platt.B += lean
	type moments struct{ n, sum, square float64 }
	by := map[string]moments{}
	for i := range c.Sentiment {
		e := &c.Sentiment[i]
		if !strings.HasPrefix(e.Source, "mabsa-") {
			continue
		}
		texts := map[string]string{e.Lang: e.Text}
		if e.Lang == "hi" || e.Lang == "ru" {
			texts[e.Lang+"-Latn"] = romanise(e.Text)
		}
		for lang, text := range texts {
			v := score(text, lang)
			k := by[lang]
			by[lang] = moments{k.n + 1, k.sum + v, k.square + v*v}
		}
	}
	spread := func(k moments) (mean, sd float64) {
		mean = k.sum / k.n
		return mean, math.Sqrt(k.square/k.n - mean*mean)
	}
	if by["en"].n == 0 {
		return nil, errors.New("no parallel sentences in English to calibrate other languages by")
	}
	enMean, enSD := spread(by["en"])
	mix := func(mean, sd float64, level string) linear.Mix {
		var x linear.Mix
		a := platt.A * enSD / sd
		x.Lanes[linear.LaneNegative] = a
		x.Lanes[linear.LaneComplaint] = a * complaintShare
		x.Bias = platt.B + platt.A*enMean - a*mean
		x.Level = level
		return x
	}
	out := map[string]linear.Mix{"en": english}
	mean := func(langs ...string) (mean, sd float64) {
		for _, l := range langs {
			m, s := spread(by[l])
			mean, sd = mean+m/float64(len(langs)), sd+s/float64(len(langs))
		}
		return mean, sd
	}
	// Italian is not among the parallel sentences: its neighbours stand in.
	itMean, itSD := mean("es", "fr", "pt")
	out["it"] = mix(itMean, itSD, levels["it"])
	anyMean, anySD := mean(slices.Sorted(maps.Keys(by))...)
	out[""] = mix(anyMean, anySD, "low")
	for lang, k := range by {
		if lang == "en" {
			continue
		}
		level, ok := levels[lang]
		if !ok {
			level = "low"
		}
		mean, sd := spread(k)
		out[lang] = mix(mean, sd, level)
	}
	return out, nil
}

// severity trains the head that tells high from low among complaints, with its
// calibration folded in.
func severity(c *Corpus, seed uint64) (linear.Head, []float64) {
	var examples []Example
	for _, list := range [][]Example{c.Complaints, c.Reviews} {
		for _, e := range list {
			if e.Complaint == Yes && e.Severe != 0 {
				examples = append(examples, e)
			}
		}
	}
	rows, z := severityScores(examples, seed)
	var tweets []float64
	var truths []bool
	for i := range rows {
		if examples[i].Source == "complaints" {
			tweets, truths = append(tweets, z[i]), append(truths, rows[i].pos)
		}
	}
	platt := eval.FitPlatt(tweets, truths)
	w := solveScaled(rows, size, severeCost, epochs, seed)
	for i := range w {
		w[i] *= platt.A
	}
	w[rowBias] += platt.B
	return head("severe", w)
}

const severeCost = 1

// severityScores gives every complaint the score of a model that has not seen
// its fold.
func severityScores(examples []Example, seed uint64) ([]row, []float64) {
	rows := readRows(examples)
	classes := make([]bool, len(rows))
	for i := range rows {
		rows[i].pos = examples[i].Severe == Yes
		classes[i] = rows[i].pos
		if examples[i].Source == "cesamard" {
			rows[i].cost = 0.3
		}
	}
	folds := eval.Folds(classes, 10, seed)
	z := make([]float64, len(rows))
	parallel(10, func(f int) {
		var rest []row
		for i := range rows {
			if folds[i] != f {
				rest = append(rest, rows[i])
			}
		}
		w := solveScaled(rest, size, severeCost, epochs, seed)
		for i := range rows {
			if folds[i] == f {
				z[i] = rows[i].dot(w)
			}
		}
	})
	return rows, z
}

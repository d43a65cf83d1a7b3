// Package linear is the classifier that ships with Amends: hashed words and
// character n-grams, cues of complaint, one small table of weights.
//
// It owns the model's form on disk and in memory, and the shipped weights
// (model.bin, described in MODEL.md). Scoring allocates nothing, reads at most
// 4,096 characters of a text, and survives any bytes. It performs no I/O, keeps
// no text, and never learns: weights come from package train.
package linear

import (
	"bytes"
	"context"
	_ "embed" // model.bin
	"fmt"
	"sync"

	"github.com/amends-care/amends/classifiers"
)

//go:embed model.bin
var shipped []byte

// Default returns the classifier that ships with this version. The weights are
// unpacked and checked against their hash once, on first use.
var Default = sync.OnceValues(func() (*Model, error) {
	m, err := Read(bytes.NewReader(shipped))
	if err != nil {
		return nil, fmt.Errorf("shipped model: %w", err)
	}
	return m, nil
})

var _ classifiers.Classifier = (*Model)(nil)

// Classify implements [classifiers.Classifier].
func (m *Model) Classify(ctx context.Context, texts []classifiers.Text) ([]classifiers.Verdict, error) {
	s := m.take()
	defer m.give(s)
	out := make([]classifiers.Verdict, len(texts))
	for i := range texts {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("classify: %w", err)
		}
		out[i] = m.judge(s, &texts[i])
	}
	return out, nil
}

// Score returns the calibrated probability that body, written in lang, is a
// complaint. It allocates nothing.
func (m *Model) Score(body, lang string) float64 {
	s := m.take()
	m.score(s, body, lang)
	x := m.mix(lang)
	p := sigmoid(x.logOdds(&s.scores))
	m.give(s)
	return p
}

func (m *Model) take() *scratch { return m.pool.Get().(*scratch) }

func (m *Model) give(s *scratch) {
	s.x.Scanner.Forget()
	m.pool.Put(s)
}

func (m *Model) judge(s *scratch, t *classifiers.Text) classifiers.Verdict {
	lang := t.Lang
	if lang == "" {
		lang = "en"
	}
	m.score(s, t.Body, lang)
	x := m.mix(lang)
	z := x.logOdds(&s.scores)
	v := classifiers.Verdict{Probability: sigmoid(z), Model: m.ID()}
	v.Complaint = v.Probability >= m.Threshold
	v.Why, v.Rest = reasons(s.x.Scanner, m.shares(s, &x), z)
	return v
}

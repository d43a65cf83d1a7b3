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
	"github.com/amends-care/amends/classifiers/topic"
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

// Score returns the calibrated probability that a text is a complaint, and its
// language: the part of the verdict that decides, without reasons. It allocates
// nothing.
func (m *Model) Score(t classifiers.Text) (float64, classifiers.Language) {
	s := m.take()
	lang := m.read(s, &t)
	x := m.mix(lang.Tag)
	p := sigmoid(x.logOdds(s))
	m.give(s)
	return p, lang
}

// WithTopics returns a model that names topics by another taxonomy.
func (m *Model) WithTopics(t *topic.Tagger) *Model {
	return m.with(func(c *Model) { c.topics = t })
}

// WithThreshold returns a model that counts a text as a complaint from another
// probability on.
func (m *Model) WithThreshold(p float64) *Model {
	return m.with(func(c *Model) { c.Threshold = p })
}

// WithReasonsFrom returns a model that gives reasons from a probability on. Of a
// text below it the verdict's Why is empty and its Rest the whole of the log
// odds, which saves a quarter of the time.
func (m *Model) WithReasonsFrom(p float64) *Model {
	return m.with(func(c *Model) { c.reasonsFrom = p })
}

// with returns a changed copy. The weights are shared and so is the identity:
// neither topics nor threshold are part of what was trained.
func (m *Model) with(change func(*Model)) *Model {
	c := &Model{Header: m.Header, pairs: m.pairs, mixes: m.mixes, hash: m.hash, id: m.id, lang: m.lang, lexicon: m.lexicon, topics: m.topics, reasonsFrom: m.reasonsFrom}
	c.pool.New = m.pool.New
	change(c)
	return c
}

func (m *Model) take() *scratch { return m.pool.Get().(*scratch) }

func (m *Model) give(s *scratch) {
	s.x.Scanner.Forget()
	m.pool.Put(s)
}

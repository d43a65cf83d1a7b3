package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/amends-care/amends/classifiers/linear"
)

// A Progress hears how far a long job has come: what it does, and how many of
// how many steps are done. It may be nil, and is called by one goroutine at a
// time.
type Progress func(what string, done, total int)

func (p Progress) say(what string, done, total int) {
	if p != nil {
		p(what, done, total)
	}
}

// Options say what to train on.
type Options struct {
	// Data are CSV files with the headers text and complaint (0 or 1), and
	// optionally domain and lang (en if absent).
	Data []string
	// Base gives the heads that other data have taught, and how languages without
	// labels here are judged; nil is the model that ships.
	Base *linear.Model
	Name string // of the model; "own" if empty
	Seed uint64
}

const (
	// leastExamples of each kind are needed to train and calibrate at all.
	leastExamples = 20
	// ownLanguage is from how many examples on a language is judged by what they
	// teach, and no longer as the base does.
	ownLanguage = 100
)

// Run trains a complaint head on labelled texts, on top of the heads of a base
// model, and writes the model to w in the form that linear.Read reads. It is the
// whole of the command "amends train". The same options give the same bytes.
func Run(ctx context.Context, o Options, progress Progress, w io.Writer) (*linear.Model, error) {
	examples, base, err := o.open()
	if err != nil {
		return nil, err
	}
	progress.say("read", 1, 3)
	s := newStack(examples, base)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	progress.say("train", 2, 3)
	m, err := o.model(examples, base, s, s.calibrated(all(len(s.rows)), innerFolds, o.Seed))
	if err != nil {
		return nil, err
	}
	if _, err := m.WriteTo(w); err != nil {
		return nil, fmt.Errorf("write model: %w", err)
	}
	progress.say("written", 3, 3)
	return m, nil
}

func (o *Options) open() ([]Example, *linear.Model, error) {
	examples, err := readAll(o.Data)
	if err != nil {
		return nil, nil, err
	}
	yes := 0
	for i := range examples {
		if examples[i].Complaint == Yes {
			yes++
		}
	}
	if no := len(examples) - yes; yes < leastExamples || no < leastExamples {
		return nil, nil, fmt.Errorf("%d complaints and %d others: at least %d of each are needed", yes, no, leastExamples)
	}
	base := o.Base
	if base == nil {
		if base, err = linear.Default(); err != nil {
			return nil, nil, err
		}
	}
	if base.Bits != bits {
		return nil, nil, fmt.Errorf("the base model has 2^%d rows, this program trains 2^%d", base.Bits, bits)
	}
	return examples, base, nil
}

func readAll(paths []string) ([]Example, error) {
	var out []Example
	var errs []error
	for _, p := range paths {
		got, err := ReadComplaints(p)
		out, errs = append(out, got...), append(errs, err)
	}
	if len(paths) == 0 {
		errs = append(errs, errors.New("no data: name at least one file"))
	}
	return out, errors.Join(errs...)
}

// model puts the new complaint head into a copy of base.
func (o *Options) model(examples []Example, base *linear.Model, s *stack, f fitted) (*linear.Model, error) {
	h := base.Header
	h.Name, h.Made = o.Name, fmt.Sprintf("%d texts on top of %s", len(examples), base.ID())
	if h.Name == "" {
		h.Name = "own"
	}
	h.Mix = maps.Clone(base.Mix)
	n := map[string]int{}
	for i := range examples {
		n[spoken(&examples[i])]++
	}
	for lang, k := range n {
		if k < ownLanguage {
			continue
		}
		x := linear.Mix{Bias: f.platt.B, Level: base.Mix[lang].Level}
		if x.Level == "" {
			x.Level = "fair"
		}
		x.Lanes[linear.LaneComplaint] = f.platt.A
		h.Mix[lang] = x
	}
	var weights [linear.Lanes][]float64
	for l := range linear.Lanes {
		weights[l] = base.Weights(l)
	}
	h.Heads[linear.LaneComplaint], weights[linear.LaneComplaint] = s.fold(f.weights, base)
	return linear.New(h, weights)
}

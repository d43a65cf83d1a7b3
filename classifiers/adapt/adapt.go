// Package adapt is what a brand's own reviews taught, put on top of a model
// that knows complaints in general: a recalibration of its log odds, a small
// correction in the space of hashed features, and a threshold.
//
// It owns the form of an [Adaptation] and how it is fitted. It keeps no text:
// an adaptation is two numbers and a table of 32 KiB, from which no text can be
// read. What may go into one, and when it is put in force, is for others to say.
package adapt

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/scan"
)

const (
	// bits is the width of a row number: the correction has 2^bits rows of a byte.
	bits = 15
	// MaxCorrection is how far a correction moves any text, in log odds.
	MaxCorrection = 2.0
	// MaxShift bounds the recalibration as a whole, in log odds.
	MaxShift = 3.0
	// MinSlope and MaxSlope bound how much the log odds are stretched.
	MinSlope, MaxSlope = 0.5, 2.0
)

// An Adaptation changes the verdicts of the model it was made on. The zero
// value but for Slope 1 changes nothing.
type Adaptation struct {
	Base  string  `json:"base"`  // id of the model it was made on
	Slope float64 `json:"slope"` // log odds = Slope·z + Shift + correction
	Shift float64 `json:"shift"`
	Step  float64 `json:"step,omitempty"`  // what one unit of the table is worth
	Table []byte  `json:"table,omitempty"` // a signed byte a row; empty: no correction
}

// ErrDamaged is wrapped by the error of reading what is no adaptation.
var ErrDamaged = errors.New("adaptation is damaged")

// Plain is the adaptation that changes nothing.
func Plain(base string) *Adaptation { return &Adaptation{Base: base, Slope: 1} }

// Encode gives the bytes that [Decode] reads: the same adaptation, the same bytes.
func (a *Adaptation) Encode() []byte {
	b, err := json.Marshal(a)
	if err != nil {
		panic("adapt: " + err.Error()) // numbers and bytes, all finite
	}
	return b
}

// ID names the content: the first 12 hex digits of the SHA-256 of its bytes.
func (a *Adaptation) ID() string {
	sum := sha256.Sum256(a.Encode())
	return hex.EncodeToString(sum[:6])
}

// Decode reads what Encode wrote. What is out of bounds is refused, with an
// error that wraps [ErrDamaged].
func Decode(b []byte) (*Adaptation, error) {
	var a Adaptation
	if err := json.Unmarshal(b, &a); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	switch {
	case len(a.Table) != 0 && len(a.Table) != 1<<bits:
		return nil, fmt.Errorf("%w: a table of %d rows", ErrDamaged, len(a.Table))
	case a.Slope < MinSlope || a.Slope > MaxSlope || math.Abs(a.Shift) > MaxShift || a.Step < 0 || a.Step > MaxCorrection:
		return nil, fmt.Errorf("%w: its numbers are out of bounds", ErrDamaged)
	}
	return &a, nil
}

// LogOdds are those of a text to which the base gives z.
func (a *Adaptation) LogOdds(z float64, text string) float64 {
	z = a.Slope*z + a.Shift
	if len(a.Table) == 0 {
		return z
	}
	s := newScratch()
	s.x.Extract(text)
	return z + a.correction(s, nil)
}

// scratch is what one text needs. It holds none between two uses.
type scratch struct {
	x      *feature.Extractor
	spans  []feature.Span
	counts []uint16 // how often each row occurs in a block; all zero between two uses
}

func newScratch() *scratch {
	return &scratch{x: feature.New(), counts: make([]uint16, 1<<bits)}
}

func rowOf(hash uint32) uint32 { return hash >> (feature.Bits - bits) }

// correction is what the table says of an extracted text, and, where shares has
// room for all tokens, what of it each brought about. All sums run in the order
// of the text, so that they are always the same.
func (a *Adaptation) correction(s *scratch, shares []float64) float64 {
	sum := 0.0
	for b := range feature.Blocks {
		hashes := s.x.Hashes[b]
		if s.spans = s.spans[:0]; shares != nil {
			s.spans = s.x.Spans(b, s.spans)
		}
		for _, h := range hashes {
			s.counts[rowOf(h)]++
		}
		norm := 0.0
		for _, h := range hashes {
			n := int(s.counts[rowOf(h)])
			w := feature.Weight(n)
			norm += w * w / float64(n)
		}
		norm = math.Sqrt(norm)
		for i, h := range hashes {
			n := int(s.counts[rowOf(h)])
			w := a.Step * float64(int8(a.Table[rowOf(h)])) * feature.Weight(n) / float64(n) / norm
			sum += w
			if shares != nil && w != 0 {
				spread(s.x.Scanner.Tokens, s.spans[i], w, shares)
			}
		}
		for _, h := range hashes {
			s.counts[rowOf(h)] = 0
		}
	}
	if scale := MaxCorrection / math.Abs(sum); scale < 1 {
		sum *= scale
		for i := range shares {
			shares[i] *= scale
		}
	}
	return sum
}

// spread gives the tokens that a feature covers their part of its weight, by how
// many of their runes it covers.
func spread(tokens []scan.Token, at feature.Span, w float64, shares []float64) {
	first, _ := slices.BinarySearchFunc(tokens, at.Start, func(t scan.Token, start int32) int {
		if t.End <= start {
			return -1
		}
		return 1
	})
	covers := func(t *scan.Token) int32 { return min(t.End, at.End) - max(t.Start, at.Start) }
	var covered int32
	for i := first; i < len(tokens) && tokens[i].Start < at.End; i++ {
		covered += covers(&tokens[i])
	}
	for i := first; i < len(tokens) && tokens[i].Start < at.End; i++ {
		shares[i] += w * float64(covers(&tokens[i])) / float64(covered)
	}
}

// A Classifier judges by a model and an adaptation of it. It is safe for
// concurrent use if the model is.
type Classifier struct {
	base      classifiers.Classifier
	a         *Adaptation
	threshold float64
	as        func(complaint bool) classifiers.Classifier
	id        string    // empty: the adaptation changes nothing
	pool      sync.Pool // of *scratch
}

var _ classifiers.Classifier = (*Classifier)(nil)

// New puts an adaptation on top of the model that it was made on. A text counts
// as a complaint from the threshold on. as returns the model as it would judge
// if every text were a complaint, or none: it gives the rest of the verdict,
// such as severity, where the brand sees it the other way round. Without it
// these stay unjudged.
func New(base classifiers.Classifier, a *Adaptation, threshold float64, as func(complaint bool) classifiers.Classifier) *Classifier {
	c := &Classifier{base: base, a: a, threshold: threshold, as: as}
	if a.Slope != 1 || a.Shift != 0 || len(a.Table) > 0 {
		c.id = "brand@" + a.ID()
	}
	c.pool.New = func() any { return newScratch() }
	return c
}

// Classify implements [classifiers.Classifier]. The verdict names the
// adaptation before the model behind it, and its reasons still add up.
func (c *Classifier) Classify(ctx context.Context, texts []classifiers.Text) ([]classifiers.Verdict, error) {
	out, err := c.base.Classify(ctx, texts)
	if err != nil {
		return nil, err
	}
	if err := c.Apply(ctx, out, texts); err != nil {
		return nil, err
	}
	return out, nil
}

// Apply changes verdicts of the base into those of the brand.
func (c *Classifier) Apply(ctx context.Context, verdicts []classifiers.Verdict, texts []classifiers.Text) error {
	s := c.pool.Get().(*scratch)
	defer func() {
		s.x.Scanner.Forget()
		c.pool.Put(s)
	}()
	for i := range verdicts {
		z, shares := c.score(s, verdicts[i].Probability, texts[i].Body)
		if flagged := eval.Sigmoid(z) >= c.threshold; flagged != verdicts[i].Complaint && c.as != nil {
			again, err := c.as(flagged).Classify(ctx, texts[i:i+1])
			if err != nil {
				return err
			}
			verdicts[i] = again[0]
		}
		c.change(&verdicts[i], s, z, shares)
	}
	return nil
}

// score is the log odds of a text to which the base gives a probability, and
// what of the correction each of its tokens brought about; nil: there is none.
func (c *Classifier) score(s *scratch, p float64, text string) (float64, []float64) {
	z := c.a.Slope*eval.Logit(p) + c.a.Shift
	if len(c.a.Table) == 0 {
		return z, nil
	}
	s.x.Extract(text)
	shares := make([]float64, len(s.x.Scanner.Tokens))
	return z + c.a.correction(s, shares), shares
}

// Flags says whether a text to which the base gives a probability counts as a
// complaint.
func (c *Classifier) Flags(p float64, text string) bool {
	return eval.Sigmoid(c.a.LogOdds(eval.Logit(p), text)) >= c.threshold
}

// ID names the adaptation that the classifier judges by.
func (c *Classifier) ID() string { return c.a.ID() }

func (c *Classifier) change(v *classifiers.Verdict, s *scratch, z float64, shares []float64) {
	if c.id != "" {
		v.Model = c.id + "+" + v.Model
		for i := range v.Why {
			v.Why[i].Weight *= c.a.Slope
		}
	}
	if shares != nil {
		explain(v.Why, s.x, shares)
	}
	v.Probability, v.Rest = eval.Sigmoid(z), z
	for _, r := range v.Why {
		v.Rest -= r.Weight
	}
	switch was := v.Complaint; {
	case v.Probability >= c.threshold && !was:
		v.Complaint, v.Wants = true, classifiers.WantsRemedy
	case v.Probability < c.threshold && was:
		v.Complaint, v.Severity, v.SeverityProbability = false, 0, 0
		if v.Wants == classifiers.WantsRemedy {
			v.Wants = classifiers.MereMention
		}
	}
}

// explain adds to each reason what its tokens brought to the correction, and
// puts the strongest first; the others' part stays in the rest.
func explain(why []classifiers.Reason, x *feature.Extractor, shares []float64) {
	for i := range why {
		for t, token := range x.Scanner.Tokens {
			if int(token.From) >= why[i].From && int(token.To) <= why[i].To {
				why[i].Weight += shares[t]
			}
		}
	}
	slices.SortStableFunc(why, func(a, b classifiers.Reason) int { return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)) })
}

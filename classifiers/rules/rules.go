// Package rules puts a brand's own always and never phrases before another
// classifier.
//
// A text with an "always" phrase is a complaint and one with a "never" phrase is
// none, whatever the classifier behind says; the rest of the verdict stays the
// classifier's. It owns nothing but the compiled phrases, performs no I/O and
// keeps no text.
package rules

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/internal/scan"
)

// A Rule is one list of phrases, of which any will do. A star at the end of a
// phrase stands for any ending of its last word; case and width don't matter.
type Rule struct {
	Phrases []string `yaml:"phrases" json:"phrases"`
	// Near, if there is any, must occur as well: for a brand whose name is an
	// ordinary word, such as "orange" near "signal".
	Near []string `yaml:"near,omitempty" json:"near,omitempty"`
}

// Rules are a brand's own. Where both lists match, Always wins: a complaint
// missed costs more than one looked at in vain.
type Rules struct {
	Always []Rule `yaml:"always,omitempty" json:"always,omitempty"`
	Never  []Rule `yaml:"never,omitempty" json:"never,omitempty"`
}

// What a rule makes of the probability.
const (
	always = 0.99
	never  = 0.01
)

// Classes of the matchers.
const (
	phrase = iota
	near
)

type rule struct {
	matcher *lexicon.Matcher
	near    bool
}

// Classifier applies rules, then asks the classifier behind. It is safe for
// concurrent use if that one is.
type Classifier struct {
	next   classifiers.Classifier
	always []rule
	never  []rule
	hash   string
	pool   sync.Pool // of *scan.Scanner
}

var _ classifiers.Classifier = (*Classifier)(nil)

// New compiles rules to stand before next. The error joins all that is wrong.
func New(r Rules, next classifiers.Classifier) (*Classifier, error) {
	var errs []error
	compile := func(list string, in []Rule) []rule {
		var out []rule
		for i, one := range in {
			got, err := compileRule(one)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s rule %d: %w", list, i+1, err))
			}
			out = append(out, got)
		}
		return out
	}
	c := &Classifier{next: next, always: compile("always", r.Always), never: compile("never", r.Never)}
	c.pool.New = func() any { return scan.New() }
	b, err := json.Marshal(r)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	c.hash = hex.EncodeToString(sum[:6])
	return c, nil
}

func compileRule(r Rule) (rule, error) {
	b := lexicon.NewBuilder()
	var errs []error
	if len(r.Phrases) == 0 {
		errs = append(errs, errors.New("no phrases"))
	}
	for _, p := range r.Phrases {
		errs = append(errs, b.Add(lexicon.Any, p, phrase))
	}
	for _, p := range r.Near {
		errs = append(errs, b.Add(lexicon.Any, p, near))
	}
	return rule{b.Matcher(), len(r.Near) > 0}, errors.Join(errs...)
}

// match returns where the rule's phrase is, if the rule holds.
func (r *rule) match(s *scan.Scanner) (from, to int, ok bool) {
	var seen lexicon.Set
	r.matcher.Find(s, lexicon.Any, func(set lexicon.Set, first, last int) {
		if set.Has(phrase) && !seen.Has(phrase) {
			from, to = int(s.Tokens[first].From), int(s.Tokens[last].To)
		}
		seen |= set
	})
	return from, to, seen.Has(phrase) && (!r.near || seen.Has(near))
}

func first(rules []rule, s *scan.Scanner) (from, to int, ok bool) {
	for i := range rules {
		if from, to, ok = rules[i].match(s); ok {
			return from, to, true
		}
	}
	return 0, 0, false
}

// Classify implements [classifiers.Classifier]. What a rule decided says so in
// its model, "rules@hash" before the name of the one behind, and names the
// phrase as its strongest reason.
func (c *Classifier) Classify(ctx context.Context, texts []classifiers.Text) ([]classifiers.Verdict, error) {
	out, err := c.next.Classify(ctx, texts)
	if err != nil {
		return nil, err
	}
	s := c.pool.Get().(*scan.Scanner)
	defer func() {
		s.Forget()
		c.pool.Put(s)
	}()
	for i := range texts {
		s.Scan(texts[i].Body)
		if from, to, ok := first(c.always, s); ok {
			c.decide(&out[i], from, to, always)
			out[i].Wants = classifiers.WantsRemedy
		} else if from, to, ok := first(c.never, s); ok {
			c.decide(&out[i], from, to, never)
			out[i].Urgency, out[i].Severity, out[i].SeverityProbability = nil, 0, 0
			if out[i].Wants == classifiers.WantsRemedy {
				out[i].Wants = classifiers.MereMention
			}
		}
	}
	return out, nil
}

// decide overrules the probability. The phrase stands for the whole change, so
// that reasons and rest still add up.
func (c *Classifier) decide(v *classifiers.Verdict, from, to int, p float64) {
	weight := math.Log(p/(1-p)) - logOdds(v)
	v.Why = append([]classifiers.Reason{{From: from, To: to, Weight: weight}}, v.Why...)
	v.Probability = p
	v.Complaint = p > 0.5
	v.Model = "rules@" + c.hash + "+" + v.Model
}

// logOdds are those of the verdict as it is told; a verdict without reasons has
// them all in the rest.
func logOdds(v *classifiers.Verdict) float64 {
	if len(v.Why) == 0 && v.Rest == 0 {
		p := max(1e-9, min(1-1e-9, v.Probability))
		v.Rest = math.Log(p / (1 - p))
	}
	sum := v.Rest
	for _, r := range v.Why {
		sum += r.Weight
	}
	return sum
}

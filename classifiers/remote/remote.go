// Package remote asks a scorer over HTTP, such as a transformer that a brand
// runs itself, and falls back to a local classifier when it can't.
//
// One POST of JSON carries a batch, {"texts":[{"body":"…","lang":"…"}]}, and the
// answer is {"model":"name@hash","scores":[0.93]} with one probability a text,
// in order. Everything else of the verdict is the local classifier's, and so
// is all of it when the scorer fails; then Verdict.Fallback says why. It owns
// the circuit breaker. It never logs, keeps or repeats a text, and sends one
// nowhere but to the address it was given.
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"time"

	"github.com/amends-care/amends/classifiers"
)

// Options say where the scorer is and how long to bear with it. Zero values
// stand for what the comments say.
type Options struct {
	URL       string
	Client    *http.Client  // http.DefaultClient; give one with a transport that guards the address
	Header    http.Header   // added to each call, such as Authorization
	Batch     int           // texts a call; 64
	Timeout   time.Duration // for one call; 2 s
	Failures  int           // in a row, until the scorer is left alone; 3
	Pause     time.Duration // for which it then is; 30 s
	Threshold float64       // the probability from which a text is a complaint; 0.5
	Now       func() time.Time
}

// maxAnswer bounds what is read of an answer, a text.
const maxAnswer = 256

// Classifier asks the scorer, and the local classifier for the rest. It is safe
// for concurrent use.
type Classifier struct {
	o       Options
	local   classifiers.Classifier
	breaker breaker
}

var _ classifiers.Classifier = (*Classifier)(nil)

// New returns a classifier that asks the scorer at o.URL and falls back to local.
func New(o Options, local classifiers.Classifier) (*Classifier, error) {
	if local == nil {
		return nil, errors.New("a remote scorer needs a local classifier to fall back to")
	}
	if o.Client == nil {
		o.Client = http.DefaultClient
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Batch = or(o.Batch, 64)
	o.Timeout = or(o.Timeout, 2*time.Second)
	o.Failures = or(o.Failures, 3)
	o.Pause = or(o.Pause, 30*time.Second)
	o.Threshold = or(o.Threshold, 0.5)
	if _, err := http.NewRequest(http.MethodPost, o.URL, nil); err != nil || o.URL == "" {
		return nil, fmt.Errorf("address of the remote scorer: %w", errors.Join(err, errors.New("want a URL")))
	}
	return &Classifier{o: o, local: local, breaker: breaker{failures: o.Failures, pause: o.Pause}}, nil
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Classify implements [classifiers.Classifier].
func (c *Classifier) Classify(ctx context.Context, texts []classifiers.Text) ([]classifiers.Verdict, error) {
	out, err := c.local.Classify(ctx, texts)
	if err != nil {
		return nil, err
	}
	for from := 0; from < len(texts); from += c.o.Batch {
		to := min(from+c.o.Batch, len(texts))
		model, scores, err := c.ask(ctx, texts[from:to])
		if ctx.Err() != nil {
			return nil, fmt.Errorf("classify: %w", ctx.Err())
		}
		for i := from; i < to; i++ {
			if err != nil {
				out[i].Fallback = err.Error()
				continue
			}
			c.merge(&out[i], scores[i-from], model)
		}
	}
	return out, nil
}

// merge takes the scorer's probability. The local reasons stay, and the
// difference goes into the rest: what the scorer saw has no place in the text.
func (c *Classifier) merge(v *classifiers.Verdict, p float64, model string) {
	p = max(1e-9, min(1-1e-9, p))
	rest := math.Log(p / (1 - p))
	for _, r := range v.Why {
		rest -= r.Weight
	}
	v.Probability, v.Rest, v.Model = p, rest, model
	if v.Complaint = p >= c.o.Threshold; v.Complaint {
		v.Wants = classifiers.WantsRemedy
	} else if v.Wants == classifiers.WantsRemedy {
		v.Wants = classifiers.MereMention
	}
}

// ErrResting is told while the scorer is left alone after failures.
var ErrResting = errors.New("the remote scorer failed repeatedly and is left alone for a while")

type request struct {
	Texts []body `json:"texts"`
}

type body struct {
	Body string `json:"body"`
	Lang string `json:"lang,omitempty"`
}

type answer struct {
	Model  string    `json:"model"`
	Scores []float64 `json:"scores"`
}

// ask makes one call. Its errors name no text.
func (c *Classifier) ask(ctx context.Context, texts []classifiers.Text) (string, []float64, error) {
	if !c.breaker.allow(c.o.Now()) {
		return "", nil, ErrResting
	}
	a, err := c.call(ctx, texts)
	if ctx.Err() != nil {
		c.breaker.forget()
		return "", nil, ctx.Err()
	}
	c.breaker.done(err == nil, c.o.Now())
	if err != nil {
		return "", nil, err
	}
	return a.Model, a.Scores, nil
}

func (c *Classifier) call(ctx context.Context, texts []classifiers.Text) (*answer, error) {
	var req request
	for _, t := range texts {
		req.Texts = append(req.Texts, body{t.Body, t.Lang})
	}
	b, err := json.Marshal(req)
	if err != nil {
		return nil, fmt.Errorf("ask the remote scorer: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL, bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("ask the remote scorer: %w", err)
	}
	maps.Copy(r.Header, c.o.Header)
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.o.Client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the remote scorer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the remote scorer answered %d", resp.StatusCode)
	}
	var a answer
	if err := json.NewDecoder(io.LimitReader(resp.Body, int64(1024+maxAnswer*len(texts)))).Decode(&a); err != nil {
		return nil, errors.New("the remote scorer's answer is not the JSON expected")
	}
	return &a, a.check(len(texts))
}

// check refuses an answer that is not one probability for each text. A model's
// name comes from outside, and is printed.
func (a *answer) check(n int) error {
	if len(a.Scores) != n {
		return fmt.Errorf("the remote scorer gave %d scores for %d texts", len(a.Scores), n)
	}
	for _, p := range a.Scores {
		if math.IsNaN(p) || p < 0 || p > 1 {
			return fmt.Errorf("the remote scorer gave a probability of %v", p)
		}
	}
	for _, r := range a.Model {
		if r < ' ' || r > '~' {
			return errors.New("the remote scorer's model has no printable name")
		}
	}
	if a.Model == "" || len(a.Model) > 100 {
		return errors.New("the remote scorer named no model")
	}
	return nil
}

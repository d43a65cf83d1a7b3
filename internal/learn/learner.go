package learn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/adapt"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Options of a Learner.
type Options struct {
	Store  store.Store
	Base   classifiers.Classifier // that ships; its threshold plays no part
	BaseID string
	// As is the base as it would judge if every text were a complaint, or none.
	Default float64 // threshold where neither an aim nor a person chose one
	Sampler Sampler
	// NoTraining says whether a network's terms forbid to learn from its texts.
	NoTraining func(network string) bool
	// Agents is how many people work the queues; the false ones are shared among them.
	Agents func(ctx context.Context) (int, error)
	Log    *slog.Logger
	Now    func() time.Time
}

// A Base is the model that ships, on which a brand's own stands.
type Base struct {
	classifiers.Classifier
	ID        string
	Threshold float64 // its own
	// As is the model as it would judge if every text were a complaint, or none.
	As func(complaint bool) classifiers.Classifier
}

// Settings are what the configuration says; zero where it says nothing.
type Settings struct {
	Threshold float64 // fixed: no aim moves it
	Aim       Aim
}

// A Learner follows the log and puts what it learns in force.
type Learner struct {
	o     Options
	judge *Judge

	mu       sync.Mutex // everything below
	base     Base
	set      Settings
	labels   Labels
	at       store.Seq // applied so far
	state    State
	doc      store.Doc
	versions map[string]*adapt.Adaptation
	done     int  // labels.Moves at the last round; -1: there is something to do all the same
	asked    bool // a person chose an aim since then
	offers   offers
}

// Open reads what is in force. It follows nothing yet.
func Open(ctx context.Context, o Options, base Base, s Settings) (*Learner, error) {
	l := &Learner{o: o, judge: &Judge{}, base: base, set: s}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l, l.load(ctx)
}

// Judge is the classifier in force, now and after every change.
func (l *Learner) Judge() *Judge { return l.judge }

// Use puts another base, as with other topics, and other settings in force.
func (l *Learner) Use(base Base, s Settings) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.base.ID != base.ID {
		l.done = -1
	}
	l.base, l.set = base, s
	l.enforce()
}

// load reads state and versions, and lets them judge.
func (l *Learner) load(ctx context.Context) (err error) {
	if l.state, l.doc, l.versions, err = kept(ctx, l.o.Store); err != nil {
		return fmt.Errorf("learn: %w", err)
	}
	l.enforce()
	return nil
}

// champion is the adaptation in force. What was made on another base than this
// program's is not used: its weights would mean something else.
func (l *Learner) champion() *adapt.Adaptation {
	if a := l.versions[l.state.Version]; a != nil && a.Base == l.base.ID {
		return a
	}
	return adapt.Plain(l.base.ID)
}

// outdated says that a version in force can't be used.
func (l *Learner) outdated() bool {
	a := l.versions[l.state.Version]
	return a != nil && a.Base != l.base.ID
}

func (l *Learner) challenger() *adapt.Adaptation {
	if a := l.versions[l.state.Challenger]; a != nil && a.Base == l.base.ID {
		return a
	}
	return nil
}

// threshold is the one in force.
func (l *Learner) threshold() float64 {
	switch {
	case l.set.Threshold > 0:
		return l.set.Threshold
	case l.state.Threshold > 0:
		return l.state.Threshold
	}
	return l.base.Threshold
}

// aim is what the team asked for: in the file, or else in the console.
func (l *Learner) aim() Aim {
	switch {
	case l.set.Threshold > 0:
		return Aim{}
	case l.set.Aim != Aim{}:
		return l.set.Aim
	}
	return l.state.Aim
}

func (l *Learner) enforce() {
	var champion, challenger *adapt.Classifier
	a, t := l.champion(), l.threshold()
	if a.ID() != adapt.Plain(l.base.ID).ID() || t != l.base.Threshold {
		champion = adapt.New(l.base.Classifier, a, t, l.base.As)
	}
	if c := l.challenger(); c != nil {
		challenger = adapt.New(l.base.Classifier, c, t, l.base.As)
	}
	l.judge.use(l.base.Classifier, champion, challenger)
}

// How often Run looks whether there is something to learn.
const pace = 10 * time.Minute

// Run follows the log, and learns from new labels every ten minutes, until ctx ends.
func (l *Learner) Run(ctx context.Context) error {
	if err := l.CatchUp(ctx); err != nil {
		return err
	}
	for {
		if err := l.Round(ctx); err != nil && ctx.Err() == nil {
			l.o.Log.Error("nothing could be learned from the reviews; trying again", "err", err)
		}
		t := time.NewTimer(pace)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
		if err := l.CatchUp(ctx); err != nil {
			return err
		}
	}
}

// CatchUp applies all that is in the log.
func (l *Learner) CatchUp(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.catchUp(ctx)
}

func (l *Learner) catchUp(ctx context.Context) error {
	last, err := store.Last(ctx, l.o.Store)
	if err != nil || last <= l.at {
		return err
	}
	for r, err := range l.o.Store.Tail(ctx, l.at) {
		if err != nil {
			return fmt.Errorf("follow the log: %w", err)
		}
		if kind, name, _ := strings.Cut(r.Stream, "/"); concerns(kind) {
			rec, err := care.DecodeRecord(r.Data)
			if err != nil {
				return fmt.Errorf("record %d: %w", r.Seq, err)
			}
			l.labels.Apply(kind, name, rec)
		}
		if l.at = r.Seq; r.Seq >= last {
			break
		}
	}
	return nil
}

func concerns(kind string) bool {
	switch kind {
	case "case", "review", "source", "author", "retention":
		return true
	}
	return false
}

// group is how many documents one read asks for.
const group = 200

// examples reads what the labels are about. What is erased, changed since, or
// ours says nothing.
func (l *Learner) examples(ctx context.Context) ([]Example, error) {
	labels := l.labels.All()
	var out []Example
	for len(labels) > 0 {
		part := labels[:min(group, len(labels))]
		labels = labels[len(part):]
		keys := make([]string, 0, len(part))
		at := map[string]int{}
		for _, v := range part {
			if k := "mention/" + string(v.Mention); at[k] == 0 {
				keys = append(keys, k)
				at[k] = len(keys)
			}
		}
		docs, err := l.o.Store.Get(ctx, keys...)
		if err != nil {
			return nil, fmt.Errorf("read reviewed mentions: %w", err)
		}
		var texts []classifiers.Text
		from := len(out)
		for _, v := range part {
			d := docs[at["mention/"+string(v.Mention)]-1]
			if d.Rev == 0 {
				continue
			}
			m, err := care.DecodeMention(d.Data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d.Key, err)
			}
			if standing(&v, &m) {
				out = append(out, l.example(v, &m))
				texts = append(texts, classifiers.Text{Body: m.Post.Text, Lang: m.Post.Language})
			}
		}
		verdicts, err := l.base.Classify(ctx, texts)
		if err != nil {
			return nil, fmt.Errorf("judge reviewed mentions: %w", err)
		}
		for i, v := range verdicts {
			out[from+i].Z = eval.Logit(v.Probability)
		}
	}
	return out, nil
}

func (l *Learner) example(v Label, m *care.Mention) Example {
	e := Example{Label: v, Text: m.Post.Text, Teaches: !l.o.NoTraining(m.Post.Network), Flagged: m.Verdict.Complaint}
	switch {
	case e.Flagged:
		e.Chance = 1
	case v.Kind == Reviewed && l.o.Sampler.Picks(m.ID):
		e.Chance = l.o.Sampler.Unflagged
	}
	return e
}

// Round learns from the labels there are, if any came or went since the last
// one: prior and threshold move a bounded step, a challenger is made, looked at,
// promoted or retired.
func (l *Learner) Round(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(ctx); err != nil { // another node may have been at it
		return err
	}
	if l.labels.Moves == l.done || l.labels.Len() < max(LeastReviews, l.state.Pause) {
		return nil
	}
	examples, err := l.examples(ctx)
	if err != nil || len(examples) < LeastReviews {
		return err
	}
	agents, err := l.o.Agents(ctx)
	if err != nil {
		return fmt.Errorf("count the agents: %w", err)
	}
	for _, step := range []func([]Example, int) *write{l.look, l.settle, l.makeChallenger} {
		w := step(examples, agents)
		if w == nil {
			continue
		}
		w.by, w.was = care.ByClock, l.doc
		_, err := w.commit(ctx, l.o.Store, l.o.Now())
		if conflict := (*store.Conflict)(nil); errors.As(err, &conflict) {
			return l.load(ctx) // the other node's round counts
		}
		if err != nil {
			return err
		}
		if err := l.load(ctx); err != nil {
			return err
		}
		if w.event != nil {
			l.o.Log.Info("the model changed", "why", w.event.Why, "version", w.event.To, "threshold", w.event.Threshold, "reviews", w.event.Reviews)
		}
	}
	l.done, l.asked = l.labels.Moves, false
	return nil
}

// settle moves prior and threshold.
func (l *Learner) settle(examples []Example, agents int) *write {
	next := Recalibrated(l.champion(), examples)
	held := examples
	if fresh := since(examples, l.state.Since); len(next.Table) > 0 && len(fresh) >= LeastReviews {
		held = fresh // what a correction learned from flatters it
	}
	v := eval.Volume{PerDay: l.labels.Volume(l.o.Now()).PerDay()}
	now, step := l.threshold(), stepShift
	if l.asked { // somebody waits for it
		step = math.Inf(1)
	}
	t := Threshold(l.aim(), points(next, held), v, agents, now, step)
	if next.ID() == l.champion().ID() && math.Abs(t-now) < 0.005 {
		return nil
	}
	keep := l.state.Threshold
	if t != now {
		keep = t
	}
	made := l.state.Since
	if next.ID() != l.champion().ID() {
		made = l.o.Now()
	}
	s := l.state.changed(next.ID(), keep, made)
	return &write{state: s, version: next, event: &care.ModelChanged{
		To: s.Version, From: l.state.Version, Why: "recalibrated", Threshold: t, Reviews: len(examples),
	}}
}

// makeChallenger lets the reviews make one, where none runs.
func (l *Learner) makeChallenger(examples []Example, _ int) *write {
	if l.challenger() != nil {
		return nil
	}
	a, ok := Challenger(l.base.ID, examples)
	if !ok || a.ID() == l.state.Version {
		return nil
	}
	s := l.state.alone()
	s.Challenger, s.Made = a.ID(), l.o.Now()
	return &write{state: s, version: a}
}

// look compares the challenger with the model in force, by the reviews of what
// came in after it was made.
func (l *Learner) look(examples []Example, _ int) *write {
	c := l.challenger()
	if c == nil || l.state.Look >= len(looks()) {
		return nil
	}
	ps := l.pairs(c, since(examples, l.state.Made))
	if len(ps) < looks()[l.state.Look] {
		return nil
	}
	e := Compare(ps)
	s := l.state
	s.Seen, s.Shadow = e, l.judge.shadow()
	for s.Look < len(looks()) && looks()[s.Look] <= len(ps) {
		s.Look++
	}
	switch e.Rule() {
	case Promoted:
		s = s.changed(l.state.Challenger, l.state.Threshold, l.state.Made).alone()
		return &write{state: s, proof: &e, event: &care.ModelChanged{
			To: s.Version, From: l.state.Version, Why: "promoted", Threshold: l.threshold(), Reviews: len(examples) - len(ps), Held: e.Held,
			RecallWas: e.RecallWas, Recall: e.Recall, PrecisionWas: e.PrecisionWas, Precision: e.Precision,
		}}
	case Retired:
		s = s.alone()
	}
	return &write{state: s}
}

// pairs are what both say of reviewed mentions.
func (l *Learner) pairs(c *adapt.Adaptation, examples []Example) (out []Pair) {
	champion, t := l.champion(), l.threshold()
	weights := weightsOf(examples)
	for i, e := range examples {
		if e.Chance > 0 {
			out = append(out, Pair{
				Champion:   eval.Sigmoid(champion.LogOdds(e.Z, e.Text)) >= t,
				Challenger: eval.Sigmoid(c.LogOdds(e.Z, e.Text)) >= t,
				Complaint:  e.Complaint, Weight: weights[i] / e.Chance,
			})
		}
	}
	return out
}

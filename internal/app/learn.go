package app

import (
	"context"
	"fmt"
	"math"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/linear"
	"github.com/amends-care/amends/classifiers/rules"
	"github.com/amends-care/amends/classifiers/topic"
	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/learn"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/web"
)

// model is the one that ships, with the topics of a configuration.
func model(c *config.Config) (*linear.Model, error) {
	m, err := linear.Default()
	if err != nil {
		return nil, fmt.Errorf("classifier: %w", err)
	}
	if c.Classifier.Topics == nil {
		return m, nil
	}
	topics, err := topic.New(c.Classifier.Topics, nil)
	if err != nil {
		return nil, fmt.Errorf("classifier: taxonomy: %w", err)
	}
	return m.WithTopics(topics), nil
}

// phrases puts the brand's own always and never phrases before a classifier.
func phrases(c *config.Config, by classifiers.Classifier) (classifiers.Classifier, error) {
	if len(c.Classifier.Always)+len(c.Classifier.Never) == 0 {
		return by, nil
	}
	var own rules.Rules
	if p := c.Classifier.Always; len(p) > 0 {
		own.Always = []rules.Rule{{Phrases: p}}
	}
	if p := c.Classifier.Never; len(p) > 0 {
		own.Never = []rules.Rule{{Phrases: p}}
	}
	first, err := rules.New(own, by)
	if err != nil {
		return nil, fmt.Errorf("classifier: %w", err)
	}
	return first, nil
}

// base is the model that ships as the one on which a brand's own stands.
func base(m *linear.Model) learn.Base {
	all, none := m.WithThreshold(0), m.WithThreshold(2)
	return learn.Base{Classifier: m, ID: m.ID(), Threshold: m.Threshold, As: func(complaint bool) classifiers.Classifier {
		if complaint {
			return all
		}
		return none
	}}
}

// aims are what a configuration says of the threshold.
func aims(c *config.Config) learn.Settings {
	return learn.Settings{Threshold: c.Classifier.Threshold, Aim: learn.Aim(c.Classifier.Aim)}
}

// teach opens what learns from the folder's reviews, and lets it judge.
func (e *Engine) teach(ctx context.Context, c *config.Config) error {
	m, err := model(c)
	if err != nil {
		return err
	}
	key, err := loadKey(e.keyPath())
	if err != nil {
		return err
	}
	e.Learner, err = learn.Open(ctx, learn.Options{
		Store: e.Store, NoTraining: noTraining(), Agents: e.agents, Log: e.Log, Now: e.Now,
		Sampler: learn.Sampler{Key: key, Unflagged: c.Classifier.Review.Unflagged, Dismissed: c.Classifier.Review.Dismissed},
	}, base(m), aims(c))
	if err != nil {
		return err
	}
	e.Classifier, err = phrases(c, e.Learner.Judge())
	return err
}

// noTraining says whose texts must not teach: those of networks that forbid it,
// and of networks that we know nothing of.
func noTraining() func(network string) bool {
	allowed := map[string]bool{}
	for _, d := range Drivers() {
		allowed[d.Name] = !d.NoTraining
	}
	return func(network string) bool { return !allowed[network] }
}

// agents is how many people work.
func (e *Engine) agents(ctx context.Context) (n int, err error) {
	for a, err := range e.People.Accounts(ctx) {
		if err != nil {
			return 0, err
		}
		if !a.Disabled && auth.May(a.Role, auth.Work) {
			n++
		}
	}
	return n, nil
}

// A school is the learner as the console sees it.
type school struct{ *learn.Learner }

var _ web.Learning = school{}

// Aim implements [web.Learning], and goes there at once as far as reviews tell.
func (s school) Aim(ctx context.Context, by care.Actor, op string, a web.ModelAim) (store.Seq, error) {
	seq, err := s.Learner.Aim(ctx, by, op, learn.Aim(a))
	if err != nil {
		return 0, err
	}
	return seq, s.Round(ctx)
}

// Offers implements [web.Learning].
func (s school) Offers(ctx context.Context, who care.AgentID, n int) ([]web.Offer, error) {
	all, err := s.Learner.Offers(ctx, who, n)
	out := make([]web.Offer, len(all))
	for i, o := range all {
		out[i] = web.Offer(o)
	}
	return out, err
}

// Model implements [web.Learning].
func (s school) Model(ctx context.Context) (*web.ModelState, error) {
	st, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	out := &web.ModelState{
		Base: st.Base, Version: st.Version, Outdated: st.Outdated, Since: st.Since, Shift: st.Shift, Slope: st.Slope, Corrects: st.Corrects,
		Threshold: st.Threshold, Fixed: st.Fixed, Aim: web.ModelAim(st.Aim), AimInFile: st.AimInFile, CanGoBack: len(st.Past) > 0,
		Reviews: web.ModelReviews{Total: st.Labels, Needed: learn.LeastReviews, Complaints: st.Complaints, Worked: st.Worked,
			Dismissed: st.Dismissed, Outright: st.Reviewed, Reviewers: st.Reviewers, Teaching: st.Teaching,
			Contrary: append([]care.AgentID{}, st.Contrary...)},
		PerDay: st.Volume.PerDay(), Agents: st.Agents,
		Share: figure(st.Share, 0), Missed: figure(st.Missed, st.Looked), Overturned: figure(st.Overturned, st.Doubted),
		Costs: []web.ModelCost{}, History: []web.ModelChange{},
	}
	if st.Pause > st.Labels {
		out.Paused = st.Pause
	}
	for _, c := range st.Costs {
		out.Costs = append(out.Costs, web.ModelCost{Threshold: c.Threshold, InForce: c.Threshold == st.Threshold,
			Missed: figure(c.MissedPer100, 0), False: figure(c.FalsePerDay, 0), Right: figure(c.RightPer100, 0)})
	}
	if st.Challenger != "" {
		out.Challenger = &web.ModelChallenger{Version: st.Challenger, MadeAt: st.Made, Held: st.Held, NextLook: st.NextLook,
			Both: st.Shadow.Both, OnlyOld: st.Shadow.Champion, OnlyNew: st.Shadow.Challenger, Neither: st.Shadow.Neither}
		if e := st.Seen; e.Held > 0 {
			out.Challenger.LastLook = &web.ModelEvidence{Held: e.Held, Recall: e.Recall, RecallWas: e.RecallWas, Precision: e.Precision,
				PrecisionWas: e.PrecisionWas, DRecall: figure(e.DRecall, e.Held), DPrecision: figure(e.DPrecision, e.Held)}
		}
	}
	for _, c := range st.History {
		out.History = append(out.History, web.ModelChange(c))
	}
	return out, nil
}

func figure(i eval.Interval, n int) web.Figure {
	f := web.Figure{Low: i.Low, High: i.High, N: n}
	if !math.IsNaN(i.Value) && !math.IsInf(i.Value, 0) {
		f.Value = &i.Value
	}
	return f
}

// ModelState is the answer of the operations on the model.
type ModelState = web.ModelState

// ModelArgs say what the threshold is to aim at.
type ModelArgs = web.ModelAim

func opModelStatus(ctx context.Context, e *Engine, c call) error {
	st, err := school{e.Learner}.Model(ctx)
	if err != nil {
		return err
	}
	return c.answer(st)
}

func opModelAim(ctx context.Context, e *Engine, c call) error {
	var args ModelArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	if _, err := (school{e.Learner}).Aim(ctx, c.by, "", args); err != nil {
		return err
	}
	return opModelStatus(ctx, e, c)
}

func opModelRollBack(ctx context.Context, e *Engine, c call) error {
	if _, err := e.Learner.RollBack(ctx, c.by, ""); err != nil {
		return err
	}
	return opModelStatus(ctx, e, c)
}

package learn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// A Status is everything about the model that a person may want to know.
type Status struct {
	State
	Base       string  // the model that ships
	Outdated   bool    // the version in force was made on another base, and is not used
	Slope      float64 // of the version in force
	Shift      float64
	Corrects   bool
	Threshold  float64 // in force
	Fixed      bool    // the threshold, by the configuration
	Aim        Aim     // in force
	AimInFile  bool
	Labels     int
	Complaints int // among the labels
	Worked     int
	Dismissed  int
	Reviewed   int
	Reviewers  int
	Teaching   int            // whose texts may teach
	Contrary   []care.AgentID // whose reviews say the opposite of the model, and count for nothing
	Volume     Volume
	Agents     int

	Share      eval.Interval // of mentions that are complaints, 0 to 1
	Missed     eval.Interval // of 100 complaints
	Looked     int           // unflagged ones that were sampled and reviewed
	Found      int           // complaints among them
	Overturned eval.Interval // of dismissals that a second person looked at, 0 to 1
	Doubted    int           // so many
	Costs      []eval.Choice // of some thresholds, false ones per agent and day
	Held       int           // reviews that the challenger can be looked at by
	NextLook   int           // at how many it is; 0: there is no challenger
	History    []Change      // the latest first
}

// A Change is a record of what was put in force.
type Change struct {
	At time.Time
	By care.Actor
	care.ModelChanged
}

// maxHistory is how many changes are shown.
const maxHistory = 50

// Status tells how things stand, with all that is in the log.
func (l *Learner) Status(ctx context.Context) (*Status, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := errors.Join(l.catchUp(ctx), l.load(ctx)); err != nil {
		return nil, err
	}
	examples, err := l.examples(ctx)
	if err != nil {
		return nil, err
	}
	agents, err := l.o.Agents(ctx)
	if err != nil {
		return nil, fmt.Errorf("count the agents: %w", err)
	}
	a := l.champion()
	s := &Status{
		State: l.state, Base: l.base.ID, Outdated: l.outdated(), Slope: a.Slope, Shift: a.Shift, Corrects: len(a.Table) > 0,
		Threshold: l.threshold(), Fixed: l.set.Threshold > 0, Aim: l.aim(), AimInFile: l.set.Aim != Aim{}, Volume: l.labels.Volume(l.o.Now()), Agents: agents,
	}
	if l.challenger() != nil {
		s.Shadow = l.judge.shadow()
		s.Held = len(l.pairs(l.challenger(), since(examples, l.state.Made)))
		if l.state.Look < len(looks()) {
			s.NextLook = looks()[l.state.Look]
		}
	}
	s.count(examples)
	ps := points(a, examples)
	s.Costs = Costs(ps, eval.Volume{PerDay: s.Volume.PerDay()}, agents, grid(s.Threshold)...)
	s.Share = eval.CostWeighed(ps, 0, eval.Volume{}).RightPer100.Times(0.01)
	s.History, err = history(ctx, l.o.Store)
	return s, err
}

// grid are the thresholds whose costs are shown: the round ones, and the one in force.
func grid(now float64) []float64 {
	out := []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}
	if !slices.Contains(out, now) {
		out = append(out, now)
		slices.Sort(out)
	}
	return out
}

// count works out what the labels are, and what the samples say.
func (s *Status) count(examples []Example) {
	people := map[care.AgentID]bool{}
	looked := map[care.MentionID]bool{}   // of the unflagged sample: is it one?
	flagged := map[care.MentionID]bool{}  // of what was flagged: is it one?
	dismissal := map[care.MentionID]int{} // 1: dismissed
	second := map[care.MentionID]bool{}   // said outright
	for _, e := range examples {
		people[e.By] = true
		s.Labels++
		if e.Complaint {
			s.Complaints++
		}
		if e.Teaches {
			s.Teaching++
		}
		switch e.Kind {
		case Worked:
			s.Worked++
		case Dismissed:
			s.Dismissed++
			dismissal[e.Mention] = 1
		case Reviewed:
			s.Reviewed++
			second[e.Mention] = e.Complaint
		}
		switch {
		case e.Flagged:
			flagged[e.Mention] = e.Complaint
		case e.Chance > 0:
			looked[e.Mention] = e.Complaint
		}
	}
	for who, trust := range trusts(examples) {
		if trust == 0 {
			s.Contrary = append(s.Contrary, who)
		}
	}
	slices.Sort(s.Contrary)
	s.Reviewers, s.Looked, s.Found = len(people), len(looked), yes(looked)
	over := 0
	for m := range dismissal {
		if complaint, ok := second[m]; ok {
			s.Doubted++
			if complaint {
				over++
			}
		}
	}
	s.Overturned = eval.Wilson(over, s.Doubted)
	right := eval.Wilson(yes(flagged), len(flagged))
	if len(flagged) > 0 {
		s.Missed = Missed(s.Volume, right.Value, s.Found, s.Looked)
	} else {
		s.Missed = Missed(Volume{}, 0, 0, 0)
	}
}

func yes(m map[care.MentionID]bool) (n int) {
	for _, v := range m {
		if v {
			n++
		}
	}
	return n
}

func history(ctx context.Context, st store.Store) (all []Change, err error) {
	for r, err := range st.Stream(ctx, stream, 0) {
		if err != nil {
			return nil, fmt.Errorf("read the model's history: %w", err)
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", r.Seq, err)
		}
		for _, e := range rec.Events {
			if c, ok := e.(care.ModelChanged); ok {
				all = append(all, Change{rec.At, rec.By, c})
			}
		}
	}
	slices.Reverse(all)
	return all[:min(len(all), maxHistory)], nil
}

// RollBack puts in force what was in force before the last change: the same
// bytes judge again. The challenger goes, and nothing moves by itself until
// fifty more labels have come.
func (l *Learner) RollBack(ctx context.Context, by care.Actor, op string) (store.Seq, error) {
	return l.change(ctx, by, op, func() (*write, error) {
		s, err := l.state.rolledBack(l.labels.Len())
		return &write{state: s, event: &care.ModelChanged{To: s.Version, From: l.state.Version, Why: "rolled_back"}}, err
	})
}

// Aim chooses what the threshold is for, where the configuration does not. It
// takes effect by the reviews there are, a bounded step a round.
func (l *Learner) Aim(ctx context.Context, by care.Actor, op string, aim Aim) (store.Seq, error) {
	if err := aim.Check(); err != nil {
		return 0, err
	}
	return l.change(ctx, by, op, func() (*write, error) {
		switch {
		case l.set.Threshold > 0:
			return nil, &care.Error{Code: care.Conflict, Msg: "The configuration fixes the threshold: take classifier.threshold out of it first."}
		case l.set.Aim != Aim{}:
			return nil, &care.Error{Code: care.Conflict, Msg: "The configuration says what the threshold aims at: change classifier.aim there."}
		}
		s := l.state.changed(l.state.Version, l.state.Threshold, l.state.Since)
		s.Aim = aim
		text := aim.String()
		if text == "" {
			text, s.Threshold = "none", 0
		}
		l.done, l.asked = -1, true
		return &write{state: s, event: &care.ModelChanged{To: s.Version, From: s.Version, Why: "aim", Aim: text}}, nil
	})
}

// change carries out what a person decided.
func (l *Learner) change(ctx context.Context, by care.Actor, op string, decide func() (*write, error)) (store.Seq, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if err := errors.Join(l.catchUp(ctx), l.load(ctx)); err != nil {
			return 0, err
		}
		w, err := decide()
		if err != nil {
			return 0, err
		}
		w.by, w.op, w.was = by, op, l.doc
		if w.event.Threshold = w.state.Threshold; l.set.Threshold > 0 {
			w.event.Threshold = l.set.Threshold
		}
		seq, err := w.commit(ctx, l.o.Store, l.o.Now())
		if conflict := (*store.Conflict)(nil); errors.As(err, &conflict) && ctx.Err() == nil {
			continue
		}
		return seq, errors.Join(err, l.load(ctx))
	}
}

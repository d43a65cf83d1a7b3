package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os/user"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/learn"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// An Engine is an open folder with what is in force on it: what operations and
// the server work with.
type Engine struct {
	*Folder
	Config     *config.Config
	Rules      *desk.Rules
	Classifier classifiers.Classifier // in force: phrases, and what the reviews taught
	Learner    *learn.Learner
	Now        func() time.Time
	Log        *slog.Logger

	// following says that a running server keeps the view up to date.
	following bool
	// deadlines is held by whoever settles them: the clock, or a replay, whose
	// time is another one.
	deadlines sync.Mutex
	// standing is what the log tells for reports, as of when one was last asked for.
	standing standing
	// may says whether and how a mention may be answered; nil: nobody knows the
	// networks. It is set before anything is read.
	may func(m *care.Mention, now time.Time) care.Permission
	// onRelease is told when the desk is not held any more; may be nil.
	onRelease func()
}

// EngineOptions say how to open an engine.
type EngineOptions struct {
	Config  *config.Config
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger
	Applied func([]view.Applied)
	Point   func(string)
}

// OpenEngine opens a folder with a configuration in force.
func OpenEngine(ctx context.Context, dir string, o EngineOptions) (*Engine, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e := &Engine{Config: o.Config, Now: o.Now, Log: o.Log}
	var err error
	e.Folder, err = OpenFolder(dir, FolderOptions{Now: o.Now, Log: o.Log, Applied: o.Applied, Point: o.Point})
	if err != nil {
		return nil, err
	}
	if e.Rules, err = e.rules(ctx, o.Config); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	e.Desk.Use(e.Rules)
	if err = e.teach(ctx, o.Config); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// shown makes sure that the view shows all that is in the log.
func (e *Engine) shown(ctx context.Context) error {
	if e.following {
		return e.View.WaitForAll(ctx)
	}
	return e.View.CatchUp(ctx)
}

// searchable makes sure that search knows of all that is in the log.
func (e *Engine) searchable(ctx context.Context) error {
	if !e.following {
		return e.Search.CatchUp(ctx)
	}
	last, err := store.Last(ctx, e.Store)
	if err != nil {
		return err
	}
	return e.Search.Wait(ctx, last)
}

// rules puts a configuration in force: what records will name by its version is
// kept for ever, and the calendars of the past still count the targets they set.
func (e *Engine) rules(ctx context.Context, c *config.Config) (*desk.Rules, error) {
	r, err := c.Rules()
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if err := e.keep(ctx, r.Kept()); err != nil {
		return nil, fmt.Errorf("keep what is in force: %w", err)
	}
	var kept []*sla.Calendar
	for doc, err := range e.Store.List(ctx, config.KeptCalendars, "") {
		if err != nil {
			return nil, fmt.Errorf("calendars of the past: %w", err)
		}
		cal, err := config.ReadCalendar(doc.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doc.Key, err)
		}
		kept = append(kept, cal)
	}
	rules := desk.NewRules(r.Tree, r.Policies, r.Calendars, kept...)
	rules.ReopenWindow, rules.LateAfter, rules.UndoFor = c.Cases.ReopenWindow, c.Cases.LateAfter, c.Cases.UndoFor
	rules.May, rules.Acts = e.mayAnswer, e.acts
	rules.Queues, rules.Capacity = queueRules(c, &r), capacities(c)
	rules.LetAlone, rules.SurveyOpen, rules.LowScore = c.Surveys.LetAlone, c.Surveys.Open, c.Surveys.LowScore()
	rules.Issues = r.Issues
	rules.Viral = care.ViralLimit{Reach: c.Cases.Viral.Reach, Shares: c.Cases.Viral.Shares, PerHour: c.Cases.Viral.RepliesPerHour}
	return rules, nil
}

// mayAnswer asks whoever knows the networks. As long as nobody does, nothing is
// sent by itself.
func (e *Engine) mayAnswer(m *care.Mention, now time.Time) care.Permission {
	if e.may == nil {
		return care.Permission{How: care.ByNone}
	}
	return e.may(m, now)
}

// keep writes documents that are not there yet. Their names are those of their
// content, so whoever else wrote one wrote the same.
func (e *Engine) keep(ctx context.Context, docs map[string][]byte) error {
	keys := slices.Sorted(maps.Keys(docs))
	there, err := e.Store.Get(ctx, keys...)
	if err != nil {
		return err
	}
	var b store.Batch
	for _, d := range there {
		if d.Rev == 0 {
			b.Puts = append(b.Puts, store.Put{Key: d.Key, Data: docs[d.Key]})
		}
	}
	if len(b.Puts) == 0 {
		return nil
	}
	_, err = e.Store.Commit(ctx, b)
	return err
}

// Classifier is the shipped model behind the brand's own phrases, without what
// the reviews of a folder taught.
func Classifier(c *config.Config) (classifiers.Classifier, error) {
	m, err := model(c)
	if err != nil {
		return nil, err
	}
	if t := c.Classifier.Threshold; t > 0 {
		m = m.WithThreshold(t)
	}
	return phrases(c, m)
}

// lists says which of the configured lists an author is on.
func lists(c *config.Config) func(network string, a care.Author) []string {
	by := map[string][]string{}
	for name, authors := range c.Lists {
		for _, a := range authors {
			key := strings.ToLower(strings.Replace(a, "/@", "/", 1))
			by[key] = append(by[key], name)
		}
	}
	if len(by) == 0 {
		return nil
	}
	return func(network string, a care.Author) []string {
		return by[strings.ToLower(network+"/"+a.Handle)]
	}
}

// osUser is who runs this process, for records made from the command line.
func osUser() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return u.Username
}

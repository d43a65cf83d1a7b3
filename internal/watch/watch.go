// Package watch looks at what arrives and proposes: a surge against the same
// hour and weekday of past weeks, a group of complaints that say much the same, a
// thread that goes round. It never decides: a person makes a known issue of a
// group; and what links itself to an open issue, or raises a case, is a rule of
// package care that desk applies.
//
// It owns no document and no stream. What it holds in memory, some hours of
// complaints without their texts' handles and two weeks of word counts, is read
// again from the mentions after a restart.
//
// Depth is a closer look, at flagged mentions only: which sentence weighs most,
// whom it names, what it is about. It is worked out when somebody opens the case
// and kept in memory for a while; there is no document of it, so an erasure has
// nothing to find here. Nothing of a text is ever logged.
package watch

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// A Desk applies what follows from what was seen.
type Desk interface {
	// LinkAlike ties a case to an open issue.
	LinkAlike(ctx context.Context, id care.IssueID, c care.CaseID, m care.MentionID, score float64) (store.Seq, error)
	// Raise takes cases that are viral into the critical lane.
	Raise(ctx context.Context, ids []care.CaseID, s care.Spread) (store.Seq, error)
}

// Counts are complaints by the hour.
type Counts interface {
	Series(prefix string) ([]string, error)
	// Hours counts a series from the hour that holds from, n hours.
	Hours(series string, from time.Time, n int) ([]int, error)
	// Counting says since when there are counts.
	Counting() (time.Time, error)
}

// Options of a Watch.
type Options struct {
	Store  store.Store
	Desk   Desk
	Counts Counts
	// Open returns the open known issues.
	Open func(ctx context.Context) ([]*care.Issue, error)
	// InThread returns the open cases of a thread.
	InThread func(ctx context.Context, t care.ThreadKey) ([]care.CaseID, error)
	// Surging is told which surges there are whenever they are others; nil: nobody is.
	Surging func(ctx context.Context, seen []care.Surge) (store.Seq, error)
	// Pace is how many times as much as before is to be expected at an instant; nil: once.
	Pace func(at time.Time) float64
	// PerHour is from how many posts an hour a thread is told to the desk; 0: never.
	PerHour func() int
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger
}

// A Watch looks at what arrives on one node.
type Watch struct {
	o       Options
	crowd   *Crowd
	threads *threads
	models  map[care.IssueID]*issueModel
	last    care.MentionID // up to which mentions were read
	told    string         // the surges that were told last, by name; "" before the first look
	mu      sync.Mutex
	now     care.Watching
}

// New returns a watch; Run looks.
func New(o Options) *Watch {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Watch{o: o, crowd: NewCrowd(o.Pace), threads: newThreads(), models: map[care.IssueID]*issueModel{}}
}

// every is the time between two looks.
const every = 10 * time.Second

// Run looks until ctx ends.
func (w *Watch) Run(ctx context.Context) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.o.Log.Error("the watch could not look; trying again", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Watching is what is proposed now.
func (w *Watch) Watching() care.Watching {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// overlap is how far back each look reads again: mentions of several nodes may
// be written a little out of order.
const overlap = 2 * time.Minute

// Look reads what is new and proposes anew.
func (w *Watch) Look(ctx context.Context) error {
	now := w.o.Now()
	if err := w.read(ctx, now); err != nil {
		return fmt.Errorf("read mentions: %w", err)
	}
	issues, err := w.o.Open(ctx)
	if err != nil {
		return fmt.Errorf("open issues: %w", err)
	}
	taken, err := w.link(ctx, issues, now)
	if err != nil {
		return fmt.Errorf("link: %w", err)
	}
	if err := w.raise(ctx, now); err != nil {
		return fmt.Errorf("raise: %w", err)
	}
	surges, err := Surges(w.o.Counts, now)
	if err != nil {
		return fmt.Errorf("surges: %w", err)
	}
	if err := w.surging(ctx, surges); err != nil {
		return fmt.Errorf("tell surges: %w", err)
	}
	groups := w.crowd.Groups(now, taken)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = care.Watching{Surges: surges, Groups: groups}
	return nil
}

// surging tells the surges when they are others than were told last, and at the
// first look, for some may have ended while nobody looked.
func (w *Watch) surging(ctx context.Context, seen []care.Surge) error {
	var names strings.Builder
	names.WriteString("surges")
	for _, s := range seen {
		fmt.Fprintf(&names, "\x00%s\x00%s\x00%s", s.Brand, s.Topic, s.Language)
	}
	if w.o.Surging == nil || names.String() == w.told {
		return nil
	}
	_, err := w.o.Surging(ctx, seen)
	if err == nil {
		w.told = names.String()
	}
	return err
}

// maxRead bounds how many mentions are read after a restart.
const maxRead = 300_000

func (w *Watch) read(ctx context.Context, now time.Time) error {
	floor := now.Add(-background)
	if at, ok := care.IDTime(string(w.last)); ok {
		floor = at.Add(-overlap)
	}
	n := 0
	for doc, err := range w.o.Store.List(ctx, "mention/", "mention/"+care.TimeFloor(floor)) {
		if err != nil {
			return err
		}
		if n++; n > maxRead {
			break
		}
		m, err := care.DecodeMention(doc.Data)
		if err != nil {
			return fmt.Errorf("%s: %w", doc.Key, err)
		}
		w.last = max(w.last, m.ID)
		if m.Own || m.Deleted {
			continue
		}
		w.threads.add(&m)
		w.crowd.Add(&m)
	}
	w.threads.forget(now)
	return nil
}

// link ties what is alike to open issues, and returns the cases that belong to one.
func (w *Watch) link(ctx context.Context, issues []*care.Issue, now time.Time) (map[care.CaseID]bool, error) {
	taken, open := map[care.CaseID]bool{}, map[care.IssueID]bool{}
	for _, i := range issues {
		open[i.ID] = true
		for _, c := range i.Cases {
			taken[c.Case] = true
		}
		m := w.models[i.ID]
		if m == nil || m.cases != len(i.Cases) {
			var err error
			if m, err = w.learn(ctx, i, m); err != nil {
				return nil, err
			}
			w.models[i.ID] = m
		}
		for _, a := range w.crowd.Alike(m.model, m.since(i), now) {
			if taken[a.Case] || m.tried[a.Case] {
				continue
			}
			m.tried[a.Case] = true
			if _, err := w.o.Desk.LinkAlike(ctx, i.ID, a.Case, a.Mention, a.Score); err != nil {
				return nil, err
			}
			taken[a.Case] = true
		}
	}
	for id := range w.models {
		if !open[id] {
			delete(w.models, id)
		}
	}
	return taken, nil
}

// An issueModel is what the posts of an issue's cases have in common.
type issueModel struct {
	model *Model
	cases int
	tried map[care.CaseID]bool // once is enough: who was taken out stays out
}

// since is from when on posts can belong to an issue: a little before the first
// of its cases.
func (m *issueModel) since(i *care.Issue) time.Time { return i.OpenedAt.Add(-window) }

// maxLearn is from how many of its cases an issue's words are learnt.
const maxLearn = 400

func (w *Watch) learn(ctx context.Context, i *care.Issue, was *issueModel) (*issueModel, error) {
	m := &issueModel{cases: len(i.Cases), tried: map[care.CaseID]bool{}}
	if was != nil {
		m.tried = was.tried
	}
	// What linked itself, or came with a merge or split, is not learnt from: a mistake
	// would breed others.
	var keys []string
	for _, c := range i.Cases {
		if (c.Why == "hand" || c.Why == "group") && len(keys) < maxLearn {
			if first := w.crowd.firstOf(c.Case); first != "" {
				keys = append(keys, "mention/"+string(first))
			}
		}
	}
	var posts []*post
	if len(keys) > 0 {
		docs, err := w.o.Store.Get(ctx, keys...)
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			if d.Rev == 0 {
				continue
			}
			mention, err := care.DecodeMention(d.Data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d.Key, err)
			}
			posts = append(posts, newPost(&mention))
		}
	}
	m.model = w.crowd.model(posts)
	return m, nil
}

// raise tells the desk of threads in which many write.
func (w *Watch) raise(ctx context.Context, now time.Time) error {
	if w.o.PerHour == nil {
		return nil
	}
	for key, n := range w.threads.busy(now, w.o.PerHour()) {
		ids, err := w.o.InThread(ctx, key)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			continue
		}
		if _, err := w.o.Desk.Raise(ctx, ids, care.Spread{PerHour: n}); err != nil {
			return err
		}
	}
	return nil
}

// seriesOf takes the name of a series apart.
func seriesOf(name string) (brand, topic, language string) {
	kind, rest, _ := strings.Cut(name, "/")
	switch kind {
	case "brand":
		return rest, "", ""
	case "topic":
		i := strings.LastIndexByte(rest, '/')
		return rest[:max(i, 0)], rest[i+1:], ""
	case "language":
		i := strings.LastIndexByte(rest, '/')
		return rest[:max(i, 0)], "", rest[i+1:]
	}
	return "", "", ""
}

package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/network"
)

// A Trial is what asking a source's network once came to. Nothing of it is kept.
type Trial struct {
	Source string        `json:"source"`
	Took   time.Duration `json:"took"`
	Posts  int           `json:"posts"` // on the first page
	Week   int           `json:"week"`  // of those, posted in the last week
	Newest time.Time     `json:"newest,omitzero"`
	// PerDay is how many posts a day brings, and Spend what reading them costs in US
	// dollars: as the network says, or else after what stands on the first page.
	PerDay float64 `json:"per_day"`
	Spend  float64 `json:"spend"`
	Known  bool    `json:"known"` // PerDay is more than a guess from nothing
	Err    error   `json:"-"`
}

// Try asks the network of each source of a configuration once, with its keys:
// whether it answers, and what a day of it would bring and cost. It needs no
// folder, and keeps and sends nothing.
func Try(ctx context.Context, c *config.Config, version string) ([]Trial, error) {
	client := network.NewClient(network.Options{UserAgent: "amends/" + version, Inside: c.Inside, Budget: network.NewBudget()})
	drivers := map[string]network.Driver{}
	for _, d := range Drivers() {
		drivers[d.Name] = d
	}
	var all []Trial
	for _, src := range c.Sources {
		a, err := drivers[src.Network].Open(src.Settings, client)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", src.Name, err)
		}
		all = append(all, try(ctx, src.Name, a))
	}
	return all, nil
}

func try(ctx context.Context, name string, a network.Account) Trial {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	began := time.Now()
	t := Trial{Source: name}
	page, err := a.Poll(ctx, "")
	if err != nil {
		t.Err, t.Took = err, time.Since(began)
		return t
	}
	t.guess(&page)
	if e, ok := a.(network.Estimator); ok {
		est, err := e.Estimate(ctx)
		ne, _ := errors.AsType[*network.Error](err)
		switch {
		case err == nil && !est.Unknown:
			t.PerDay, t.Spend, t.Known = est.PerDay, est.Spend, true
		case err != nil && (ne == nil || !ne.Unsent):
			t.Err = err
		}
	}
	t.Took = time.Since(began)
	return t
}

// guess takes what stands on one page for what comes every day.
func (t *Trial) guess(page *network.Page) {
	var oldest time.Time
	for _, it := range page.Items {
		at := it.Post.PostedAt
		if it.Kind == network.Deleted || at.IsZero() {
			continue
		}
		t.Posts++
		if time.Since(at) < week*time.Hour {
			t.Week++
		}
		if at.After(t.Newest) {
			t.Newest = at
		}
		if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
	}
	if span := t.Newest.Sub(oldest); t.Posts > 1 && span > 0 {
		t.PerDay, t.Known = float64(t.Posts-1)/span.Hours()*24, true
		if page.Meter.Spend > 0 {
			t.Spend = page.Meter.Spend / float64(t.Posts) * t.PerDay
		}
	}
}

package mastodon

import (
	"context"

	"github.com/amends-care/amends/internal/network"
)

// Estimate implements [network.Estimator]: for a hashtag by what the server
// counted in the last week, for other lists by how old the posts of a page are.
// Reading costs nothing.
func (a *Account) Estimate(ctx context.Context) (network.Estimate, error) {
	if a.What == Hashtag {
		return a.tagged(ctx)
	}
	if a.Token != "" {
		if _, err := a.owner(ctx); err != nil {
			return network.Estimate{}, err
		}
	}
	l, _, err := a.part(ctx, "")
	if err != nil || len(l.Entries) < 2 {
		return network.Estimate{}, err
	}
	first, last := l.Entries[len(l.Entries)-1].At, l.Entries[0].At
	if l.Served.After(last) {
		last = l.Served
	}
	days := max(last.Sub(first).Hours()/24, 1.0/24)
	return network.Estimate{PerDay: float64(len(l.Entries)) / days}, nil
}

func (a *Account) tagged(ctx context.Context) (network.Estimate, error) {
	var c call
	tag, err := a.client(&c).TagInfo(ctx, a.Hashtag)
	if err != nil {
		return network.Estimate{}, c.typed(err)
	}
	uses := 0.0
	for _, day := range tag.History {
		uses += float64(max(day.Uses, 0))
	}
	return network.Estimate{PerDay: uses / float64(max(len(tag.History), 1))}, nil
}

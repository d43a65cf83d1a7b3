package saved

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// maxKept is how many reports are kept for a person; of more, the oldest goes.
const maxKept = 40

// A Kept is a report as somebody printed or kept it: what was asked, and where
// the log stood. Its figures are made again of those.
type Kept struct {
	ID       string    `json:"id"`
	Report   string    `json:"report"`
	Question string    `json:"question"` // address of the report, wherever the log stands
	Address  string    `json:"address"`  // of these very figures
	Position uint64    `json:"position"`
	Printed  bool      `json:"printed,omitempty"`
	At       time.Time `json:"at"`
}

func keptKey(who care.AgentID) string { return "saved/reports/" + string(who) }

// Kept are the reports that somebody kept, the latest first.
func (v *Views) Kept(ctx context.Context, who care.AgentID) ([]Kept, error) {
	all, _, err := read[Kept](ctx, v.st, keptKey(who))
	return all, err
}

// Keep keeps a report for somebody, in place of an earlier one that asked the
// same.
func (v *Views) Keep(ctx context.Context, who care.AgentID, k Kept) error {
	k.ID, k.At = strings.ToLower(rand.Text()[:12]), v.now().UTC()
	return change(ctx, v.st, keptKey(who), func(all []Kept) ([]Kept, error) {
		all = slices.DeleteFunc(all, func(o Kept) bool { return o.Question == k.Question })
		all = slices.Insert(all, 0, k)
		return all[:min(len(all), maxKept)], nil
	})
}

// Drop keeps one no longer; one that is not there is no error.
func (v *Views) Drop(ctx context.Context, who care.AgentID, id string) error {
	return change(ctx, v.st, keptKey(who), func(all []Kept) ([]Kept, error) {
		return slices.DeleteFunc(all, func(o Kept) bool { return o.ID == id }), nil
	})
}

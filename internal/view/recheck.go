package view

import (
	"context"
	"iter"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// Recheck yields the mentions of a source that are to be looked at again: those
// of cases that are not over, however old, and, unless working is set, all that
// were seen since then. What its author took back already is not among them.
func (v *View) Recheck(ctx context.Context, source string, since time.Time, working bool) iter.Seq2[care.Mention, error] {
	return func(yield func(care.Mention, error) bool) {
		told := map[care.MentionID]bool{}
		tell := func(m *care.Mention) bool {
			if m.Source != source || m.Deleted || m.Own || m.Post.Remote == "" || told[m.ID] {
				return true
			}
			told[m.ID] = true
			return yield(*m, nil)
		}
		for _, q := range []Query{{List: Needs}, {List: InState, State: care.StateAwaiting}, {List: Snoozed}} {
			if stop, err := v.recheckCases(ctx, q, tell); stop {
				return
			} else if err != nil {
				yield(care.Mention{}, err)
				return
			}
		}
		if working {
			return
		}
		for q := (MentionQuery{Source: source, Limit: 200}); ; {
			ms, next, err := v.AllMentions(ctx, q)
			if err != nil {
				yield(care.Mention{}, err)
				return
			}
			for i := range ms {
				if ms[i].SeenAt.Before(since) || !tell(&ms[i]) {
					return
				}
			}
			if next == "" {
				return
			}
			if at, _ := care.IDTime(string(next)); at.Before(since) {
				return
			}
			q.Before = next
		}
	}
}

// recheckCases tells the mentions of a list of cases.
func (v *View) recheckCases(ctx context.Context, q Query, tell func(*care.Mention) bool) (stop bool, err error) {
	q.Limit = 200
	for {
		page, err := v.Cases(ctx, q)
		if err != nil {
			return false, err
		}
		for _, row := range page.Rows {
			p, err := v.Case(ctx, row.ID)
			if err != nil {
				return false, err
			}
			for _, m := range p.Mentions {
				if !tell(&m) {
					return true, nil
				}
			}
		}
		if page.Next == "" {
			return false, nil
		}
		q.After = page.Next
	}
}

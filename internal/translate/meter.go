package translate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// sentKey is the one document: how many characters left on each of the last
// days. It counts for all nodes and through restarts.
const sentKey = "translation/sent"

// keptDays are how many days are remembered, today included.
const keptDays = 30

// A meter counts what leaves.
type meter struct {
	store store.Store
	now   func() time.Time
}

func (m *meter) day() string { return m.now().UTC().Format(time.DateOnly) }

func (m *meter) read(ctx context.Context) (days map[string]int, rev uint64, err error) {
	docs, err := m.store.Get(ctx, sentKey)
	if err != nil || docs[0].Rev == 0 {
		return map[string]int{}, 0, err
	}
	if err := json.Unmarshal(docs[0].Data, &days); err != nil || days == nil {
		return map[string]int{}, docs[0].Rev, err
	}
	oldest := m.now().UTC().AddDate(0, 0, 1-keptDays).Format(time.DateOnly)
	maps.DeleteFunc(days, func(day string, _ int) bool { return day < oldest })
	return days, docs[0].Rev, nil
}

// take counts n characters, if that keeps to limit; 0: there is none.
func (m *meter) take(ctx context.Context, n, limit int) error {
	for range 32 { // each time somebody else may be quicker
		days, rev, err := m.read(ctx)
		if err != nil {
			return fmt.Errorf("count what was sent to be translated: %w", err)
		}
		today := m.day()
		if limit > 0 && days[today]+n > limit {
			return &care.Error{Code: care.Conflict, Msg: "Nothing more is translated today: of the {max} characters that may be sent in a day, {left} are left, and this has {n}. The day ends at midnight UTC.",
				With: []any{"max", limit, "left", max(0, limit-days[today]), "n", n}}
		}
		days[today] = max(0, days[today]+n)
		data, err := json.Marshal(days)
		if err != nil {
			return err
		}
		_, err = m.store.Commit(ctx, store.Batch{Puts: []store.Put{{Key: sentKey, Was: rev, Data: data}}})
		if _, lost := errors.AsType[*store.Conflict](err); !lost {
			return err
		}
	}
	return &care.Error{Code: care.Unavailable, Msg: "Too many texts are translated at this moment. Try again."}
}

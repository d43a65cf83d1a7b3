// Package personal keeps what people set for themselves, and when they last
// looked at which case: the documents settings/<name> and looked/<name>, one of
// each for a person. They are nobody else's to read and in no view and no
// record; a look names a case and an instant, never what was there to see.
package personal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// MaxLooks is how many cases a person's looks are kept of: the latest.
const MaxLooks = 300

// Settings are how a person wants the console. The zero value is how it is for
// whoever set nothing.
type Settings struct {
	Zone     string `json:"zone,omitempty"`     // such as Europe/Berlin; empty: the browser's
	Language string `json:"language,omitempty"` // en, de, es or fr; empty: the browser's
	Theme    string `json:"theme,omitempty"`    // light or dark; empty: the system's
	KeysOff  bool   `json:"keys_off,omitempty"` // no commands by single keys
	Alerts   Alerts `json:"alerts,omitzero"`
}

// Alerts are what a person is called for while the desk is open, and how.
type Alerts struct {
	Notify    bool   `json:"notify,omitempty"`   // by the browser, where it is allowed to
	Sound     bool   `json:"sound,omitempty"`    // by two short notes
	Mine      bool   `json:"mine,omitempty"`     // a case was given to them
	Critical  bool   `json:"critical,omitempty"` // a case is in the critical lane
	QuietFrom string `json:"quiet_from,omitempty"`
	QuietTo   string `json:"quiet_to,omitempty"` // hours of the day, 15:04, between which nothing calls; empty: none
}

// Languages are those that the desk speaks.
func Languages() []string { return []string{"en", "de", "es", "fr"} }

// Check says what is wrong with settings, as a [care.Error], or nil.
func (s *Settings) Check() error {
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "Local" || len(s.Zone) > 60 {
		return &care.Error{Code: care.Invalid, Field: "zone", Msg: "This is no time zone: write one such as Europe/Berlin."}
	}
	if s.Language != "" && !slices.Contains(Languages(), s.Language) {
		return &care.Error{Code: care.Invalid, Field: "language", Msg: "The desk speaks en, de, es and fr."}
	}
	if s.Theme != "" && s.Theme != "light" && s.Theme != "dark" {
		return &care.Error{Code: care.Invalid, Field: "theme", Msg: "A theme is light or dark."}
	}
	from, to := s.Alerts.QuietFrom, s.Alerts.QuietTo
	for _, hour := range []string{from, to} {
		if t, err := time.Parse("15:04", hour); hour != "" && (err != nil || t.Format("15:04") != hour) {
			return &care.Error{Code: care.Invalid, Field: "quiet_from", Msg: "Quiet hours are times of day such as 22:00."}
		}
	}
	if (from == "") != (to == "") {
		return &care.Error{Code: care.Invalid, Field: "quiet_from", Msg: "Quiet hours have a beginning and an end."}
	}
	return nil
}

// A Keeper keeps all of it in a store.
type Keeper struct{ st store.Store }

// New keeps in s.
func New(s store.Store) *Keeper { return &Keeper{s} }

// Settings returns what a person has set.
func (k *Keeper) Settings(ctx context.Context, who care.AgentID) (Settings, error) {
	s, _, err := read[Settings](ctx, k.st, "settings/"+string(who))
	return s, err
}

// Set changes what a person has set, and returns what holds then. A
// [care.Error] says what can't be.
func (k *Keeper) Set(ctx context.Context, who care.AgentID, change func(*Settings)) (Settings, error) {
	return amend(ctx, k.st, "settings/"+string(who), func(s *Settings) error {
		change(s)
		return s.Check()
	})
}

// Looks are the instants of the newest things that somebody has seen in cases.
type Looks map[care.CaseID]time.Time

// Looked returns a person's looks.
func (k *Keeper) Looked(ctx context.Context, who care.AgentID) (Looks, error) {
	l, _, err := read[Looks](ctx, k.st, "looked/"+string(who))
	return l, err
}

// Look adds to a person's looks: of two at the same case the later counts, and
// of too many the latest are kept.
func (k *Keeper) Look(ctx context.Context, who care.AgentID, seen Looks) error {
	_, err := amend(ctx, k.st, "looked/"+string(who), func(all *Looks) error {
		if *all == nil {
			*all = Looks{}
		}
		for id, at := range seen {
			if at.After((*all)[id]) {
				(*all)[id] = at.UTC().Truncate(time.Millisecond)
			}
		}
		if over := len(*all) - MaxLooks; over > 0 {
			oldest := slices.SortedFunc(maps.Keys(*all), func(a, b care.CaseID) int {
				return cmp.Or((*all)[a].Compare((*all)[b]), cmp.Compare(a, b))
			})
			for _, id := range oldest[:over] {
				delete(*all, id)
			}
		}
		return nil
	})
	return err
}

func read[T any](ctx context.Context, st store.Store, key string) (v T, rev uint64, err error) {
	docs, err := st.Get(ctx, key)
	if err != nil || docs[0].Rev == 0 {
		return v, 0, err
	}
	if err := json.Unmarshal(docs[0].Data, &v); err != nil {
		return v, 0, fmt.Errorf("%s: %w", key, err)
	}
	return v, docs[0].Rev, nil
}

// amend changes a document, again where another window was quicker.
func amend[T any](ctx context.Context, st store.Store, key string, change func(*T) error) (v T, err error) {
	for range 32 {
		was, rev, err := read[T](ctx, st, key)
		if err != nil {
			return v, err
		}
		if err := change(&was); err != nil {
			return v, err
		}
		data, err := json.Marshal(was)
		if err != nil {
			return v, err
		}
		_, err = st.Commit(ctx, store.Batch{Puts: []store.Put{{Key: key, Was: rev, Data: data}}})
		if _, lost := errors.AsType[*store.Conflict](err); !lost {
			return was, err
		}
	}
	return v, &care.Error{Code: care.Conflict, Msg: "This is being changed in another window. Try again."}
}

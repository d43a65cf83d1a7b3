// Package saved keeps lists that people want to come back to: filters under a
// name. A person's own are one document saved/agent/<name>, those of the team
// saved/team; the order in it is the order they are shown in. The reports that a
// person printed or kept are saved/reports/<name>. They are in no view and no
// record.
package saved

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// The sizes that bound what is kept.
const (
	maxViews = 40 // of one owner
	maxName  = 60 // characters
)

// A View is a list of cases under a name.
type View struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	Filters map[string]string `json:"filters"`
	By      care.AgentID      `json:"by"` // who changed it last
	At      time.Time         `json:"at"`
}

// An Owner is whose views are meant: a person's, or with "" the team's.
type Owner care.AgentID

// Team owns what everybody sees.
const Team Owner = ""

// Views are kept in a store.
type Views struct {
	st  store.Store
	now func() time.Time
}

// New keeps views in s.
func New(s store.Store, now func() time.Time) *Views { return &Views{s, now} }

func key(o Owner) string {
	if o == Team {
		return "saved/team"
	}
	return "saved/agent/" + string(o)
}

// List returns an owner's views in their order.
func (v *Views) List(ctx context.Context, o Owner) ([]View, error) {
	all, _, err := read[View](ctx, v.st, key(o))
	return all, err
}

// Add keeps a new view behind the others and returns it.
func (v *Views) Add(ctx context.Context, o Owner, by care.AgentID, name string, filters map[string]string) (out View, err error) {
	out = View{ID: strings.ToLower(rand.Text()[:12]), Filters: filters, By: by, At: v.now().UTC()}
	if out.Name, err = named(name); err != nil {
		return View{}, err
	}
	return out, v.change(ctx, o, func(all []View) ([]View, error) {
		if len(all) >= maxViews {
			return nil, &care.Error{Code: care.Conflict, Msg: "There are {n} saved lists already. Delete one first.", With: []any{"n", maxViews}}
		}
		return append(all, out), nil
	})
}

// A Change is what to do to a view; what is nil stays.
type Change struct {
	Name    *string
	Filters map[string]string
	Place   *int // from 0; beyond the end: the last
}

// Change changes a view and returns it as it is then.
func (v *Views) Change(ctx context.Context, o Owner, by care.AgentID, id string, c Change) (out View, err error) {
	err = v.change(ctx, o, func(all []View) ([]View, error) {
		i, err := find(all, id)
		if err != nil {
			return nil, err
		}
		out = all[i]
		if c.Name != nil {
			if out.Name, err = named(*c.Name); err != nil {
				return nil, err
			}
		}
		if c.Filters != nil {
			out.Filters = c.Filters
		}
		out.By, out.At = by, v.now().UTC()
		to := i
		if c.Place != nil {
			to = min(max(*c.Place, 0), len(all)-1)
		}
		return slices.Insert(slices.Delete(all, i, i+1), to, out), nil
	})
	return out, err
}

// Delete forgets a view.
func (v *Views) Delete(ctx context.Context, o Owner, id string) error {
	return v.change(ctx, o, func(all []View) ([]View, error) {
		i, err := find(all, id)
		if err != nil {
			return nil, err
		}
		return slices.Delete(all, i, i+1), nil
	})
}

func find(all []View, id string) (int, error) {
	i := slices.IndexFunc(all, func(w View) bool { return w.ID == id })
	if i < 0 {
		return 0, &care.Error{Code: care.NotFound, Msg: "There is no such saved list."}
	}
	return i, nil
}

func named(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || !utf8.ValidString(name) {
		return "", &care.Error{Code: care.Invalid, Field: "name", Msg: "A saved list needs a name of at most {n} characters.", With: []any{"n", maxName}}
	}
	return name, nil
}

func (v *Views) change(ctx context.Context, o Owner, decide func([]View) ([]View, error)) error {
	return change(ctx, v.st, key(o), decide)
}

// read returns the list that a document holds, and its revision.
func read[T any](ctx context.Context, st store.Store, key string) (all []T, rev uint64, err error) {
	docs, err := st.Get(ctx, key)
	if err != nil || docs[0].Rev == 0 {
		return nil, 0, err
	}
	if err := json.Unmarshal(docs[0].Data, &all); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", key, err)
	}
	return all, docs[0].Rev, nil
}

// change reads a list, decides and writes, again where somebody was quicker.
func change[T any](ctx context.Context, st store.Store, key string, decide func([]T) ([]T, error)) error {
	for range 32 {
		all, rev, err := read[T](ctx, st, key)
		if err != nil {
			return err
		}
		if all, err = decide(all); err != nil {
			return err
		}
		data, err := json.Marshal(all)
		if err != nil {
			return err
		}
		_, err = st.Commit(ctx, store.Batch{Puts: []store.Put{{Key: key, Was: rev, Data: data}}})
		if _, lost := errors.AsType[*store.Conflict](err); !lost {
			return err
		}
	}
	return &care.Error{Code: care.Conflict, Msg: "These lists are being changed by somebody else. Try again."}
}

package web

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/web/saved"
)

// Saved keeps lists of cases under a name, and reports that somebody printed.
type Saved interface {
	List(ctx context.Context, o saved.Owner) ([]saved.View, error)
	Add(ctx context.Context, o saved.Owner, by care.AgentID, name string, filters map[string]string) (saved.View, error)
	Change(ctx context.Context, o saved.Owner, by care.AgentID, id string, c saved.Change) (saved.View, error)
	Delete(ctx context.Context, o saved.Owner, id string) error
	keptReports
}

// A SavedView is a list of cases under a name.
type SavedView struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	Filters map[string]string `json:"filters" doc:"As in the address of the list of cases: network, queue, state …"`
	Shared  bool              `json:"shared,omitempty" doc:"The whole team has it."`
	By      care.AgentID      `json:"by" doc:"Who changed it last."`
	Count   int               `json:"count" doc:"Cases in it."`
}

// A SavedViewList is one's own and the team's, each in their order.
type SavedViewList struct {
	Views    []SavedView `json:"views"`
	Position store.Seq   `json:"position" doc:"Place in the log that the counts are of."`
}

type savedViewsOutput struct{ Body SavedViewList }

type savedViewOutput struct{ Body SavedView }

// listSaved tells the team's lists and one's own, with how many cases are in
// each.
func (s *Server) listSaved(ctx context.Context, _ *Reading) (*savedViewsOutput, error) {
	out := SavedViewList{Views: []SavedView{}, Position: s.Cases.Position()}
	for _, o := range []saved.Owner{saved.Team, saved.Owner(askedOf(ctx).who.Name)} {
		all, err := s.Saved.List(ctx, o)
		if err != nil {
			return nil, err
		}
		for _, v := range all {
			one, err := s.savedView(ctx, o, v)
			if err != nil {
				return nil, err
			}
			out.Views = append(out.Views, one)
		}
	}
	return &savedViewsOutput{out}, nil
}

func (s *Server) savedView(ctx context.Context, o saved.Owner, v saved.View) (SavedView, error) {
	out := SavedView{ID: v.ID, Name: cleanLine(v.Name), Filters: v.Filters, Shared: o == saved.Team, By: v.By}
	in := CaseFilter{}
	if err := in.setAll(v.Filters); err != nil {
		return out, nil // of a newer program: it chooses nothing here
	}
	in.me(ctx)
	var err error
	out.Count, err = s.counted.of(ctx, s, in)
	return out, err
}

type newSavedInput struct {
	Body struct {
		Name    string            `json:"name" maxLength:"240"`
		Filters map[string]string `json:"filters"`
		Shared  bool              `json:"shared,omitempty" doc:"For the whole team; leads only."`
	}
}

func (s *Server) addSaved(ctx context.Context, in *newSavedInput) (*savedViewOutput, error) {
	o, err := ownerFor(ctx, in.Body.Shared)
	if err != nil {
		return nil, err
	}
	if err := (&CaseFilter{}).setAll(in.Body.Filters); err != nil {
		return nil, err
	}
	v, err := s.Saved.Add(ctx, o, askedOf(ctx).who.Name, in.Body.Name, maps.Clone(in.Body.Filters))
	if err != nil {
		return nil, err
	}
	one, err := s.savedView(ctx, o, v)
	return &savedViewOutput{one}, err
}

type changeSavedInput struct {
	OneSaved
	Body struct {
		Name    *string           `json:"name,omitempty" maxLength:"240"`
		Filters map[string]string `json:"filters,omitempty"`
		Place   *int              `json:"place,omitempty" minimum:"0" doc:"Where it stands among its owner's, from 0."`
	}
}

// OneSaved names a saved list.
type OneSaved struct {
	ID     string `path:"id" maxLength:"40"`
	Shared bool   `query:"shared" doc:"It is the team's; leads only."`
}

func (s *Server) changeSaved(ctx context.Context, in *changeSavedInput) (*savedViewOutput, error) {
	o, err := ownerFor(ctx, in.Shared)
	if err != nil {
		return nil, err
	}
	if err := (&CaseFilter{}).setAll(in.Body.Filters); err != nil {
		return nil, err
	}
	v, err := s.Saved.Change(ctx, o, askedOf(ctx).who.Name, in.ID, saved.Change{Name: in.Body.Name, Filters: in.Body.Filters, Place: in.Body.Place})
	if err != nil {
		return nil, err
	}
	one, err := s.savedView(ctx, o, v)
	return &savedViewOutput{one}, err
}

func (s *Server) deleteSaved(ctx context.Context, in *OneSaved) (*struct{}, error) {
	o, err := ownerFor(ctx, in.Shared)
	if err != nil {
		return nil, err
	}
	return nil, s.Saved.Delete(ctx, o, in.ID)
}

// ownerFor is whose lists are meant, if whoever asks may change them.
func ownerFor(ctx context.Context, shared bool) (saved.Owner, error) {
	who := askedOf(ctx).who
	if !shared {
		return saved.Owner(who.Name), nil
	}
	if !who.May(auth.SetUp) {
		return "", &care.Error{Code: care.Denied, Msg: "Only leads change the team's lists."}
	}
	return saved.Team, nil
}

// counts are how many cases queries choose, each counted again only where
// something may have changed since.
type counts struct {
	mu  sync.Mutex
	all map[string]count
}

type count struct {
	n        int
	position store.Seq
	at       time.Time
}

// maxCounts bounds how many are remembered.
const maxCounts = 2000

// of is how many cases a query chooses, as the view stands. With time left in
// it, it may be a few seconds old.
func (c *counts) of(ctx context.Context, s *Server, in CaseFilter) (int, error) {
	key, at, now := fmt.Sprintf("%+v", in), s.Cases.Position(), s.Now()
	c.mu.Lock()
	known, ok := c.all[key]
	c.mu.Unlock()
	if ok && known.position == at && (in.Left == "" || now.Sub(known.at) < 10*time.Second) {
		return known.n, nil
	}
	q, wants := in.chosen()
	q.Now = now
	_, n, _, err := s.Cases.Choose(ctx, q, wants, 0)
	if err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all) >= maxCounts {
		c.all = map[string]count{}
	}
	c.all[key] = count{n, at, now}
	return n, nil
}

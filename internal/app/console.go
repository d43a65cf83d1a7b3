package app

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/web"
	"github.com/amends-care/amends/internal/web/drafts"
)

// console builds the pages, the API and what machines ask for.
func (s *serving) console() (*http.Server, error) {
	var public *url.URL
	if s.Config.PublicURL != "" {
		var err error
		if public, err = url.Parse(s.Config.PublicURL); err != nil {
			return nil, err
		}
	}
	figures := newFigures(s)
	console, err := web.New(web.Deps{
		Desk: s.Desk, Cases: s.View, Mentions: s.View, Persons: s.View, Issues: s.View, People: s.People,
		Drafts: drafts.New(s.Store, s.Now), Live: s.live,
		May: s.may, Setup: s.setup, Watching: s.watch.Watching, Release: s.release,
		Now: s.Now, Log: s.o.Log, Observe: figures.observe,
		PublicURL: public, TrustedProxies: s.Config.TrustedProxies,
		Public: map[string]http.Handler{
			"GET /healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }),
			"GET /readyz":  http.HandlerFunc(s.ready),
			"GET /metrics": figures.handler(),
		},
	})
	if err != nil {
		return nil, err
	}
	return web.HTTP(console, s.live, s.o.Log), nil
}

// ready says whether this node can do its work: write, and show what is written.
func (s *serving) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	err := s.file.ReadOnly()
	if err == nil {
		err = s.View.WaitForAll(ctx)
	}
	if err != nil {
		http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

// may asks the account of a mention's source whether we may answer. Whoever is
// on the list of those not to be contacted is left alone.
func (s *serving) may(m *care.Mention, now time.Time) care.Permission {
	return s.allowed(m, now).Honour(s.listed(m))
}

// listed is an opt-out by the configuration's list; nil: not on it.
func (s *serving) listed(m *care.Mention) *care.OptOut {
	on := lists(s.config())
	if on == nil || !slices.Contains(on(m.Post.Network, m.Post.Author), care.DoNotContact) {
		return nil
	}
	return &care.OptOut{Why: "list"}
}

// silent says whether the author of a mention asked us not to write, or is on
// the list.
func (s *serving) silent(ctx context.Context, m *care.Mention) (bool, error) {
	if s.listed(m) != nil {
		return true, nil
	}
	out, err := s.View.OptedOut(ctx, care.AuthorRef{Network: m.Post.Network, Author: m.Author})
	return out != nil, err
}

func (s *serving) allowed(m *care.Mention, now time.Time) care.Permission {
	account, ok := s.accounts()[m.Source]
	if !ok {
		return care.Permission{How: care.ByHand, Why: "The source of this mention is not set up any more: answer on the network itself."}
	}
	r, ok := account.(network.Replier)
	if !ok {
		return care.Permission{How: care.ByHand, Why: "This network can't be answered from here: answer on the network itself."}
	}
	return r.May(m.Post, now)
}

// setup is what screens have to know.
func (s *serving) setup() web.Setup {
	cfg := s.config()
	up := web.Setup{Brand: cfg.Brand, UndoFor: cfg.Cases.UndoFor, Version: s.o.Version, Held: s.heldNow()}
	for _, q := range cfg.Queues {
		up.Queues = append(up.Queues, q.Name)
	}
	health := s.intake.Health()
	now := s.Now()
	for _, c := range cfg.Sources {
		h := health[c.Name]
		state := web.SourceState{Name: c.Name, Network: c.Network, PolledAt: h.SucceededAt, NextAt: h.NextAt, Fault: h.Fault, Why: h.Why}
		if !h.SucceededAt.IsZero() {
			state.Behind = now.Sub(h.SucceededAt)
		}
		up.Sources = append(up.Sources, state)
	}
	return up
}

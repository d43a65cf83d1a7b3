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
		Desk: s.Desk, Cases: s.View, Mentions: s.View, People: s.People,
		Drafts: drafts.New(s.Store, s.Now), Live: s.live, Learning: school{s.Learner}, Depth: s.deeper,
		May: s.may, Setup: s.setup, Release: s.release,
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

// may asks the account of a mention's source whether we may answer.
func (s *serving) may(m *care.Mention, now time.Time) care.Permission {
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

// deeper is what a closer look at a mention finds, for its case's page.
func (s *serving) deeper(m *care.Mention) (web.Depth, bool) {
	d := s.depth.Read(m)
	if d.Line.To > len(m.Post.Text) {
		return web.Depth{}, false
	}
	out := web.Depth{Line: m.Post.Text[d.Line.From:d.Line.To], Names: slices.Clone(d.Names), Phrases: slices.Clone(d.Phrases)}
	return out, out.Line != "" || len(out.Names)+len(out.Phrases) > 0
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

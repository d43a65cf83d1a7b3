package app

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/watch"
	"github.com/amends-care/amends/internal/web"
	"github.com/amends-care/amends/internal/web/drafts"
	"github.com/amends-care/amends/internal/web/personal"
	"github.com/amends-care/amends/internal/web/saved"
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
	var set web.Editor
	if s.o.Setup != nil {
		set = &settings{s, s.o.Setup}
	}
	console, err := web.New(web.Deps{
		Desk: s.Desk, Bulks: s.bulks, Cases: s.View, Mentions: s.View, Persons: s.View, Issues: s.View, People: s.People,
		Drafts: drafts.New(s.Store, s.Now), Saved: saved.New(s.Store, s.Now), Personal: personal.New(s.Store), Finder: view.NewFinder(s.View, s.Search), Live: s.live, Learning: school{s.Learner}, Reports: s.Engine, Depth: s.deeper,
		Surveys: s.Desk, Ask: s.asker(public), May: s.may, Setup: s.setup, InForce: s.inForce, Editor: set, TryNotice: s.tryNotice, Watching: s.watch.Watching, FindPromises: watch.Promises, Language: s.language, Release: s.release,
		TellSource: s.Desk.TellSource, Reload: s.reloadOnce, Thread: s.thread, Translate: s.translate, Block: s.block, Explain: s.Explain, Changes: s.changes,
		Now: s.Now, Log: s.o.Log, Observe: figures.observe,
		PublicURL: public, TrustedProxies: s.Config.TrustedProxies,
		Public: map[string]http.Handler{
			"GET /healthz":         http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }),
			"GET /readyz":          http.HandlerFunc(s.ready),
			"GET /metrics":         figures.handler(),
			"GET /hooks/{source}":  http.HandlerFunc(s.challenge),
			"POST /hooks/{source}": http.HandlerFunc(s.hook),
		},
	})
	if err != nil {
		return nil, err
	}
	s.api = console
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

// toldByIssue says whether the customer of a case hears from us by an open known
// issue, in words of their own.
func (s *serving) toldByIssue(id care.CaseID) (bool, error) {
	rows, err := s.View.IssuesOf(id)
	return slices.ContainsFunc(rows, func(r view.IssueRow) bool { return r.State == care.IssueOpen }), err
}

func (s *serving) allowed(m *care.Mention, now time.Time) care.Permission {
	account := s.answering(m.Source, "")
	if account == nil {
		return care.Permission{How: care.ByHand, Why: "The source of this mention is not set up any more: answer on the network itself."}
	}
	r, ok := account.(network.Replier)
	if !ok {
		return care.Permission{How: care.ByHand, Why: "This network can't be answered from here: answer on the network itself."}
	}
	return r.May(m.Post, now)
}

// changes says whether the account that answers a source can change what it
// sent, or take it off.
func (s *serving) changes(source, as string) (mend, withdraw bool) {
	account := s.answering(source, as)
	_, mend = account.(network.Mender)
	_, withdraw = account.(network.Withdrawer)
	return mend, withdraw
}

// answering is the account that answers what a source reads: the one asked for,
// if it is on the same network, else the one that the configuration names, else
// the source's own. nil: none does.
func (s *serving) answering(source, as string) network.Account {
	r := s.running.Load()
	networks := map[string]string{}
	for _, c := range r.config.Sources {
		networks[c.Name] = c.Network
	}
	for _, name := range []string{as, r.answerAs[source], source} {
		if a := r.accounts[name]; a != nil && networks[name] == networks[source] {
			return a
		}
	}
	return nil
}

// thread reads the thread of a mention from its network.
func (s *serving) thread(ctx context.Context, m *care.Mention) ([]care.Post, error) {
	t, ok := s.account(m.Source).(network.Threader)
	if !ok {
		return nil, &care.Error{Code: care.NotFound, Msg: "This network does not show us threads."}
	}
	if posts, ok := s.threads.Get(m.Post.Thread); ok {
		return posts, nil
	}
	posts, err := t.Thread(ctx, m.Post.Remote)
	if err != nil {
		return nil, told(err, "The thread can't be read just now")
	}
	s.threads.Add(m.Post.Thread, posts)
	return posts, nil
}

// block keeps an author from addressing our account, or lets them again.
func (s *serving) block(ctx context.Context, m *care.Mention, blocked bool) error {
	b, ok := s.answering(m.Source, "").(network.Blocker)
	if !ok {
		return &care.Error{Code: care.NotFound, Msg: "Nobody can be blocked from here on this network: do it on the network itself."}
	}
	if err := b.Block(ctx, m.Post.Author, blocked); err != nil {
		return told(err, "The network did not do it")
	}
	return nil
}

// told is a network's failure in words for a person.
func told(err error, what care.Phrase) error {
	code, why := care.Unavailable, care.Phrase("it does not answer as it should")
	if ne, ok := errors.AsType[*network.Error](err); ok {
		switch ne.Fault {
		case network.Gone:
			code, why = care.NotFound, "it is not there any more"
		case network.Refused:
			why = "the network refuses our keys, or they lack this right"
		case network.Unpaid:
			why = "the network wants to be paid"
		case network.Limited:
			why = "we have asked it too often for now"
		}
	}
	return &care.Error{Code: code, Msg: "{what}: {why}.", With: []any{"what", what, "why", why}, Err: err}
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

// language tells in which language something of ours is written.
func (s *serving) language(ctx context.Context, text string) (string, float64) {
	vs, err := s.Classifier.Classify(ctx, []classifiers.Text{{Body: text}})
	if err != nil || len(vs) != 1 {
		return "", 0
	}
	return vs[0].Language.Tag, vs[0].Language.Confidence
}

// setup is what screens have to know.
func (s *serving) setup() web.Setup {
	cfg := s.config()
	up := web.Setup{Brand: cfg.Brand, UndoFor: cfg.Cases.UndoFor, Version: s.o.Version, Held: s.heldNow(), Demo: s.demo(), Translator: s.translator(), Titles: map[string]string{}}
	w := cfg.Working()
	up.Macros, up.Fallbacks, up.Ends, up.Approvals, up.Limit, up.Outside = w.Macros, w.Fallbacks, w.Dispositions, w.Approvals, w.Limit, w.Outside
	for _, p := range cfg.Policies {
		up.Policies = append(up.Policies, p.Name)
	}
	for _, q := range cfg.Queues {
		up.Queues = append(up.Queues, q.Name)
		up.Titles[q.Name] = q.Title
	}
	health := s.intake.Health()
	for _, c := range cfg.Sources {
		h, ok := health[c.Name]
		if !ok {
			h = care.SourceHealth{Name: c.Name, Network: c.Network, Every: c.Every, Cap: c.Cap}
		}
		up.Sources = append(up.Sources, h)
	}
	return up
}

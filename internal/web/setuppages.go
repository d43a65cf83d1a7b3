package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

type startPage struct {
	page
	Offers []NetworkOffer
	CanSet bool
	Read   int  // sources that are set up
	Named  bool // the brand has a name
}

// startGet leads a team without sources to its first one, and any other to
// another.
func (s *Server) startGet(w http.ResponseWriter, r *http.Request) error {
	f, err := s.framed(r, "start.add")
	if err != nil {
		return err
	}
	p := startPage{page: f, CanSet: s.Editor != nil && f.Me.May(auth.Keys), Read: len(f.setup.Sources)}
	if p.CanSet {
		p.Offers = s.Editor.Offers()
		brand, err := s.Editor.Form("brand", "", "")
		if err != nil {
			return err
		}
		p.Named = len(brand.Values) > 0 || len(brand.Fixed) > 0
	}
	return s.show(w, http.StatusOK, "start", p)
}

type heardPage struct {
	page
	Source Source
	Week   int // that the test found; -1: it was not tested
	Latest *care.Mention
	Text   string
}

// heardGet waits for a source's first mention.
func (s *Server) heardGet(w http.ResponseWriter, r *http.Request) error {
	name := r.URL.Query().Get("source")
	l, err := s.sources(s.teller(r.Context()))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(l.Sources, func(src Source) bool { return src.Name == name })
	if i < 0 {
		return errNoPage
	}
	p := heardPage{Source: l.Sources[i], Week: -1}
	if n, err := strconv.Atoi(r.URL.Query().Get("week")); err == nil && n >= 0 {
		p.Week = n
	}
	latest, _, err := s.Mentions.AllMentions(r.Context(), view.MentionQuery{Source: name, Limit: 1})
	if err != nil {
		return err
	}
	if len(latest) > 0 {
		p.Latest, p.Text = &latest[0], clipped(clean(latest[0].Post.Text), 280)
	}
	if p.page, err = s.framed(r, "heard.title"); err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "heard", p)
}

// clipped is the beginning of a text.
func clipped(text string, runes int) string {
	for i := range text {
		if runes--; runes < 0 {
			return text[:i] + "…"
		}
	}
	return text
}

type historyPage struct {
	page
	Changes []SetVersion
	Now     int
	MayBack bool // put a version back: keys come back with it
}

func (s *Server) historyGet(w http.ResponseWriter, r *http.Request) error {
	out, err := s.setHistory(r.Context(), nil)
	if err != nil {
		return err
	}
	p := historyPage{Changes: out.Body.Changes}
	if len(p.Changes) > 0 {
		p.Now = p.Changes[0].Version
	}
	if p.page, err = s.framed(r, "history.title"); err != nil {
		return err
	}
	p.MayBack = p.Me.May(auth.Keys)
	return s.show(w, http.StatusOK, "history", p)
}

func (s *Server) putBackPost(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return errNoPage
	}
	if _, err := s.putBack(r.Context(), &OneVersion{n}); err != nil {
		return err
	}
	s.after(w, r, "/setup/history", "put_back", Written{})
	return nil
}

func (s *Server) testNoticePost(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.testNotice(r.Context(), &OneChannel{r.PathValue("name")}); err != nil {
		return err
	}
	s.after(w, r, "/setup", "notice", Written{})
	return nil
}

// Since is how long ago the newest post of a test was written.
func (f *Found) Since() time.Duration { return time.Since(f.Newest) }

// registerSettings are the pages and operations that change what is set up.
func (s *Server) registerSettings() {
	get, post := http.MethodGet, http.MethodPost
	s.handle(get, "/start", auth.Read, s.startGet)
	s.handle(get, "/start/heard", auth.Read, s.heardGet)
	s.handle(get, "/setup/edit/{section}", auth.SetUp, s.setFormGet) // and what rightFor says
	s.handle(post, "/setup/edit/{section}", auth.SetUp, s.setFormPost)
	s.handle(get, "/setup/history", auth.SetUp, s.historyGet)
	s.handle(post, "/setup/history/{n}/put-back", auth.Keys, s.putBackPost)
	s.handle(post, "/setup/channels/{name}/test", auth.Keys, s.testNoticePost)

	gone := answers(http.StatusNoContent, "")
	add(s, get, "/setup-history", auth.SetUp, "setup", "What was changed in what the console set up", s.setHistory)
	add(s, post, "/setup-history/{n}/put-back", auth.Keys, "setup", "Put a version back", s.putBack, gone)
	add(s, get, "/setup/{section}/{name}", auth.SetUp, "setup", "Read an entry of what is set up, with its fields and without its secrets; what has keys, for administrators", s.oneSetting)
	add(s, http.MethodPut, "/setup/{section}/{name}", auth.SetUp, "setup", "Set an entry up, and put it in force; what has keys, for administrators", s.writeSetting, gone)
	add(s, http.MethodDelete, "/setup/{section}/{name}", auth.SetUp, "setup", "Take away what the console set up; what has keys, for administrators", s.dropSetting, gone)
	add(s, post, "/setup/{section}/{name}/try", auth.Keys, "setup", "Ask the network of a source once, as it would be; nothing is kept", s.trySetting)
	add(s, post, "/channels/{name}/test", auth.Keys, "setup", "Send a test notice", s.testNotice, gone)
}

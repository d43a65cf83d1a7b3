package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/form"
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
	f, err := s.framed(r, "Add a source")
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

type setFormPage struct {
	page
	Form  SetForm
	Asked []form.Asked
	More  []form.Asked // what is seldom asked for, folded
	Open  bool         // something is amiss in it
	Offer *NetworkOffer
	Key   string // the setting that names the entry
	New   bool
	Found *Found
	Rest  []string
	Kinds []string // to choose from, where that is not done yet
}

func (s *Server) setFormGet(w http.ResponseWriter, r *http.Request) error {
	if err := s.canSet(); err != nil {
		return err
	}
	q := r.URL.Query()
	section := r.PathValue("section")
	if section == "channels" && q.Get("kind") == "" && q.Get("name") == "" {
		p := setFormPage{Kinds: s.Editor.Channels()}
		return s.setFormPage(w, r, &p, http.StatusOK)
	}
	f, err := s.Editor.Form(section, q.Get("kind"), q.Get("name"))
	if err != nil {
		return err
	}
	p := setFormPage{Form: f, Asked: form.Ask(f.Fields, f.Values, form.State{Kept: f.Kept, Fixed: f.Fixed})}
	return s.setFormPage(w, r, &p, http.StatusOK)
}

func (s *Server) setFormPage(w http.ResponseWriter, r *http.Request, p *setFormPage, status int) error {
	wrong := p.Wrong
	t := s.teller(r.Context())
	name := "Add to " + t.Code(r.PathValue("section"))
	p.Form.Section, p.New, p.Key = r.PathValue("section"), p.Form.Name == "", "name"
	if p.Form.Section == "dispositions" {
		p.Key = "code"
	}
	p.fold()
	if offers := s.Editor.Offers(); p.Form.Section == "sources" {
		name = "Add a source"
		if i := slices.IndexFunc(offers, func(o NetworkOffer) bool { return o.Kind == p.Form.Kind }); i >= 0 {
			p.Offer = &offers[i]
		}
	}
	if p.Form.Name != "" {
		name = p.Form.Name
	} else if !p.Form.Several && p.Kinds == nil {
		name = t.title(p.Form.Section)
	}
	var err error
	if p.page, err = s.framed(r, name); err != nil {
		return err
	}
	p.Wrong = wrong
	return s.show(w, status, "setform", p)
}

// fold lays aside what a source has besides its name and its network's settings.
func (p *setFormPage) fold() {
	if p.Form.Section != "sources" {
		return
	}
	all := p.Asked
	p.Asked = nil
	for _, a := range all {
		if a.Name == p.Key || a.Kind == form.Group {
			p.Asked = append(p.Asked, a)
			continue
		}
		p.More, p.Open = append(p.More, a), p.Open || a.Wrong != ""
	}
}

// setFormPost tests, saves or takes away what a form has.
func (s *Server) setFormPost(w http.ResponseWriter, r *http.Request) error {
	if err := s.canSet(); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	section, name, do := r.PathValue("section"), r.PostForm.Get("entry"), r.PostForm.Get("do")
	f, err := s.Editor.Form(section, r.PostForm.Get("kind"), name)
	if err != nil {
		return err
	}
	ch := form.Change{Section: section, Kind: f.Kind, Name: name, Was: r.PostForm.Get("was"), Gone: do == "remove"}
	ch.Values = form.Read(f.Fields, r.PostForm)
	key := "name"
	if section == "dispositions" {
		key = "code"
	}
	if ch.Name == "" && f.Several {
		ch.Name, _ = ch.Values[key].(string)
	} else if f.Several {
		ch.Values[key] = name
	}
	found, err := s.carryOut(r.Context(), do, ch)
	if err == nil && do != "try" {
		s.afterSet(w, r, &ch, found)
		return nil
	}
	p := setFormPage{Form: f, Found: found}
	p.Form.Was = ch.Was
	state, status := form.State{Kept: f.Kept, Fixed: f.Fixed}, http.StatusOK
	if wrong, ok := errors.AsType[*form.Wrong](err); ok {
		state.Wrong, p.Rest, status = wrong.Fields, wrong.Rest, http.StatusUnprocessableEntity
		p.Wrong = problem(status, "invalid", "Nothing was saved yet: see below what is amiss.")
	} else if err != nil {
		if p.Wrong = s.explain(r.Context(), err); p.Wrong.status >= http.StatusInternalServerError && p.Wrong.code != string(care.Unavailable) {
			return p.Wrong
		}
		status = p.Wrong.status
	}
	p.Asked = form.Ask(f.Fields, ch.Values, state)
	return s.setFormPage(w, r, &p, status)
}

// carryOut does what a form's button says. A source is tested before it is saved,
// unless somebody wants otherwise.
func (s *Server) carryOut(ctx context.Context, do string, ch form.Change) (found *Found, err error) {
	if do == "try" || do == "save" && ch.Section == "sources" {
		got, err := s.Editor.Try(ctx, ch)
		if err != nil {
			return nil, err
		}
		found = &got
	}
	if do == "try" {
		return found, nil
	}
	return found, s.Editor.Make(ctx, askedOf(ctx).who.Actor(), ch)
}

// afterSet leads on once something is saved: from a source to its first mention.
func (s *Server) afterSet(w http.ResponseWriter, r *http.Request, ch *form.Change, found *Found) {
	if ch.Section != "sources" || ch.Gone {
		s.after(w, r, "/setup", "set", Written{})
		return
	}
	q := url.Values{"source": {ch.Name}}
	if found != nil {
		q.Set("week", strconv.Itoa(found.Week))
	}
	s.after(w, r, "/start/heard?"+q.Encode(), "set", Written{})
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
	l, err := s.sources()
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
	if p.page, err = s.framed(r, "The first mention"); err != nil {
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
	if p.page, err = s.framed(r, "What was changed"); err != nil {
		return err
	}
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
	s.handle(get, "/setup/edit/{section}", auth.Keys, s.setFormGet)
	s.handle(post, "/setup/edit/{section}", auth.Keys, s.setFormPost)
	s.handle(get, "/setup/history", auth.Keys, s.historyGet)
	s.handle(post, "/setup/history/{n}/put-back", auth.Keys, s.putBackPost)
	s.handle(post, "/setup/channels/{name}/test", auth.Keys, s.testNoticePost)

	gone := answers(http.StatusNoContent, "")
	add(s, get, "/setup-history", auth.Keys, "setup", "What was changed in what the console set up", s.setHistory)
	add(s, post, "/setup-history/{n}/put-back", auth.Keys, "setup", "Put a version back", s.putBack, gone)
	add(s, get, "/setup/{section}/{name}", auth.Keys, "setup", "Read an entry of what is set up, with its fields and without its secrets", s.oneSetting)
	add(s, http.MethodPut, "/setup/{section}/{name}", auth.Keys, "setup", "Set an entry up, and put it in force", s.writeSetting, gone)
	add(s, http.MethodDelete, "/setup/{section}/{name}", auth.Keys, "setup", "Take away what the console set up", s.dropSetting, gone)
	add(s, post, "/setup/{section}/{name}/try", auth.Keys, "setup", "Ask the network of a source once, as it would be; nothing is kept", s.trySetting)
	add(s, post, "/channels/{name}/test", auth.Keys, "setup", "Send a test notice", s.testNotice, gone)
}

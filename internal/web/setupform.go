package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/form"
)

// rightFor is who may change a section: a lead sets the desk up; what has keys,
// gives money away or holds for all is an administrator's.
func rightFor(section string) auth.Action {
	switch section {
	case "brand", "sources", "channels", "approvals", "cases", "goodwill":
		return auth.Keys
	}
	return auth.SetUp
}

// maySet says whether whoever asks may change a section.
func (s *Server) maySet(ctx context.Context, section string) error {
	if err := s.canSet(); err != nil {
		return err
	}
	if !askedOf(ctx).who.May(rightFor(section)) {
		return &care.Error{Code: care.Denied, Msg: "An administrator sets this up."}
	}
	return nil
}

type setFormPage struct {
	page
	Form    SetForm
	Asked   []form.Asked
	More    []form.Asked // what is seldom asked for, folded
	Open    bool         // something is amiss in it
	Offer   *NetworkOffer
	Key     string // the setting that names the entry
	New     bool
	Found   *Found
	Rest    []string
	Amiss   []amiss  // with the fields that they are about
	Kinds   []string // to choose from, where that is not done yet
	Slip    string   // keys that were pasted and are not saved yet
	Unsaved bool     // what is shown is not what holds
	Box     *tryBox
}

func (s *Server) setFormGet(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	section := r.PathValue("section")
	if err := s.maySet(r.Context(), section); err != nil {
		return err
	}
	if section == "channels" && q.Get("kind") == "" && q.Get("name") == "" {
		p := setFormPage{Kinds: s.Editor.Channels()}
		return s.setFormPage(w, r, &p, http.StatusOK)
	}
	f, err := s.setForm(r, section, q.Get("kind"), q.Get("name"))
	if err != nil {
		return err
	}
	if name := q.Get("new"); name != "" && q.Get("name") == "" && len(f.Values) == 0 {
		f.Values = form.Values{keyOf(section): name}
	}
	p := setFormPage{Form: f, Asked: form.Ask(f.Fields, f.Values, form.State{Kept: f.Kept, Fixed: f.Fixed, Say: s.teller(r.Context()).choice})}
	return s.setFormPage(w, r, &p, http.StatusOK)
}

// setForm is what is asked of an entry, in the language of whoever asks.
func (s *Server) setForm(r *http.Request, section, kind, name string) (SetForm, error) {
	f, err := s.Editor.Form(section, kind, name)
	at := []string{section}
	if f.Kind != "" {
		at = append(at, f.Kind)
	}
	f.Fields = s.teller(r.Context()).labelled(f.Fields, at...)
	return f, err
}

// keyOf is the setting that names an entry of a section.
func keyOf(section string) string {
	if section == "dispositions" {
		return "code"
	}
	return "name"
}

func (s *Server) setFormPage(w http.ResponseWriter, r *http.Request, p *setFormPage, status int) error {
	wrong, t := p.Wrong, s.teller(r.Context())
	section := r.PathValue("section")
	name := "add." + section
	p.Form.Section, p.New, p.Key = section, p.Form.Name == "", keyOf(section)
	p.fold()
	if offers := s.Editor.Offers(); section == "sources" {
		if i := slices.IndexFunc(offers, func(o NetworkOffer) bool { return o.Kind == p.Form.Kind }); i >= 0 {
			p.Offer = &offers[i]
		}
	}
	if p.Form.Name != "" {
		name = p.Form.Name
	} else if !p.Form.Several && p.Kinds == nil {
		name = t.section(section)
	}
	var err error
	if p.page, err = s.framed(r, name); err != nil {
		return err
	}
	if p.Box == nil && p.Form.Place == "" && p.Kinds == nil {
		if p.Box, err = s.boxFor(section, nil, t); err != nil {
			return err
		}
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

// A filling is a form on its way: what was filled in, and for what.
type filling struct {
	f     SetForm
	ch    form.Change
	sent  url.Values
	do    string
	held  map[string]string // keys that were pasted, by their paths
	tells teller
}

// filled reads a form that was sent.
func (s *Server) filled(r *http.Request) (*filling, error) {
	section := r.PathValue("section")
	if err := s.maySet(r.Context(), section); err != nil {
		return nil, err
	}
	if err := parseLong(r); err != nil {
		return nil, err
	}
	name := r.PostForm.Get("entry")
	f, err := s.setForm(r, section, r.PostForm.Get("kind"), name)
	if err != nil {
		return nil, err
	}
	in := &filling{f: f, sent: r.PostForm, do: r.PostForm.Get("do"), tells: s.teller(r.Context())}
	in.ch = form.Change{Section: section, Kind: f.Kind, Name: name, Was: r.PostForm.Get("was"), Gone: in.do == "remove"}
	if in.read(form.Read); in.ch.Name == "" && f.Several {
		in.ch.Name, _ = in.ch.Values[keyOf(section)].(string)
	}
	s.held.fill(r, in)
	return in, nil
}

// read reads the values in one of two ways.
func (in *filling) read(how func([]form.Field, url.Values) form.Values) {
	in.ch.Values = how(in.f.Fields, in.sent)
	if in.f.Several && in.ch.Name != "" {
		in.ch.Values[keyOf(in.ch.Section)] = in.ch.Name
	}
}

// parseLong parses a form that may have very many fields.
func parseLong(r *http.Request) error {
	err := r.ParseForm()
	if err != nil && strings.Contains(err.Error(), "number of URL query parameters exceeded limit") {
		return &care.Error{Code: care.Invalid, Msg: "This is more than one form can hold. Write it in the configuration file, docs/configuration.md tells how.", Err: err}
	}
	return err
}

// setFormPost tests, saves or takes away what a form has, or arranges the form.
func (s *Server) setFormPost(w http.ResponseWriter, r *http.Request) error {
	in, err := s.filled(r)
	if err != nil {
		return err
	}
	p := setFormPage{Form: in.f, Unsaved: true}
	p.Form.Was = in.ch.Was
	state, status := form.State{Kept: in.f.Kept, Fixed: in.f.Fixed, Say: in.tells.choice}, http.StatusOK
	at, err := s.arrange(in)
	state.At, state.Blank = at, map[string]int{at: 3}
	if at == "" && err == nil {
		if err = s.asksTo(r.Context(), in, &p); err == nil && !p.stays(in.do) {
			s.held.drop(r)
			s.afterSet(w, r, &in.ch, p.Found)
			return nil
		}
	}
	if wrong, ok := errors.AsType[*form.Wrong](err); ok {
		state.Wrong, p.Rest, p.Amiss, status = wrong.Fields, wrong.Rest, in.tells.amiss(in.f.Fields, wrong.Fields), http.StatusUnprocessableEntity
		p.Wrong = problem(status, "invalid", in.tells.Say("set.amiss"))
	} else if err != nil {
		if p.Wrong = s.explain(r.Context(), err); p.Wrong.status >= http.StatusInternalServerError && p.Wrong.code != string(care.Unavailable) {
			return p.Wrong
		}
		if status = p.Wrong.status; status == http.StatusConflict {
			p.Form.Was = in.f.Was // they know now
		}
	}
	if p.Slip, err = s.held.keep(r, in); err != nil {
		return err
	}
	for path := range in.held {
		state.Held = append(state.Held, path)
	}
	if p.Box == nil {
		if p.Box, err = s.boxFor(in.ch.Section, in.sent, in.tells); err != nil {
			return err
		}
	}
	p.Asked = form.Ask(in.f.Fields, in.ch.Values, state)
	return s.setFormPage(w, r, &p, status)
}

// An amiss is a mistake at a field.
type amiss struct{ ID, Name, Msg string }

func (t teller) amiss(of []form.Field, wrong map[string]string) (all []amiss) {
	for _, path := range slices.Sorted(maps.Keys(wrong)) {
		all = append(all, amiss{form.ID(path), t.settingName(of, path), wrong[path]})
	}
	return all
}

// stays says that a button leaves the form open.
func (p *setFormPage) stays(do string) bool { return do == "try" || p.Box != nil && p.Box.Asked }

// arrange does what a button says that adds, moves or takes away a row.
// The path is of what was arranged; empty: nothing was.
func (s *Server) arrange(in *filling) (at string, err error) {
	if in.do == doExample {
		return s.exampleOf(in)
	}
	if !strings.Contains(in.do, ":") {
		return "", nil
	}
	in.read(form.Draft)
	at, ok := form.Arrange(in.f.Fields, in.ch.Values, in.do)
	if !ok {
		err = errNoButton
	}
	return at, err
}

var errNoButton = &care.Error{Code: care.Invalid, Msg: "This button means nothing here any more. Nothing was saved."}

// asksTo does what a form's button says. A source is tested before it is saved,
// unless somebody wants otherwise.
func (s *Server) asksTo(ctx context.Context, in *filling, p *setFormPage) error {
	switch in.do {
	case doRoute, doDeadline:
		box, err := s.tryUnsaved(in)
		p.Box = box
		return err
	case "save", "untested", "remove", "try":
	default:
		return errNoButton
	}
	if in.do == "try" || in.do == "save" && in.ch.Section == "sources" {
		got, err := s.Editor.Try(ctx, in.ch)
		if err != nil {
			return err
		}
		p.Found = &got
	}
	if in.do == "try" {
		return nil
	}
	return s.Editor.Make(ctx, askedOf(ctx).who.Actor(), in.ch)
}

// afterSet leads on once something is saved: from a source to its first mention.
func (s *Server) afterSet(w http.ResponseWriter, r *http.Request, ch *form.Change, found *Found) {
	if ch.Section != "sources" || ch.Gone {
		s.after(w, r, "/setup#"+partOf(ch.Section), "set", Written{})
		return
	}
	q := url.Values{"source": {ch.Name}}
	if found != nil {
		q.Set("week", strconv.Itoa(found.Week))
	}
	s.after(w, r, "/start/heard?"+q.Encode(), "set", Written{})
}

// partOf is the part of the page Set up that shows a section.
func partOf(section string) string {
	switch section {
	case "approvals", "goodwill", "known_issues":
		return "cases"
	case "brand":
		return ""
	}
	return section
}

package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// A chip is a choice of what a page lists, and its address.
type chip struct{ Name, Value, To string }

type mentionsPage struct {
	page
	List   MentionList
	Is     string
	Kinds  []chip
	More   string
	CanAct bool
}

func (s *Server) mentionsGet(w http.ResponseWriter, r *http.Request) error {
	q := MentionFilter{Is: r.URL.Query().Get("is"), After: care.MentionID(r.URL.Query().Get("after")), Limit: 50}
	p := mentionsPage{Is: q.Is}
	var err error
	if p.List, err = s.mentions(r.Context(), &q); err != nil {
		return err
	}
	if p.page, err = s.framed(r, "nav.mentions"); err != nil {
		return err
	}
	for _, k := range [][2]string{{"", "mentions.all"}, {"flagged", "mentions.flagged"}, {"unflagged", "mentions.unflagged"}, {"loose", "mentions.loose"}, {"own", "mentions.own"}} {
		to := "/mentions"
		if k[0] != "" {
			to += "?is=" + k[0]
		}
		p.Kinds = append(p.Kinds, chip{Name: p.tells.Say(k[1]), Value: k[0], To: to})
	}
	p.More, p.CanAct = paged(r, string(p.List.Next)), p.Me.May(auth.Work)
	return s.show(w, http.StatusOK, "mentions", p)
}

// paged is the address of the page after a mark.
func paged(r *http.Request, mark string) string {
	if mark == "" {
		return ""
	}
	v := r.URL.Query()
	for _, name := range []string{"did", "seq"} {
		v.Del(name)
	}
	v.Set("after", mark)
	return (&url.URL{Path: r.URL.Path, RawQuery: v.Encode()}).String()
}

func (s *Server) openPost(w http.ResponseWriter, r *http.Request) error {
	out, err := s.openCase(r.Context(), care.MentionID(r.PathValue("id")), Writing{Key: r.PostFormValue("op")}.op(r.Context()))
	if err != nil {
		return err
	}
	s.after(w, r, "/cases/"+string(out.Case), "", out)
	return nil
}

type sourcesPage struct {
	page
	List     SourceList
	CanPause bool
}

func (s *Server) sourcesGet(w http.ResponseWriter, r *http.Request) error {
	var p sourcesPage
	var err error
	if p.List, err = s.sources(s.teller(r.Context())); err != nil {
		return err
	}
	if p.page, err = s.framed(r, "sources"); err != nil {
		return err
	}
	p.CanPause = p.Me.May(auth.SetUp)
	return s.show(w, http.StatusOK, "sources", p)
}

func (s *Server) releasePost(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.releaseDesk(r.Context(), nil); err != nil {
		return err
	}
	s.after(w, r, "/sources", "release_desk", Written{})
	return nil
}

func (s *Server) reloadPost(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.reload(r.Context(), nil); err != nil {
		return err
	}
	s.after(w, r, "/sources", "reload", Written{})
	return nil
}

func (s *Server) pausePost(w http.ResponseWriter, r *http.Request) error {
	return s.sourcePost(w, r, s.pauseSource)
}

func (s *Server) resumePost(w http.ResponseWriter, r *http.Request) error {
	return s.sourcePost(w, r, s.resumeSource)
}

func (s *Server) sourcePost(w http.ResponseWriter, r *http.Request, do func(context.Context, *sourceWrite) (*written, error)) error {
	out, err := do(r.Context(), &sourceWrite{OneSource: OneSource{Name: r.PathValue("name")}})
	if err != nil {
		return err
	}
	s.after(w, r, "/sources", "source", out.Body)
	return nil
}

type peoplePage struct {
	page
	People []Person
	Roles  []auth.Role
	Fresh  *Welcome // somebody just added, or given a link
	Typed  NewPerson
	Able   []Person        // who can be given cases
	Manage bool            // accounts, and not only who has what
	CanSet bool            // which cases they can be given
	Given  map[string]bool // people of whom that is set up
}

func (s *Server) peopleGet(w http.ResponseWriter, r *http.Request) error {
	return s.peoplePage(w, r, peoplePage{}, http.StatusOK)
}

func (s *Server) peoplePage(w http.ResponseWriter, r *http.Request, p peoplePage, status int) error {
	wrong := p.Wrong
	var err error
	if p.page, err = s.framed(r, "nav.people"); err != nil {
		return err
	}
	out, err := s.listPeople(r.Context(), nil)
	if err != nil {
		return err
	}
	p.Wrong, p.People, p.Roles, p.Able, p.Manage = wrong, out.Body.People, auth.Roles(), able(out.Body.People), p.Me.May(auth.Team)
	p.CanSet = p.Manage && s.Editor != nil
	if p.Given, err = s.given(); err != nil {
		return err
	}
	return s.show(w, status, "people", p)
}

// able are those who can be given cases.
func able(all []Person) []Person {
	return slices.DeleteFunc(slices.Clone(all), func(p Person) bool { return p.Disabled || p.Role == auth.Viewer })
}

// given are the people of whom it is set up which cases they get.
func (s *Server) given() (map[string]bool, error) {
	all := map[string]bool{}
	if s.InForce == nil {
		return all, nil
	}
	in, err := s.inForce(s.english())
	for _, part := range in.Parts {
		for _, r := range part.Rows {
			if part.ID == "people" {
				all[r.Cells[0]] = true
			}
		}
	}
	return all, err
}

// wrongOnPeople shows the page again with what went wrong.
func (s *Server) wrongOnPeople(w http.ResponseWriter, r *http.Request, err error, typed NewPerson) error {
	f := s.explain(r.Context(), err)
	if f.status >= http.StatusInternalServerError {
		return f
	}
	return s.peoplePage(w, r, peoplePage{page: page{Wrong: f}, Typed: typed}, f.status)
}

func (s *Server) peoplePost(w http.ResponseWriter, r *http.Request) error {
	n := NewPerson{Name: r.PostFormValue("name"), Display: r.PostFormValue("display"), Role: auth.Role(r.PostFormValue("role")), Languages: languagesOf(r)}
	fresh, err := s.welcome(r.Context(), n)
	if err != nil {
		return s.wrongOnPeople(w, r, err, n)
	}
	return s.peoplePage(w, r, peoplePage{Fresh: &fresh}, http.StatusCreated)
}

// languagesOf are those that a form names, by commas.
func languagesOf(r *http.Request) []string {
	return strings.FieldsFunc(r.PostFormValue("languages"), func(c rune) bool { return c == ',' || c == ' ' })
}

func (s *Server) personPost(w http.ResponseWriter, r *http.Request) error {
	in := personChangeInput{OnePerson: OnePerson{Name: care.AgentID(r.PathValue("name"))}}
	if role := auth.Role(r.PostFormValue("role")); role != "" {
		in.Body.Role = &role
	}
	if r.PostForm.Has("display") {
		in.Body.Display = new(r.PostFormValue("display"))
	}
	if r.PostForm.Has("languages") {
		in.Body.Languages = append([]string{}, languagesOf(r)...)
	}
	if r.PostForm.Has("disabled") {
		disabled := r.PostFormValue("disabled") == "true"
		in.Body.Disabled = &disabled
	}
	if _, err := s.changePerson(r.Context(), &in); err != nil {
		return s.wrongOnPeople(w, r, err, NewPerson{})
	}
	s.after(w, r, "/people", "person", Written{})
	return nil
}

func (s *Server) personLinkPost(w http.ResponseWriter, r *http.Request) error {
	out, err := s.makeLink(r.Context(), &OnePerson{Name: care.AgentID(r.PathValue("name"))})
	if err != nil {
		return s.wrongOnPeople(w, r, err, NewPerson{})
	}
	return s.peoplePage(w, r, peoplePage{Fresh: &out.Body}, http.StatusCreated)
}

func (s *Server) personSignOutPost(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.signOutPerson(r.Context(), &OnePerson{Name: care.AgentID(r.PathValue("name"))}); err != nil {
		return s.wrongOnPeople(w, r, err, NewPerson{})
	}
	s.after(w, r, "/people", "person", Written{})
	return nil
}

type mePage struct {
	page
	Set      Settings
	Sessions []Session
	Tokens   []Token
	Roles    []auth.Role
	Fresh    *MadeToken
	Self     Person // with whether they are away
	Able     []Person
	CanWork  bool
}

func (s *Server) meGet(w http.ResponseWriter, r *http.Request) error {
	return s.mePage(w, r, mePage{}, http.StatusOK)
}

func (s *Server) mePage(w http.ResponseWriter, r *http.Request, p mePage, status int) error {
	ctx, wrong := r.Context(), p.Wrong
	var err error
	if p.page, err = s.framed(r, "me.title"); err != nil {
		return err
	}
	sessions, err := s.mySessions(ctx, nil)
	if err != nil {
		return err
	}
	tokens, err := s.myTokens(ctx, nil)
	if err != nil {
		return err
	}
	set, err := s.mySettings(ctx, nil)
	if err != nil {
		return err
	}
	team, err := s.listPeople(ctx, nil)
	if err != nil {
		return err
	}
	p.Set, p.CanWork = set.Body, p.Me.May(auth.Work)
	for _, one := range team.Body.People {
		if one.Name == p.Me.Name {
			p.Self = one
		}
	}
	p.Able = slices.DeleteFunc(able(team.Body.People), func(o Person) bool { return o.Name == p.Me.Name })
	p.Wrong, p.Sessions, p.Tokens = wrong, sessions.Body.Sessions, tokens.Body.Tokens
	for _, role := range auth.Roles() {
		if auth.Least(role, p.Me.Role) == role {
			p.Roles = append(p.Roles, role)
		}
	}
	return s.show(w, status, "me", p)
}

func (s *Server) tokenPost(w http.ResponseWriter, r *http.Request) error {
	in := newTokenInput{NewToken{Name: r.PostFormValue("name"), Role: auth.Role(r.PostFormValue("role"))}}
	if d := r.PostFormValue("days"); d != "" {
		var err error
		if in.Body.Days, err = strconv.Atoi(d); err != nil || in.Body.Days < 0 || in.Body.Days > 3650 {
			return s.wrongOnMe(w, r, problem(http.StatusUnprocessableEntity, "invalid", "wrong.days"))
		}
	}
	out, err := s.addToken(r.Context(), &in)
	if err != nil {
		return s.wrongOnMe(w, r, err)
	}
	return s.mePage(w, r, mePage{Fresh: &out.Body}, http.StatusCreated)
}

// wrongOnMe shows the page again with what went wrong.
func (s *Server) wrongOnMe(w http.ResponseWriter, r *http.Request, err error) error {
	f := s.explain(r.Context(), err)
	if f.status >= http.StatusInternalServerError {
		return f
	}
	return s.mePage(w, r, mePage{page: page{Wrong: f}}, f.status)
}

func (s *Server) tokenRevokePost(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.revokeMyToken(r.Context(), &idInput{ID: r.PathValue("id")}); err != nil {
		return err
	}
	s.after(w, r, "/me", "token", Written{})
	return nil
}

func (s *Server) sessionEndPost(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.endSession(r.Context(), &idInput{ID: r.PathValue("id")}); err != nil {
		return err
	}
	s.after(w, r, "/me", "session", Written{})
	return nil
}

func (s *Server) sessionsEndPost(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.endOtherSessions(r.Context(), nil); err != nil {
		return err
	}
	s.after(w, r, "/me", "session", Written{})
	return nil
}

package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// A SignIn is a name with its password.
type SignIn struct {
	Name     string `json:"name" maxLength:"200"`
	Password string `json:"password" maxLength:"4096"`
}

type signInInput struct{ Body SignIn }

type signInOutput struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   Me
}

// signIn opens a session. The answer's cookie is what later requests need.
func (s *Server) signIn(ctx context.Context, in *signInInput) (*signInOutput, error) {
	a := askedOf(ctx)
	if !a.mayKeep {
		return nil, errNoTLS
	}
	opened, err := s.People.SignIn(ctx, in.Body.Name, in.Body.Password, a.visit)
	if e, ok := errors.AsType[*care.Error](err); ok && e.Code == care.Denied {
		return nil, &failure{status: http.StatusUnauthorized, code: "wrong_password", key: string(e.Msg), with: e.With}
	}
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx, opened)
}

func (s *Server) signedIn(ctx context.Context, opened auth.Session) (*signInOutput, error) {
	who, err := s.People.Still(ctx, opened.Secret)
	if err != nil {
		return nil, err
	}
	me, err := s.meOf(ctx, who)
	return &signInOutput{Cookie: s.sessionCookie(ctx, opened), Body: me}, err
}

// errNoTLS refuses to hand out a session that others could read on the way.
var errNoTLS = &failure{status: http.StatusForbidden, code: "no_tls", key: "wrong.no_tls"}

type signOutInput struct{}

type signOutOutput struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) signOut(ctx context.Context, _ *signOutInput) (*signOutOutput, error) {
	return &signOutOutput{s.noCookie(ctx)}, s.People.SignOut(ctx, askedOf(ctx).secret)
}

// A PasswordChange is a new password, with the one so far.
type PasswordChange struct {
	Old      string `json:"old,omitempty" maxLength:"4096" doc:"The one so far; not needed where there is none, or after a link to reset."`
	Password string `json:"password" maxLength:"4096" doc:"At least twelve characters."`
}

type passwordInput struct{ Body PasswordChange }

// changePassword ends all sessions and opens a fresh one.
func (s *Server) changePassword(ctx context.Context, in *passwordInput) (*signInOutput, error) {
	a := askedOf(ctx)
	opened, err := s.People.ChangePassword(ctx, a.who, in.Body.Old, in.Body.Password, a.visit)
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx, opened)
}

type signInPage struct {
	page
	Name   string
	Next   string
	Failed string
}

// local is a path of ours to go to, and nothing else.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return u.RequestURI()
}

// toSignIn leads a browser to the sign-in page, and back once it is done.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request) {
	to := "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (s *Server) signInForm(w http.ResponseWriter, r *http.Request) error {
	if askedOf(r.Context()).in {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	p := signInPage{page: s.bare(r, "sign_in.do"), Next: local(r.URL.Query().Get("next"))}
	if !askedOf(r.Context()).mayKeep {
		p.Failed = p.tells.Say(errNoTLS.key)
	}
	return s.show(w, http.StatusOK, "signin", p)
}

func (s *Server) signInPost(w http.ResponseWriter, r *http.Request) error {
	in := signInInput{SignIn{Name: r.PostFormValue("name"), Password: r.PostFormValue("password")}}
	next := local(r.PostFormValue("next"))
	out, err := s.signIn(r.Context(), &in)
	if err != nil {
		f := s.explain(r.Context(), err)
		f.headers(w.Header())
		return s.show(w, f.status, "signin", signInPage{page: s.bare(r, "sign_in.do"), Name: in.Body.Name, Next: next, Failed: f.msg})
	}
	http.SetCookie(w, &out.Cookie)
	if out.Body.MustChange {
		next = "/password"
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (s *Server) signOutPost(w http.ResponseWriter, r *http.Request) error {
	out, err := s.signOut(r.Context(), nil)
	if err != nil {
		return err
	}
	http.SetCookie(w, &out.Cookie)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

type linkPage struct {
	page
	Display string
	Reset   bool
	Failed  string
}

// linkForm shows what a one-time link is for. Looking does not spend it: mail
// programs look at every link.
func (s *Server) linkForm(w http.ResponseWriter, r *http.Request) error {
	p := linkPage{page: s.bare(r, "link.welcome")}
	a, why, err := s.People.LinkFor(r.Context(), r.PathValue("secret"))
	status := http.StatusOK
	switch {
	case err != nil:
		f := s.linkFailed(r, err)
		status, p.Failed = f.status, f.msg
	case !askedOf(r.Context()).mayKeep:
		p.Failed = p.tells.Say(errNoTLS.key)
	}
	p.Display, p.Reset = a.Display, why == auth.ToReset
	return s.show(w, status, "link", p)
}

// linkFailed says why a link lets nobody in: mostly since it is spent.
func (s *Server) linkFailed(r *http.Request, err error) *failure {
	f := s.explain(r.Context(), err)
	if f.status == http.StatusForbidden {
		return &failure{status: http.StatusGone, code: "gone", msg: f.msg}
	}
	return f
}

// linkPost spends a link: once, and whoever did is signed in.
func (s *Server) linkPost(w http.ResponseWriter, r *http.Request) error {
	a := askedOf(r.Context())
	if !a.mayKeep {
		return errNoTLS
	}
	opened, err := s.People.SpendLink(r.Context(), r.PathValue("secret"), a.visit)
	if err != nil {
		f := s.linkFailed(r, err)
		return s.show(w, f.status, "link", linkPage{page: s.bare(r, "link.welcome"), Failed: f.msg})
	}
	c := s.sessionCookie(r.Context(), opened)
	http.SetCookie(w, &c)
	to := "/"
	if opened.Account.MustChange {
		to = "/password"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

type passwordPage struct {
	page
	NeedsOld bool
	Due      bool
	Failed   string
}

func (s *Server) passwordForm(w http.ResponseWriter, r *http.Request) error {
	return s.passwordPage(w, r, nil)
}

func (s *Server) passwordPage(w http.ResponseWriter, r *http.Request, f *failure) error {
	who := askedOf(r.Context()).who
	p := passwordPage{page: s.bare(r, "password.choose"), NeedsOld: !who.NoPassword && !who.MustChange, Due: who.MustChange}
	status := http.StatusOK
	if f != nil {
		status, p.Failed = f.status, s.explain(r.Context(), f).msg
	}
	return s.show(w, status, "password", p)
}

func (s *Server) passwordPost(w http.ResponseWriter, r *http.Request) error {
	in := passwordInput{PasswordChange{Old: r.PostFormValue("old"), Password: r.PostFormValue("password")}}
	if in.Body.Password != r.PostFormValue("again") {
		return s.passwordPage(w, r, problem(http.StatusUnprocessableEntity, "invalid", "password.differ"))
	}
	out, err := s.changePassword(r.Context(), &in)
	if err != nil {
		f := s.explain(r.Context(), err)
		if f.status >= http.StatusInternalServerError {
			return f
		}
		f.headers(w.Header())
		return s.passwordPage(w, r, f)
	}
	http.SetCookie(w, &out.Cookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// sessionCookie is what the browser keeps of a session.
func (s *Server) sessionCookie(ctx context.Context, opened auth.Session) http.Cookie {
	c := askedOf(ctx).cookie
	c.Value = opened.Secret
	c.MaxAge = int(opened.Ends.Sub(s.Now()) / time.Second)
	return c
}

func (s *Server) noCookie(ctx context.Context) http.Cookie {
	c := askedOf(ctx).cookie
	c.MaxAge = -1
	return c
}

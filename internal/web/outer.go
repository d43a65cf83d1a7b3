package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/web/tongue"
)

const (
	maxBody     = 1 << 20          // of a request, in bytes
	answerTime  = 30 * time.Second // for a request that is no stream
	catchUpTime = 2 * time.Second  // for this node's view to show what a request names
)

// policy is the Content-Security-Policy of every answer. There is no inline
// script or style anywhere, and no sink that takes markup from script.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// asked is what is known about a request besides the request.
type asked struct {
	id     string // to find it in the log
	who    auth.Identity
	in     bool   // who is somebody
	secret string // of the session, where there is one
	route  string // pattern that matched
	path   string // that was asked for

	origin  string      // at which the console is reached, for links
	visit   auth.Visit  // where a sign-in would come from
	cookie  http.Cookie // that a session would be kept in, without its value
	mayKeep bool        // a session's cookie is safe on this connection
	failed  bool        // and was logged

	accepts string         // Accept-Language
	tongue  *tongue.Tongue // to answer in, once somebody needed it
}

type askedKey struct{}

func askedOf(ctx context.Context) *asked {
	a, _ := ctx.Value(askedKey{}).(*asked)
	if a == nil {
		return &asked{}
	}
	return a
}

// outer is what every request passes: headers, limits, who asks, cross-origin
// requests turned away, a panic caught, one line in the log.
func (s *Server) outer(next http.Handler) (http.Handler, error) {
	origins := http.NewCrossOriginProtection()
	if u := s.PublicURL; u != nil {
		if err := origins.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("public URL: %w", err)
		}
	}
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, problem(http.StatusForbidden, "cross_origin", "wrong.cross_origin"))
	}))
	next, err := packed(next)
	if err != nil {
		return nil, fmt.Errorf("packing: %w", err)
	}
	inner := origins.Handler(s.identify(next))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		a := s.asked(r)
		ctx := context.WithValue(r.Context(), askedKey{}, a)
		if !streams(r) {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, answerTime)
			defer cancel()
			_ = http.NewResponseController(w).SetWriteDeadline(began.Add(answerTime + 5*time.Second)) // where there is a connection
		}
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		s.secure(w, r)
		out := &recorder{ResponseWriter: w}
		defer func() {
			s.recovered(recover(), out, r)
			took := time.Since(began)
			if s.Observe != nil {
				s.Observe(a.route, out.status(), took)
			}
			s.Log.Debug("request", "request", a.id, "method", r.Method, "route", a.route, "status", out.status(), "agent", a.who.Name, "took", took)
		}()
		inner.ServeHTTP(out, r)
	}), nil
}

// asked is what the connection alone tells of a request.
func (s *Server) asked(r *http.Request) *asked {
	a := &asked{id: rand.Text()[:12], path: r.URL.Path, origin: s.origin(r), cookie: s.cookie(r), mayKeep: s.mayHoldSession(r), accepts: r.Header.Get("Accept-Language")}
	a.visit = auth.Visit{From: s.from(r), Device: r.UserAgent()}
	if c, err := r.Cookie(a.cookie.Name); err == nil && a.mayKeep {
		a.secret, a.visit.Old = c.Value, c.Value
	}
	_, a.route = s.mux.Handler(r)
	return a
}

func (s *Server) recovered(v any, w *recorder, r *http.Request) {
	switch err, _ := v.(error); {
	case v == nil:
	case errors.Is(err, http.ErrAbortHandler):
		panic(v) // the server knows what to do
	default:
		s.Log.Error("panic", "request", askedOf(r.Context()).id, "route", askedOf(r.Context()).route, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		askedOf(r.Context()).failed = true
		if w.code == 0 {
			s.fail(w, r, errors.New("panic"))
		}
	}
}

// secure sets the headers that every answer has.
func (s *Server) secure(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if s.overTLS(r) {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// identify finds out who asks. It turns nobody away: routes do.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := askedOf(r.Context())
		var err error
		trusted, known := r.Context().Value(trustedKey{}).(auth.Identity)
		switch {
		case s.openTo[a.route]:
			err = auth.ErrSignedOut // nobody needs to be asked
		case r.Header.Get("Authorization") != "":
			a.who, err = s.People.Bearer(r.Context(), bearer(r))
		case known:
			a.who = trusted
		default:
			a.who, err = s.People.Who(r.Context(), a.secret)
		}
		if err != nil && !errors.Is(err, auth.ErrSignedOut) {
			s.fail(w, r, fmt.Errorf("find out who asks: %w", err))
			return
		}
		a.in = err == nil
		next.ServeHTTP(w, r)
	})
}

type trustedKey struct{}

// Trusted says who asks, for requests that come in where that is known without a
// session: through the folder's own socket. A token in the request counts more.
func Trusted(ctx context.Context, who auth.Identity) context.Context {
	return context.WithValue(ctx, trustedKey{}, who)
}

// Refuse answers a request with an error, as the API does.
func (s *Server) Refuse(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }

// bearer is the API token of a request; empty: it has none.
func bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// caughtUp waits until this node shows what the request has seen elsewhere:
// the record named by the header Amends-Seq, or by ?seq= in a page's address.
func (s *Server) caughtUp(r *http.Request) error {
	named := r.Header.Get("Amends-Seq")
	if named == "" {
		named = r.URL.Query().Get("seq")
	}
	if named == "" {
		return nil
	}
	seq, err := strconv.ParseUint(named, 10, 64)
	if err != nil {
		return problem(http.StatusUnprocessableEntity, "invalid", "wrong.seq")
	}
	return s.shows(r.Context(), store.Seq(seq))
}

func (s *Server) shows(ctx context.Context, seq store.Seq) error {
	ctx, cancel := context.WithTimeout(ctx, catchUpTime)
	defer cancel()
	err := s.Cases.Wait(ctx, seq)
	if errors.Is(err, context.DeadlineExceeded) {
		return &failure{status: http.StatusServiceUnavailable, code: "behind", key: "wrong.behind", after: time.Second}
	}
	return err
}

// streams says whether a request is answered for as long as it lasts.
func streams(r *http.Request) bool { return r.URL.Path == eventsPath }

// A recorder notes the status that was sent.
type recorder struct {
	http.ResponseWriter
	code int
}

func (w *recorder) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}

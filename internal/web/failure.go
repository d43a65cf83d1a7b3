package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// A failure is an error as it is shown: to people as a page, to programs as a
// problem document of RFC 9457.
type failure struct {
	status int
	code   string // stable, for programs
	field  string // at fault, if one is
	key    string // of the sentence in the catalogue, or the sentence itself; empty: msg is there already
	with   []any  // that fills its places
	msg    string // a whole sentence
	after  time.Duration
	id     string // to find it in the log
	signIn bool   // signing in would help
}

func (f *failure) Error() string { return cmp.Or(f.msg, f.key) }

// problem is a failure whose sentence the catalogue has.
func problem(status int, code, key string, with ...any) *failure {
	return &failure{status: status, code: code, key: key, with: with}
}

var (
	errSignIn = &failure{status: http.StatusUnauthorized, code: "signed_out", key: "wrong.signed_out", signIn: true}
	errNoPage = &failure{status: http.StatusNotFound, code: "not_found", key: "wrong.no_page"}
)

// statuses is what becomes of the codes of package care.
var statuses = map[care.Code]int{
	care.Invalid:  http.StatusUnprocessableEntity,
	care.NotFound: http.StatusNotFound,
	care.Conflict: http.StatusConflict,
	care.Denied:   http.StatusForbidden,

	care.Unavailable: http.StatusBadGateway,
}

// explain turns any error into what may be shown, in the language of whoever
// asks. What is not meant for people is logged once, in full, and shown as an
// internal error with an id.
func (s *Server) explain(ctx context.Context, err error) *failure {
	f := s.failed(ctx, err)
	if f.key != "" {
		said := *f // one of a kind may be several people's
		said.msg = s.teller(ctx).tell(care.Say(care.Phrase(f.key), f.with...))
		return &said
	}
	return f
}

func (s *Server) failed(ctx context.Context, err error) *failure {
	a := askedOf(ctx)
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if e, ok := errors.AsType[*care.Error](err); ok {
		return &failure{status: statuses[e.Code], code: string(e.Code), field: e.Field, key: string(e.Msg), with: e.With}
	}
	if soon, ok := errors.AsType[*auth.TooSoon](err); ok {
		return &failure{status: http.StatusTooManyRequests, code: "too_soon", key: string(soon.Says().Phrase), with: soon.Says().With, after: soon.After}
	}
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem(http.StatusRequestEntityTooLarge, "too_large", "wrong.too_large", "n", big.Limit>>10)
	}
	switch {
	case errors.Is(err, auth.ErrSignedOut):
		return errSignIn
	case errors.Is(err, store.ErrReadOnly):
		return &failure{status: http.StatusServiceUnavailable, code: "read_only", after: time.Minute, key: "wrong.read_only"}
	case errors.Is(err, context.DeadlineExceeded):
		return &failure{status: http.StatusServiceUnavailable, code: "too_slow", key: "wrong.too_slow", after: time.Second}
	case errors.Is(err, context.Canceled):
		return problem(499, "gone", "wrong.gone") // nobody is there to read it
	}
	if !a.failed {
		a.failed = true
		s.Log.Error("request failed", "request", a.id, "route", a.route, "agent", a.who.Name, "err", err)
	}
	return &failure{status: http.StatusInternalServerError, code: "internal", id: a.id, key: "wrong.internal", with: []any{"id", a.id}}
}

// fail answers with an error, as a problem or a page by whoever asks.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := s.explain(r.Context(), err)
	f.headers(w.Header())
	if !forPeople(r) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(f.status)
		_ = json.NewEncoder(w).Encode(f.model()) // whoever asked may be gone
		return
	}
	if f.signIn {
		s.toSignIn(w, r)
		return
	}
	s.failurePage(w, r, f)
}

func (f *failure) headers(h http.Header) {
	if f.after > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.after.Seconds()))))
	}
	if f.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="amends"`)
	}
}

// model is the problem document.
func (f *failure) model() *huma.ErrorModel {
	m := &huma.ErrorModel{Type: "urn:amends:problem:" + f.code, Title: http.StatusText(f.status), Status: f.status, Detail: f.msg}
	if f.id != "" {
		m.Instance = "urn:amends:request:" + f.id
	}
	if f.field != "" {
		m.Errors = []*huma.ErrorDetail{{Message: f.msg, Location: "body." + f.field}}
	}
	return m
}

// forPeople says whether an answer is read in a browser.
func forPeople(r *http.Request) bool {
	return r.URL.Path != apiPath && !strings.HasPrefix(r.URL.Path, apiPath+"/")
}

package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/web/tongue"
)

//go:generate go test -run TestOpenAPIIsFresh . -update

const (
	apiPath    = "/api/v1"
	apiVersion = "1"
)

// An endpoint is one address with who may use it; no action: whoever asks.
type endpoint struct {
	method, path string
	may          auth.Action
}

var errMayNot = &failure{status: http.StatusForbidden, code: "denied", key: "may_not"}

// mayUse says why a request may not use a route, or nil.
func mayUse(a *asked, may auth.Action) error {
	switch {
	case may == "":
		return nil
	case !a.in:
		return errSignIn
	case a.who.MustChange && may != auth.Password:
		return &failure{status: http.StatusForbidden, code: "password_due", key: "wrong.password_due"}
	case !a.who.May(may):
		return errMayNot
	}
	return nil
}

const mayKey = "may"

// newAPI prepares the JSON API: what its document says of all routes, who may
// pass, and how errors look.
func newAPI(s *Server) huma.API {
	jsonOnly := huma.Format{
		Marshal: func(w io.Writer, v any) error {
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			return e.Encode(v)
		},
		Unmarshal: json.Unmarshal,
	}
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Amends", Version: apiVersion, Description: apiAbout,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token":   {Type: "http", Scheme: "bearer", Description: "An API token: Authorization: Bearer amends_pat_…"},
					"session": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "What POST /session answers with."},
				},
			},
			Security: []map[string][]string{{"token": {}}, {"session": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": jsonOnly, "json": jsonOnly},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{s.plainProblem},
	}
	api := humago.NewWithPrefix(s.mux, apiPath, c)
	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		may, _ := ctx.Operation().Metadata[mayKey].(auth.Action)
		err := mayUse(askedOf(r.Context()), may)
		if err == nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			err = s.caughtUp(r)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next(ctx)
	})
	return api
}

const apiAbout = "Everything the console does. Errors are problem documents (RFC 9457) whose type ends in a stable code. " +
	"Lists come in pages: pass `next` of one answer as `after` of the next request. " +
	"Every write answers with `Amends-Seq`; send it with a read to see that write. " +
	"Send an `Idempotency-Key` with a write to be able to repeat it: the same key has no second effect for seven days."

// schemaName names schemas by their types alone.
func schemaName(t reflect.Type, hint string) string { return huma.DefaultSchemaNamer(t, hint) }

// plainProblem gives the problems that huma finds itself our form, and people a
// sentence of their language. What was sent is not sent back: it may be a secret.
func (s *Server) plainProblem(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok || m.Type != "" {
		return v, nil
	}
	m.Type = "urn:amends:problem:invalid"
	for _, d := range m.Errors {
		d.Value = nil
	}
	if t := s.teller(ctx.Context()); len(m.Errors) > 0 && (t.Name != tongue.English || askedOf(ctx.Context()).who.Session != "") {
		m.Detail = s.explain(ctx.Context(), t.formError(m.Errors[0])).msg
	}
	return m, nil
}

// add registers one operation of the API.
func add[I, O any](s *Server, method, path string, may auth.Action, tag, summary string, do func(context.Context, *I) (*O, error), more ...func(*huma.Operation)) {
	op := huma.Operation{
		Method: method, Path: path, OperationID: operationID(method, path), Summary: summary, Tags: []string{tag},
		Metadata: map[string]any{mayKey: may}, MaxBodyBytes: maxBody,
	}
	if may == "" {
		op.Security = []map[string][]string{{}}
	} else {
		op.Description = "Needs the role " + leastRole(may) + "."
	}
	for _, m := range more {
		m(&op)
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		return out, nil
	})
	s.routes = append(s.routes, endpoint{method, apiPath + path, may})
}

func (s *Server) apiError(ctx context.Context, err error) error {
	f := s.explain(ctx, err)
	h := http.Header{}
	f.headers(h)
	if len(h) == 0 {
		return f.model()
	}
	return huma.ErrorWithHeaders(f.model(), h)
}

// operationID turns POST /cases/{id}/claim into post-cases-claim.
func operationID(method, path string) string {
	parts := []string{strings.ToLower(method)}
	for p := range strings.SplitSeq(path, "/") {
		if p == "" {
			continue
		}
		if name, isParam := strings.CutPrefix(p, "{"); isParam {
			p = "one"
			if name != "id}" {
				p = strings.TrimSuffix(name, "}")
			}
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, "-")
}

func leastRole(a auth.Action) string {
	for _, r := range auth.Roles() {
		if auth.May(r, a) {
			return string(r)
		}
	}
	return "nobody has"
}

// A Reading is what every read may be sent.
type Reading struct {
	Seq uint64 `header:"Amends-Seq" doc:"Answer only once this node shows the write that answered with it; waits at most two seconds, then 503."`
}

// A Writing is what every write may be sent.
type Writing struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"Names this write, so that it can be repeated: the same key has no second effect for seven days."`
}

// op names a decision for the desk: the same person, address and key again are
// the same decision.
func (k Writing) op(ctx context.Context) string {
	if k.Key == "" {
		return ""
	}
	a := askedOf(ctx)
	who := string(a.who.Name)
	if a.who.Via != "" {
		who += "\x00" + string(a.who.Via)
	}
	sum := sha256.Sum256([]byte(who + "\x00" + strings.TrimPrefix(a.path, apiPath) + "\x00" + k.Key))
	return "web/" + hex.EncodeToString(sum[:])
}

// A Written tells what a write came to.
type Written struct {
	Case care.CaseID `json:"case" doc:"The case that it was about, or that came of it."`
	Seq  store.Seq   `json:"seq" doc:"Place in the log, also in the header Amends-Seq."`
	N    int         `json:"n,omitempty" doc:"Number of the reply, note or promise within the case."`
}

type written struct {
	Seq  store.Seq `header:"Amends-Seq"`
	Body Written
}

// A done is a write without more to say.
type done struct{}

// openAPI is the document that describes the API, in a stable form.
func (s *Server) openAPI() ([]byte, error) {
	b, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	return append(b, '\n'), err
}

// finishAPI says what is true of all schemas and operations at once: a list is
// never null, and anything may end in a problem.
func (s *Server) finishAPI() {
	doc := s.api.OpenAPI()
	for _, schema := range doc.Components.Schemas.Map() {
		for _, p := range schema.Properties {
			if p.Type == huma.TypeArray || p.Type == huma.TypeObject {
				p.Nullable = false
			}
		}
	}
	problem := &huma.Response{Description: "A problem.", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[huma.ErrorModel](), true, "")},
	}}
	for _, at := range doc.Paths {
		for _, op := range []*huma.Operation{at.Get, at.Post, at.Put, at.Patch, at.Delete} {
			if op != nil {
				op.Responses["default"] = problem
			}
		}
	}
}

// noSuchAPI answers for addresses under /api that no route has, and for methods
// that a route has not.
func (s *Server) noSuchAPI(w http.ResponseWriter, r *http.Request) error {
	if err := mayUse(askedOf(r.Context()), auth.Read); err != nil {
		return err
	}
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := s.mux.Handler(other); pattern != "/api/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return problem(http.StatusMethodNotAllowed, "method", "wrong.method", "methods", strings.Join(allowed, ", "))
	}
	return errNoPage
}

// caseID reads the name of a case: its id, or the number that people use.
func (s *Server) caseID(name string) (care.CaseID, error) {
	if n, err := strconv.ParseUint(name, 10, 64); err == nil && len(name) <= 20 {
		return s.Cases.ByNumber(n)
	}
	if _, ok := care.IDTime(name); !ok {
		return "", &care.Error{Code: care.NotFound, Msg: "There is no such case."}
	}
	return care.CaseID(name), nil
}

// caseNamed reads the case that a path names.
func (s *Server) caseNamed(ctx context.Context, name string) (*view.CasePage, error) {
	id, err := s.caseID(name)
	if err != nil {
		return nil, err
	}
	return s.Cases.Case(ctx, id)
}

// queueNames are the queues in force, and behind them those that only cases of
// an earlier configuration still wait in.
func queueNames(setup Setup, counted map[string]int) []string {
	names := slices.Clone(setup.Queues)
	var old []string
	for name := range counted {
		if !slices.Contains(names, name) {
			old = append(old, name)
		}
	}
	slices.Sort(old)
	return append(names, old...)
}

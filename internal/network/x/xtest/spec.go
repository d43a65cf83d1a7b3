package xtest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// A Spec is X's own specification of API v2, of one generation.
type Spec struct {
	doc   *openapi3.T
	calls atomic.Int64
}

// Files of the specifications, by the generation of the field names.
var files = map[string]string{"post": "x-api-v2-openapi.json.gz", "tweet": "x-api-v2-openapi-pre-2026-08-07.json.gz"}

// Fixtures is where the shared recordings of X are, or empty: beside the
// project, when somebody put them there.
func Fixtures() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
	found := filepath.Join(dir, "..", "shared", "fixtures", "x")
	if _, err := os.Stat(found); err != nil {
		return ""
	}
	return found
}

// Load reads the specification of a generation; nil when it is not there.
func Load(t testing.TB, fields string) *Spec {
	t.Helper()
	dir := Fixtures()
	if dir == "" {
		return nil
	}
	f, err := os.Open(filepath.Join(dir, "openapi", files[fields]))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &Spec{doc: doc}
}

// route finds what the specification says of a call. A path without variables
// wins over one with.
func (s *Spec) route(r *http.Request) (*routers.Route, map[string]string) {
	want := strings.Split(r.URL.Path, "/")
	var best *routers.Route
	var values map[string]string
	for path, item := range s.doc.Paths.Map() {
		op := item.GetOperation(r.Method)
		have := strings.Split(path, "/")
		if op == nil || len(have) != len(want) {
			continue
		}
		found := map[string]string{}
		same := true
		for i := range have {
			switch {
			case strings.HasPrefix(have[i], "{"):
				found[strings.Trim(have[i], "{}")] = want[i]
			case have[i] != want[i]:
				same = false
			}
		}
		if same && (best == nil || len(found) < len(values)) {
			best = &routers.Route{Spec: s.doc, Path: path, PathItem: item, Method: r.Method, Operation: op}
			values = found
		}
	}
	return best, values
}

// check holds an exchange against the specification.
func (s *Spec) check(t testing.TB, r *http.Request, sent []byte, status int, header http.Header, body []byte) {
	t.Helper()
	s.calls.Add(1)
	route, values := s.route(r)
	if route == nil {
		t.Errorf("%s %s is not in the specification", r.Method, r.URL.Path)
		return
	}
	for name := range r.URL.Query() {
		known := slices.ContainsFunc(route.Operation.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" && p.Value.Name == name })
		if !known {
			t.Errorf("%s %s has no parameter %s", r.Method, route.Path, name)
		}
	}
	in := r.Clone(r.Context())
	in.Body = io.NopCloser(bytes.NewReader(sent))
	in.Form = nil
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}
	request := &openapi3filter.RequestValidationInput{Request: in, PathParams: values, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(r.Context(), request); err != nil && status < 400 {
		t.Errorf("%s %s: the request: %v", r.Method, r.URL.Path, err)
	}
	if status >= 400 {
		return // X's refusals are of more kinds than its specification has
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: request, Status: status, Header: header, Options: options}
	answer.SetBodyBytes(body)
	if route.Operation.Responses.Status(status) == nil { // some are 201 in one generation and 200 in the other
		for _, other := range []int{http.StatusOK, http.StatusCreated} {
			if route.Operation.Responses.Status(other) != nil {
				answer.Status = other
			}
		}
	}
	if err := openapi3filter.ValidateResponse(r.Context(), answer); err != nil {
		t.Errorf("%s %s: the simulator's own answer: %v", r.Method, r.URL.Path, err)
	}
}

// line holds a line of the stream against the specification.
func (s *Spec) line(t testing.TB, line []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(line, &v); err != nil {
		t.Error(err)
	}
	op := s.doc.Paths.Value("/2/tweets/search/stream").Get
	schema := op.Responses.Status(http.StatusOK).Value.Content.Get("application/json").Schema.Value
	if err := schema.VisitJSON(v); err != nil {
		t.Errorf("a line of the stream: %v", err)
	}
	s.calls.Add(1)
}

// Calls is how many exchanges were held against the specification.
func (s *Spec) Calls() int { return int(s.calls.Load()) }

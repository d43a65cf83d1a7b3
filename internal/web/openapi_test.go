package web

import (
	"bytes"
	"context"
	"flag"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

const openAPIFile = "../../docs/openapi.json"

var update = flag.Bool("update", false, "write docs/openapi.json anew")

// The committed document is what programs are written against, so a change to
// the API shows in the diff.
func TestOpenAPIIsFresh(t *testing.T) {
	b := newBench(t)
	now, err := b.openAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(openAPIFile, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(openAPIFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != string(now) {
		t.Fatal("docs/openapi.json is stale: run go generate ./internal/web")
	}
}

func TestOpenAPIIsValid(t *testing.T) {
	b := newBench(t)
	if err := b.document().Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, at := range b.document().Paths.Map() {
		for method, op := range at.Operations() {
			if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s %s is not described", method, path)
			}
			for name, p := range op.Parameters {
				if p.Value.Description == "" && p.Value.In == "header" {
					t.Errorf("%s %s: parameter %d is not described", method, path, name)
				}
			}
		}
	}
}

// document is the API's description, as an independent reader understands it.
func (b *bench) document() *openapi3.T {
	b.t.Helper()
	b.reading.Lock()
	defer b.reading.Unlock()
	if b.doc == nil {
		data, err := b.openAPI()
		if err != nil {
			b.t.Fatal(err)
		}
		if b.doc, err = openapi3.NewLoader().LoadFromData(data); err != nil {
			b.t.Fatal(err)
		}
	}
	return b.doc
}

// holds checks an answer of the API against its description.
func (b *bench) holds(r *http.Request, a *answer) {
	b.t.Helper()
	path, known := strings.CutPrefix(r.URL.Path, apiPath)
	if !known || r.Method == http.MethodHead || path == "/openapi.json" || b.timeless {
		return
	}
	found, params := b.operation(r.Method, path)
	if found == nil {
		if a.StatusCode/100 == 2 {
			b.t.Fatalf("%s is not in the document", a.what)
		}
		return
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: found},
		Status:                 a.StatusCode, Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		b.t.Fatalf("%s answers %d, against the document: %v\n%.2000s", a.what, a.StatusCode, err, a.body)
	}
}

func (b *bench) operation(method, path string) (*routers.Route, map[string]string) {
	parts := strings.Split(path, "/")
next:
	for pattern, at := range b.document().Paths.Map() {
		want := strings.Split(pattern, "/")
		if len(want) != len(parts) || at.GetOperation(method) == nil {
			continue
		}
		params := map[string]string{}
		for i, w := range want {
			if strings.HasPrefix(w, "{") {
				params[strings.Trim(w, "{}")] = parts[i]
			} else if w != parts[i] {
				continue next
			}
		}
		return &routers.Route{Spec: b.document(), Path: pattern, PathItem: at, Method: method, Operation: at.GetOperation(method)}, params
	}
	return nil, nil
}

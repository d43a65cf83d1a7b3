package web

import (
	"bytes"
	"flag"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
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

// A description is the committed document of the API as independent readers
// understand it. Its schemas are compiled once for all tests.
type description struct {
	*openapi3.T
	compiler *jsonschema.Compiler
	mu       sync.Mutex
	schemas  map[string]*jsonschema.Schema // by place in the document
}

var described = sync.OnceValues(func() (*description, error) {
	data, err := os.ReadFile(openAPIFile)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	d := &description{T: doc, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	d.compiler.AssertFormat()
	return d, d.compiler.AddResource(openAPIFile, whole)
})

func (b *bench) document() *description {
	b.t.Helper()
	d, err := described()
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// What the document does not say is found.
func TestAnswersAreHeldToTheDocument(t *testing.T) {
	d := newBench(t).document()
	for body, good := range map[string]bool{
		`{"text":""}`: true, `{"text":"on it","kept_at":"2026-11-20T09:30:00Z"}`: true,
		`{}`: false, `{"text":1}`: false, `{"text":"","kept_at":"today"}`: false, `{"text":""`: false,
	} {
		if err := d.check([]byte(body), "paths", "/cases/{id}/draft", "get", "responses", "200", "content", "application/json", "schema"); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// check holds a JSON body against the schema at a place.
func (d *description) check(body []byte, path ...string) error {
	pointer := "#"
	for _, p := range path {
		pointer += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	schema := d.schemas[pointer]
	if schema == nil {
		var err error
		if schema, err = d.compiler.Compile(openAPIFile + pointer); err != nil {
			return err
		}
		d.schemas[pointer] = schema
	}
	said, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(said)
}

// holds checks an answer of the API against its description.
func (b *bench) holds(r *http.Request, a *answer) {
	b.t.Helper()
	path, known := strings.CutPrefix(r.URL.Path, apiPath)
	if !known || r.Method == http.MethodHead || path == "/openapi.json" || b.timeless {
		return
	}
	pattern, op := b.operation(r.Method, path)
	if op == nil {
		if a.StatusCode/100 == 2 {
			b.t.Fatalf("%s is not in the document", a.what)
		}
		return
	}
	status := strconv.Itoa(a.StatusCode)
	found := op.Responses.Value(status)
	if found == nil {
		status, found = "default", op.Responses.Default()
	}
	if found == nil {
		b.t.Fatalf("%s answers %d, which is not in the document", a.what, a.StatusCode)
	}
	content := found.Value.Content
	form, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	if content[form] == nil {
		if len(content)+len(a.body) > 0 {
			b.t.Fatalf("%s answers %d as %q, against the document", a.what, a.StatusCode, form)
		}
		return
	}
	if content[form].Schema == nil || !strings.HasSuffix(form, "json") {
		return
	}
	if err := b.document().check(a.body, "paths", pattern, strings.ToLower(r.Method), "responses", status, "content", form, "schema"); err != nil {
		b.t.Fatalf("%s answers %d, against the document: %v\n%.2000s", a.what, a.StatusCode, err, a.body)
	}
}

// operation finds what a path is in the document.
func (b *bench) operation(method, path string) (pattern string, op *openapi3.Operation) {
	parts := strings.Split(path, "/")
next:
	for pattern, at := range b.document().Paths.Map() {
		want := strings.Split(pattern, "/")
		if len(want) != len(parts) || at.GetOperation(method) == nil {
			continue
		}
		for i, w := range want {
			if !strings.HasPrefix(w, "{") && w != parts[i] {
				continue next
			}
		}
		return pattern, at.GetOperation(method)
	}
	return "", nil
}

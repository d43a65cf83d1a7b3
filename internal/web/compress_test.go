package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/auth"
)

// raw asks like a browser that takes gzip, and does not unpack.
func (b *bench) raw(method, path string, head ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, "http://localhost"+path, nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	r.Header.Set("Authorization", "Bearer "+b.tokens[auth.Agent])
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

// TestWhatIsPacked: reads of the API that are worth it, and nothing else.
func TestWhatIsPacked(t *testing.T) {
	b := staffed(t)
	for i := range 20 {
		b.says("ana"+fmt.Sprint(i), fmt.Sprint(i), "my bill is broken "+strings.Repeat("and nobody answers ", 20))
	}
	id := string(b.cases()[0].ID)
	cookie := b.in(auth.Agent)
	if err := b.view.WaitForAll(t.Context()); err != nil { // two reads are compared
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, path string
		head               []string
		packed             bool
	}{
		{"a list", "GET", apiPath + "/cases", nil, true},
		{"a case", "GET", apiPath + "/cases/" + id, nil, true},
		{"the API's own description", "GET", apiPath + "/openapi.json", nil, true},
		{"a small answer", "GET", apiPath + "/queues", nil, false},
		{"an answer to who takes none", "GET", apiPath + "/cases", []string{"Accept-Encoding", "identity"}, false},
		{"a write", "POST", apiPath + "/cases/" + id + "/claim", nil, false},
		{"a page", "GET", "/queue", []string{"Authorization", "", "Cookie", cookie}, false},
		{"live events", "HEAD", eventsPath, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := b.raw(c.method, c.path, c.head...)
			if w.Code != http.StatusOK {
				t.Fatal(w.Code, w.Body)
			}
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.packed {
				t.Fatalf("packed: %v, of %d bytes", got, w.Body.Len())
			}
			if !c.packed {
				return
			}
			if !strings.Contains(w.Header().Get("Vary"), "Accept-Encoding") {
				t.Error("a cache between us would give it to who takes none")
			}
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			if plain := b.raw(c.method, c.path, "Accept-Encoding", "identity").Body.String(); string(got) != plain {
				t.Errorf("unpacked it is another answer: %d bytes, not %d", len(got), len(plain))
			}
		})
	}
}

// What packing costs, and what it saves, on a page of cases and on one case.
func BenchmarkPacked(b *testing.B) {
	be := staffed(b)
	for i := range 200 {
		be.says("ana"+fmt.Sprint(i), fmt.Sprint(i), fmt.Sprintf("my bill is broken, %d times now, and nobody answers for days: I was promised a refund in August", i))
	}
	id := string(be.cases()[0].ID)
	for _, path := range []string{"/cases?limit=80", "/cases?limit=200", "/cases/" + id} {
		for _, how := range []string{"identity", "gzip"} {
			b.Run(strings.Replace(path, id, "one", 1)+"/"+how, func(b *testing.B) {
				n := 0
				for b.Loop() {
					w := be.raw("GET", apiPath+path, "Accept-Encoding", how)
					n = w.Body.Len()
				}
				b.ReportMetric(float64(n), "bytes")
			})
		}
	}
}

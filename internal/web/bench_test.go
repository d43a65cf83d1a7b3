package web

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// What a first page costs on the server, through everything: who asks, the
// view, the texts, the rendering.
func BenchmarkFirstPage(b *testing.B) {
	be := staffed(b)
	for i := range 20 {
		var posts []care.Post
		for j := range 100 {
			posts = append(posts, care.Post{Network: "file", Remote: care.Remote(fmt.Sprint(i, "-", j)), Kind: care.PostPublic, PostedAt: start,
				Text: "my bill is broken, and nobody answers for days: I was promised a refund in August", Author: care.Author{ID: fmt.Sprint(i, j), Name: "Ana"}})
		}
		be.posts(posts...)
	}
	cookie := be.in(auth.Agent)
	id := string(be.cases()[0].ID)
	for name, path := range map[string]string{
		"api-50": apiPath + "/cases?limit=50", "api-200": apiPath + "/cases?limit=200", "queue-page": "/queue", "case-page": "/cases/" + id, "api-case": apiPath + "/cases/" + id,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest("GET", "http://localhost"+path, nil)
				r.Header.Set("Cookie", cookie)
				w := httptest.NewRecorder()
				be.ServeHTTP(w, r)
				if w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	be := newBench(b)
	for b.Loop() {
		if _, err := New(be.Deps); err != nil {
			b.Fatal(err)
		}
	}
}

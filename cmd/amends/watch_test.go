package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestWatchHearsSomething starts as a newcomer does, with every source on a
// server of this machine: within a poll there is something to read.
func TestWatchHearsSomething(t *testing.T) {
	at := time.Now().Add(-time.Hour).UTC()
	var asked [4]atomic.Bool // Hacker News, Mastodon, the App Store, a feed
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch p := r.URL.Path; {
		case p == "/api/v1/search_by_date":
			asked[0].Store(true)
			fmt.Fprintf(w, `{"hits":[{"objectID":"42","created_at_i":%d,"author":"ana","comment_text":"My acme order never arrived, support ignores me, I want a refund!","story_id":41,"parent_id":41}]}`, at.Unix())
		case strings.HasPrefix(p, "/api/v1/timelines/tag/"):
			asked[1].Store(true)
			fmt.Fprint(w, `[]`)
		case strings.Contains(p, "/rss/customerreviews/"):
			asked[2].Store(true)
			fmt.Fprint(w, `{"feed":{}}`)
		case p == "/feed":
			asked[3].Store(true)
			fmt.Fprint(w, `<rss version="2.0"><channel><title>x</title></channel></rss>`)
		default:
			http.NotFound(w, r)
		}
	}))
	defer web.Close()
	dir := t.TempDir()
	s := start(t, "", "watch", "--brand", "Acme", "--data", filepath.Join(dir, "data"), "--config", filepath.Join(dir, "amends.yaml"), "--listen", "127.0.0.1:0",
		"--server", web.URL, "--app-id", "310633997", "--feed", web.URL+"/feed", "--hacker-news", web.URL, "--app-store", web.URL)
	for deadline := time.Now().Add(time.Minute); ; {
		out, code := command(t, "", "export", "--what", "mentions", "--data", filepath.Join(dir, "data"), "--config", filepath.Join(dir, "amends.yaml"))
		all := asked[0].Load() && asked[1].Load() && asked[2].Load() && asked[3].Load()
		if all && code == 0 && strings.Contains(out, "never arrived") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after a minute: asked %v, exit %d: %s\n%s", all, code, out, s.log)
		}
	}
	s.stop()
}

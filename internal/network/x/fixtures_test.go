package x

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	//lint:ignore SA1019 deprecated by its author and wanted here: see ADR 11
	"github.com/dghubble/go-twitter/twitter"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/x/xtest"
)

// recordings is where real answers of X are; the test is skipped without them.
func recordings(t *testing.T) string {
	t.Helper()
	dir := xtest.Fixtures()
	if dir == "" {
		const why = "the recordings of X are not beside the project"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	return dir
}

// A recording answers whatever is asked with one recorded body.
type recording struct {
	status int
	body   []byte
}

func (r recording) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: r.status, Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}},
		Body: io.NopCloser(bytes.NewReader(r.body)), ContentLength: int64(len(r.body)), Request: req}, nil
}

// against opens a source whose network is one recorded answer.
func against(t testing.TB, status int, body []byte, change func(*Settings)) *Account {
	t.Helper()
	s := defaults()
	s.ConsumerKey, s.ConsumerSecret, s.AccessToken, s.AccessSecret, s.BearerToken = "k", "ks", "4242-t", "ts", "b"
	s.Back = maxBack
	if change != nil {
		change(s)
	}
	a, err := open(s, network.NewClient(network.Options{Base: recording{status, body}}), &ledgers{all: map[string]*ledger{}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Every recorded answer is read by what would read it.
func TestRecordedAnswers(t *testing.T) {
	dir := recordings(t)
	files, err := filepath.Glob(filepath.Join(dir, "tweepy-recorded", "*.json"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	answers, posts := 0, 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var calls []struct {
			Method, URI string
			Status      int
			Body        json.RawMessage
		}
		if err := json.Unmarshal(raw, &calls); err != nil {
			t.Fatal(err)
		}
		for _, c := range calls {
			u, err := url.Parse(c.URI)
			if err != nil {
				t.Fatal(err)
			}
			n, known := readRecorded(t, c.Method, u, c.Status, c.Body)
			if known {
				answers++
			}
			posts += n
		}
	}
	if answers < 25 || posts < 100 {
		t.Errorf("only %d answers with %d posts were read", answers, posts)
	}
	t.Logf("%d answers with %d posts", answers, posts)
}

// readRecorded reads an answer and says how many posts it has.
func readRecorded(t *testing.T, method string, u *url.URL, status int, body []byte) (posts int, known bool) {
	t.Helper()
	if strings.HasPrefix(u.Path, "/1.1/") {
		return readOld(t, u, body), true
	}
	switch {
	case method == http.MethodGet && (strings.HasSuffix(u.Path, "tweets") || strings.HasSuffix(u.Path, "mentions") || strings.Contains(u.Path, "/search/") ||
		strings.HasSuffix(u.Path, "chronological") || strings.HasSuffix(u.Path, "/2/tweets")) && !strings.Contains(u.Path, "counts"):
		var page v2List
		if err := json.Unmarshal(body, &page); err != nil {
			t.Errorf("%s: %v", u.Path, err)
		}
		for i, o := range page.old() {
			tw, err := tweet(o)
			if err != nil || o.ID == 0 || tw.FullText == "" {
				t.Errorf("%s: post %d: %+v, %v", u.Path, i, o, err)
			}
			if tw.User == nil { // recorded without author_id
				tw.User = &twitter.User{ID: 1}
			}
			if _, err := read(&tw, 4242); err != nil {
				t.Errorf("%s: post %d: %v", u.Path, i, err)
			}
		}
		a := against(t, status, body, nil)
		p, err := a.Poll(t.Context(), "")
		if err != nil {
			t.Errorf("%s: %v", u.Path, err)
		}
		if len(p.Items) > 0 { // too old for any source, if they are read at all
			t.Errorf("%s: %d items", u.Path, len(p.Items))
		}
		return len(page.Data), true
	case strings.HasSuffix(u.Path, "/2/tweets") && method == http.MethodPost:
		a := against(t, status, body, nil)
		tw, _, err := a.twitter(t.Context()).Statuses.Update("x", nil)
		if err != nil || tw.ID == 0 {
			t.Errorf("%s: %+v, %v", u.Path, tw, err)
		}
		return 0, true
	case method == http.MethodDelete && strings.HasPrefix(u.Path, "/2/tweets/"):
		if err := against(t, status, body, nil).Withdraw(t.Context(), "12"); err != nil {
			t.Errorf("%s: %v", u.Path, err)
		}
		return 0, true
	case strings.HasSuffix(u.Path, "/dm_events"):
		a := against(t, status, body, func(s *Settings) { s.What = Messages })
		if _, err := a.Poll(t.Context(), ""); err != nil {
			t.Errorf("%s: %v", u.Path, err)
		}
		return 0, true
	case strings.HasSuffix(u.Path, "/counts/recent"):
		a := against(t, status, body, func(s *Settings) { s.What, s.Query = Search, "Tweepy" })
		if e, err := a.Estimate(t.Context()); err != nil || e.PerDay <= 0 {
			t.Errorf("%s: %+v, %v", u.Path, e, err)
		}
		return 0, true
	}
	return 0, false
}

// readOld reads an answer of v1.1.
func readOld(t *testing.T, u *url.URL, body []byte) int {
	t.Helper()
	var list []twitter.Tweet
	switch {
	case strings.HasSuffix(u.Path, "/search/tweets.json"):
		var s twitter.Search
		if err := json.Unmarshal(body, &s); err != nil {
			t.Errorf("%s: %v", u.Path, err)
		}
		list = s.Statuses
	case strings.HasSuffix(u.Path, "_timeline.json"):
		if err := json.Unmarshal(body, &list); err != nil {
			t.Errorf("%s: %v", u.Path, err)
		}
	case strings.Contains(u.Path, "/statuses/"):
		list = make([]twitter.Tweet, 1)
		if err := json.Unmarshal(body, &list[0]); err != nil {
			t.Errorf("%s: %v", u.Path, err)
		}
	case strings.HasSuffix(u.Path, "/events/list.json"):
		a := against(t, 200, body, func(s *Settings) { s.What, s.Mode = Messages, V1 })
		if _, err := a.Poll(t.Context(), ""); err != nil {
			t.Errorf("%s: %v", u.Path, err)
		}
	}
	for i := range list {
		r, err := read(&list[i], 4242)
		if err != nil || r.post.Text == "" || r.post.PostedAt.IsZero() {
			t.Errorf("%s: post %d: %+v, %v", u.Path, i, r.post, err)
		}
	}
	return len(list)
}

// The bodies of twitter-ruby's tests, errors and lines of the old stream among them.
func TestRubyBodies(t *testing.T) {
	dir := filepath.Join(recordings(t), "twitter-ruby")
	body := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, name := range []string{"statuses.json", "user_timeline.json"} {
		if n := readOld(t, &url.URL{Path: "/1.1/statuses/user_timeline.json"}, body(name)); n == 0 {
			t.Errorf("%s: no posts", name)
		}
	}
	for _, name := range []string{"search.json", "search2.json"} {
		if n := readOld(t, &url.URL{Path: "/1.1/search/tweets.json"}, body(name)); n == 0 {
			t.Errorf("%s: no posts", name)
		}
	}
	for _, name := range []string{"status.json", "retweet.json"} {
		readOld(t, &url.URL{Path: "/1.1/statuses/show.json"}, body(name))
	}
	for _, name := range []string{"track_streaming.json", "track_streaming_user.json"} {
		for line := range bytes.SplitSeq(body(name), []byte("\n")) {
			if bytes.HasPrefix(line, []byte(`{"created_at"`)) {
				readOld(t, &url.URL{Path: "/1.1/statuses/show.json"}, line)
			}
		}
	}
	a := against(t, 200, body("direct_message_events.json"), func(s *Settings) { s.What, s.Mode = Messages, V1 })
	page, _, err := a.twitter(t.Context()).DirectMessages.EventsList(&twitter.DirectMessageEventsListParams{Count: 20})
	var one struct{ Event twitter.DirectMessageEvent }
	if err != nil || len(page.Events) == 0 || json.Unmarshal(body("direct_message_event.json"), &one) != nil {
		t.Fatalf("messages can't be read: %v", err)
	}
	for _, e := range append(page.Events, one.Event) {
		if p, ok := a.message(&e); !ok || p.Text == "" {
			t.Errorf("message %s: %+v", e.ID, p)
		}
	}
	for name, want := range map[string]struct {
		status int
		fault  network.Fault
		words  string
	}{
		"already_posted.json": {403, network.Malformed, "same text twice"},
		"forbidden.json":      {403, network.Refused, "403"},
		"not_found.json":      {404, network.Gone, "404"},
	} {
		for _, mode := range []string{V1, V2} {
			a := against(t, want.status, body(name), func(s *Settings) { s.Mode = mode })
			_, _, err := a.twitter(t.Context()).Statuses.Update("x", nil)
			e, ok := typed(err).(*network.Error)
			if !ok || e.Fault != want.fault || !strings.Contains(e.Error(), want.words) {
				t.Errorf("%s over %s: %v", name, mode, err)
			}
		}
	}
}

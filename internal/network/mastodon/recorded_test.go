package mastodon

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// An exchange is one of a session with a real server, GoToSocial.
type exchange struct {
	Method, URL string
	Status      int
	Headers     map[string]string
	Body        json.RawMessage
}

// session reads the recorded exchanges, which are no part of the project.
func session(t *testing.T) []exchange {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "..", "shared", "fixtures", "gotosocial-recorded", "session.jsonl"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the recorded session of a real server is not there: ", err)
		}
		t.Skip("the recorded session of a real server is not there")
	}
	defer f.Close()
	var all []exchange
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var x exchange
			if err := json.Unmarshal(line, &x); err != nil {
				t.Fatal(err)
			}
			all = append(all, x)
		}
		if err != nil {
			return all
		}
	}
}

// A player answers with what the real server said to the same request; the
// query's order and page size don't matter.
type player struct {
	t   *testing.T
	all []exchange
}

func (p player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, x := range slices.Backward(p.all) {
		u, err := url.Parse(x.URL)
		if err != nil {
			p.t.Fatal(err)
		}
		same := u.Path == r.URL.Path && x.Method == r.Method && x.Status == 200
		for _, k := range []string{"min_id", "max_id"} {
			same = same && u.Query().Get(k) == r.URL.Query().Get(k)
		}
		if same && u.Query().Get("limit") == "1" && strings.HasSuffix(u.Path, "notifications") {
			continue
		}
		if same {
			for k, v := range x.Headers {
				w.Header().Set(k, v)
			}
			w.WriteHeader(x.Status)
			_, _ = w.Write(x.Body)
			return
		}
	}
	if strings.HasSuffix(r.URL.Path, "/instance") {
		http.NotFound(w, r) // was not recorded
		return
	}
	_, _ = w.Write([]byte("[]")) // beyond what was recorded
}

func recorded(t *testing.T, set Settings) *Account {
	set.Server, set.Visibility, set.Back = "http://localhost:18080", visibilityUnlisted, maxBack
	a, err := Driver().Open(&set, network.NewClient(network.Options{Base: networktest.NewWire(t, player{t, session(t)})}))
	if err != nil {
		t.Fatal(err)
	}
	return a.(*Account)
}

func TestARealServersMentions(t *testing.T) {
	a := recorded(t, Settings{Token: "recorded", What: Mentions})
	page, err := a.Poll(t.Context(), "")
	if err != nil || len(page.Bad) > 0 || len(page.Items) != 8 {
		t.Fatalf("%d items, bad %v, %v", len(page.Items), page.Bad, err)
	}
	edited := 0
	for _, it := range page.Items {
		p := it.Post
		if p.Author.ID != "alice@localhost:18080" || !p.Summoned || it.Own || p.Thread != p.Remote || !strings.HasPrefix(p.Text, "@brand order") || !strings.HasSuffix(p.Text, "#brandfail") {
			t.Errorf("%+v", p)
		}
		if it.Kind == network.Edited && strings.Contains(p.Text, "EDIT: fixed now") && p.EditedAt.After(p.PostedAt) {
			edited++
		}
	}
	if edited != 2 {
		t.Errorf("%d edits", edited)
	}
	if m := page.Meter; !m.LeftKnown || m.Left < 250 || m.Reset.IsZero() || m.Calls == 0 {
		t.Errorf("%+v", m)
	}
}

func TestARealServersHashtag(t *testing.T) {
	a := recorded(t, Settings{What: Hashtag, Hashtag: "brandfail"})
	page, err := a.Poll(t.Context(), "")
	if err != nil || len(page.Bad) > 0 || len(page.Items) != 8 || !slices.IsSortedFunc(page.Items, func(x, y network.Item) int { return x.Post.PostedAt.Compare(y.Post.PostedAt) }) {
		t.Fatalf("%d items, bad %v, %v", len(page.Items), page.Bad, err)
	}
}

// TestARealServersThread: the real server had the same answer twice, although it
// was sent under one key.
func TestARealServersThread(t *testing.T) {
	a := recorded(t, Settings{Token: "recorded", What: Mentions})
	id := a.remote("01M7ZTMZR76WP3P2EPAW16M5E2")
	all := session(t)
	for _, x := range all { // the post itself, as the server told it when it was written
		if x.Method == http.MethodPost && strings.Contains(string(x.Body[:60]), "01M7ZTMZR76WP3P2EPAW16M5E2") {
			x.Method, x.URL = http.MethodGet, "http://localhost:18080/api/v1/statuses/01M7ZTMZR76WP3P2EPAW16M5E2"
			all = append(all, x)
			break
		}
	}
	a.http = network.Adapt(network.NewClient(network.Options{Base: networktest.NewWire(t, player{t, all})}), dialect("x"))
	posts, err := a.Thread(t.Context(), id)
	if err != nil || len(posts) != 3 {
		t.Fatal(len(posts), err)
	}
	for _, p := range posts[1:] {
		if p.InReplyTo != id || p.Thread != id || p.Author.ID != "brand@localhost:18080" || p.Kind != care.PostPublic || p.Text != "@alice so sorry, please DM us your order number" {
			t.Errorf("%+v", p)
		}
	}
}

package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network/hackernews"
	"github.com/amends-care/amends/internal/network/mastodon"
)

// TestWatchForAnyName: whatever a brand is called, the file is a configuration
// and says the name back.
func TestWatchForAnyName(t *testing.T) {
	for _, c := range []struct {
		brand, query string
		tags         []string
		word         bool
	}{
		{"Acme", "Acme", []string{"acme"}, true},
		{"  Acme   Kettles ", `"Acme Kettles"`, []string{"acmekettles"}, false},
		{"O2", "O2", []string{"o2"}, false},
		{"Café Ölmühle", `"Café Ölmühle"`, []string{"caféölmühle"}, false},
		{"小米", "小米", []string{"小米"}, true},
		{`"quoted": [x] # y`, `"quoted: [x] # y"`, []string{"quotedxy"}, false},
		{"yes", "yes", []string{"yes"}, true},
		{"007", "007", []string{"007"}, false},
		{"!!!", "!!!", nil, false},
	} {
		file := filepath.Join(t.TempDir(), "amends.yaml")
		w, err := WriteWatch(WatchOptions{File: file, Brand: c.brand, Server: "mastodon.social"})
		if err != nil {
			t.Errorf("%q: %v", c.brand, err)
			continue
		}
		var tags []string
		for _, s := range w.Config.Sources[1:] {
			tags = append(tags, s.Settings.(*mastodon.Settings).Hashtag)
		}
		if q := w.Config.Sources[0].Settings.(*hackernews.Settings).Query; q != c.query || !slices.Equal(tags, c.tags) || w.Word != c.word ||
			w.Config.Brand != strings.Join(strings.Fields(c.brand), " ") || len(w.Heard) != len(w.Config.Sources) {
			t.Errorf("%q: brand %q, query %q, tags %q, a word %v", c.brand, w.Config.Brand, q, tags, w.Word)
		}
	}
}

func TestWatchNeverWritesOverAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "amends.yaml")
	if err := os.WriteFile(file, []byte("brand: Mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := WriteWatch(WatchOptions{File: file, Brand: "Acme", Server: "mastodon.social"})
	if e, ok := err.(*care.Error); !ok || e.Code != care.Conflict {
		t.Error(err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "brand: Mine\n" {
		t.Errorf("%q %v", b, err)
	}
}

// TestWatchWritesNothingThatIsWrong: a mistake leaves no file behind.
func TestWatchWritesNothingThatIsWrong(t *testing.T) {
	for name, o := range map[string]WatchOptions{
		"no brand":   {Server: "mastodon.social"},
		"a variable": {Brand: "${HOME}x", Server: "mastodon.social"},
		"a sign":     {Brand: "Acme\x00", Server: "mastodon.social"},
		"a server":   {Brand: "Acme", Server: "http://mastodon.social"},
		"a feed":     {Brand: "Acme", Server: "mastodon.social", Feeds: []string{"forum.example"}},
		"a hashtag":  {Brand: "Acme", Server: "mastodon.social", Hashtags: []string{"two words"}},
	} {
		o.File = filepath.Join(t.TempDir(), "amends.yaml")
		if _, err := WriteWatch(o); err == nil {
			t.Errorf("%s was taken", name)
		}
		if _, err := os.Stat(o.File); err == nil {
			t.Errorf("%s left a file", name)
		}
	}
}

package bluesky

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/network"
)

func TestSettings(t *testing.T) {
	good := Settings{Host: "https://bsky.social", Handle: "acme.bsky.social", AppPassword: "abcd-efgh", What: Mentions}
	for name, c := range map[string]struct {
		change func(*Settings)
		want   string // empty: good
	}{
		"mentions":              {func(*Settings) {}, ""},
		"own posts":             {func(s *Settings) { s.What = Own }, ""},
		"search":                {func(s *Settings) { s.What, s.Query = Search, `"acme kettle" lang:de` }, ""},
		"a handle with @":       {func(s *Settings) { s.Handle = "@acme.example" }, ""},
		"a DID":                 {func(s *Settings) { s.Handle = "did:plc:ewvi7nxzyoun6zhxrhs64oiz" }, ""},
		"a server of one's own": {func(s *Settings) { s.Host = "https://pds.acme.example:8443/" }, ""},
		"this machine":          {func(s *Settings) { s.Host = "http://127.0.0.1:2583" }, ""},
		"back":                  {func(s *Settings) { s.Back = 48 * time.Hour }, ""},

		"no host":              {func(s *Settings) { s.Host = "" }, "host:"},
		"no scheme":            {func(s *Settings) { s.Host = "bsky.social" }, "host:"},
		"no encryption":        {func(s *Settings) { s.Host = "http://bsky.social" }, "https://"},
		"a path":               {func(s *Settings) { s.Host = "https://bsky.social/xrpc" }, "host:"},
		"a password in it":     {func(s *Settings) { s.Host = "https://a:b@bsky.social" }, "host:"},
		"no handle":            {func(s *Settings) { s.Handle = "" }, "handle: missing"},
		"an address":           {func(s *Settings) { s.Handle = "care@acme.example" }, "e-mail"},
		"half a handle":        {func(s *Settings) { s.Handle = "acme" }, "handle:"},
		"no password":          {func(s *Settings) { s.AppPassword = "" }, "app_password: missing"},
		"nothing to read":      {func(s *Settings) { s.What = "" }, "what:"},
		"no query":             {func(s *Settings) { s.What = Search }, "query: missing"},
		"an unused query":      {func(s *Settings) { s.Query = "acme" }, "query:"},
		"an endless query":     {func(s *Settings) { s.What, s.Query = Search, strings.Repeat("a", 513) }, "query:"},
		"into the future":      {func(s *Settings) { s.Back = -time.Hour }, "back:"},
		"into the Middle Ages": {func(s *Settings) { s.Back = 1000 * 24 * time.Hour }, "back:"},
	} {
		s := good
		c.change(&s)
		err := s.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	err := (&Settings{What: "everything", Back: -1}).Validate()
	if n := strings.Count(fmt.Sprint(err), "\n") + 1; n != 5 {
		t.Errorf("%d of 5 mistakes at once: %v", n, err)
	}
}

func TestSettingsKeepThePassword(t *testing.T) {
	s := &Settings{Host: "https://bsky.social", Handle: "acme.example", AppPassword: "hush-hush", What: Mentions}
	if text := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Contains(text, "hush") {
		t.Error(text)
	}
}

func TestDefaults(t *testing.T) {
	d := Driver()
	s := d.Settings().(*Settings)
	if d.Name != "bluesky" || s.Host != "https://bsky.social" || s.What != Mentions {
		t.Errorf("%s: %+v", d.Name, s)
	}
	if _, err := d.Open(s, nil); err == nil {
		t.Error("opened without a handle")
	}
	if _, err := d.Open(nil, nil); err == nil {
		t.Error("opened with another driver's settings")
	}
}

// Capabilities are found by asking an account for them.
var (
	_ network.Replier  = (*Account)(nil)
	_ network.Looker   = (*Account)(nil)
	_ network.Threader = (*Account)(nil)
)

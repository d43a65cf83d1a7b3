package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
)

// WatchOptions say what a newcomer wants to hear about, without any key.
type WatchOptions struct {
	File      string   // the configuration that is written
	Brand     string   // as people write it
	AppID     string   // of the App Store; empty: none
	Countries []string // whose App Stores
	Server    string   // whose view of hashtags is read
	Hashtags  []string // besides the brand's own
	Feeds     []string // addresses

	// Where Hacker News and the App Store are asked; empty: where they are.
	HackerNews, AppStore string
}

// Watched is a configuration that was written, and what it listens to.
type Watched struct {
	File   string
	Config *config.Config
	Heard  []string // one line for each source
	Word   bool     // the brand is one plain word, which may mean other things too
}

// KeyedNetworks are those that need keys, with the page on how to get them.
func KeyedNetworks() [][2]string {
	var all [][2]string
	for _, o := range offers() {
		if !o.Keyless {
			all = append(all, [2]string{o.Title, o.Page})
		}
	}
	return all
}

// WriteWatch writes a configuration that listens to what can be heard without a
// key. It never writes over a file.
func WriteWatch(o WatchOptions) (*Watched, error) {
	o.Brand = strings.Join(strings.Fields(o.Brand), " ")
	if o.Brand == "" || len(o.Brand) > 80 || strings.ContainsFunc(o.Brand, func(r rune) bool { return r == unicode.ReplacementChar || unicode.IsControl(r) }) {
		return nil, &care.Error{Code: care.Invalid, Field: "brand", Msg: "Say the brand's name with --brand, as people write it, in at most 80 bytes."}
	}
	w := &Watched{File: o.File, Word: isWord(o.Brand)}
	text := w.write(o)
	var err error
	if w.Config, err = config.Parse(o.File, text, Kinds()); err != nil {
		return nil, fmt.Errorf("what you asked for makes no good configuration: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(o.File), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(o.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil, &care.Error{Code: care.Conflict, Err: err, With: []any{"file", o.File},
			Msg: "{file} is there already and stays as it is. Start it with: amends serve --config {file}. Or name another file with --config."}
	}
	if err != nil {
		return nil, err
	}
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	return w, errors.Join(err, f.Close())
}

// write makes the file, and notes what it listens to.
func (w *Watched) write(o WatchOptions) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Written by “amends watch”. It is yours: change it, and Amends takes it over at SIGHUP or at the next start.\n"+
		"# Every setting is in configs/example.yaml, and what they mean in docs/configuration.md.\n\nbrand: %s\n", quoted(o.Brand))
	if here := ownAddresses(append([]string{o.Server, o.HackerNews, o.AppStore}, o.Feeds...)); len(here) > 0 {
		fmt.Fprintf(&b, "# Servers on this machine, which sources may reach.\ninside: [%s]\n", strings.Join(here, ", "))
	}
	b.WriteString("\n# Sources that need no key. docs/networks tells how to get keys for the others.\nsources:\n")
	source := func(name, network, every, heard string, settings ...string) {
		fmt.Fprintf(&b, "  - name: %s\n    network: %s\n    every: %s\n    settings:\n", name, network, every)
		for i := 0; i < len(settings); i += 2 {
			if settings[i+1] != "" {
				fmt.Fprintf(&b, "      %s: %s\n", settings[i], settings[i+1])
			}
		}
		w.Heard = append(w.Heard, heard)
	}
	query := strings.ReplaceAll(o.Brand, `"`, "")
	if strings.Contains(query, " ") {
		query = `"` + query + `"`
	}
	source("hackernews", "hackernews", "2m", "Hacker News: posts with "+query, "query", quoted(query), "back", "7d", "host", quotedIf(o.HackerNews))
	for i, tag := range tags(o) {
		source(fmt.Sprintf("mastodon-%d", i+1), "mastodon", "1m", fmt.Sprintf("Mastodon: #%s, as %s sees it", tag, o.Server),
			"server", quoted(o.Server), "what", "hashtag", "hashtag", quoted(tag), "back", "7d")
	}
	if o.AppID != "" {
		source("appstore", "appstore", "15m", fmt.Sprintf("App Store (%s): reviews of app %s", strings.Join(o.Countries, ", "), o.AppID),
			"app_id", quoted(o.AppID), "countries", list(o.Countries), "back", "30d", "host", quotedIf(o.AppStore))
	}
	for i, feed := range o.Feeds {
		source(fmt.Sprintf("feed-%d", i+1), "feed", "5m", "Feed: "+feed, "url", quoted(feed), "back", "7d")
	}
	return []byte(b.String())
}

// tags are the brand's own hashtag, if its name makes one, and those asked for.
func tags(o WatchOptions) (all []string) {
	own := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, o.Brand)
	for _, t := range append([]string{own}, o.Hashtags...) {
		t = strings.TrimPrefix(strings.TrimSpace(t), "#")
		if t != "" && !slices.ContainsFunc(all, func(have string) bool { return strings.EqualFold(have, t) }) {
			all = append(all, t)
		}
	}
	return all
}

// isWord says that a name is letters and nothing else: Acme, or Orange.
func isWord(brand string) bool {
	return !strings.ContainsFunc(brand, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
}

// ownAddresses are the addresses of this machine among those of servers.
func ownAddresses(servers []string) (all []string) {
	for _, s := range servers {
		u, err := url.Parse(s)
		if err != nil {
			continue
		}
		a, err := netip.ParseAddr(u.Hostname())
		if text := quoted(a.String()); err == nil && a.IsLoopback() && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// quoted writes a text so that YAML takes it for nothing else.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("a string is always JSON: " + err.Error())
	}
	return string(b)
}

func quotedIf(s string) string {
	if s == "" {
		return ""
	}
	return quoted(s)
}

func list(all []string) string {
	var out []string
	for _, s := range all {
		out = append(out, quoted(strings.ToLower(s)))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

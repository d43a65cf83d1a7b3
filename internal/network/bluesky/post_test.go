package bluesky

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

const (
	acme    = "did:plc:acme"
	ana     = "did:plc:ana"
	anaPost = "at://did:plc:ana/app.bsky.feed.post/3kana"
	cid     = "bafyreiaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

// viewJSON is a post as lists show it. more is added to the view, rec to the record.
func viewJSON(more, rec string) string {
	return `{"uri":"` + anaPost + `","cid":"` + cid + `","indexedAt":"2026-11-21T10:00:00.123Z",` +
		`"author":{"did":"` + ana + `","handle":"ana.example","displayName":" Ana "}` + more +
		`,"record":{"$type":"app.bsky.feed.post","text":"The kettle broke.","createdAt":"2026-11-21T09:59:58.000Z"` + rec + `}}`
}

func TestViewBecomesAPost(t *testing.T) {
	r, err := read(json.RawMessage(viewJSON("", `,"langs":["not a language","pt-BR"]`)), acme)
	if err != nil {
		t.Fatal(err)
	}
	want := care.Post{
		Network: "bluesky", Remote: anaPost, Revision: cid, Kind: care.PostPublic,
		Author: care.Author{ID: ana, Handle: "ana.example", Name: "Ana"},
		Text:   "The kettle broke.", Language: "pt-BR", PostedAt: time.Date(2026, 11, 21, 9, 59, 58, 0, time.UTC),
		URL: "https://bsky.app/profile/did:plc:ana/post/3kana", Thread: anaPost,
	}
	if got := r.post; got.Links != nil || !equalPosts(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func equalPosts(a, b care.Post) bool {
	return string((&care.Mention{Post: a}).Encode()) == string((&care.Mention{Post: b}).Encode())
}

func TestWhenAPostWasWritten(t *testing.T) {
	for _, c := range []struct{ created, indexed, want string }{
		{"2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T09:00:00Z"},
		{"2026-11-21T11:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"}, // a clock that is ahead
		{"2026-11-21T11:00:00+02:00", "2026-11-21T10:00:00Z", "2026-11-21T09:00:00Z"},
		{"2026-11-21T09:00:00.123456789Z", "2026-11-21T10:00:00Z", "2026-11-21T09:00:00.123Z"},
		{"yesterday", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"},
		{"0000-01-01T00:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"},
		{"", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"},
		{"2026-11-21T09:00:00", "2026-11-21T10:00:00Z", "2026-11-21T09:00:00Z"},
	} {
		raw := strings.NewReplacer("2026-11-21T10:00:00.123Z", c.indexed, "2026-11-21T09:59:58.000Z", c.created).Replace(viewJSON("", ""))
		r, err := read(json.RawMessage(raw), acme)
		if err != nil {
			t.Errorf("%s: %v", c.created, err)
			continue
		}
		if got := r.post.PostedAt.Format(time.RFC3339Nano); got != c.want || !r.at.Equal(r.post.PostedAt) {
			t.Errorf("created %s: posted %s, listed %v, want %s", c.created, got, r.at, c.want)
		}
	}
}

func TestThreadAndSummons(t *testing.T) {
	reply := func(root, parent string) string {
		return `,"reply":{"root":{"uri":"` + root + `","cid":"` + cid + `"},"parent":{"uri":"` + parent + `","cid":"` + cid + `"}}`
	}
	facets := func(did string) string {
		return `,"facets":[{"index":{"byteStart":0,"byteEnd":3},"features":[{"$type":"app.bsky.richtext.facet#mention","did":"` + did + `"}]}]`
	}
	const (
		ours   = "at://did:plc:acme/app.bsky.feed.post/3kours"
		theirs = "at://did:plc:ben/app.bsky.feed.post/3kben"
	)
	for _, c := range []struct {
		name, rec      string
		parent, thread care.Remote
		summoned       bool
	}{
		{"its own", "", "", anaPost, false},
		{"an answer to us", reply(theirs, ours), ours, theirs, true},
		{"an answer to somebody in our thread", reply(ours, theirs), theirs, ours, false},
		{"an answer whose root is no post", reply("at://did:plc:ben/app.bsky.feed.generator/x", theirs), theirs, theirs, false},
		{"an answer to no post", reply("nonsense", "nonsense"), "", anaPost, false},
		{"a mention", facets(acme), "", anaPost, true},
		{"a mention of another", facets("did:plc:acme2"), "", anaPost, false},
		{"a quote", `,"embed":{"$type":"app.bsky.embed.record","record":{"uri":"` + ours + `","cid":"` + cid + `"}}`, "", anaPost, true},
		{"a quote with a picture", `,"embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"` + ours + `"}},"media":{}}`, "", anaPost, true},
		{"a quote of another", `,"embed":{"$type":"app.bsky.embed.record","record":{"uri":"` + theirs + `"}}`, "", anaPost, false},
		{"facets of an unknown form", `,"facets":{"a":1}`, "", anaPost, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := read(json.RawMessage(viewJSON("", c.rec)), acme)
			if err != nil {
				t.Fatal(err)
			}
			if p := r.post; p.InReplyTo != c.parent || p.Thread != c.thread || p.Summoned != c.summoned {
				t.Errorf("answers %q in %q, summoned %v", p.InReplyTo, p.Thread, p.Summoned)
			}
		})
	}
}

func TestNobodySummonsItself(t *testing.T) {
	mention := `,"facets":[{"index":{"byteStart":0,"byteEnd":3},"features":[{"$type":"app.bsky.richtext.facet#mention","did":"` + ana + `"}]}]`
	if r, err := read(json.RawMessage(viewJSON("", mention)), ana); err != nil || r.post.Summoned {
		t.Errorf("summoned %v, %v", r.post.Summoned, err)
	}
}

func TestLinks(t *testing.T) {
	image := `{"alt":"a broken kettle","image":{"$type":"blob","ref":{"$link":"bafkreipicture"},"mimeType":"image/jpeg","size":9}}`
	picture := care.Link{Kind: "image", URL: "https://cdn.bsky.app/img/feed_fullsize/plain/did:plc:ana/bafkreipicture@jpeg", Alt: "a broken kettle"}
	quote := care.Link{Kind: "quote", URL: "https://bsky.app/profile/did:plc:ben/post/3kben"}
	for _, c := range []struct {
		name, rec string
		want      []care.Link
	}{
		{"pictures", `,"embed":{"$type":"app.bsky.embed.images","images":[` + image + `,{"alt":"no picture"}]}`, []care.Link{picture}},
		{"a gallery", `,"embed":{"$type":"app.bsky.embed.gallery","items":[` + image + `]}`, []care.Link{picture}},
		{"a video", `,"embed":{"$type":"app.bsky.embed.video","alt":"steam","video":{"ref":{"$link":"bafkreivideo"}}}`,
			[]care.Link{{Kind: "video", URL: "https://video.bsky.app/watch/did:plc:ana/bafkreivideo/playlist.m3u8", Alt: "steam"}}},
		{"a card", `,"embed":{"$type":"app.bsky.embed.external","external":{"uri":"https://shop.example/kettle","title":"Kettle"}}`,
			[]care.Link{{Kind: "link", URL: "https://shop.example/kettle"}}},
		{"a card that a browser must not open", `,"embed":{"$type":"app.bsky.embed.external","external":{"uri":"javascript:alert(1)"}}`, nil},
		{"a quote with a picture", `,"embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://did:plc:ben/app.bsky.feed.post/3kben"}},` +
			`"media":{"$type":"app.bsky.embed.images","images":[` + image + `]}}`, []care.Link{quote, picture}},
		{"a list is no quote", `,"embed":{"$type":"app.bsky.embed.record","record":{"uri":"at://did:plc:ben/app.bsky.graph.list/1"}}`, nil},
		{"an address in the text", `,"facets":[{"index":{"byteStart":0,"byteEnd":3},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://a.example/very/long"}]}]`,
			[]care.Link{{Kind: "link", URL: "https://a.example/very/long"}}},
		{"an embed of an unknown form", `,"embed":{"$type":"org.example.new","images":"none"}`, nil},
		{"too many", `,"embed":{"$type":"app.bsky.embed.images","images":[` + strings.Repeat(image+",", 30) + image + `]}`, slices.Repeat([]care.Link{picture}, maxLinks)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := read(json.RawMessage(viewJSON("", c.rec)), acme)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.post.Links, c.want) {
				t.Errorf("got %+v", r.post.Links)
			}
		})
	}
}

func TestUnreadablePosts(t *testing.T) {
	whole := viewJSON("", "")
	for _, c := range []struct{ name, old, new, want string }{
		{"no JSON", whole, `{`, "not a post"},
		{"another type", whole, `[]`, "not a post"},
		{"no post", anaPost, "at://did:plc:ana/app.bsky.feed.like/1", "not a post's"},
		{"an id with a quotation mark", anaPost, `at://did:plc:ana/app.bsky.feed.post/a\"b`, "not a post's"},
		{"an id without end", anaPost, "at://did:plc:ana/app.bsky.feed.post/" + strings.Repeat("a", 2000), "not a post's"},
		{"somebody else's id", `"did":"did:plc:ana"`, `"did":"did:plc:mallory"`, "not the one in the id"},
		{"no version", cid, "", "version"},
		{"a record of another type", `"$type":"app.bsky.feed.post"`, `"$type":"app.bsky.feed.like"`, "no post"},
		{"a text that is none", `"text":"The kettle broke."`, `"text":7`, "record"},
		{"no time", `"indexedAt":"2026-11-21T10:00:00.123Z"`, `"indexedAt":""`, "time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := strings.Replace(whole, c.old, c.new, 1)
			if raw == whole {
				t.Fatal("the case changes nothing")
			}
			_, err := read(json.RawMessage(raw), acme)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestStrangersAreBounded(t *testing.T) {
	long := strings.Repeat("ü", 20_000)
	raw := strings.NewReplacer("The kettle broke.", long, " Ana ", long, "ana.example", "handle.invalid").Replace(viewJSON("", ""))
	r, err := read(json.RawMessage(raw), acme)
	if err != nil {
		t.Fatal(err)
	}
	p := r.post
	if len(p.Text) > maxText || len(p.Author.Name) > maxName || !utf8.ValidString(p.Text) || !utf8.ValidString(p.Author.Name) {
		t.Errorf("text of %d bytes, name of %d", len(p.Text), len(p.Author.Name))
	}
	if p.Author.Handle != ana {
		t.Errorf("an unproven name is shown as %q", p.Author.Handle)
	}
}

func TestModerated(t *testing.T) {
	for labels, want := range map[string]bool{
		`,"labels":[{"val":"!hide"}]`:                                     true,
		`,"labels":[{"val":"!takedown"}]`:                                 true,
		`,"labels":[{"val":"!hide","neg":true}]`:                          false,
		`,"labels":[{"val":"porn"}]`:                                      false,
		`,"author":{"did":"did:plc:ana","labels":[{"val":"!suspend"}]}`:   true,
		`,"author":{"did":"did:plc:ana","labels":[{"val":"!no-unauth"}]}`: false,
	} {
		r, err := read(json.RawMessage(viewJSON(labels, "")), acme)
		if err != nil || r.hidden != want {
			t.Errorf("%s: hidden %v, %v", labels, r.hidden, err)
		}
	}
}

func TestBrokenText(t *testing.T) {
	for raw, want := range map[string]bool{
		`{"text":"zwölf 🫖"}`:               false,
		`{"text":"\ud83e\uded6"}`:          false, // a pair
		`{"text":"\\ud83e"}`:               false, // a backslash and some letters
		`{"text":"\"\\\u0041\n"}`:          false,
		"{\"text\":\"\xff\"}":              true,
		"{\"text\":\"\xf0\x9f\"}":          true,
		`{"text":"\ud83e"}`:                true,
		`{"text":"\ud83ex"}`:               true,
		`{"text":"\uded6\uded6"}`:          true,
		`{"text":"\uded6"}`:                true,
		`{"text":"\ud83e\ud83e\uded6"}`:    true,
		`{"text":"\uD83E\uDED6 \uDED6"}`:   true,
		`{"text":"\\\ud83e\uded6\\ud83e"}`: false,
	} {
		if got := broken([]byte(raw)); got != want {
			t.Errorf("%s: %v", raw, got)
		}
		var v struct{ Text string }
		if err := json.Unmarshal([]byte(raw), &v); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if repaired := strings.ContainsRune(v.Text, utf8.RuneError); repaired != want {
			t.Errorf("%s is read as %q", raw, v.Text)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(viewJSON("", "")))
	f.Add([]byte(viewJSON(`,"labels":[{"val":"!hide"}]`, `,"langs":["en"],"reply":{},"facets":[{}],"embed":{"$type":"x","media":{"$type":"y"}}`)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		broken(raw)
		r, err := read(raw, acme)
		if err != nil {
			if len(err.Error()) > 60 {
				t.Errorf("an error that may quote the post: %v", err)
			}
			return
		}
		p := r.post
		for _, s := range []string{p.Text, p.Author.Name, p.Author.Handle, p.Language, p.URL, string(p.Remote), string(p.Thread)} {
			if !utf8.ValidString(s) || len(s) > maxText {
				t.Errorf("%q", s)
			}
		}
		if p.PostedAt.IsZero() || p.Thread == "" || p.Author.ID == "" || len(p.Links) > maxLinks {
			t.Errorf("%+v", p)
		}
	})
}

func TestWarningsAndShares(t *testing.T) {
	self := func(val string) string {
		return `,"labels":{"$type":"com.atproto.label.defs#selfLabels","values":[{"val":"` + val + `"}]}`
	}
	for _, c := range []struct {
		name, more, rec, warning string
		shares                   int
	}{
		{"none", "", "", "", 0},
		{"the author's own", "", self("graphic-media"), "graphic pictures", 0},
		{"a moderator's", `,"labels":[{"val":"porn"}]`, "", "adult content", 0},
		{"one taken back", `,"labels":[{"val":"porn","neg":true}]`, "", "", 0},
		{"one that says nothing to us", `,"labels":[{"val":"<b>clown</b>"}]`, self("my-own"), "", 0},
		{"labels of another form", "", `,"labels":"all"`, "", 0},
		{"passed on", `,"repostCount":3,"quoteCount":4`, "", "", 7},
		{"passed on less than never", `,"repostCount":-3`, "", "", 0},
	} {
		r, err := read(json.RawMessage(viewJSON(c.more, c.rec)), acme)
		if err != nil || r.post.Warning != c.warning || r.post.Shares != c.shares {
			t.Errorf("%s: warning %q, %d shares, %v", c.name, r.post.Warning, r.post.Shares, err)
		}
	}
}

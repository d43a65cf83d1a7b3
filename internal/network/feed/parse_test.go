package feed

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// read makes entries of a feed.
func read(t testing.TB, body, kind string) []entry {
	t.Helper()
	f, err := parse([]byte(body), kind)
	if err != nil {
		t.Fatal(err)
	}
	return opened(t, nil, 0).entries(f, now)
}

func rssFeed(items string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>Forum</title><language>en-us</language>` + items + `</channel></rss>`
}

func TestEntries(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"title and text", rssFeed(`<item><guid>1</guid><title>It broke</title><description>&lt;p&gt;The &lt;b&gt;kettle&lt;/b&gt;&lt;/p&gt;&lt;p&gt;again&lt;/p&gt;</description></item>`), "It broke\n\nThe kettle\n\nagain"},
		{"a title repeated", rssFeed(`<item><guid>1</guid><title>It broke</title><description>It broke again</description></item>`), "It broke again"},
		{"a title that is no HTML", rssFeed(`<item><guid>1</guid><title>if a &lt; b</title></item>`), "if a < b"},
		{"a title that is", rssFeed(`<item><guid>1</guid><title>&lt;b&gt;It&lt;/b&gt; broke &amp;amp; burst</title></item>`), "It broke & burst"},
		{"the whole before the summary", rssFeed(`<item xmlns:content="http://purl.org/rss/1.0/modules/content/"><guid>1</guid><description>short</description><content:encoded><![CDATA[long<br>er]]></content:encoded></item>`), "long\ner"},
		{"Atom with HTML", `<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>1</id><content type="html">a &lt;i&gt;b&lt;/i&gt;</content></entry></feed>`, "a b"},
		{"Atom with XHTML", `<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>1</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a</p><p>b</p></div></content></entry></feed>`, "a\n\nb"},
		{"JSON with HTML", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_html":"a<br>b"}]}`, "a\nb"},
		{"script in it", rssFeed(`<item><guid>1</guid><description>a&lt;script&gt;alert(1)&lt;/script&gt;</description></item>`), "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := read(t, c.body, "")
			if len(all) != 1 || all[0].post.Text != c.want {
				t.Errorf("%+v", all)
			}
		})
	}
}

func TestEntryBecomesAPost(t *testing.T) {
	all := read(t, rssFeed(`<item><guid isPermaLink="false">77</guid><link>https://forum.example/t/77</link><author>ana@x.example (Ana)</author><pubDate>Sat, 21 Nov 2026 09:59:58 GMT</pubDate>
<description>See &lt;a href="https://x.example/a"&gt;this&lt;/a&gt;</description><enclosure url="https://x.example/1.png" type="image/png" length="1"/></item>`), "")
	want := care.Post{
		Network: "feed", Remote: "forum.example/new.xml#77", Thread: "forum.example/new.xml#77", Kind: care.PostPublic,
		Author: all[0].post.Author, Text: "See this (https://x.example/a)", Language: "en-us",
		PostedAt: time.Date(2026, 11, 21, 9, 59, 58, 0, time.UTC), URL: "https://forum.example/t/77",
		Links: []care.Link{{Kind: "image", URL: "https://x.example/1.png"}, {Kind: "link", URL: "https://x.example/a"}},
	}
	if got := all[0].post; fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) || !strings.HasPrefix(got.Author.ID, "forum.example/") || got.Author.Handle == "" {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestEntriesWithoutThisOrThat(t *testing.T) {
	all := read(t, rssFeed(`<item><description>no id, no time, no author</description></item><item><description>another</description></item><item><description>another</description></item>
<item><guid>9</guid><pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate><description>of the future</description></item>`), "")
	if len(all) != 3 {
		t.Fatalf("%d entries", len(all))
	}
	for _, e := range all {
		if e.post.Remote == "" || e.post.Author.ID == "" || !e.post.PostedAt.Equal(now) {
			t.Errorf("%+v", e.post)
		}
	}
	if all[0].post.Remote == all[1].post.Remote || all[0].dated || !all[2].dated {
		t.Error("told apart by their words, and undated")
	}
}

func TestEncodings(t *testing.T) {
	const latin = "Gr\xfc\xdfe"
	for _, c := range []struct{ name, head, kind, text string }{
		{"in the file", `<?xml version="1.0" encoding="iso-8859-1"?>`, "application/rss+xml", latin},
		{"in the header", ``, "application/rss+xml; charset=ISO-8859-1", latin},
		{"a header that is wrong", `<?xml version="1.0" encoding="utf-8"?>`, "text/xml; charset=ISO-8859-1", "Grüße"},
	} {
		body := c.head + `<rss version="2.0"><channel><item><guid>1</guid><title>` + c.text + `</title></item></channel></rss>`
		if got := read(t, body, c.kind)[0].post.Text; got != "Grüße" {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// TestHostileFeeds end with an error or a feed, soon, and with little memory.
func TestHostileFeeds(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>` +
		`<rss version="2.0"><channel><item><guid>1</guid><title>&c;&c;&c;</title></item></channel></rss>`
	for name, body := range map[string]string{
		"nothing":            "",
		"a page":             "<!doctype html><title>Sign in</title>",
		"half a feed":        rssFeed("<item><title>x")[:70],
		"a file of a shop":   `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><item><guid>1</guid><title>&f;</title></item></channel></rss>`,
		"an entity bomb":     bomb,
		"very deep":          rssFeed(`<item>` + strings.Repeat("<a:b>", 500_000)),
		"very many entries":  rssFeed(strings.Repeat("<item/>", 500_000)),
		"many parts in JSON": `{"version":"https://jsonfeed.org/version/1","items":[` + strings.Repeat("{},", 500_000) + `{}]}`,
		"zeros":              strings.Repeat("\x00", 1<<20),
		"tags without end":   strings.Repeat("<a ", 1<<18),
	} {
		f, err := parse([]byte(body), "")
		if err != nil {
			if e, ok := err.(*network.Error); !ok || e.Fault != network.Malformed {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		for _, e := range opened(t, nil, 0).entries(f, now) {
			if len(e.post.Text) > 200 || strings.Contains(e.post.Text, "root:") {
				t.Errorf("%s: %.100q", name, e.post.Text)
			}
		}
	}
}

func TestOnlyTheNewestEntriesCount(t *testing.T) {
	var items strings.Builder
	for i := range 2 * maxEntries {
		fmt.Fprintf(&items, `<item><guid>%d</guid><title>t</title><pubDate>%s</pubDate></item>`, i, now.Add(time.Duration(i-1000)*time.Minute).Format(time.RFC1123Z))
	}
	all := read(t, rssFeed(items.String()), "")
	if len(all) != maxEntries || slices.ContainsFunc(all, func(e entry) bool { return e.post.PostedAt.Before(now.Add((maxEntries - 1000) * time.Minute)) }) {
		t.Errorf("%d entries", len(all))
	}
	m, err := readMark("", address)
	if err != nil {
		t.Fatal(err)
	}
	page, err := m.take(all, answer{now: now, etag: strings.Repeat(`"`, 256), date: strings.Repeat("<", 64)}, maxBack)
	if err != nil || len(page.Next) > maxCursor || len(page.Items) != maxEntries {
		t.Errorf("a cursor of %d bytes, %d items, %v", len(page.Next), len(page.Items), err)
	}
}

// TestUndatedEntriesThatFellOff: without dates only the times of asking bound a gap.
func TestUndatedEntriesThatFellOff(t *testing.T) {
	first := read(t, rssFeed(`<item><guid>1</guid><title>a</title></item>`), "")
	second := read(t, rssFeed(`<item><guid>2</guid><title>b</title></item>`), "")
	m, _ := readMark("", address)
	page, err := m.take(first, answer{now: now}, 0)
	if err != nil || len(page.Items) > 0 {
		t.Fatal(page, err)
	}
	if m, err = readMark(page.Next, address); err != nil {
		t.Fatal(err)
	}
	page, err = m.take(second, answer{now: now.Add(time.Minute)}, 0)
	if err != nil || len(page.Items) != 1 || len(page.Gaps) != 1 || !page.Gaps[0].From.Equal(now) || !page.Gaps[0].To.Equal(now.Add(time.Minute)) {
		t.Errorf("%+v %v", page, err)
	}
}

func TestCursorOfAnotherFeedStartsAnew(t *testing.T) {
	m, _ := readMark("", address)
	page, err := m.take(nil, answer{now: now}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readMark(page.Next, "https://other.example/feed"); err != nil || !got.Begin.IsZero() {
		t.Error(got, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(rssFeed(`<item><guid>1</guid><title>a</title><description>&lt;p&gt;b</description></item>`)), "text/xml; charset=iso-8859-1")
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><content type="xhtml"><div><p>a</div></content></entry></feed>`), "")
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"content_html":"a<br>b"},null]}`), "")
	a := opened(f, nil, 0)
	f.Fuzz(func(t *testing.T, b []byte, kind string) {
		p, err := parse(b, kind)
		if err != nil {
			return
		}
		for _, e := range a.entries(p, now) {
			if e.post.Remote == "" || e.post.Author.ID == "" || e.post.PostedAt.IsZero() || len(e.post.Text) > 2*maxText {
				t.Errorf("%+v", e.post)
			}
		}
	})
}

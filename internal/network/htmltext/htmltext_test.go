package htmltext

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

func TestPlain(t *testing.T) {
	for _, c := range []struct {
		name, html, want string
		keep             bool
	}{
		{"nothing", "", "", false},
		{"words", "  a\n b\tc ", "a b c", false},
		{"white space that counts", "a\n  b\tc", "a\n  b\tc", true},
		{"paragraphs", "<p>one</p><p>two</p>", "one\n\ntwo", true},
		{"paragraphs with white space between", "<p>one</p>\n  <p>two</p>\n", "one\n\ntwo", false},
		{"line breaks", "one<br>two<br/>three<br><br>four", "one\ntwo\nthree\n\nfour", false},
		{"never more than one empty line", "one<br><br><br><br><p></p><p>two</p>", "one\n\ntwo", false},
		{"words across elements", "<b>bro</b>ken <i>again</i>", "broken again", false},
		{"a space before an element", "one <b>two</b> three", "one two three", false},
		{"entities", "&lt;b&gt; &amp;amp; &eacute; &#x1F600; &nope;", "<b> &amp; é 😀 &nope;", false},
		{"a space that holds words together", "10&nbsp;€", "10\u00a0€", false},
		{"scripts and styles", "a<script>alert('<p>x')</script><style>p{}</style>b", "ab", false},
		{"a template within a template", "a<template>x<template>y</template>z</template>b", "ab", false},
		{"a script without an end", "a<script>alert(1)", "a", false},
		{"a list", "<ul><li>one</li><li>two</li></ul>after", "- one\n- two\n\nafter", false},
		{"preformatted", "<p>x  y</p><pre>a\n  b</pre>", "x y\n\na\n  b", false},
		{"a table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc", false},
		{"a picture", `see <img src="https://a.example/1.png" alt="a broken cup"> here`, "see a broken cup here", false},
		{"a comment", "a<!-- b -->c", "ac", false},
		{"cut in the middle of an element", "a <b", "a", false},
		{"markup that is text", "&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := Plain(c.html, Options{Keep: c.keep}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestLinksShowWhereTheyLead(t *testing.T) {
	const href = "https://shop.example/a/b?c=1&d=2"
	for _, c := range []struct {
		name, html, want string
		links            []string
	}{
		{"shown in full", `<a href="` + href + `">` + href + `</a>`, href, []string{href}},
		{"shortened as Mastodon does", `<a href="https://shop.example/a/b"><span class="invisible">https://</span><span class="ellipsis">shop.ex</span><span class="invisible">ample/a/b</span></a>`,
			"https://shop.example/a/b", []string{"https://shop.example/a/b"}},
		{"without its scheme", `<a href="https://shop.example/">shop.example</a>`, "https://shop.example/", []string{"https://shop.example/"}},
		{"as something else", `look <a href="https://evil.example/x">https://bank.example</a>!`, "look https://bank.example (https://evil.example/x)!", []string{"https://evil.example/x"}},
		{"no words", `<a href="https://a.example"><img src="x.png"></a>`, "https://a.example", []string{"https://a.example"}},
		{"what a browser must not open", `<a href="javascript:alert(1)">click</a>`, "click", nil},
		{"no end", `<a href="https://a.example">here`, "here (https://a.example)", []string{"https://a.example"}},
		{"one in another", `<a href="https://a.example">x<a href="https://b.example">y</a>`, "x (https://a.example)y (https://b.example)", []string{"https://a.example", "https://b.example"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, links := Plain(c.html, Options{})
			var urls []string
			for _, l := range links {
				urls = append(urls, l.URL)
			}
			if got != c.want || !slices.Equal(urls, c.links) {
				t.Errorf("got %q, %v", got, urls)
			}
		})
	}
}

func TestPicturesAreLinks(t *testing.T) {
	_, links := Plain(`<img src="https://a.example/1.png" alt="cup"><img src="data:image/png;base64,AA">`, Options{})
	if !slices.Equal(links, []care.Link{{Kind: "image", URL: "https://a.example/1.png", Alt: "cup"}}) {
		t.Errorf("%+v", links)
	}
}

func TestTextIsBounded(t *testing.T) {
	if got, _ := Plain("<p>"+strings.Repeat("ä", 100), Options{Max: 15}); got != strings.Repeat("ä", 7) {
		t.Errorf("%q", got)
	}
	if _, links := Plain(strings.Repeat(`<a href="https://a.example">x</a>`, 1000), Options{}); len(links) != maxLinks {
		t.Errorf("%d links", len(links))
	}
	deep := strings.Repeat("<div><blockquote><ul>", 200_000)
	if got, _ := Plain(deep+"x", Options{}); got != "x" {
		t.Errorf("%d bytes", len(got))
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("<p>a<a href='https://x.example'>b</p>", true)
	f.Add("\xff<pre>\x00</pre></a></pre>", false)
	f.Fuzz(func(t *testing.T, s string, keep bool) {
		got, _ := Plain(s, Options{Keep: keep, Max: 100})
		if len(got) > 120 || !utf8.ValidString(got) {
			t.Errorf("%q", got)
		}
	})
}

func BenchmarkPlain(b *testing.B) {
	s := `<p><span class="h-card"><a href="https://a.example/@brand" class="u-url mention">@<span>brand</span></a></span> order 3 arrived broken, support ignores me <a href="https://a.example/tags/fail" class="mention hashtag">#<span>fail</span></a></p>`
	b.ReportAllocs()
	for b.Loop() {
		Plain(s, Options{Keep: true})
	}
}

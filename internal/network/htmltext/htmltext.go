// Package htmltext makes plain text of the HTML in which networks hand out what
// people wrote.
//
// It reads from left to right and builds no tree, so that no nesting, however
// deep, costs more than its own length. It owns nothing, makes no call, and
// never gives out markup: what comes back is text, and addresses of http and
// https.
package htmltext

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/amends-care/amends/internal/care"
)

// Options say how to read. The zero value reads as a browser shows.
type Options struct {
	// Keep leaves white space as it was written, for networks whose own pages do.
	Keep bool
	// Max is the most bytes of text; 0: 64 KiB. The rest is left out.
	Max int
	// Link says what stands for a link in the text; nil: its address, after what
	// was shown where that is something else.
	Link func(href, shown, class string) string
}

const (
	defaultMax = 64 << 10
	maxHref    = 2 << 10
	maxLinks   = 20
	maxAlt     = 4 << 10
)

// Plain is the text of a piece of HTML, and the links and pictures in it.
func Plain(s string, o Options) (string, []care.Link) {
	if o.Max <= 0 {
		o.Max = defaultMax
	}
	r := reader{Options: o, edge: true}
	if !strings.ContainsAny(s, "<&") {
		r.words(s)
		return r.text(), nil
	}
	z := html.NewTokenizer(strings.NewReader(s))
	for len(r.out) < o.Max {
		switch z.Next() {
		case html.ErrorToken: // the end: a reader of a string has no other
			r.endLink()
			return r.text(), r.links
		case html.TextToken:
			r.words(string(z.Text()))
		case html.StartTagToken:
			r.start(z.Token())
		case html.SelfClosingTagToken:
			if t := z.Token(); !hidden(t.DataAtom) {
				r.start(t)
				r.end(t.DataAtom)
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(atom.Lookup(name))
		}
	}
	r.endLink()
	return r.text(), r.links
}

// A reader is a text in the making.
type reader struct {
	Options
	out   []byte
	links []care.Link

	edge   bool // nothing yet, or right after a break: white space means nothing
	space  bool // a space is due before the next word
	breaks int  // line ends that are due before the next word
	pre    int  // how many elements deep white space counts
	skip   atom.Atom
	depth  int // of elements of that name in what is skipped

	inLink      bool
	from        int // where the link's text begins
	href, class string
}

func (r *reader) text() string {
	s := strings.ToValidUTF8(string(bytes.TrimSpace(r.out)), "\uFFFD")
	if len(s) > r.Max {
		n := r.Max
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.ReplaceAll(s, "\x00", "\uFFFD")
}

// words adds text.
func (r *reader) words(s string) {
	switch {
	case r.skip != 0 || s == "":
	case r.Keep || r.pre > 0:
		if r.edge && strings.TrimSpace(s) == "" && r.pre == 0 {
			return
		}
		r.due()
		r.out = append(r.out, s...)
	default:
		for i, w := range strings.FieldsFunc(s, collapses) {
			r.space = r.space || i > 0 || collapses(rune(s[0]))
			r.due()
			r.out = append(r.out, w...)
		}
		r.space = r.space || collapses(rune(s[len(s)-1]))
	}
}

// collapses says which signs a browser makes one space of: not those that hold
// words together.
func collapses(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }

// due writes the breaks and spaces before a word.
func (r *reader) due() {
	switch {
	case len(r.out) == 0:
	case r.breaks > 0:
		r.out = append(bytes.TrimRight(r.out, " "), "\n\n"[:r.breaks]...)
	case r.space && !r.edge:
		r.out = append(r.out, ' ')
	}
	r.breaks, r.space, r.edge = 0, false, false
}

// lines asks for n line ends before the next word.
func (r *reader) lines(n int) {
	r.breaks, r.space, r.edge = max(r.breaks, n), false, true
}

// hidden are elements whose text nobody sees.
func hidden(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Svg, atom.Math, atom.Head, atom.Title, atom.Select, atom.Textarea:
		return true
	}
	return false
}

func (r *reader) start(t html.Token) {
	if r.skip != 0 {
		if t.DataAtom == r.skip {
			r.depth++
		}
		return
	}
	switch a := t.DataAtom; {
	case hidden(a):
		r.skip, r.depth = a, 1
	case a == atom.Br:
		r.breaks, r.space, r.edge = min(r.breaks+1, 2), false, true
	case a == atom.A:
		r.endLink()
		r.due()
		r.inLink, r.from, r.href, r.class = true, len(r.out), attr(t, "href"), attr(t, "class")
	case a == atom.Img:
		alt := attr(t, "alt")
		r.words(alt)
		r.add("image", attr(t, "src"), alt)
	case a == atom.Li:
		r.lines(1)
		r.words("- ")
	case a == atom.Td || a == atom.Th:
		r.space = true
	default:
		if a == atom.Pre {
			r.pre++
		}
		r.block(a)
	}
}

func (r *reader) end(a atom.Atom) {
	if r.skip != 0 {
		if a != r.skip {
			return
		}
		if r.depth--; r.depth == 0 {
			r.skip = 0
		}
		return
	}
	switch a {
	case atom.A:
		r.endLink()
	case atom.Pre:
		r.pre = max(r.pre-1, 0)
		r.block(a)
	default:
		r.block(a)
	}
}

// block breaks the line where an element begins or ends that stands by itself.
func (r *reader) block(a atom.Atom) {
	switch a {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Pre, atom.Table, atom.Hr, atom.Ul, atom.Ol:
		r.lines(2)
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Tr, atom.Figure, atom.Figcaption, atom.Dl, atom.Dt, atom.Dd:
		r.lines(1)
	}
}

// endLink puts what stands for a link in the place of what it showed.
func (r *reader) endLink() {
	if !r.inLink {
		return
	}
	r.inLink = false
	r.from = min(r.from, len(r.out))
	shown := string(r.out[r.from:])
	if !web(r.href) {
		return
	}
	put := Shown
	if r.Link != nil {
		put = r.Link
	}
	r.out = append(r.out[:r.from], put(r.href, shown, r.class)...)
	r.add("link", r.href, "")
}

// Shown is an address, after the words that were shown for it.
func Shown(href, shown, _ string) string {
	bare := func(s string) string {
		_, s, _ = strings.Cut("://"+strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "https://"), "http://"), "://")
		return strings.TrimSuffix(strings.ToLower(s), "/")
	}
	switch {
	case strings.TrimSpace(shown) == "" || bare(shown) == bare(href):
		return href
	case strings.Contains(shown, href):
		return shown
	}
	return shown + " (" + href + ")"
}

func (r *reader) add(kind, url, alt string) {
	if web(url) && len(r.links) < maxLinks {
		r.links = append(r.links, care.Link{Kind: kind, URL: url, Alt: alt[:min(len(alt), maxAlt)]})
	}
}

// web lets pass what a browser may open.
func web(url string) bool {
	return len(url) <= maxHref && utf8.ValidString(url) && !strings.ContainsAny(url, " \t\n\r<>\"") &&
		(strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://"))
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

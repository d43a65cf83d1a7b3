package web

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// lawful checks what must be true of every page, whatever strangers wrote: no
// script or style but ours, no address but ours and plain web addresses, no
// character that moves or hides others, every field with a name for who listens.
func (a *answer) lawful() {
	a.t.Helper()
	doc, err := html.Parse(strings.NewReader(string(a.body)))
	if err != nil {
		a.t.Fatalf("%s: %v", a.what, err)
	}
	ids := map[string]bool{}
	h1, main := 0, 0
	for n := range doc.Descendants() {
		switch n.Type {
		case html.TextNode:
			if i := strings.IndexFunc(n.Data, harmful); i >= 0 && n.Parent.Data != "textarea" { // what one writes oneself is not touched
				a.t.Errorf("%s: the text %+q holds something harmful", a.what, n.Data)
			}
		case html.ElementNode:
			switch n.Data {
			case "h1":
				h1++
			case "main":
				main++
			}
			if id := attr(n, "id"); id != "" && ids[id] {
				a.t.Errorf("%s: two elements are called %s", a.what, id)
			} else {
				ids[id] = true
			}
			a.lawfulElement(n)
		}
	}
	if h1 != 1 || main != 1 {
		a.t.Errorf("%s: %d h1, %d main", a.what, h1, main)
	}
}

func (a *answer) lawfulElement(n *html.Node) {
	a.t.Helper()
	for _, at := range n.Attr {
		switch {
		case at.Key == "style" || strings.HasPrefix(at.Key, "on") || at.Key == "srcdoc":
			a.t.Errorf("%s: <%s %s=%q>", a.what, n.Data, at.Key, at.Val)
		case slices.Contains([]string{"href", "src", "action", "formaction"}, at.Key):
			a.lawfulAddress(n, at.Val)
		}
	}
	switch n.Data {
	case "script":
		if !strings.HasPrefix(attr(n, "src"), assetsPath) || n.FirstChild != nil {
			a.t.Errorf("%s: a script that is not ours: %v", a.what, n.Attr)
		}
	case "style":
		if !a.isFile() {
			a.t.Errorf("%s: <%s>", a.what, n.Data)
		}
	case "iframe", "object", "embed", "base", "img", "video", "audio", "meta":
		if own := a.isFile() && attr(n, "http-equiv") == "Content-Security-Policy"; n.Data != "meta" || attr(n, "http-equiv") != "" && !own {
			a.t.Errorf("%s: <%s>", a.what, n.Data)
		}
	case "form":
		if by := attr(n, "method"); by != "post" && by != "get" { // get only asks: no GET changes anything
			a.t.Errorf("%s: a form by %q", a.what, attr(n, "method"))
		}
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" && attr(n, "aria-label") == "" && (n.Parent.Data != "label") {
			a.t.Errorf("%s: a field without a name: %v", a.what, n.Attr)
		}
	case "button", "a":
		if spoken(n) == "" {
			a.t.Errorf("%s: a <%s> that says nothing: %v", a.what, n.Data, n.Attr)
		}
	}
}

// isFile says that the answer is kept on a disk: it brings its style and policy.
func (a *answer) isFile() bool {
	return strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment")
}

func (a *answer) lawfulAddress(n *html.Node, address string) {
	a.t.Helper()
	u, err := url.Parse(address)
	switch {
	case err != nil:
		a.t.Errorf("%s: <%s> leads to %q: %v", a.what, n.Data, address, err)
	case u.Scheme == "" && u.Host == "" && (strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") || strings.HasPrefix(address, "#")):
	case u.Scheme == "http" || u.Scheme == "https":
		if rel := attr(n, "rel"); n.Data != "a" || rel != "noopener noreferrer nofollow" {
			a.t.Errorf("%s: <%s rel=%q> leads away to %q", a.what, n.Data, rel, address)
		}
	default:
		a.t.Errorf("%s: <%s> leads to %q", a.what, n.Data, address)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// spoken is what an element says to who listens.
func spoken(n *html.Node) string {
	if l := attr(n, "aria-label"); l != "" {
		return l
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// A sheet is a form of a page, ready to be filled in.
type sheet struct {
	action string
	values url.Values
}

// sheetOf finds the form of a page that goes to an address, with what it holds.
func (a *answer) sheetOf(action string) sheet {
	a.t.Helper()
	doc, err := html.Parse(strings.NewReader(string(a.body)))
	if err != nil {
		a.t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Data != "form" || n.Type != html.ElementNode || attr(n, "action") != action {
			continue
		}
		s := sheet{action: action, values: url.Values{}}
		for d := range n.Descendants() {
			switch {
			case d.Data == "input" && (attr(d, "type") == "hidden" || attr(d, "type") == "radio" && slices.ContainsFunc(d.Attr, func(x html.Attribute) bool { return x.Key == "checked" })):
				s.values.Set(attr(d, "name"), attr(d, "value"))
			case d.Data == "option" && s.values.Get(attr(d.Parent, "name")) == "":
				s.values.Set(attr(d.Parent, "name"), attr(d, "value"))
			case d.Data == "textarea" && d.FirstChild != nil:
				s.values.Set(attr(d, "name"), d.FirstChild.Data)
			}
		}
		return s
	}
	a.t.Fatalf("%s: no form goes to %s:\n%.3000s", a.what, action, a.body)
	return sheet{}
}

// send fills a form in as a person would and follows where it leads.
func (b *bench) send(cookie, page, action string, fill ...string) *answer {
	b.t.Helper()
	s := b.browse(cookie, "GET", page, nil).want(200).sheetOf(action)
	for i := 0; i+1 < len(fill); i += 2 {
		s.values.Set(fill[i], fill[i+1])
	}
	a := b.browse(cookie, "POST", s.action, s.values)
	if a.StatusCode != 303 {
		return a
	}
	return b.browse(cookie, "GET", a.leadsTo(), nil)
}

package email

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxTokens bounds the work on one page of HTML.
const maxTokens = 50_000

// plainText makes text of a mail's HTML: what a reader sees, line by line.
// History that mail programs mark as such is left out; cut says that some was.
// What it returns may hold anything, but no markup that was meant as such.
func plainText(page string) (text string, cut bool) {
	z := html.NewTokenizer(strings.NewReader(page))
	w := writer{}
	var skip []atom.Atom // elements around us whose text is not the author's
	for range maxTokens {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		t := z.Token()
		switch kind {
		case html.TextToken:
			if len(skip) == 0 {
				w.words(t.Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			if id(t) == "stopSpelling" || id(t) == "divRplyFwdMsg" || id(t) == "appendonsend" {
				return w.String(), true // Outlook: all that follows is history
			}
			open := kind == html.StartTagToken && !void(t.DataAtom)
			if len(skip) > 0 {
				if open && t.DataAtom == skip[len(skip)-1] {
					skip = append(skip, t.DataAtom)
				}
				continue
			}
			w.tag(t)
			if open && (unseen(t) || history(t)) {
				cut = cut || history(t)
				skip = append(skip, t.DataAtom)
			}
		case html.EndTagToken:
			if len(skip) > 0 {
				if t.DataAtom == skip[len(skip)-1] {
					skip = skip[:len(skip)-1]
				}
				continue
			}
			w.tag(t)
		}
	}
	return w.String(), cut
}

func attribute(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func id(t html.Token) string { return attribute(t, "id") }

func void(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// unseen says that a reader does not see an element's text.
func unseen(t html.Token) bool {
	switch t.DataAtom {
	case atom.Head, atom.Title, atom.Style, atom.Script, atom.Noscript, atom.Template, atom.Svg, atom.Object, atom.Select, atom.Textarea, atom.Iframe:
		return true
	}
	style := strings.ToLower(strings.ReplaceAll(attribute(t, "style"), " ", ""))
	return strings.Contains(style, "display:none") || strings.Contains(style, "mso-hide:all")
}

// history says that an element holds what the mail answers: as Gmail, Apple
// Mail, Thunderbird, Yahoo and Outlook on the web mark it.
func history(t html.Token) bool {
	if t.DataAtom == atom.Blockquote && strings.EqualFold(attribute(t, "type"), "cite") {
		return true
	}
	for class := range strings.FieldsSeq(attribute(t, "class")) {
		switch class {
		case "gmail_quote", "gmail_quote_container", "gmail_attr", "gmail_signature", "moz-cite-prefix", "moz-signature", "yahoo_quoted", "protonmail_quote", "zmail_extra", "ms-outlook-mobile-reference-message":
			return true
		}
	}
	return false
}

// A writer sets words on lines as a browser does.
type writer struct {
	b     strings.Builder
	space bool // before the next word
	lines int  // to end before the next word
}

func (w *writer) words(s string) {
	for i, word := range strings.FieldsFunc(s, blank) {
		if i > 0 || s[0] <= ' ' {
			w.space = true
		}
		switch {
		case w.b.Len() == 0:
		case w.lines > 0:
			w.b.WriteString(strings.Repeat("\n", min(w.lines, 2)))
		case w.space:
			w.b.WriteByte(' ')
		}
		w.lines, w.space = 0, false
		w.b.WriteString(word)
	}
	if s != "" && s[len(s)-1] <= ' ' {
		w.space = true
	}
}

// blank is what HTML runs together; a space that doesn't break stays.
func blank(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' }

func (w *writer) tag(t html.Token) {
	switch t.DataAtom {
	case atom.Br:
		if t.Type != html.EndTagToken {
			w.lines++
		}
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.Pre, atom.Hr:
		w.lines = max(w.lines, 2)
	case atom.Div, atom.Tr, atom.Li, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Dt, atom.Dd, atom.Dl:
		w.lines = max(w.lines, 1)
	case atom.Td, atom.Th:
		w.space = true
	}
}

func (w *writer) String() string { return w.b.String() }

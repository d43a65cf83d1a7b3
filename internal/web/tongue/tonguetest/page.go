// Package tonguetest finds on a page what it says in English and should not: a
// sentence of a catalogue that has words in the language of the page. It owns
// nothing and knows neither what pages there are nor what they are about.
package tonguetest

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/amends-care/amends/internal/web/tongue"
)

// Foreign is what a page says in the words of another language, where its own
// has some. What is a name, as Text of names has them, is left out.
func Foreign(page []byte, other, own *tongue.Tongue, names ...string) (all []string, err error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, err
	}
	wrong, right := sentences(other, own), sentences(own, nil)
	for _, text := range slices.Compact(slices.Sorted(slices.Values(shown(doc)))) {
		is := func(s sentence) bool { return s.is(text) }
		if slices.ContainsFunc(wrong, is) && !slices.ContainsFunc(right, is) && !slices.Contains(names, text) {
			all = append(all, text)
		}
	}
	return all, nil
}

// shown is what somebody reads on a page, or is read out, but for what a stranger
// wrote.
func shown(doc *html.Node) (all []string) {
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.TextNode && !slices.Contains([]string{"script", "style", "bdi", "mark", "code"}, n.Parent.Data):
			all = append(all, strings.TrimSpace(n.Data))
		case n.Type == html.ElementNode:
			for _, a := range n.Attr {
				if slices.Contains([]string{"aria-label", "title", "placeholder"}, a.Key) {
					all = append(all, a.Val)
				}
			}
		}
	}
	return all
}

// A sentence is a string of a catalogue between whose pieces anything may stand.
type sentence []string

func (s sentence) is(text string) bool {
	rest, ok := strings.CutPrefix(text, s[0])
	for i, piece := range s[1:] {
		if i == len(s)-2 { // the last
			return ok && len(rest) > len(piece) && strings.HasSuffix(rest, piece)
		}
		at := strings.Index(rest, piece)
		if at < 0 {
			return false
		}
		rest = rest[at+len(piece):]
	}
	return ok && rest == ""
}

var place = regexp.MustCompile(`\{\w+\}|[][]`)

// sentences are what a language says; those that another says in the same words
// are left out, if there is another. Spans and codes are figures, not sentences,
// and of a few letters around a place any text may be made.
func sentences(of, but *tongue.Tongue) (all []sentence) {
	for key, text := range of.Strings() {
		if len(text) < 4 || strings.HasPrefix(key, "code.") || strings.HasPrefix(key, "span.") || but != nil && but.Strings()[key] == text {
			continue
		}
		if pieces := place.Split(text, -1); len(pieces) == 1 || len(strings.Trim(strings.Join(pieces, ""), " ,.:;()%–")) > 3 {
			all = append(all, pieces)
		}
	}
	return all
}

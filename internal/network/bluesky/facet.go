package bluesky

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// A span is a piece of a reply that is more than text: an address, a name or a
// tag. Offsets are bytes of UTF-8, as the network counts them.
type span struct {
	from, to int
	link     string // web address
	handle   string // name without @, lower case
	tag      string // tag without #
}

var (
	atHandle = regexp.MustCompile(`^@([a-zA-Z0-9][a-zA-Z0-9.-]*[a-zA-Z0-9])`)
	padding  = "\u00ad\u2060\u200a\u200b\u200c\u200d\u20e2" // no part of a tag
)

const (
	maxFacets = 50
	maxTag    = 64 // graphemes
)

// spans finds what stands at the beginning of a word, or after a bracket: what
// the network's own app would make a link of, but for addresses without
// http(s)://, which can't be told from a missing space after a full stop.
func spans(text string) []span {
	var found []span
	for from := 0; from < len(text) && len(found) < maxFacets; {
		space := strings.IndexFunc(text[from:], unicode.IsSpace)
		to := len(text)
		if space >= 0 {
			to = from + space
		}
		word := text[from:to]
		open := len(word) - len(strings.TrimLeft(word, "(["))
		if s, ok := wordSpan(word[open:]); ok {
			s.from, s.to = s.from+from+open, s.to+from+open
			found = append(found, s)
		}
		if space < 0 {
			break
		}
		_, size := utf8.DecodeRuneInString(text[to:])
		from = to + size
	}
	return found
}

// wordSpan is the span that a word begins with; its offsets count from there.
func wordSpan(word string) (span, bool) {
	switch {
	case strings.HasPrefix(word, "https://"), strings.HasPrefix(word, "http://"):
		url := trimAddress(word)
		if host := url[strings.Index(url, "//")+2:]; host == "" || len(url) > maxURL {
			return span{}, false
		}
		return span{to: len(url), link: url}, true
	case strings.HasPrefix(word, "@"):
		m := atHandle.FindStringSubmatch(word)
		if m == nil || len(m[1]) > 253 || !handlePattern.MatchString(m[1]) {
			return span{}, false
		}
		return span{to: len(m[0]), handle: strings.ToLower(m[1])}, true
	case strings.HasPrefix(word, "#"), strings.HasPrefix(word, "＃"):
		_, sign := utf8.DecodeRuneInString(word)
		tag := word[sign:]
		if i := strings.IndexAny(tag, padding); i >= 0 {
			tag = tag[:i]
		}
		tag = strings.TrimRightFunc(tag, unicode.IsPunct)
		if !strings.ContainsFunc(tag, tells) || strings.HasPrefix(tag, "\ufe0f") || uniseg.GraphemeClusterCount(tag) > maxTag {
			return span{}, false
		}
		return span{to: sign + len(tag), tag: tag}, true
	}
	return span{}, false
}

// tells says that a sign makes a tag more than a number or a row of dots.
func tells(r rune) bool { return !unicode.IsDigit(r) && !unicode.IsPunct(r) }

// trimAddress leaves out the end of the sentence.
func trimAddress(url string) string {
	for {
		cut := strings.TrimRight(url, ".,;:!?\"'”’»")
		for _, pair := range []string{"()", "[]"} {
			if strings.HasSuffix(cut, pair[1:]) && strings.Count(cut, pair[:1]) < strings.Count(cut, pair[1:]) {
				cut = cut[:len(cut)-1]
			}
		}
		if cut == url {
			return url
		}
		url = cut
	}
}

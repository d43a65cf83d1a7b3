package care

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SameWords says that two texts are one, although a network may have changed it
// on the way: width, case, white space and invisible signs don't count, nor do
// names that it put in front. An empty text is like no other. Drivers find an
// answer of ours by it, and the desk knows one that it reads again.
func SameWords(a, b string) bool {
	a = plainWords(a)
	return a != "" && a == plainWords(b)
}

func plainWords(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(strings.ToValidUTF8(s, "\uFFFD")))
	words := strings.Fields(s)
	for len(words) > 1 && strings.HasPrefix(words[0], "@") {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

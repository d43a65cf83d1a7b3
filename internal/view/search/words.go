package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The sizes that bound what is kept of a text.
const (
	maxTerm  = 40   // characters of a word
	maxWords = 4000 // of one entry
)

// A word is a piece of a text as the index keeps it.
type word struct {
	term     string
	from, to int // bytes of the text
	at       int // place among the words: neighbours have neighbouring ones
}

// words takes a text apart: words between what is neither letter nor digit, and
// every two neighbours where a script sets no spaces.
func words(text string) []word {
	var out []word
	at := 0
	for i := 0; i < len(text) && len(out) < maxWords; {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case spaceless(r):
			end := span(text, i, spaceless)
			out, at = pairs(out, text, i, end, at)
			i = end
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			end := span(text, i, wordy)
			if term := fold(text[i:end]); term != "" {
				at++
				out = append(out, word{shortened(term), i, end, at})
			}
			i = end
		default:
			if r == '\x00' {
				at += 10 // between two texts of an entry: no phrase goes across
			}
			i += n
		}
	}
	return out[:min(len(out), maxWords)]
}

// span is where a run of characters of one kind ends.
func span(text string, from int, is func(rune) bool) int {
	for i, r := range text[from:] {
		if !is(r) {
			return from + i
		}
	}
	return len(text)
}

func wordy(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || joins(r)) && !spaceless(r)
}

// joins says that a character stands within words and is not seen.
func joins(r rune) bool { return r == '\u00ad' || r >= '\u200b' && r <= '\u200d' || r == '\u2060' }

// spaceless says that a character is of a script that sets no spaces between
// words, or sets them so that a word is hard to tell from what is tied to it.
func spaceless(r rune) bool {
	if r < 0xe00 {
		return false
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		r == 'ー' || r >= 0xff66 && r <= 0xff9f
}

// pairs adds every two neighbours of a run; a run of one is its own.
func pairs(out []word, text string, from, end, at int) ([]word, int) {
	last, n := -1, 0
	for i, r := range text[from:end] {
		width := utf8.RuneLen(r)
		if last >= 0 {
			at++
			out = append(out, word{fold(text[from+last : from+i+width]), from + last, from + i + width, at})
		}
		last, n = i, n+1
		if len(out) >= maxWords {
			return out, at
		}
	}
	if n == 1 {
		at++
		out = append(out, word{fold(text[from:end]), from, end, at})
	}
	return out, at + 1 // what follows a run is no neighbour of its last pair
}

func shortened(term string) string {
	n := 0
	for i := range term {
		if n++; n > maxTerm {
			return term[:i]
		}
	}
	return term
}

// fold makes the same of what differs only in capitals, accents, vowel points
// or the form of a letter.
func fold(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	pointed := false // the letter before carries marks that can be left out
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case joins(r) || r == 'ـ':
			continue
		case unicode.Is(unicode.Mn, r):
			if !pointed {
				b.WriteRune(r)
			}
			continue
		}
		pointed = unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew)
		if same, ok := letters(r); ok {
			b.WriteString(same)
			continue
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// letters is what stands for a letter that is written in several ways and that
// Unicode does not take apart.
func letters(r rune) (string, bool) {
	switch r {
	case 'ß':
		return "ss", true
	case 'æ':
		return "ae", true
	case 'œ':
		return "oe", true
	case 'ø':
		return "o", true
	case 'đ', 'ð':
		return "d", true
	case 'ł':
		return "l", true
	case 'ı':
		return "i", true
	case 'þ':
		return "th", true
	case 'ς':
		return "σ", true
	case 'ٱ':
		return "ا", true
	case 'ى', 'ی':
		return "ي", true
	case 'ک':
		return "ك", true
	case 'ة':
		return "ه", true
	}
	return "", false
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

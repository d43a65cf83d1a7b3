package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Span is a range of bytes of a text.
type Span struct{ From, To int }

// A Snippet is the part of a text that shows best why it was found.
type Snippet struct {
	Text  string
	Marks []Span // of Text
}

// Cut takes the part of a text around the first of what was found, of about as
// many bytes as said, and marks all that was found in it.
func (f *Found) Cut(text string, about int) Snippet {
	text = text[:safe(text, min(len(text), maxBody))]
	var marks []Span
	for _, w := range words(text) {
		if !f.matches(w.term) {
			continue
		}
		if n := len(marks); n > 0 && w.from <= marks[n-1].To {
			marks[n-1].To = w.to
			continue
		}
		marks = append(marks, Span{w.from, w.to})
	}
	from, to := 0, len(text)
	if len(text) > about {
		if len(marks) > 0 {
			from = max(0, marks[0].From-about/4)
		}
		to = min(len(text), from+about)
		from, to = brokenAt(text, from), safe(text, to)
	}
	s := Snippet{Text: text[from:to]}
	for _, m := range marks {
		if m.From >= from && m.To <= to {
			s.Marks = append(s.Marks, Span{m.From - from, m.To - from})
		}
	}
	return s
}

// Marked says whether anything of a text was found.
func (f *Found) Marked(text string) bool {
	return slices.ContainsFunc(words(text[:safe(text, min(len(text), maxBody))]), func(w word) bool { return f.matches(w.term) })
}

// matches says whether a word of a text is what was looked for.
func (f *Found) matches(term string) bool {
	_, ok := f.terms[term]
	return ok
}

// safe is the last place at or before i where a character begins.
func safe(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

// brokenAt is the place after the space nearest before i, if there is one near.
func brokenAt(s string, i int) int {
	i = safe(s, i)
	if i == 0 {
		return 0
	}
	if space := strings.LastIndexFunc(s[max(0, i-20):i], unicode.IsSpace); space >= 0 {
		return safe(s, max(0, i-20)+space+1)
	}
	return i
}

package watch

import (
	"strings"

	"github.com/rivo/uniseg"

	"github.com/amends-care/amends/internal/care"
)

// A Span is a part of a text, in bytes.
type Span struct{ From, To int }

// Sentences splits a text of any language by the rules of Unicode (annex 29),
// and at line breaks.
func Sentences(text string) []Span {
	var out []Span
	at, state := 0, -1
	for rest := text; rest != ""; {
		var s string
		s, rest, state = uniseg.FirstSentenceInString(rest, state)
		out = append(out, trimmed(text, at, at+len(s))...)
		at += len(s)
	}
	return out
}

// trimmed is a span without the space around it; nothing where only that is.
func trimmed(text string, from, to int) []Span {
	s := text[from:to]
	from += len(s) - len(strings.TrimLeft(s, " \t\r\n"))
	to -= len(s) - len(strings.TrimRight(s, " \t\r\n"))
	if from >= to {
		return nil
	}
	return []Span{{from, to}}
}

// located finds sentences, given as texts in their order, in the text they came
// from; ok is false when one is not there as it is.
func located(text string, sentences []string) (out []Span, ok bool) {
	at := 0
	for _, s := range sentences {
		i := strings.Index(text[at:], s)
		if i < 0 {
			return nil, false
		}
		if s != "" {
			out = append(out, Span{at + i, at + i + len(s)})
		}
		at += i + len(s)
	}
	return out, len(out) > 0
}

// Line is the sentence with the largest share of what speaks for a complaint; of
// equals the first. A reason across two sentences counts for each by how much of
// it lies there. ok is false when nothing speaks for one, or there is only one
// sentence.
func Line(sentences []Span, why []care.Reason) (line Span, ok bool) {
	if len(sentences) < 2 {
		return Span{}, false
	}
	best := 0.0
	for _, s := range sentences {
		sum := 0.0
		for _, r := range why {
			if over := min(r.To, s.To) - max(r.From, s.From); over > 0 && r.Weight > 0 {
				sum += r.Weight * float64(over) / float64(r.To-r.From)
			}
		}
		if sum > best {
			best, line = sum, s
		}
	}
	return line, best > 0
}

package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

// The sizes that bound a query.
const (
	maxQuery = 300 // characters
	maxTerms = 16  // words, after those of scripts without spaces were taken apart
	maxPairs = 16  // filters
)

// A Query is what somebody looks for.
type Query struct {
	Raw     string     // all that is no filter, as it was typed
	Words   [][]string // each a word, or a phrase of several: all must be there
	Filters []Pair     // name:value, in order
	typing  bool       // the last word may go on
}

// A Pair is one filter, name:value.
type Pair struct{ Name, Value string }

// Parse reads a query: words, "phrases", and filters as name:value, of which
// known says the names. A mistake is a care.Invalid error that says what to do.
func Parse(s string, known []string) (Query, error) {
	var q Query
	if utf8.RuneCountInString(s) > maxQuery {
		return q, wrong("A search has at most {n} characters.", "n", maxQuery)
	}
	var raw []string
	for rest := strings.TrimSpace(s); rest != ""; rest = strings.TrimSpace(rest) {
		var part part
		part, rest = next(rest)
		if part.name != "" && !slices.Contains(known, part.name) {
			if !alone(part.name) {
				return q, wrong("There is no filter \"{name}:\". There are: {known}. To look for the words, put them in quotes.", "name", part.name, "known", strings.Join(known, ", "))
			}
			part.value, part.name = part.name+":"+part.value, ""
		}
		switch {
		case part.name != "" && part.value == "":
			return q, wrong("Say what {name}: should be, as in {name}:value.", "name", part.name)
		case part.name != "":
			q.Filters = append(q.Filters, Pair{part.name, part.value})
		default:
			raw = append(raw, part.value)
			q.add(part)
			q.typing = !part.quoted && rest == "" && !strings.HasSuffix(s, " ")
		}
	}
	q.Raw = strings.Join(raw, " ")
	n := 0
	for _, w := range q.Words {
		n += len(w)
	}
	if n > maxTerms || len(q.Filters) > maxPairs {
		return q, wrong("That is too much for one search: use fewer words.")
	}
	return q, nil
}

func wrong(msg care.Phrase, with ...any) error {
	return &care.Error{Code: care.Invalid, Field: "q", Msg: msg, With: with}
}

type part struct {
	name, value string
	quoted      bool
}

// next cuts off the first part of a query: a word, a phrase or a filter.
func next(s string) (part, string) {
	var p part
	if i := strings.IndexByte(s, ':'); i > 0 && named(s[:i]) {
		p.name, s = strings.ToLower(s[:i]), s[i+1:]
	}
	if quote, n := utf8.DecodeRuneInString(s); n > 0 && strings.ContainsRune(`"“”„«»「『`, quote) {
		p.quoted = true
		s = s[n:]
		end := strings.IndexAny(s, `"“”„«»」』`)
		if end < 0 {
			p.value = s // still being typed
			return p, ""
		}
		_, n = utf8.DecodeRuneInString(s[end:])
		p.value = s[:end]
		return p, s[end+n:]
	}
	end := strings.IndexFunc(s, unicode.IsSpace)
	if end < 0 {
		end = len(s)
	}
	p.value = s[:end]
	return p, s[end:]
}

func named(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' })
}

// alone says that what stands before a colon is no try at a filter.
func alone(name string) bool {
	return slices.Contains([]string{"http", "https", "mailto", "re", "fw", "fwd", "aw", "ps", "at"}, name)
}

// add takes the words of a part in. A phrase stays together, and so does what
// was taken apart from one run of letters.
func (q *Query) add(p part) {
	ws := words(p.value)
	for i := 0; i < len(ws); {
		one := []string{ws[i].term}
		j := i + 1
		for ; j < len(ws) && (p.quoted || ws[j].at == ws[j-1].at+1); j++ {
			one = append(one, ws[j].term)
		}
		q.Words = append(q.Words, one)
		i = j
	}
}

// Empty says that there is nothing to look for but filters.
func (q *Query) Empty() bool { return len(q.Words) == 0 }

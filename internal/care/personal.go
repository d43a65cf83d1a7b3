package care

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Customer is what a personal text can say of somebody.
type Customer struct {
	Case   CaseID
	Number uint64
	Name   string // empty: not known
	Detail string // in their own words; empty: none fits
}

// blank is a placeholder, with what stands there when nothing is known, and
// choice one of several ways to say a thing.
var (
	blank  = regexp.MustCompile(` ?\{([a-z]+)(?:\|([^{}]*))?\}`)
	choice = regexp.MustCompile(`\[([^\[\]|]*(?:\|[^\[\]|]*)+)\]`)
)

// CheckTemplate says what is wrong with a template, or nil. It can hold {name},
// {detail} and {case}, each with a fallback behind a bar: {name|neighbour}; and
// several ways to say a thing: [Sorry|We are sorry].
func CheckTemplate(template string) error {
	for _, m := range blank.FindAllStringSubmatch(template, -1) {
		switch m[1] {
		case "name", "detail", "case":
		default:
			return invalid("text", "There is no placeholder {placeholder}: use {name}, {detail} or {case}.",
				"placeholder", "{"+m[1]+"}", "name", "{name}", "detail", "{detail}", "case", "{case}")
		}
	}
	rest := choice.ReplaceAllString(blank.ReplaceAllString(template, ""), "")
	if strings.ContainsAny(rest, "{}") {
		return invalid("text", "A curly bracket is left open.")
	}
	return nil
}

// compose fills a template in. turn chooses among the ways to say a thing.
func compose(template string, c Customer, turn uint64) string {
	n := uint64(0)
	out := choice.ReplaceAllStringFunc(template, func(s string) string {
		ways := strings.Split(s[1:len(s)-1], "|")
		n++
		h := fnv.New64a()
		fmt.Fprintf(h, "%s/%d/%d", c.Case, turn, n)
		return ways[h.Sum64()%uint64(len(ways))]
	})
	return strings.TrimSpace(blank.ReplaceAllStringFunc(out, func(s string) string {
		m := blank.FindStringSubmatch(s)
		value := map[string]string{"name": c.Name, "detail": c.Detail, "case": fmt.Sprint(c.Number)}[m[1]]
		if value == "" {
			value = m[2]
		}
		if value == "" {
			return "" // and the space before it
		}
		if strings.HasPrefix(s, " ") {
			return " " + value
		}
		return value
	}))
}

// maxTurns is how many ways are tried to say a thing differently.
const maxTurns = 24

// Personal writes one text for each customer. No two are the same, nor the same
// as one of those taken: what the template can't make different gets the case's
// number at its end.
func Personal(template string, customers []Customer, taken ...string) ([]string, error) {
	if err := CheckTemplate(template); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, t := range taken {
		seen[alike(t)] = true
	}
	out := make([]string, len(customers))
	for i, c := range customers {
		for turn := range uint64(maxTurns) {
			out[i] = compose(template, c, turn)
			if !seen[alike(out[i])] {
				break
			}
		}
		if seen[alike(out[i])] {
			out[i] += fmt.Sprintf(" (#%d)", c.Number)
		}
		seen[alike(out[i])] = true
	}
	return out, nil
}

// alike is a text without what hardly anybody notices.
func alike(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }), " ")
}

// FirstName is what to call somebody by the name that a network shows; empty
// when it does not look like a person's.
func FirstName(shown string) string {
	words := strings.Fields(shown)
	if len(words) == 0 || len(words) > 4 {
		return ""
	}
	first := words[0]
	n := utf8.RuneCountInString(first)
	for i, r := range first {
		if !unicode.IsLetter(r) && !(i > 0 && (r == '-' || r == '’' || r == '\'' || unicode.IsMark(r))) {
			return ""
		}
		if i == 0 && unicode.IsLower(r) {
			return ""
		}
	}
	if n < 2 && len(first) < 3 || n > 20 || n > 3 && strings.ToUpper(first) == first && strings.ToLower(first) != first {
		return ""
	}
	return first
}

// maxDetail is how long a detail is at most, in characters.
const maxDetail = 60

var (
	address = regexp.MustCompile(`https?://\S+|www\.\S+`)
	handle  = regexp.MustCompile(`[@#][\pL\pN_.@-]+`)
)

// DetailOf is the beginning of what a customer wrote, short enough to be
// quoted: the first sentence that says something, without handles, addresses
// and numbers that may be personal. Empty when there is none.
func DetailOf(text string) string {
	text = text[:min(len(text), maxRead)]
	text = strings.ToValidUTF8(text, "")
	for _, re := range []*regexp.Regexp{email, address, handle} {
		text = re.ReplaceAllString(text, "\n")
	}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".!?\n。！？…;:", r) }) {
		part = strings.Join(strings.Fields(part), " ")
		part = strings.Trim(part, " ,-–—\"'“”„«»()")
		n := utf8.RuneCountInString(part)
		if n < 10 || number.MatchString(part) || strings.ContainsAny(part, "{}[]") {
			continue
		}
		if n <= maxDetail {
			return part
		}
		cut := string([]rune(part)[:maxDetail])
		if i := strings.LastIndexByte(cut, ' '); i > maxDetail/2 {
			cut = cut[:i]
		}
		return strings.TrimRight(cut, " ,-–—") + "…"
	}
	return ""
}

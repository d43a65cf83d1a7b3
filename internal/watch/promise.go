// Package watch reads what others write and proposes what a person might want
// to do about it. It decides nothing, keeps nothing and reaches nothing.
package watch

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

// The bounds of what is read and proposed.
const (
	maxPromise  = 10_000 // bytes of a text
	maxPromises = 5
	maxReach    = 140 // bytes between what is said and who says it
)

// Promises finds what a text of ours tells the customer will happen, and by
// when: "I'll let you know by Friday". language is that of the text (BCP 47), or
// empty; English, German, Spanish and French are understood. The times are
// those of the customer's zone. What can be understood in more than one way, or
// counts working days, has no time: a person has to say. Without a language
// whoever understands the most is believed.
func Promises(text, language string, now time.Time, zone *time.Location) []care.ProposedPromise {
	if zone == nil {
		zone = time.UTC
	}
	now = now.In(zone)
	known := tongues()
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	if i := slices.IndexFunc(known, func(t *tongue) bool { return t.code == base }); i >= 0 {
		return known[i].promises(text, now)
	}
	var best []care.ProposedPromise
	for _, t := range known {
		if found := t.promises(text, now); len(found) > len(best) {
			best = found
		}
	}
	return best
}

func (t *tongue) promises(text string, now time.Time) (all []care.ProposedPromise) {
	f := fold(text)
	for _, s := range f.sentences() {
		if len(all) == maxPromises {
			break
		}
		p, ok := t.promise(f.text[s[0]:s[1]], now)
		if !ok {
			continue
		}
		p.From, p.To = f.at[s[0]+p.From], f.at[s[0]+p.To]
		p.DueAt = p.DueAt.UTC().Truncate(time.Millisecond)
		all = append(all, p)
	}
	return all
}

// promise looks at one sentence: who will do something, what, and when.
func (t *tongue) promise(s string, now time.Time) (p care.ProposedPromise, ok bool) {
	if strings.HasSuffix(s, "?") || t.against.MatchString(s) {
		return p, false
	}
	for _, who := range t.commit.FindAllStringIndex(s, 4) {
		end := min(len(s), who[1]+maxReach)
		when, found := t.when(s, who[0], now)
		if !found || t.not.MatchString(s[who[0]:min(len(s), who[1]+12)]) {
			continue
		}
		what, did := t.what(s, who[0], end, when.from)
		if what == "" {
			continue
		}
		return care.ProposedPromise{From: min(who[0], when.from), To: max(who[1], when.to, did), What: what, DueAt: when.at}, true
	}
	return p, false
}

// what is done, and where the word for it ends: of several the one nearest
// before the time, for it is the one that the time is about.
func (t *tongue) what(s string, from, to, when int) (what string, end int) {
	s = t.theirs.ReplaceAllStringFunc(s, blank)
	at := -1
	for _, k := range t.kinds {
		for _, m := range k.words.FindAllStringIndex(s[from:to], -1) {
			start := from + m[0]
			better := at < 0 || start < when && (at >= when || start > at) || start >= when && at >= when && start < at
			if k.what == other && what != "" && what != other {
				better = false
			} else if what == other && k.what != other {
				better = true
			}
			if better {
				what, at, end = k.what, start, from+m[1]
			}
		}
	}
	return what, end
}

func blank(s string) string { return strings.Repeat(" ", len(s)) }

// The kinds of promise.
const (
	call, write, refund, repair, other = "call", "write", "refund", "repair", "other"
)

// A kind is one of them, with the words that tell it.
type kind struct {
	what  string
	words *regexp.Regexp
}

// folded is a text in lower case and without accents, so that one pattern fits
// all spellings; at says where each of its bytes, and its end, stood before.
type folded struct {
	text string
	at   []int
	caps []bool // whether an upper case letter, or what is no letter, stood there
}

var accents = map[rune]string{
	'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'ä': "a", 'å': "a", 'ç': "c", 'è': "e", 'é': "e", 'ê': "e", 'ë': "e", 'ì': "i", 'í': "i", 'î': "i", 'ï': "i",
	'ñ': "n", 'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ö': "o", 'ù': "u", 'ú': "u", 'û': "u", 'ü': "u", 'ý': "y", 'ÿ': "y", 'ß': "ss", 'œ': "oe", 'æ': "ae",
	'’': "'", 'ʼ': "'", '´': "'", '`': "'", '‘': "'", '–': "-", '—': "-", '‑': "-", '\u00a0': " ", '\u202f': " ", '…': ".", '？': "?", '！': "!",
}

func fold(text string) folded {
	if len(text) > maxPromise {
		text = text[:maxPromise]
	}
	var f folded
	var b strings.Builder
	put := func(s string, at int, upper bool) {
		b.WriteString(s)
		for range len(s) {
			f.at, f.caps = append(f.at, at), append(f.caps, upper)
		}
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		low := unicode.ToLower(r)
		switch s, known := accents[low]; {
		case known:
			put(s, i, low != r)
		case unicode.Is(unicode.Mn, r): // an accent that stands alone
		case low < utf8.RuneSelf:
			put(string(low), i, low != r || !unicode.IsLetter(r))
		default:
			put("\x01", i, !unicode.IsLower(r))
		}
		i += size
	}
	f.text, f.at = b.String(), append(f.at, len(text))
	return f
}

// sentences gives where each begins and ends, with its mark.
func (f *folded) sentences() (all [][2]int) {
	from := 0
	cut := func(to int) {
		for from < to && f.text[from] <= ' ' {
			from++
		}
		if to-from > 8 {
			all = append(all, [2]int{from, to})
		}
		from = to
	}
	for i := range len(f.text) {
		switch f.text[i] {
		case '\n', '!', '?', ';':
			cut(i + 1)
		case '.':
			if f.ends(i) {
				cut(i + 1)
			}
		}
	}
	cut(len(f.text))
	return all
}

// ends says that a full stop ends a sentence: not one in "3. März" or "5 p.m. on".
func (f *folded) ends(i int) bool {
	rest := strings.TrimLeft(f.text[i+1:], " ")
	if rest == "" {
		return true
	}
	if len(rest) == len(f.text)-i-1 { // nothing between: 3.3., example.org
		return rest[0] == '.' || rest[0] == '\n'
	}
	begins := f.caps[len(f.text)-len(rest)]
	digit := i > 0 && f.text[i-1] >= '0' && f.text[i-1] <= '9'
	return begins && (!digit || rest[0] < 'a')
}

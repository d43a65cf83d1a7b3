package web

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/amends-care/amends/internal/care"
)

// A Run is a piece of a stranger's text, made safe to stand beside our own: no
// character in it moves, hides or swamps what is around it. Escaping is the
// renderer's work. The words are all there; the text as it came is kept and is
// what exports give.
type Run struct {
	Text string `json:"text" doc:"Cleaned for display; still to be escaped."`
	Mark bool   `json:"mark,omitempty" doc:"This is what made the classifier decide."`
	Href string `json:"href,omitempty" doc:"Where a link leads."`
	Host string `json:"host,omitempty" doc:"The host it really leads to, in ASCII."`
}

// clean is a text with all that is harmful taken out, as one string.
func clean(s string) string { return joined(runs(s, nil, false)) }

// cleanLine is clean for names and other things that have no lines.
func cleanLine(s string) string {
	return strings.Join(strings.Fields(clean(s)), " ")
}

func joined(rs []Run) string {
	var b strings.Builder
	for _, r := range rs {
		b.WriteString(r.Text)
	}
	return b.String()
}

// runs cleans a text and marks what moved the verdict. With links set, web
// addresses in it become links.
func runs(s string, why []care.Reason, links bool) []Run {
	marked := evidence(s, why)
	var hrefs []span
	if links {
		hrefs = addresses(s)
	}
	var out []Run
	c := cleaner{}
	for i := 0; i < len(s); {
		end := len(s)
		mark, end := inside(marked, i, end)
		link, end := inside(hrefs, i, end)
		text := c.write(s, i, end)
		if text != "" {
			r := Run{Text: text, Mark: mark}
			if link {
				r.Href, r.Host = target(s, hrefs, i)
			}
			out = append(out, r)
		}
		i = end
	}
	return out
}

// A span is a range of bytes.
type span struct{ from, to int }

// inside says whether a place lies in one of the spans, and where that ends or
// the next begins, if that is before end.
func inside(spans []span, at, end int) (bool, int) {
	for _, s := range spans {
		switch {
		case at < s.from:
			return false, min(end, s.from)
		case at < s.to:
			return true, min(end, s.to)
		}
	}
	return false, end
}

// strong is the part of the heaviest reason's weight that one needs to be shown.
const strong = 0.3

// evidence is where the reasons for a complaint lie, joined where they touch.
// Reasons come from a document and may be about another text: what lies outside
// is left out.
func evidence(s string, why []care.Reason) []span {
	heaviest := 0.0
	for _, r := range why {
		heaviest = max(heaviest, r.Weight)
	}
	var all []span
	for _, r := range why {
		if r.Weight > 0 && r.Weight >= strong*heaviest && r.From >= 0 && r.From < r.To && r.To <= len(s) &&
			strings.ContainsFunc(s[r.From:r.To], func(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.IsSymbol(c) }) {
			all = append(all, span{whole(s, r.From), whole(s, r.To)})
		}
	}
	slices.SortFunc(all, func(a, b span) int { return a.from - b.from })
	var out []span
	for _, a := range all {
		if n := len(out); n > 0 && a.from <= out[n-1].to+1 {
			out[n-1].to = max(out[n-1].to, a.to)
			continue
		}
		out = append(out, a)
	}
	return out
}

// whole moves a place back to where its character begins.
func whole(s string, at int) int {
	for at > 0 && at < len(s) && !utf8.RuneStart(s[at]) {
		at--
	}
	return at
}

// addresses finds the web addresses that are written out in a text.
func addresses(s string) (out []span) {
	for i := 0; i < len(s); {
		j := strings.Index(s[i:], "http")
		if j < 0 {
			return out
		}
		from := i + j
		i = from + len("http")
		rest := s[from:]
		if !strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") {
			continue
		}
		to := strings.IndexFunc(rest, func(r rune) bool {
			return unicode.IsSpace(r) || harmful(r) || strings.ContainsRune(`<>"`+"`", r)
		})
		if to < 0 {
			to = len(rest)
		}
		for to > 0 && strings.ContainsRune(".,;:!?')]}…", lastRune(rest[:to])) {
			_, n := utf8.DecodeLastRuneInString(rest[:to])
			to -= n
		}
		if href, _ := link(rest[:to]); href != "" {
			out = append(out, span{from, from + to})
		}
		i = from + max(to, len("http"))
	}
	return out
}

func lastRune(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }

func target(s string, hrefs []span, at int) (href, host string) {
	for _, h := range hrefs {
		if at >= h.from && at < h.to {
			return link(s[h.from:h.to])
		}
	}
	return "", ""
}

const maxLink = 2000

// link is an address that may be followed, and the host it really leads to:
// without user or password, in ASCII, so that no look-alike letter hides.
// Anything that is no plain web address gives nothing.
func link(raw string) (href, host string) {
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxLink || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Opaque != "" {
		return "", ""
	}
	host, err = idna.Lookup.ToASCII(u.Hostname())
	if err != nil || host == "" {
		return "", ""
	}
	u.User = nil
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	u.Host = host
	return u.String(), host
}

const (
	maxMarks = 4 // on one letter; enough for Vietnamese, Thai, Hebrew points and Arabic vowels
	maxLines = 2 // line ends in a row
	maxTags  = 8 // letters of a flag
)

// A cleaner filters runes one by one and remembers what came before, also
// across the borders of runs.
type cleaner struct {
	prev    rune // last that was kept
	marks   int  // stacked on it
	lines   int  // in a row
	tags    int  // that may still follow: we are within a flag
	pending rune // a joiner that waits for what follows
}

// write cleans s[from:to].
func (c *cleaner) write(s string, from, to int) string {
	var b strings.Builder
	b.Grow(to - from)
	for i := from; i < to; {
		r, n := utf8.DecodeRuneInString(s[i:to])
		i += n
		c.rune(&b, r)
	}
	return b.String()
}

func (c *cleaner) rune(b *strings.Builder, r rune) {
	if r >= ' ' && r < 0x7F { // most of it
		c.pending, c.marks, c.tags, c.prev = 0, 0, 0, r
		if r != ' ' {
			c.lines = 0
		}
		b.WriteByte(byte(r))
		return
	}
	switch {
	case r == zwj || r == zwnj:
		c.pending = r
		return
	case r == '\n':
		c.pending = 0
		if c.lines++; c.lines > maxLines {
			return
		}
		c.marks, c.tags, c.prev = 0, 0, r
		b.WriteRune(r)
		return
	case isTag(r):
		if c.tags == 0 {
			return
		}
		c.tags--
	case harmful(r):
		return
	case unicode.In(r, unicode.Mn, unicode.Me):
		if c.marks++; c.marks > maxMarks {
			return
		}
		c.join(b, r)
		b.WriteRune(r)
		return
	}
	c.join(b, r)
	if !isTag(r) {
		if c.marks, c.tags = 0, 0; r == blackFlag {
			c.tags = maxTags
		}
		if r != '\t' && r != ' ' {
			c.lines = 0
		}
		c.prev = r
	}
	b.WriteRune(r)
}

const (
	zwnj      = '\u200c'
	zwj       = '\u200d'
	blackFlag = '\U0001F3F4'
)

// join writes the joiner that waited, if what stands around it needs one.
func (c *cleaner) join(b *strings.Builder, next rune) {
	if c.pending != 0 && joins(c.prev, next) {
		b.WriteRune(c.pending)
	}
	c.pending = 0
}

// joins says whether a joiner between two runes means something: in an emoji
// that is made of several, or in a script that shapes its letters by it.
func joins(prev, next rune) bool {
	if next >= 0x2190 && unicode.Is(unicode.So, next) {
		return unicode.In(prev, unicode.So, unicode.Sk)
	}
	return unicode.In(prev, unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Mongolian, unicode.Devanagari,
		unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada,
		unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar)
}

// isTag says whether a rune is one of the invisible letters that flags of
// regions are spelt with.
func isTag(r rune) bool { return r >= 0xE0020 && r <= 0xE007F }

// harmful says whether a rune can only move, hide or imitate other text: bidi
// controls (the page isolates the direction of each text instead), invisible
// and control characters, private use, and what is no character at all.
func harmful(r rune) bool {
	switch {
	case r == '\t' || r == '\n':
		return false
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Noncharacter_Code_Point, unicode.Zl, unicode.Zp):
		return r != zwj && r != zwnj && !isTag(r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, // Hangul fillers: letters that show nothing
		0x034F,         // combining grapheme joiner
		0x17B4, 0x17B5: // Khmer vowels that show nothing
		return true
	}
	return r >= 0xE0000 && r <= 0xE0FFF && !(r >= 0xE0100 && r <= 0xE01EF)
}

// mixedScript says whether a name mixes letters of scripts that look alike:
// the usual trick to seem to be somebody else.
func mixedScript(s string) bool {
	seen := 0
	for _, t := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek} {
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(t, r) }) {
			seen++
		}
	}
	return seen > 1
}

// excerpt shortens runs to one line of about n characters for a list.
func excerpt(rs []Run, n int) []Run {
	out := make([]Run, 0, len(rs))
	space := true // none at the beginning
	for _, r := range rs {
		var b strings.Builder
		for _, c := range r.Text {
			if n == 0 {
				break
			}
			if unicode.IsSpace(c) {
				if space {
					continue
				}
				c = ' '
			}
			space = c == ' '
			b.WriteRune(c)
			n--
		}
		if b.Len() > 0 {
			out = append(out, Run{Text: b.String(), Mark: r.Mark})
		}
		if n == 0 {
			return append(out, Run{Text: "…"})
		}
	}
	return out
}

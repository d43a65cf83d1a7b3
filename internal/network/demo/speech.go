package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

// A speech fills the gaps in what is said in one conversation. What it fills
// a slot with once it fills it with again, so that a customer's second post
// names the same place and the same sum.
type speech struct {
	t     *tongue
	r     *rand.Rand
	at    time.Time // when it is said
	fixed map[string]string
}

func newSpeech(t *tongue, r *rand.Rand) *speech {
	return &speech{t: t, r: r, fixed: map[string]string{}}
}

// set fixes a slot.
func (s *speech) set(slot, value string) { s.fixed[slot] = value }

// say writes one line.
func (s *speech) say(l line, at time.Time) string {
	s.at = at
	var b strings.Builder
	l.write(&b, s.r, func(slot string) string {
		v := s.value(slot)
		if startsSentence(b.String()) {
			v = capital(v, s.t.tag)
		}
		return v
	})
	return tidy(b.String(), s.t.tag)
}

// entry writes the line that an entry names, and what is attached to it.
func (s *speech) entry(e entry, at time.Time) (string, []care.Link) {
	l := s.t.sections[e.section][e.line]
	return s.say(l, at), l.links
}

func (s *speech) value(slot string) string {
	if v, ok := s.fixed[slot]; ok {
		return v
	}
	local := s.at.In(s.t.zone)
	var v string
	switch slot {
	case "clock":
		v = local.Add(-between(s.r, 50*time.Minute, 6*time.Hour)).Truncate(5 * time.Minute).Format("15:04")
	case "day":
		v = s.weekday(local.AddDate(0, 0, -2-s.r.IntN(4)))
	case "month":
		v = s.plain("months", int(local.AddDate(0, 0, -25-s.r.IntN(50)).Month())-1)
	case "soon":
		v = s.plain("months", int(local.AddDate(0, 0, 20+s.r.IntN(50)).Month())-1)
	case "area":
		v = s.pick("areas")
	case "agent", "name":
		return ""
	default:
		v = s.pick(slot)
	}
	s.fixed[slot] = v
	return v
}

// weekday is the name of a day.
func (s *speech) weekday(at time.Time) string {
	return s.plain("weekdays", (int(at.Weekday())+6)%7)
}

// due is an instant in words of the language, in the customer's zone.
func (s *speech) due(at time.Time) string {
	local := at.In(s.t.zone)
	was, had := s.fixed, map[string]string{"day": s.weekday(local), "clock": local.Format("15:04")}
	s.fixed = had
	defer func() { s.fixed = was }()
	return s.pick("deadline")
}

func (s *speech) pick(slot string) string {
	all := s.t.slots[slot]
	return s.plain(slot, s.r.IntN(len(all)))
}

func (s *speech) plain(slot string, i int) string {
	var b strings.Builder
	s.t.slots[slot][i].write(&b, s.r, s.value)
	return b.String()
}

// startsSentence says whether what follows begins a sentence.
func startsSentence(before string) bool {
	before = strings.TrimRight(before, " \n\"“„«¿¡")
	last, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || strings.ContainsRune(".!?…", last)
}

// capital writes the first letter large.
func capital(s, tag string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	if tag == "tr" {
		return string(unicode.TurkishCase.ToUpper(first)) + s[n:]
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

// gaps are the traces of an empty gap, and what is to stand there.
var gaps = [][2]string{{"  ", " "}, {" ,", ","}, {" .", "."}, {" ،", "،"}, {" \n", "\n"}, {"،:", ":"}, {"، :", ":"},
	{", :", ":"}, {",:", ":"}, {", !", "!"}, {",!", "!"}, {",.", "."}, {",,", ","}}

// tidy removes what an empty gap leaves behind.
func tidy(s, tag string) string {
	for _, fix := range gaps {
		for strings.Contains(s, fix[0]) {
			s = strings.ReplaceAll(s, fix[0], fix[1])
		}
	}
	if tag != "fr" && tag != "und" { // the French put a space there
		s = strings.NewReplacer(" :", ":", " !", "!", " ?", "?", " ؟", "؟").Replace(s)
	}
	s = strings.TrimSpace(s)
	if rest := strings.TrimLeft(s, ",،: "); rest != s && tag != "und" {
		return capital(rest, tag)
	}
	return s
}

// A manner is how somebody writes, whatever it is about.
type manner int

const (
	careful manner = iota
	careless
	shouting
	emotive
	hasty
)

func mannerOf(r *rand.Rand) manner {
	switch n := r.IntN(100); {
	case n < 58:
		return careful
	case n < 76:
		return careless
	case n < 82:
		return shouting
	case n < 92:
		return emotive
	}
	return hasty
}

// write gives a text somebody's manner.
func (m manner) write(s, tag string, r *rand.Rand, unhappy bool) string {
	switch {
	case m == careless && tag != "ar":
		return lower(strings.TrimRight(s, "."), tag)
	case m == shouting && unhappy && len(s) < 160 && tag != "ar" && !strings.Contains(s, "http"):
		return upper(s, tag)
	case m == shouting && unhappy:
		return strings.TrimRight(s, ".!") + strings.Repeat("!", 2+r.IntN(4))
	case m == emotive && unhappy:
		return s + " " + [...]string{"😡", "🤬", "😤", "🙄", "😭", "👎", "🤦"}[r.IntN(7)]
	case m == emotive:
		return s + " " + [...]string{"🙂", "🙏", "👍", "😅", "✨"}[r.IntN(5)]
	case m == hasty && tag != "ar":
		return slip(s, r)
	}
	return s
}

func lower(s, tag string) string {
	if tag == "tr" {
		return strings.ToLowerSpecial(unicode.TurkishCase, s)
	}
	return strings.ToLower(s)
}

// upper writes all in capitals, but names and references as they are.
func upper(s, tag string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		switch {
		case strings.HasPrefix(w, "@") || strings.HasPrefix(w, "#"):
		case tag == "tr":
			words[i] = strings.ToUpperSpecial(unicode.TurkishCase, w)
		default:
			words[i] = strings.ToUpper(w)
		}
	}
	return strings.Join(words, " ")
}

// slip swaps two letters in the middle of one long word.
func slip(s string, r *rand.Rand) string {
	words := strings.Split(s, " ")
	start := r.IntN(len(words))
	for i := range words {
		w := []rune(words[(start+i)%len(words)])
		if len(w) < 6 || !allLetters(w) {
			continue
		}
		at := 1 + r.IntN(len(w)-3)
		w[at], w[at+1] = w[at+1], w[at]
		words[(start+i)%len(words)] = string(w)
		break
	}
	return strings.Join(words, " ")
}

func allLetters(w []rune) bool {
	for _, c := range w {
		if !unicode.IsLower(c) {
			return false
		}
	}
	return true
}

// zalgo piles marks on the letters.
func zalgo(s string, r *rand.Rand) string {
	var b strings.Builder
	for _, c := range s {
		b.WriteRune(c)
		if !unicode.IsLetter(c) {
			continue
		}
		for range r.IntN(9) {
			b.WriteRune(rune(0x300 + r.IntN(0x70)))
		}
	}
	return b.String()
}

// firstName is what an answer calls somebody: the first word of a name if it
// looks like one, else nothing.
func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	for _, c := range first {
		if !unicode.IsLetter(c) && c != '\'' && c != '-' {
			return ""
		}
	}
	if utf8.RuneCountInString(first) < 2 || strings.ContainsRune(first, '\u202e') {
		return ""
	}
	return first
}

// handleOf makes an ASCII handle; n tells those of one base apart.
func handleOf(base string, r *rand.Rand, n uint64) string {
	sign := [...]string{"", "_", "_", "."}[r.IntN(4)]
	if r.IntN(9) == 0 {
		base = "the" + sign + base
	}
	return fmt.Sprintf("%s%s%d", base, sign, n%9967)
}

package demo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
)

// A phrase is a text with gaps: {slot}, {one|another}, {2-9}. A backslash takes
// a sign as it is, \n is a new line and \u202e a character by its number.
type phrase []piece

// A piece is one of: plain text, a slot to fill, a range to draw a number from,
// phrases to choose between.
type piece struct {
	text      string
	slot      string
	low, high int
	choose    []phrase
}

var (
	slotName    = regexp.MustCompile(`^[a-z]+$`)
	numberRange = regexp.MustCompile(`^(\d{1,5})-(\d{1,5})$`)
)

// parsePhrase reads one phrase.
func parsePhrase(s string) (phrase, error) {
	p := phraseParser{rest: s}
	all, err := p.alternatives(false)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// parseChoices reads phrases with | between them.
func parseChoices(s string) ([]phrase, error) {
	p := phraseParser{rest: s, bars: true}
	all, err := p.alternatives(false)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i] = all[i].trim()
	}
	return all, nil
}

type phraseParser struct {
	rest string
	bars bool // at the top, too, | stands between phrases
}

// alternatives reads up to the end, or to the closing brace when inside one.
func (p *phraseParser) alternatives(inside bool) ([]phrase, error) {
	var all []phrase
	var now phrase
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			now = append(now, piece{text: text.String()})
			text.Reset()
		}
	}
	for p.rest != "" {
		c := p.rest[0]
		switch {
		case c == '\\':
			s, err := p.escape()
			if err != nil {
				return nil, err
			}
			text.WriteString(s)
			continue
		case c == '{':
			p.rest = p.rest[1:]
			flush()
			gap, err := p.gap()
			if err != nil {
				return nil, err
			}
			now = append(now, gap)
			continue
		case c == '|' && (inside || p.bars):
			flush()
			all, now = append(all, now), nil
		case c == '}' && inside:
			p.rest = p.rest[1:]
			flush()
			return append(all, now), nil
		case c == '}':
			return nil, errors.New("a closing brace without an opening one")
		default:
			text.WriteByte(c)
		}
		p.rest = p.rest[1:]
	}
	if inside {
		return nil, errors.New("a brace is not closed")
	}
	flush()
	return append(all, now), nil
}

// gap reads what stands in braces.
func (p *phraseParser) gap() (piece, error) {
	all, err := p.alternatives(true)
	switch {
	case err != nil:
		return piece{}, err
	case len(all) > 1:
		return piece{choose: all}, nil
	case len(all[0]) != 1 || all[0][0].text == "":
		return piece{}, errors.New("a gap holds a slot's name, a range of numbers, or two phrases at least")
	}
	s := all[0][0].text
	if m := numberRange.FindStringSubmatch(s); m != nil {
		low, _ := strconv.Atoi(m[1])
		high, _ := strconv.Atoi(m[2])
		if high <= low {
			return piece{}, fmt.Errorf("the range {%s} is empty", s)
		}
		return piece{low: low, high: high}, nil
	}
	if !slotName.MatchString(s) {
		return piece{}, fmt.Errorf("{%s} is neither a slot's name nor a range", s)
	}
	return piece{slot: s}, nil
}

func (p *phraseParser) escape() (string, error) {
	if len(p.rest) < 2 {
		return "", errors.New("a backslash at the end")
	}
	c := p.rest[1]
	switch c {
	case 'n':
		p.rest = p.rest[2:]
		return "\n", nil
	case 'u':
		if len(p.rest) < 6 {
			return "", errors.New(`\u needs four digits`)
		}
		n, err := strconv.ParseUint(p.rest[2:6], 16, 32)
		if err != nil {
			return "", fmt.Errorf(`\u%s is no number of a character`, p.rest[2:6])
		}
		p.rest = p.rest[6:]
		return string(rune(n)), nil
	}
	if c >= 0x80 || c >= 'a' && c <= 'z' {
		return "", fmt.Errorf(`there is no \%c`, c)
	}
	p.rest = p.rest[2:]
	return string(c), nil
}

// trim takes the spaces off both ends.
func (p phrase) trim() phrase {
	if len(p) > 0 && p[0].text != "" {
		p[0].text = strings.TrimLeft(p[0].text, " \t")
	}
	if n := len(p); n > 0 && p[n-1].text != "" {
		p[n-1].text = strings.TrimRight(p[n-1].text, " \t")
	}
	return p
}

// slots calls f with every slot that the phrase may ask for.
func (p phrase) slots(f func(string)) {
	for _, g := range p {
		if g.slot != "" {
			f(g.slot)
		}
		for _, c := range g.choose {
			c.slots(f)
		}
	}
}

// write fills the gaps.
func (p phrase) write(b *strings.Builder, r *rand.Rand, value func(slot string) string) {
	for _, g := range p {
		switch {
		case g.slot != "":
			b.WriteString(value(g.slot))
		case g.high > 0:
			b.WriteString(strconv.Itoa(g.low + r.IntN(g.high-g.low+1)))
		case g.choose != nil:
			g.choose[r.IntN(len(g.choose))].write(b, r, value)
		default:
			b.WriteString(g.text)
		}
	}
}

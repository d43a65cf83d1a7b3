package scan

import (
	"sync"
	"unicode"
)

// A class is what the scanner does with a rune.
type class uint8

const (
	classSpace  class = iota // separates; also control characters and broken bytes
	classDrop                // as if it were not there: joiners, accents set apart, tatweel
	classLetter              // part of a word
	classGlyph               // a letter of a script that is written without spaces
	classDigit               // part of a number
	classMark                // punctuation, a token of its own
	classEmoji               // a token of its own
	classQuote               // an apostrophe: inside a word or a mark
	classHandle              // @
	classTag                 // #
)

// A table says for each rune of the basic plane what it is and how it is
// written once case, width and the variants of Arabic letters are evened out.
type table struct {
	class [1 << 16]class
	norm  [1 << 16]uint16
}

// tables is built once, on first use, and never changed.
var tables = sync.OnceValue(buildTable)

func buildTable() *table {
	t := new(table)
	for i := range t.class {
		r := rune(i)
		t.class[i] = classify(r)
		n := unicode.ToLower(fold(r))
		if n > 0xFFFF || n == 0 {
			n = r
		}
		t.norm[i] = uint16(n)
	}
	return t
}

// fold evens out what the same letter looks like in different hands.
func fold(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E: // full width
		return r - 0xFF01 + '!'
	case r == '’' || r == '‘' || r == 'ʼ' || r == '`' || r == '´' || r == '＇':
		return '\''
	case r == '“' || r == '”' || r == '„' || r == '«' || r == '»' || r == '「' || r == '」':
		return '"'
	case r == '。':
		return '.'
	case r == '、' || r == '،':
		return ','
	case r == '؟':
		return '?'
	case r == '–' || r == '—':
		return '-'
	case r == 'İ':
		return 'i'
	case r == 'أ' || r == 'إ' || r == 'آ' || r == 'ٱ':
		return 'ا'
	case r == 'ى' || r == 'ی':
		return 'ي'
	case r == 'ة':
		return 'ه'
	case r == 'ک':
		return 'ك'
	case unicode.Is(unicode.Nd, r):
		return '0'
	}
	return r
}

func classify(r rune) class {
	switch {
	case r == '@' || r == '＠':
		return classHandle
	case r == '#' || r == '＃':
		return classTag
	case fold(r) == '\'':
		return classQuote
	case r >= 0x0300 && r <= 0x036F, r >= 0x200B && r <= 0x200F, r >= 0x2060 && r <= 0x206F,
		r >= 0xFE00 && r <= 0xFE0F, r >= 0x202A && r <= 0x202E, r >= 0x20D0 && r <= 0x20FF,
		r == 0xFEFF, r == 0x00AD, r == 0x0640, r >= 0x064B && r <= 0x0652, r == 0x0670:
		return classDrop
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar),
		r == 'ー', r == '々':
		if unicode.IsDigit(r) {
			return classDigit
		}
		return classGlyph
	case unicode.IsDigit(r):
		return classDigit
	case unicode.IsLetter(r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Mc, r), r == '_':
		return classLetter
	case r >= 0x2190 && r <= 0x21FF, r >= 0x2300 && r <= 0x23FF, r >= 0x2460 && r <= 0x27BF, r >= 0x2900 && r <= 0x2BFF:
		return classEmoji
	case unicode.IsPunct(r), unicode.IsSymbol(r):
		return classMark
	}
	return classSpace
}

// beyond is what the tables say, for runes outside the basic plane.
func beyond(r rune) (class, rune) {
	switch {
	case r >= 0x1D400 && r <= 0x1D6A3: // letters dressed up as mathematics
		return classLetter, 'a' + (r-0x1D400)%26
	case r >= 0x1D7CE && r <= 0x1D7FF:
		return classDigit, '0'
	case r >= 0x1F3FB && r <= 0x1F3FF, r >= 0xE0000 && r <= 0xE01EF: // skin tones, tags
		return classDrop, r
	case r >= 0x1F000 && r <= 0x1FAFF:
		return classEmoji, r
	case r >= 0x20000 && r <= 0x3FFFF:
		return classGlyph, r
	case unicode.IsLetter(r):
		return classLetter, unicode.ToLower(r)
	}
	return classSpace, r
}

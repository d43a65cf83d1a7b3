package language

import (
	"github.com/amends-care/amends/classifiers/internal/scan"
)

// A script is a set of letters; several languages may share one.
type script uint8

const (
	noScript script = iota
	latin
	cyrillic
	arabic
	devanagari
	han
	kana
	hangul
	thai
	greek
	hebrew
	ethiopic
	bengali
	tamil
	telugu
	georgian
	armenian
	khmer
	lao
	myanmar
	gurmukhi
	gujarati
	kannada
	malayalam
	sinhala
	scripts
)

// only names the language of a script that, among those Amends knows, has one.
// Where others use it too the language named is by far the most frequent in
// posts, and the confidence is lower.
var only = [scripts]struct {
	tag        string
	confidence float64
}{
	devanagari: {"hi", 0.9}, hangul: {"ko", 1}, thai: {"th", 1}, greek: {"el", 1}, hebrew: {"he", 0.95},
	ethiopic: {"am", 0.85}, bengali: {"bn", 0.95}, tamil: {"ta", 1}, telugu: {"te", 1}, georgian: {"ka", 1},
	armenian: {"hy", 1}, khmer: {"km", 1}, lao: {"lo", 1}, myanmar: {"my", 1}, gurmukhi: {"pa", 1},
	gujarati: {"gu", 1}, kannada: {"kn", 1}, malayalam: {"ml", 1}, sinhala: {"si", 1},
}

// ranges are sorted and do not overlap.
var ranges = [...]struct {
	low, high rune
	script    script
}{
	{'a', 'z', latin}, {0xDF, 0x24F, latin}, {0x370, 0x3FF, greek}, {0x400, 0x52F, cyrillic}, {0x531, 0x58F, armenian},
	{0x5D0, 0x5F4, hebrew}, {0x620, 0x6FF, arabic}, {0x750, 0x77F, arabic}, {0x900, 0x97F, devanagari}, {0x980, 0x9FF, bengali},
	{0xA00, 0xA7F, gurmukhi}, {0xA80, 0xAFF, gujarati}, {0xB80, 0xBFF, tamil}, {0xC00, 0xC7F, telugu}, {0xC80, 0xCFF, kannada},
	{0xD00, 0xD7F, malayalam}, {0xD80, 0xDFF, sinhala}, {0xE01, 0xE5B, thai}, {0xE80, 0xEFF, lao}, {0x1000, 0x109F, myanmar},
	{0x10A0, 0x10FF, georgian}, {0x1200, 0x137F, ethiopic}, {0x1780, 0x17FF, khmer}, {0x1E00, 0x1EFF, latin},
	{0x3041, 0x30FF, kana}, {0x3400, 0x9FFF, han}, {0xAC00, 0xD7A3, hangul}, {0x20000, 0x3FFFF, han},
}

func scriptOf(r rune) script {
	if r <= 'z' {
		if r >= 'a' {
			return latin
		}
		return noScript
	}
	low, high := 1, len(ranges)
	for low < high {
		if mid := (low + high) / 2; r > ranges[mid].high {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(ranges) && r >= ranges[low].low {
		return ranges[low].script
	}
	return noScript
}

// counts says how much of a text is in which script: a letter counts one, a
// sign that stands for a syllable or a word counts three.
func counts(s *scan.Scanner) (n [scripts]int32) {
	for i := range s.Tokens {
		t := &s.Tokens[i]
		if t.Kind != scan.Word && t.Kind != scan.Glyph {
			continue
		}
		sc := scriptOf(s.Runes[t.Start])
		w := t.End - t.Start
		if sc >= han && sc <= hangul {
			w *= 3
		}
		n[sc] += w
	}
	return n
}

// byLetters tells apart the languages of a script by letters that only some of
// them use.
func byLetters(s *scan.Scanner, sc script) (string, float64) {
	switch sc {
	case cyrillic:
		var uk, bg, sr, ru int
		for _, r := range s.Runes {
			switch r {
			case 'і', 'ї', 'є', 'ґ':
				uk++
			case 'ъ', 'щ':
				bg++
			case 'ђ', 'ћ', 'џ', 'љ', 'њ', 'ј':
				sr++
			case 'ы', 'э', 'ё':
				ru++
			}
		}
		switch {
		case uk > ru:
			return "uk", 0.95
		case sr > ru:
			return "sr", 0.95
		case bg > 2 && ru == 0:
			return "bg", 0.6
		case ru > 0:
			return "ru", 0.99
		}
		return "ru", 0.8
	case arabic:
		var fa, ur int
		for _, r := range s.Runes {
			switch r {
			case 'پ', 'چ', 'ژ', 'گ':
				fa++
			case 'ٹ', 'ڈ', 'ڑ', 'ں', 'ے', 'ہ', 'ھ':
				ur++
			}
		}
		switch {
		case ur > 1 && ur >= fa:
			return "ur", 0.95
		case fa > 1:
			return "fa", 0.9
		}
		return "ar", 0.97
	}
	return "und", 0
}

package care

import (
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

// Of is how long a text is in the unit of the limit. The desk's script counts the
// same; both are held against testdata/lengths.json.
func (l Length) Of(text string) int {
	switch l.Unit {
	case "bytes":
		return len(text)
	case "utf16":
		return len(utf16.Encode([]rune(text)))
	case "graphemes":
		return uniseg.GraphemeClusterCount(text)
	case "weighted":
		return weighted(text)
	}
	return utf8.RuneCountInString(text)
}

// Counts says in words what the limit counts.
func (l Length) Counts() Phrase {
	switch l.Unit {
	case "weighted":
		return "characters as X counts them: an emoji or a Chinese, Japanese or Korean sign is two, a link 23"
	case "graphemes":
		return "graphemes"
	case "bytes":
		return "bytes"
	case "utf16":
		return "UTF-16 units"
	}
	return "characters"
}

// X counts Latin, Cyrillic, Greek, Arabic, Hebrew, Thai and the like as one and
// the rest, Chinese, Japanese, Korean and emoji, as two; every address as 23.
// The ranges are those of version 3 of its own configuration.
var light = [][2]rune{{0, 4351}, {8192, 8205}, {8208, 8223}, {8242, 8247}}

const addressLength = 23

// weighted is how long X finds a text.
func weighted(text string) int {
	text = norm.NFC.String(text)
	n, from := 0, 0
	for _, at := range Addresses(text) {
		n += weight(text[from:at[0]]) + addressLength
		from = at[1]
	}
	return n + weight(text[from:])
}

func weight(text string) int {
	n := 0
	for state := -1; text != ""; {
		var sign string
		sign, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		if emoji(sign) {
			n += 2
			continue
		}
		for _, r := range sign {
			n += weigh(r)
		}
	}
	return n
}

func weigh(r rune) int {
	for _, span := range light {
		if span[0] <= r && r <= span[1] {
			return 1
		}
	}
	return 2
}

// emoji says that a sign is one emoji, of however many parts: a family, a
// flag, a keycap.
func emoji(sign string) bool {
	r, size := utf8.DecodeRuneInString(sign)
	if size == len(sign) {
		return false // alone it weighs two anyway
	}
	return strings.ContainsRune(sign, 0xFE0F) || strings.ContainsRune(sign, 0x20E3) || r >= 0x1F1E6 && r <= 0x1FAFF ||
		strings.ContainsRune(sign, 0x200D) && weigh(r) == 2
}

var (
	withScheme = `https?://[^\s\x{200B}<>"“”]+`
	bare       = `(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+` + topLevel + `(?:[/?#][^\s<>"“”]*)?`
	// topLevel are the endings by which X finds an address without https://: the
	// common ones. Of more than these an address is counted too short, and X says so.
	topLevel = `(?:com|net|org|edu|gov|info|biz|io|co|ai|app|dev|me|tv|us|uk|de|fr|es|it|nl|be|ch|at|pl|se|no|dk|fi|pt|br|jp|cn|kr|in|id|ru|tr|eu|ca|au|nz|mx|ar|cl|za|ie|gr|cz|hu|ro|ua|il|sa|ae|vn|th|my|sg|hk|tw|ph|shop|store|online|site|xyz|club|blog|news|cloud|help|support|care)`
	linked   = regexp.MustCompile(`(?i)` + withScheme + `|` + bare)
)

// Addresses are the places of the addresses in a text, as X would find them.
func Addresses(text string) [][]int {
	var all [][]int
	for _, at := range linked.FindAllStringIndex(text, -1) {
		if at[0] > 0 {
			before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
			if strings.ContainsRune("@#$＠＃.-_/", before) || before < 128 && isWord(byte(before)) {
				continue // part of a name, a tag or a longer word
			}
		}
		end := at[1]
		for end > at[0] && strings.IndexByte(".,:;!?'*", text[end-1]) >= 0 {
			end--
		}
		if s := text[at[0]:end]; strings.HasSuffix(s, ")") && strings.Count(s, "(") < strings.Count(s, ")") {
			end--
		}
		found := text[at[0]:end]
		protocol, host, scheme := strings.Cut(found, "://")
		scheme = scheme && (strings.EqualFold(protocol, "https") || strings.EqualFold(protocol, "http"))
		if scheme && !strings.Contains(host[:strings.IndexAny(host+"/", "/?#")], ".") {
			continue
		}
		if !scheme && end < len(text) && (isWord(text[end]) || text[end] == '@') {
			continue
		}
		all = append(all, []int{at[0], end})
	}
	return all
}

func isWord(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

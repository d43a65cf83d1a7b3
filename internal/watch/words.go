package watch

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/amends-care/amends/internal/care"
)

// postWords bounds what is compared of one post; maxText its bytes.
const (
	postWords = 80
	stem      = 6 // letters of a word that count, so that its endings don't
)

// A sign is a word or two that follow each other, as a number.
type sign uint32

// topicSign stands before a topic, which is a sign like a word.
const topicSign = "\x00topic "

// A post is a complaint as the watch remembers it: what it says, as signs.
type post struct {
	mention care.MentionID
	cased   care.CaseID
	thread  care.ThreadKey
	brand   string
	topic   string
	lang    string
	at      int64 // when it was posted, unix seconds
	words   []string
	single  []sign // sorted, each once
	pairs   []sign // sorted, each once
}

func newPost(m *care.Mention) *post {
	l := &m.Verdict.Labels
	p := &post{mention: m.ID, cased: m.Case, thread: m.Thread, brand: l.Brand, topic: l.Topic, lang: l.Language, at: m.Post.PostedAt.Unix()}
	p.words = wordsOf(m.Post.Text)
	before := ""
	for _, w := range p.words {
		s := stemOf(w)
		p.single = append(p.single, signOf(s))
		if before != "" {
			p.pairs = append(p.pairs, signOf(before+" "+s))
		}
		before = s
	}
	if l.Topic != "" {
		p.single = append(p.single, signOf(topicSign+l.Topic))
	}
	for _, list := range []*[]sign{&p.single, &p.pairs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return p
}

func signOf(s string) sign {
	h := fnv.New32a()
	h.Write([]byte(s))
	return sign(h.Sum32())
}

func stemOf(w string) string {
	n := 0
	for i := range w {
		if n == stem {
			return w[:i]
		}
		n++
	}
	return w
}

// wordsOf are the words of a text, in small letters. Handles, addresses and
// numbers are left out: they tell who, not what. Scripts that don't part words
// give pairs of characters instead.
func wordsOf(text string) (words []string) {
	text = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(text[:min(len(text), maxText)], " ")))
	for part := range strings.FieldsSeq(text) {
		if strings.HasPrefix(part, "@") || strings.Contains(part, "://") || strings.HasPrefix(part, "www.") {
			continue
		}
		for w := range strings.FieldsFuncSeq(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) }) {
			if len(words) >= postWords {
				return words
			}
			if strings.ContainsFunc(w, unicode.IsDigit) {
				continue
			}
			if !unparted(w) {
				words = append(words, w)
				continue
			}
			rs := []rune(w)
			for i := 0; i+1 < len(rs) && len(words) < postWords; i++ {
				words = append(words, string(rs[i:i+2]))
			}
		}
	}
	return words
}

// unparted says that a word is of a script that does not part words.
func unparted(w string) bool {
	for _, r := range w {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			return true
		}
	}
	return false
}

// A sketch counts signs in fixed memory. It may count too many, never too few:
// so nothing looks rarer than it is.
type sketch struct {
	rows  [3][sketchWidth]uint16
	posts int
}

const sketchWidth = 1 << 14

func (s *sketch) add(x sign) {
	for i := range s.rows {
		if c := &s.rows[i][slot(x, i)]; *c < 1<<16-1 {
			*c++
		}
	}
}

func (s *sketch) count(x sign) int {
	n := uint16(1<<16 - 1)
	for i := range s.rows {
		n = min(n, s.rows[i][slot(x, i)])
	}
	return int(n)
}

func slot(x sign, row int) int {
	h := uint64(x)*0x9E3779B97F4A7C15 + uint64(row)*0xC2B2AE3D27D4EB4F
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	return int(h >> 40 % sketchWidth)
}

// Package lexicon finds the words and phrases of lists in a scanned text, per
// language: the cues of a complaint, the signs of urgency, the seeds of a
// topic.
//
// It owns the lists of words in words/, written for Amends. A list is read with
// the scanner that reads posts, so the two agree on what a word is. It keeps no
// text and, once built, never changes.
package lexicon

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/amends-care/amends/classifiers/internal/scan"
)

// Any is the language of phrases that count in every language.
const Any = ""

const (
	maybeBits = 15
	startBits = 13
	// spread are the lower bits of a key that don't choose its place: one of them
	// is always set.
	spread = 8
)

// longest is how many tokens a phrase may have.
const longest = 24

// A Set is a set of classes by number.
type Set uint64

// Has says whether class c is in the set.
func (s Set) Has(c int) bool { return s>>c&1 != 0 }

// A node is one prefix of a phrase.
type node struct {
	key   uint64
	full  Set  // classes of the phrase that ends here
	stem  Set  // classes of phrases that end here with any ending
	next  bool // longer phrases begin so
	stems bool // a stem may follow
	short bool // one of fewer than three runes
}

// A Matcher finds phrases. It is safe for concurrent use.
type Matcher struct {
	lists map[string]*list // by language; there is always one of [Any]
}

// A list is what one language's phrases, and those of every language, make. It
// stands by itself so that a text touches little memory.
type list struct {
	root  *node
	table []node // open addressing, a power of two long
	// maybe has a bit set for every key, by its upper bits: small enough for the
	// nearest cache, it answers most questions, which are for what is not there.
	maybe [1 << (maybeBits - 6)]uint64
	// starts has a bit set for the first three runes of every stem: few words begin
	// so, and the others need not be looked at longer.
	starts [1 << (startBits - 6)]uint64
}

// A Builder collects phrases for a [Matcher].
type Builder struct {
	scan    *scan.Scanner
	phrases []phrase
}

// A phrase is what was added: the hashes of its tokens.
type phrase struct {
	lang   string
	tokens []uint64
	stem   bool
	begins []rune // of a stem, its first three runes at most
	class  int
}

// NewBuilder returns an empty builder.
func NewBuilder() *Builder {
	return &Builder{scan: scan.New()}
}

func root(lang string) uint64 { return scan.HashString(lang) | 1 }

func follow(state, token uint64) uint64 {
	h := (state*31 ^ token) * 0xFF51AFD7ED558CCD
	return (h ^ h>>29) | 1
}

// Add puts a phrase into a class, 0 to 63. A star at its end stands for any
// ending of its last word.
func (b *Builder) Add(lang, text string, class int) error {
	text = strings.TrimSpace(text)
	stem := len(text) > 1 && strings.HasSuffix(text, "*")
	text = strings.TrimSuffix(text, "*")
	if strings.Contains(text, "*") {
		return fmt.Errorf("phrase %q: a star may only stand at the end", text)
	}
	b.scan.Scan(text)
	tokens := b.scan.Tokens
	if len(tokens) == 0 || len(tokens) > longest || class < 0 || class > 63 {
		return fmt.Errorf("phrase %q: want 1 to %d words, class 0 to 63", text, longest)
	}
	if stem && tokens[len(tokens)-1].Kind != scan.Word {
		return fmt.Errorf("phrase %q: a star must follow a word", text)
	}
	p := phrase{lang: lang, stem: stem, class: class}
	for _, t := range tokens {
		p.tokens = append(p.tokens, t.Hash)
	}
	if last := tokens[len(tokens)-1]; stem {
		p.begins = slices.Clone(b.scan.Runes[last.Start:min(last.End, last.Start+3)])
	}
	b.phrases = append(b.phrases, p)
	return nil
}

// startOf is the bit of a stem's first three runes under a prefix.
func startOf(key uint64, word []rune) uint64 {
	h := key + uint64(word[0])*0xA0761D6478BD642F + uint64(word[1])*0xC2B2AE3D27D4EB4F + uint64(word[2])*0x9FB21C651E98DF25
	return h >> (64 - startBits)
}

// A growing list is one whose table has no size yet.
type growing struct {
	nodes  map[uint64]node
	starts []uint64 // bits of list.starts
}

// insert makes the nodes of a phrase that begins at state.
func (g *growing) insert(p *phrase, state uint64) {
	for i, t := range p.tokens {
		last := i == len(p.tokens)-1
		n := g.nodes[state]
		n.key, n.next = state, true
		if last && p.stem {
			n.stems = true
			if len(p.begins) < 3 {
				n.short = true
			} else {
				g.starts = append(g.starts, startOf(state, p.begins))
			}
		}
		g.nodes[state] = n
		state = follow(state, t)
		n = g.nodes[state]
		n.key = state
		switch {
		case last && p.stem:
			n.stem |= 1 << p.class
		case last:
			n.full |= 1 << p.class
		}
		g.nodes[state] = n
	}
}

// Phrases calls each with every phrase of a file of lines "class: phrase,
// phrase", stars taken off.
func Phrases(r io.Reader, each func(string)) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		_, rest, _ := strings.Cut(line, ": ")
		for p := range strings.SplitSeq(rest, ", ") {
			each(strings.TrimSuffix(p, "*"))
		}
	}
	return sc.Err()
}

// Read adds a file of lines "class: phrase, phrase". Lines that begin with #
// are remarks.
func (b *Builder) Read(lang string, r io.Reader, class func(name string) (int, bool)) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, rest, _ := strings.Cut(line, ":")
		c, ok := class(strings.TrimSpace(name))
		if !ok {
			return fmt.Errorf("words of %q: line %d: no class %q", lang, n, name)
		}
		for phrase := range strings.SplitSeq(rest, ", ") {
			if err := b.Add(lang, phrase, c); err != nil {
				return fmt.Errorf("words of %q: line %d: %w", lang, n, err)
			}
		}
	}
	return sc.Err()
}

// Matcher returns what finds the phrases added so far.
func (b *Builder) Matcher() *Matcher {
	// The phrases of every language are repeated in each, so that one walk finds both.
	m := &Matcher{lists: map[string]*list{Any: nil}}
	for i := range b.phrases {
		m.lists[b.phrases[i].lang] = nil
	}
	for lang := range m.lists {
		start := root(lang)
		g := growing{nodes: map[uint64]node{start: {key: start}}}
		for i := range b.phrases {
			if p := &b.phrases[i]; p.lang == lang || p.lang == Any {
				g.insert(p, start)
			}
		}
		m.lists[lang] = g.list(start)
	}
	return m
}

// list returns the finished list, which begins at the node start.
func (g *growing) list(start uint64) *list {
	size := 64
	for size < 3*len(g.nodes) {
		size *= 2
	}
	l := &list{table: make([]node, size)}
	for _, key := range slices.Sorted(maps.Keys(g.nodes)) {
		i := key >> spread & uint64(size-1)
		for l.table[i].key != 0 {
			i = (i + 1) & uint64(size-1)
		}
		l.table[i] = g.nodes[key]
		l.maybe[key>>(64-maybeBits)>>6] |= 1 << (key >> (64 - maybeBits) & 63)
	}
	for _, bit := range g.starts {
		l.starts[bit>>6] |= 1 << (bit & 63)
	}
	l.root = l.lookUp(start)
	return l
}

// start is one if a stem under n may begin as word does, and else zero.
func (l *list) start(word []rune, n *node) uint64 {
	if n.short {
		return 1
	}
	if len(word) < 3 {
		return 0
	}
	bit := startOf(n.key, word)
	return l.starts[bit>>6] >> (bit & 63) & 1
}

func (l *list) find(key uint64) *node {
	if l.bit(key) == 0 {
		return nil
	}
	return l.lookUp(key)
}

// bit is zero if there is no node of this key.
func (l *list) bit(key uint64) uint64 {
	return l.maybe[key>>(64-maybeBits)>>6] >> (key >> (64 - maybeBits) & 63) & 1
}

func (l *list) lookUp(key uint64) *node {
	mask := uint64(len(l.table) - 1)
	for i := key >> spread & mask; ; i = (i + 1) & mask {
		n := &l.table[i]
		if n.key == key {
			return n
		}
		if n.key == 0 {
			return nil
		}
	}
}

// Find calls each for every phrase of the language, and of [Any], that occurs
// in the scanned text: its classes, and its first and last token.
func (m *Matcher) Find(s *scan.Scanner, lang string, each func(classes Set, first, last int)) {
	l, ok := m.lists[lang]
	if !ok {
		l = m.lists[Any]
	}
	n := l.root
	for i := range s.Tokens {
		t := &s.Tokens[i]
		if t.Kind == scan.Handle || t.Kind == scan.Link {
			continue
		}
		word := s.Runes[t.Start:t.End]
		if l.bit(follow(n.key, t.Hash))|l.start(word, n) != 0 {
			l.from(s, n, i, word, t.Hash, each)
		}
		if word[0] >= 'ء' && word[0] <= 'ي' {
			if bare := bareArabic(word); bare != nil {
				l.from(s, n, i, bare, scan.HashRunes(bare), each)
			}
		}
	}
}

// bareArabic returns an Arabic word without the article or particle written
// together with it, or nil if it has none.
func bareArabic(word []rune) []rune {
	if len(word) < 4 {
		return nil
	}
	i := 0
	if word[0] == 'و' || word[0] == 'ب' || word[0] == 'ف' || word[0] == 'ل' {
		i = 1
	}
	if word[i] == 'ا' && word[i+1] == 'ل' {
		i += 2
	}
	if i == 0 || len(word)-i < 2 {
		return nil
	}
	return word[i:]
}

// from follows the phrases that begin at token first, which reads as word.
func (l *list) from(s *scan.Scanner, n *node, first int, word []rune, hash uint64, each func(Set, int, int)) {
	for i := first; n != nil && n.next; {
		var hit Set
		if n.stems && s.Tokens[i].Kind == scan.Word && l.start(word, n) != 0 {
			hit = l.stems(word, n.key)
		}
		if n = l.find(follow(n.key, hash)); n != nil {
			hit |= n.full
		}
		if hit != 0 {
			each(hit, first, i)
		}
		if i++; i == len(s.Tokens) {
			return
		}
		t := &s.Tokens[i]
		word, hash = s.Runes[t.Start:t.End], t.Hash
	}
}

// stems are the classes of the stems that a word begins with.
func (l *list) stems(word []rune, state uint64) Set {
	var hit Set
	h := scan.Seed
	for i, r := range word {
		h = scan.Step(h, r)
		if n := l.find(follow(state, h)); n != nil {
			hit |= n.stem
		}
		if i > 12 {
			break
		}
	}
	return hit
}

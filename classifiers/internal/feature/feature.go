// Package feature turns a scanned text into the hashed features that the
// linear models weigh: words and pairs of words in one block, runs of 3 to 5
// characters in the other, each block of length one.
//
// It owns the hashing, so that training and scoring cannot disagree. It keeps
// no text.
package feature

import (
	"math"

	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/internal/scan"
)

// Bits is the width of a feature's hash; a model keeps the upper ones of them.
const Bits = 32

// Blocks.
const (
	Words = iota
	Chars
	Blocks
)

// An Extractor collects the features of one text. It must not be used by two
// goroutines at once.
type Extractor struct {
	Scanner *scan.Scanner
	// Hashes has one hash for each occurrence of a feature, of which a model takes
	// as many upper bits as its table has rows. Words come before pairs, runs of
	// three before longer ones. Spans says where in the text they stand.
	Hashes [Blocks][]uint32
	threes int      // how many of Hashes[Chars] are runs of three
	chars3 []uint32 // what Hashes[Chars] is a part of

	Cues   [NumCues]float32
	Set    []uint8 // the cues that are not zero, in order
	count  [NumCues]int32
	on     cueSet // the same as Set
	Hits   []Hit  // where the cues that have a place were seen
	Triage []Hit  // classes of package lexicon that are not cues

	found func(lexicon.Set, int, int)
}

// New returns an extractor.
func New() *Extractor {
	x := &Extractor{
		Scanner: scan.New(),
		Hashes:  [Blocks][]uint32{make([]uint32, 0, 256)},
		Hits:    make([]Hit, 0, 64),
		Triage:  make([]Hit, 0, 8),
		Set:     make([]uint8, 0, NumCues),
	}
	x.found = x.hit
	return x
}

// Salts keep words and pairs apart.
const (
	saltWord = 0xA24BAED4963EE407
	saltPair = 0x9FB21C651E98DF25
)

// Factors of the runes of a run, by place. The upper half of the sum is the
// hash: multilinear hashing (Lemire and Kaser, 2014), one multiplication a rune.
const (
	factor1 = 0xC2B2AE3D27D4EB4F
	factor2 = 0x9E3779B97F4A7C15
	factor3 = 0xD6E8FEB86659FD93
	factor4 = 0xFF51AFD7ED558CCD
	factor5 = 0xA0761D6478BD642F
)

// near are the bits by which a run of five differs from the run of four that
// it begins with: in a table of 2^18 rows of two bytes both lie in one line of
// the processor's cache.
const near = 1<<19 - 1

func finish(h, salt uint64) uint32 {
	return uint32(((h ^ salt) * 0xFF51AFD7ED558CCD) >> 32)
}

// Extract scans body and collects its features.
func (x *Extractor) Extract(body string) {
	x.Scanner.Scan(body)
	x.words()
	x.chars()
}

// WordHashes are the hashes of the words alone, a token each.
func (x *Extractor) WordHashes() []uint32 { return x.Hashes[Words][:len(x.Scanner.Tokens)] }

// TripleHashes are the hashes of the runs of three.
func (x *Extractor) TripleHashes() []uint32 {
	return x.Hashes[Chars][:x.threes]
}

// room returns a slice of n hashes in the place of old.
func room(old []uint32, n int) []uint32 {
	if cap(old) < n {
		return make([]uint32, n, 2*n)
	}
	return old[:n]
}

func (x *Extractor) words() {
	tokens := x.Scanner.Tokens
	n := len(tokens)
	out := room(x.Hashes[Words], 2*n)
	words, pairs := out[:n], out[n:]
	before := scan.Seed
	for i := range tokens {
		h := tokens[i].Hash
		words[i] = finish(h, saltWord)
		pairs[i] = finish(before*3^h, saltPair)
		before = h
	}
	x.Hashes[Words] = out
}

// chars reads every run of 3 to 5 runes within a word and the spaces at its
// ends, and of 2 where no spaces are written: there a rune is worth half a word.
func (x *Extractor) chars() {
	rs := x.Scanner.Runes
	n := len(rs)
	// Runs of three grow from the front, longer ones behind the room for them.
	out := room(x.chars3, 3*n)
	x.chars3 = out
	threes, longer := 0, n
	for from := 0; from+2 < n; {
		to := from + 1
		for to < n-1 && rs[to] != ' ' {
			to++
		}
		word := rs[from : to+1]
		from = to
		if len(word) < 3 {
			continue
		}
		a, b := uint64(word[0]), uint64(word[1])
		for i := 2; i < len(word); i++ {
			c := uint64(word[i])
			h := a*factor1 + b*factor2 + c*factor3
			a, b = b, c
			out[threes] = uint32(h >> 32)
			threes++
			if i+1 == len(word) {
				break
			}
			h += uint64(word[i+1]) * factor4
			four := uint32(h >> 32)
			out[longer] = four
			longer++
			if i+2 < len(word) {
				h += uint64(word[i+2]) * factor5
				out[longer] = four&^near | uint32(h>>32)&near
				longer++
			}
		}
	}
	copy(out[n-threes:n], out[:threes])
	x.threes = threes
	x.Hashes[Chars] = out[n-threes : longer]
	if x.Scanner.Dense {
		x.pairsOfRunes()
	}
}

func (x *Extractor) pairsOfRunes() {
	rs := x.Scanner.Runes
	for i := 0; i+2 < len(rs); i++ {
		if scan.Dense(rs[i]) {
			h := uint64(rs[i])*factor1 + uint64(rs[i+1])*factor2
			x.Hashes[Chars] = append(x.Hashes[Chars], uint32(h>>32))
		}
	}
}

// A Span is the runes that a feature covers.
type Span struct{ Start, End int32 }

// Spans appends the spans of a block's features to out, in their order.
func (x *Extractor) Spans(block int, out []Span) []Span {
	if block == Words {
		before := int32(0)
		tokens := x.Scanner.Tokens
		for i := range tokens {
			out = append(out, Span{tokens[i].Start, tokens[i].End})
		}
		for i := range tokens {
			out = append(out, Span{before, tokens[i].End})
			before = tokens[i].Start
		}
		return out
	}
	rs := x.Scanner.Runes
	space := func(i int32) bool { return rs[i] == ' ' }
	n := int32(len(rs))
	for i := int32(0); i+2 < n; i++ {
		if !space(i + 1) {
			out = append(out, Span{i, i + 3})
		}
	}
	for i := int32(0); i+3 < n; i++ {
		if space(i+1) || space(i+2) {
			continue
		}
		out = append(out, Span{i, i + 4})
		if i+4 < n && !space(i+3) {
			out = append(out, Span{i, i + 5})
		}
	}
	for i := int32(0); i+2 < n; i++ {
		if scan.Dense(rs[i]) {
			out = append(out, Span{i, i + 2})
		}
	}
	return out
}

// maxWeight is up to where weights are kept in a table.
const maxWeight = 64

var weights = func() (out [maxWeight]float64) {
	for n := 1; n < maxWeight; n++ {
		out[n] = 1 + math.Log(float64(n))
	}
	return out
}()

// Weight is what a feature counts that occurs n times, before its block is
// brought to length one: 1 + ln n, and nothing for none.
func Weight(n int) float64 {
	if n < maxWeight {
		return weights[n]
	}
	return 1 + math.Log(float64(n))
}

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

// Bits is the width of a feature's row number in training; a model keeps the
// upper ones of them.
const Bits = 32

// Blocks.
const (
	Words = iota
	Chars
	Blocks
)

// A Gram is one occurrence of a feature: its hash, of which a model takes as
// many upper bits as its table has, and the runes it covers.
type Gram struct {
	Hash       uint32
	Start, End int32
}

// An Extractor collects the grams of one text. It must not be used by two
// goroutines at once.
type Extractor struct {
	Scanner *scan.Scanner
	Grams   [Blocks][]Gram

	Cues   [NumCues]float32
	Hits   []Hit // where the cues that have a place were seen
	Triage []Hit // classes of package lexicon that are not cues

	found func(lexicon.Set, int, int)
}

// New returns an extractor.
func New() *Extractor {
	x := &Extractor{
		Scanner: scan.New(),
		Grams:   [Blocks][]Gram{make([]Gram, 0, 256), make([]Gram, 0, 1536)},
		Hits:    make([]Hit, 0, 64),
		Triage:  make([]Hit, 0, 8),
	}
	x.found = x.hit
	return x
}

// Salts keep the blocks, and kinds within a block, apart.
const (
	saltWord = 0xA24BAED4963EE407
	saltPair = 0x9FB21C651E98DF25
	saltChar = 0xC2B2AE3D27D4EB4F
)

func finish(h, salt uint64) uint32 {
	return uint32(((h ^ salt) * 0xFF51AFD7ED558CCD) >> 32)
}

// Extract scans body and collects its grams.
func (x *Extractor) Extract(body string) {
	x.Scanner.Scan(body)
	x.words()
	x.chars()
}

func (x *Extractor) words() {
	out := x.Grams[Words][:0]
	tokens := x.Scanner.Tokens
	var before uint64 = scan.Seed
	var start int32
	for i := range tokens {
		t := &tokens[i]
		out = append(out, Gram{finish(t.Hash, saltWord), t.Start, t.End})
		out = append(out, Gram{finish(before*3^t.Hash, saltPair), start, t.End})
		before, start = t.Hash, t.Start
	}
	x.Grams[Words] = out
}

// chars reads every run of 3 to 5 runes, and of 2 where no spaces are written:
// there a rune is worth half a word.
func (x *Extractor) chars() {
	rs := x.Scanner.Runes
	n := len(rs)
	// Room for all there can be, so that the loop need not ask.
	if most := 4 * n; cap(x.Grams[Chars]) < most {
		x.Grams[Chars] = make([]Gram, 0, 2*most)
	}
	out := x.Grams[Chars][:cap(x.Grams[Chars])]
	k := 0
	for i := 0; i+2 < n; i++ {
		if rs[i] == ' ' && i > 0 && rs[i-1] == scan.LinkRune {
			continue // what follows a link begins nothing
		}
		h := scan.Step(scan.Step(scan.Seed, rs[i]), rs[i+1])
		if dense(rs[i]) {
			out[k] = Gram{finish(h, saltChar), int32(i), int32(i + 2)}
			k++
		}
		h = scan.Step(h, rs[i+2])
		out[k] = Gram{finish(h, saltChar), int32(i), int32(i + 3)}
		k++
		if i+3 >= n {
			break
		}
		h = scan.Step(h, rs[i+3])
		out[k] = Gram{finish(h, saltChar), int32(i), int32(i + 4)}
		k++
		if i+4 >= n {
			break
		}
		h = scan.Step(h, rs[i+4])
		out[k] = Gram{finish(h, saltChar), int32(i), int32(i + 5)}
		k++
	}
	x.Grams[Chars] = out[:k]
}

// dense says whether a rune belongs to a script written without spaces, or to
// Hangul, whose syllables say as much.
func dense(r rune) bool {
	return r >= 0x0E00 && (r <= 0x0EFF || r >= 0x1000 && r <= 0x109F || r >= 0x3040 && r <= 0x9FFF || r >= 0xAC00 && r <= 0xD7A3)
}

// Weight is what a feature counts that occurs n times, before its block is
// brought to length one: 1 + ln n.
func Weight(n int) float64 {
	if n == 1 {
		return 1
	}
	return 1 + math.Log(float64(n))
}

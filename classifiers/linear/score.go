package linear

import (
	"math"

	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
)

// scratch is what scoring one text needs; it is pooled and holds no text
// between two uses.
type scratch struct {
	x      *feature.Extractor
	seen   []uint64 // a bit for each row of the table; all clear between two uses
	again  []uint32 // rows that were there before
	before []uint32 // the same, of the round before
	scores [Lanes]float64
	norms  [feature.Blocks]float64
	irony  float64 // log odds added by the rule about mock praise

	// For the reasons; see shares.
	shares []float64
	slope  []float64
	inside []int32
}

func newScratch(bits int) *scratch {
	return &scratch{x: feature.New(), seen: make([]uint64, max(1, 1<<bits>>6)),
		again: make([]uint32, 0, 2048), before: make([]uint32, 0, 2048)}
}

// room makes room for n rows.
func (s *scratch) room(n int) {
	if cap(s.again) < n || cap(s.before) < n {
		s.again, s.before = make([]uint32, 0, 2*n), make([]uint32, 0, 2*n)
	}
}

// A sums is four lanes of rows added up: what a table row holds.
type sums [hotLanes]int64

// add adds up the rows that hashes name, each once, returns how many there are,
// and leaves in s.again those that were there before. Its loop has no branch to
// guess wrong: a row that was seen adds nothing. The rows stay marked in s.seen.
func (s *scratch) add(table, hashes []uint32, shift uint, out *sums) int {
	seen, n := s.seen, 0
	again := s.again[:cap(s.again)]
	for rest := hashes; len(rest) > 0; {
		part := rest[:min(len(rest), flushAt)]
		rest = rest[len(part):]
		var even, odd uint64
		was := n
		for _, h := range part {
			row := h >> shift
			word := &seen[row>>6]
			old := *word >> (row & 63) & 1
			*word |= 1 << (row & 63)
			r := uint64(table[row]) & (old - 1)
			even += r & evenBytes
			odd += r >> 8 & evenBytes
			again[n] = row
			n += int(old)
		}
		k := 128 * int64(len(part)-(n-was))
		out[0] += int64(even&0xFFFF) - k
		out[1] += int64(odd&0xFFFF) - k
		out[2] += int64(even>>16) - k
		out[3] += int64(odd>>16) - k
	}
	s.again = again[:n]
	return len(hashes) - n
}

// forget takes the marks off rows.
func (s *scratch) forget(hashes []uint32, shift uint) {
	seen := s.seen
	for _, h := range hashes {
		seen[h>>shift>>6] = 0
	}
}

const (
	evenBytes = 0x00FF00FF
	// flushAt rows of 255 at most fit into the sixteen bits of a lane's sum.
	flushAt = 256
)

// block adds up four lanes of one block, and divides by the block's length. A
// row that occurs n times counts 1 + ln n: one for the first time, and for each
// time after that what the logarithm gains.
func (m *Model) block(s *scratch, block int, table []uint32, out *[hotLanes]float64) {
	hashes, shift := s.x.Hashes[block], uint(feature.Bits-m.Bits)
	s.room(len(hashes))
	var first sums
	distinct := s.add(table, hashes, shift, &first)
	s.forget(hashes, shift)
	norm := float64(distinct)
	var total [hotLanes]float64
	for l := range total {
		total[l] = float64(first[l])
	}
	before := 1.0
	for n := 2; len(s.again) > 0; n++ {
		s.again, s.before = s.before, s.again
		var more sums
		distinct := s.add(table, s.before, 0, &more)
		s.forget(s.before, 0)
		w := feature.Weight(n)
		for l := range total {
			total[l] += (w - before) * float64(more[l])
		}
		norm += (w*w - before*before) * float64(distinct)
		before = w
	}
	s.norms[block] = math.Sqrt(max(norm, 1))
	for l := range total {
		out[l] += total[l] / s.norms[block]
	}
}

// score reads body and leaves the score of every lane in s.
func (m *Model) score(s *scratch, body, lang string) {
	s.x.Extract(body)
	s.x.Cue(lexicon.Default(), lang)
	m.rescore(s)
	m.half(s, hotLanes)
}

// ironyOdds is added where mock praise meets something wrong. It is a rule: the
// development set has a handful of such texts, too few to learn from, and their
// thanks speak against a complaint otherwise.
const ironyOdds = 2.5

// mockPraise says whether praise is likely meant the other way round.
func mockPraise(c *[feature.NumCues]float32) bool {
	return c[lexicon.Irony] > 0 && c[lexicon.Wait]+c[lexicon.Promise]+c[lexicon.Silence]+c[lexicon.Broken]+
		c[lexicon.Bad]+c[lexicon.Again]+c[lexicon.Sad]+c[lexicon.Swear]+c[lexicon.Deny] > 0
}

// rescore adds up what is extracted, for the lanes that every text needs.
func (m *Model) rescore(s *scratch) {
	s.irony = 0
	if mockPraise(&s.x.Cues) {
		s.irony = ironyOdds
	}
	m.half(s, 0)
}

// half scores the lanes from first on, of which a table row holds four.
func (m *Model) half(s *scratch, first int) {
	table := m.near
	if first > 0 {
		table = m.far
	}
	var sums [hotLanes]float64
	for b := range feature.Blocks {
		m.block(s, b, table, &sums)
	}
	for l := range sums {
		h := &m.Heads[first+l]
		sums[l] = h.Bias + h.Step*sums[l]
	}
	for _, c := range s.x.Set {
		v, w := float64(s.x.Cues[c]), &m.cues[first/hotLanes][c]
		for l := range sums {
			sums[l] += v * w[l]
		}
	}
	copy(s.scores[first:], sums[:])
}

// mix is how the lanes are weighed in a language.
func (m *Model) mix(lang string) *Mix {
	if x, ok := m.mixes[lang]; ok {
		return x
	}
	return m.mixes[""]
}

// logOdds of a complaint.
func (x *Mix) logOdds(s *scratch) float64 {
	sum := x.Bias + s.irony
	for l, v := range s.scores[:hotLanes] {
		sum += x.Lanes[l] * v
	}
	return sum
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

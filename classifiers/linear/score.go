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
	first  []uint32 // rows not seen before
	again  []uint32 // the others
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
		first: make([]uint32, 0, 2048), again: make([]uint32, 0, 2048)}
}

// split sorts rows into those that occur here for the first time and the
// others. It has no branch to guess wrong. The caller hands the first back to
// forget.
func (s *scratch) split(rows []uint32, shift uint) (first, again []uint32) {
	if cap(s.first) < len(rows) || cap(s.again) < len(rows) {
		s.first, s.again = make([]uint32, 2*len(rows)), make([]uint32, 2*len(rows))
	}
	first, again = s.first[:len(rows)], s.again[:len(rows)]
	k, a := 0, 0
	for _, h := range rows {
		row := h >> shift
		word := &s.seen[row>>6]
		old := int(*word >> (row & 63) & 1)
		*word |= 1 << (row & 63)
		first[k], again[a] = row, row
		k, a = k+1-old, a+old
	}
	return first[:k], again[:a]
}

func (s *scratch) forget(rows []uint32) {
	for _, row := range rows {
		s.seen[row>>6] = 0
	}
}

const (
	evenBytes = 0x00FF00FF
	// flushAt rows of 255 at most fit into the sixteen bits of a lane's sum.
	flushAt = 256
)

// sum adds up some lanes of rows, times by. The table has four of them a row.
func sum(table []uint32, rows []uint32, by float64, out []float64) {
	var sums [4]int64
	for len(rows) > 0 {
		part := rows[:min(len(rows), flushAt)]
		rows = rows[len(part):]
		var even, odd uint64
		for _, row := range part {
			r := uint64(table[row])
			even += r & evenBytes
			odd += r >> 8 & evenBytes
		}
		n := 128 * int64(len(part))
		sums[0] += int64(even&0xFFFF) - n
		sums[1] += int64(odd&0xFFFF) - n
		sums[2] += int64(even>>16) - n
		sums[3] += int64(odd>>16) - n
	}
	for l, v := range sums {
		out[l] += by * float64(v)
	}
}

// block adds up four lanes of one block, and divides by the block's length. A
// row that occurs n times counts 1 + ln n: one for the first time, and for each
// time after that what the logarithm gains.
func (m *Model) block(s *scratch, block int, table []uint32, out []float64) {
	first, again := s.split(s.x.Hashes[block], uint(feature.Bits-m.Bits))
	var sums [4]float64
	norm, before := 0.0, 0.0
	for n := 1; len(first) > 0; n++ {
		w := feature.Weight(n)
		sum(table, first, w-before, sums[:])
		norm += (w*w - before*before) * float64(len(first))
		before = w
		s.forget(first)
		first, again = s.split(again, 0)
	}
	if norm == 0 {
		norm = 1
	}
	s.norms[block] = math.Sqrt(norm)
	for l, v := range sums {
		out[l] += v / s.norms[block]
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
		m.block(s, b, table, sums[:])
	}
	for l := range sums {
		h := &m.Heads[first+l]
		sums[l] = h.Bias + h.Step*sums[l]
	}
	for c, v := range s.x.Cues {
		if v != 0 {
			w := m.cues[c][first : first+hotLanes]
			for l := range sums {
				sums[l] += float64(v) * w[l]
			}
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

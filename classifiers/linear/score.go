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
	spans  []feature.Span
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

// add adds up the rows that hashes name, each once: both lanes of a row's two
// bytes, and how many rows there are. It leaves in s.again those that were there
// before. Its loop has no branch to guess wrong: a row that was seen adds
// nothing. The rows stay marked in s.seen.
func (s *scratch) add(table []uint16, hashes []uint32, shift uint) (low, high, distinct int64) {
	seen, n := s.seen, 0
	again := s.again[:cap(s.again)]
	var a, b uint64
	for _, h := range hashes {
		row := h >> shift
		word := &seen[row>>6]
		old := *word >> (row & 63) & 1
		*word |= 1 << (row & 63)
		r := uint64(table[row]) & (old - 1)
		a += r & 0xFF
		b += r >> 8
		again[n] = row
		n += int(old)
	}
	s.again = again[:n]
	distinct = int64(len(hashes) - n)
	return int64(a) - 128*distinct, int64(b) - 128*distinct, distinct
}

// forget takes the marks off rows.
func (s *scratch) forget(hashes []uint32, shift uint) {
	seen := s.seen
	for _, h := range hashes {
		seen[h>>shift>>6] = 0
	}
}

// block adds up two lanes of one block, and divides by the block's length. A
// row that occurs n times counts 1 + ln n: one for the first time, and for each
// time after that what the logarithm gains.
func (m *Model) block(s *scratch, block int, table []uint16) (low, high float64) {
	hashes, shift := s.x.Hashes[block], uint(feature.Bits-m.Bits)
	s.room(len(hashes))
	a, b, distinct := s.add(table, hashes, shift)
	s.forget(hashes, shift)
	low, high = float64(a), float64(b)
	norm, before := float64(distinct), 1.0
	for n := 2; len(s.again) > 0; n++ {
		s.again, s.before = s.before, s.again
		a, b, distinct := s.add(table, s.before, 0)
		s.forget(s.before, 0)
		w := feature.Weight(n)
		low += (w - before) * float64(a)
		high += (w - before) * float64(b)
		norm += (w*w - before*before) * float64(distinct)
		before = w
	}
	s.norms[block] = math.Sqrt(max(norm, 1))
	return low / s.norms[block], high / s.norms[block]
}

// score reads body and leaves the score of every lane in s.
func (m *Model) score(s *scratch, body, lang string) {
	s.x.Extract(body)
	s.x.Cue(lexicon.Default(), lang)
	m.rescore(s)
	for lane := 2; lane < Lanes; lane += 2 {
		m.pair(s, lane)
	}
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

// rescore adds up what is extracted, for the two lanes that decide.
func (m *Model) rescore(s *scratch) {
	s.irony = 0
	if mockPraise(&s.x.Cues) {
		s.irony = ironyOdds
	}
	m.pair(s, LaneComplaint)
}

// pair scores a lane and the one after it, which share a table.
func (m *Model) pair(s *scratch, lane int) {
	p := &m.pairs[lane/2]
	var low, high float64
	for b := range feature.Blocks {
		l, h := m.block(s, b, p.table)
		low, high = low+l, high+h
	}
	low = m.Heads[lane].Bias + m.Heads[lane].Step*low
	high = m.Heads[lane+1].Bias + m.Heads[lane+1].Step*high
	for _, c := range s.x.Set {
		v, w := float64(s.x.Cues[c]), &p.cues[c]
		low += v * w[0]
		high += v * w[1]
	}
	s.scores[lane], s.scores[lane+1] = low, high
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
	for l, v := range s.scores[:decisive] {
		sum += x.Lanes[l] * v
	}
	return sum
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

package linear

import (
	"math"

	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
)

// A cell counts one row of the table within one block of one text.
type cell struct {
	row   uint32
	epoch uint32 // which block of which text it belongs to
	n     uint32
}

// scratch is what scoring one text needs; it is pooled and holds no text
// between two uses.
type scratch struct {
	x      *feature.Extractor
	cells  []cell
	mask   uint32
	epoch  uint32
	repeat []uint32 // cells that count more than one
	scores [Lanes]float64
	norms  [feature.Blocks]float64
	irony  float64 // log odds added by the rule about mock praise
}

func newScratch() *scratch {
	return &scratch{x: feature.New(), cells: make([]cell, 1<<12), mask: 1<<12 - 1, repeat: make([]uint32, 0, 256)}
}

// begin makes room for n features and forgets the ones before.
func (s *scratch) begin(n int) {
	size := len(s.cells)
	for size < 2*n {
		size *= 2
	}
	if size > len(s.cells) {
		s.cells, s.epoch = make([]cell, size), 0
	}
	// A small text uses a small part, which stays in the nearest cache.
	s.mask = 1<<10 - 1
	for int(s.mask)+1 < 2*n {
		s.mask = s.mask<<1 | 1
	}
	s.epoch++
	if s.epoch == 0 {
		clear(s.cells)
		s.epoch = 1
	}
	s.repeat = s.repeat[:0]
}

// seen counts a row and says whether it was there before.
func (s *scratch) seen(row uint32) bool {
	for i := row & s.mask; ; i = (i + 1) & s.mask {
		c := &s.cells[i]
		if c.epoch != s.epoch {
			*c = cell{row, s.epoch, 1}
			return false
		}
		if c.row == row {
			c.n++
			if c.n == 2 {
				s.repeat = append(s.repeat, i)
			}
			return true
		}
	}
}

// count is how often a row was seen.
func (s *scratch) count(row uint32) int {
	for i := row & s.mask; ; i = (i + 1) & s.mask {
		if c := &s.cells[i]; c.epoch != s.epoch || c.row == row {
			return int(c.n)
		}
	}
}

const (
	evenBytes = 0x00FF00FF00FF00FF
	// flushAt rows of 255 at most fit into the sixteen bits of a lane's sum.
	flushAt = 256
)

// lanes adds up the table rows of the grams of one block, for all lanes at
// once, and divides by the block's length.
func (m *Model) lanes(s *scratch, block int, out *[Lanes]float64) {
	grams := s.x.Grams[block]
	s.begin(len(grams))
	shift := uint(feature.Bits - m.Bits)
	var (
		even, odd uint64
		sums      [Lanes]int64
		held      int
		distinct  int
	)
	flush := func() {
		for l := 0; l < Lanes; l += 2 {
			sums[l] += int64(even >> (8 * l) & 0xFFFF)
			sums[l+1] += int64(odd >> (8 * l) & 0xFFFF)
		}
		even, odd, held = 0, 0, 0
	}
	for i := range grams {
		row := grams[i].Hash >> shift
		if s.seen(row) {
			continue
		}
		r := m.table[row]
		even += r & evenBytes
		odd += r >> 8 & evenBytes
		distinct++
		if held++; held == flushAt {
			flush()
		}
	}
	flush()
	norm := float64(distinct)
	var extra [Lanes]float64
	for _, i := range s.repeat {
		c := &s.cells[i]
		w := feature.Weight(int(c.n))
		norm += w*w - 1
		r := m.table[c.row]
		for l := range Lanes {
			extra[l] += (w - 1) * float64(int(r>>(8*l)&0xFF)-128)
		}
	}
	s.norms[block] = math.Sqrt(norm)
	if norm == 0 {
		return
	}
	scale := 1 / math.Sqrt(norm)
	for l := range Lanes {
		out[l] += scale * (float64(sums[l]-128*int64(distinct)) + extra[l])
	}
}

// score reads body and leaves the score of every lane in s.
func (m *Model) score(s *scratch, body, lang string) {
	s.x.Extract(body)
	s.x.Cue(lexicon.Default(), lang)
	m.rescore(s)
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

// rescore adds up what is extracted.
func (m *Model) rescore(s *scratch) {
	s.irony = 0
	if mockPraise(&s.x.Cues) {
		s.irony = ironyOdds
	}
	var sums [Lanes]float64
	for b := range feature.Blocks {
		m.lanes(s, b, &sums)
	}
	for l := range Lanes {
		h := &m.Heads[l]
		s.scores[l] = h.Bias + h.Step*sums[l]
	}
	for c := range s.x.Cues {
		if v := float64(s.x.Cues[c]); v != 0 {
			w := &m.cues[c]
			for l := range Lanes {
				s.scores[l] += v * w[l]
			}
		}
	}
}

// mix is how the lanes are weighed in a language.
func (m *Model) mix(lang string) Mix {
	if x, ok := m.Mix[lang]; ok {
		return x
	}
	return m.Mix[""]
}

// logOdds of a complaint.
func (x *Mix) logOdds(s *scratch) float64 {
	sum := x.Bias + s.irony
	for l, v := range s.scores {
		sum += x.Lanes[l] * v
	}
	return sum
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

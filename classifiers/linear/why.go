package linear

import (
	"cmp"
	"math"
	"slices"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/internal/scan"
)

const (
	// maxReasons bounds how many spans a verdict names.
	maxReasons = 8
	// leastReason is the share of the strongest token below which one is not
	// named; its weight goes into the rest.
	leastReason = 0.15
	// spanTokens is how many neighbours are told as one span.
	spanTokens = 4
)

// shares returns what each token adds to the log odds. A feature's part is
// spread over the runes it covers; the bias, and cues that have no place, belong
// to no token. The scores of s must be those of the same text.
func (m *Model) shares(s *scratch, x *Mix) []float64 {
	n := len(s.x.Scanner.Runes)
	if cap(s.slope) <= n {
		s.slope, s.inside = make([]float64, 2*n+1), make([]int32, 2*n+1)
	}
	s.slope, s.inside = s.slope[:n+1], s.inside[:n+1]
	clear(s.slope)
	s.countInside()
	for b := range feature.Blocks {
		m.featureShares(s, b, x)
	}
	if cap(s.shares) < len(s.x.Scanner.Tokens) {
		s.shares = make([]float64, 2*len(s.x.Scanner.Tokens))
	}
	out := s.shares[:len(s.x.Scanner.Tokens)]
	height, at := 0.0, 0
	for i := range s.x.Scanner.Tokens {
		t := &s.x.Scanner.Tokens[i]
		out[i] = 0
		for ; at < int(t.End); at++ {
			if height += s.slope[at]; at >= int(t.Start) {
				out[i] += height
			}
		}
	}
	m.cueShares(s, x, out)
	return out
}

// countInside notes for each rune how many before it belong to a token.
func (s *scratch) countInside() {
	n, at := int32(0), 0
	for i := range s.x.Scanner.Tokens {
		t := &s.x.Scanner.Tokens[i]
		for ; at < int(t.End); at++ {
			s.inside[at] = n
			if at >= int(t.Start) {
				n++
			}
		}
	}
	for ; at < len(s.inside); at++ {
		s.inside[at] = n
	}
}

// featureShares adds what each feature of a block is worth to the slope at its
// first rune, and takes it away behind its last, so that one walk over the text
// gives the height at every rune.
func (m *Model) featureShares(s *scratch, block int, x *Mix) {
	var unit [decisive]float64 // of one step of each lane
	for l := range unit {
		unit[l] = x.Lanes[l] * m.Heads[l].Step / s.norms[block]
	}
	hashes := s.x.Hashes[block]
	shift := uint(feature.Bits - m.Bits)
	times := s.repeated(hashes, shift)
	s.spans = s.x.Spans(block, s.spans[:0])
	for i, h := range hashes {
		row := h >> shift
		w := unit[0]*float64(m.at(0, row)) + unit[1]*float64(m.at(1, row))
		if s.seen[row>>6]>>(row&63)&1 != 0 {
			n := times(row)
			w *= feature.Weight(n) / float64(n)
		}
		start, end := s.spans[i].Start, s.spans[i].End
		if covered := s.inside[end] - s.inside[start]; covered > 0 {
			w /= float64(covered)
			s.slope[start] += w
			s.slope[end] -= w
		}
	}
	s.forget(s.again, 0)
}

// repeated marks the rows that occur more than once as seen, leaves them sorted
// in s.again for the caller to forget, and returns what counts how often one
// of them occurs.
func (s *scratch) repeated(hashes []uint32, shift uint) func(row uint32) int {
	s.room(len(hashes))
	again := s.again[:0]
	for _, h := range hashes {
		row := h >> shift
		if s.seen[row>>6]>>(row&63)&1 != 0 {
			again = append(again, row)
		}
		s.seen[row>>6] |= 1 << (row & 63)
	}
	s.forget(hashes, shift)
	slices.Sort(again)
	for _, row := range again {
		s.seen[row>>6] |= 1 << (row & 63)
	}
	s.again = again
	return func(row uint32) int {
		at, _ := slices.BinarySearch(again, row)
		n := 1
		for ; at < len(again) && again[at] == row; at++ {
			n++
		}
		return n
	}
}

// cueShares spreads each cue that has a place over where it was seen.
func (m *Model) cueShares(s *scratch, x *Mix, out []float64) {
	var places [feature.NumCues]int
	for _, h := range s.x.Hits {
		places[h.Cue] += h.Last - h.First + 1
	}
	for _, h := range s.x.Hits {
		w := m.cueWeight(x, h.Cue) * float64(s.x.Cues[h.Cue])
		if h.Cue == lexicon.Irony {
			w += s.irony
		}
		w /= float64(places[h.Cue])
		for t := h.First; t <= h.Last; t++ {
			out[t] += w
		}
	}
}

func (m *Model) cueWeight(x *Mix, cue int) float64 {
	w := 0.0
	for l := range decisive {
		w += x.Lanes[l] * m.pairs[0].cues[cue][l]
	}
	return w
}

// reasons names the spans that matter most, strongest first, and what is left
// of the log odds without them.
func reasons(s *scan.Scanner, shares []float64, logOdds float64) ([]classifiers.Reason, float64) {
	top := 0.0
	for _, w := range shares {
		top = max(top, math.Abs(w))
	}
	found := [2 * maxReasons]classifiers.Reason{}
	out := found[:0]
	least := leastReason * top
	for i := 0; i < len(shares) && top > 0; i++ {
		if math.Abs(shares[i]) < least {
			continue
		}
		t := s.Tokens[i]
		r := classifiers.Reason{From: int(t.From), To: int(t.To), Weight: shares[i]}
		width := spanTokens
		if t.Kind == scan.Glyph {
			width = 3 * spanTokens
		}
		for n := 1; n < width && i+1 < len(shares); n++ {
			next := s.Tokens[i+1]
			if math.Abs(shares[i+1]) < least || shares[i+1] > 0 != (r.Weight > 0) || int(next.From)-r.To > 1 {
				break
			}
			i++
			r.To = int(next.To)
			r.Weight += shares[i]
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b classifiers.Reason) int {
		return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight))
	})
	out = slices.Clone(out[:min(len(out), maxReasons)])
	rest := logOdds
	for _, r := range out {
		rest -= r.Weight
	}
	return out, rest
}

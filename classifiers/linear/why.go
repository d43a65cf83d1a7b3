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

// shares returns what each token adds to the log odds. A gram's part is spread
// over the runes it covers; the bias, and cues that have no place, belong to no
// token. The scores of s must be those of the same text.
func (m *Model) shares(s *scratch, x *Mix) []float64 {
	var unit [Lanes]float64 // of one step of each lane
	for l := range Lanes {
		unit[l] = x.Lanes[l] * m.Heads[l].Step
	}
	out := make([]float64, len(s.x.Scanner.Tokens))
	for b := range feature.Blocks {
		m.gramShares(s, b, &unit, out)
	}
	m.cueShares(s, x, out)
	return out
}

func (m *Model) gramShares(s *scratch, block int, unit *[Lanes]float64, out []float64) {
	hashes := s.x.Hashes[block]
	shift := uint(feature.Bits - m.Bits)
	times := make(map[uint32]int, len(hashes))
	for _, h := range hashes {
		times[h>>shift]++
	}
	owner := s.x.Scanner.Owner
	for i, h := range hashes {
		row := h >> shift
		w := 0.0
		for l := range hotLanes {
			w += unit[l] * float64(m.at(l, row))
		}
		if w == 0 {
			continue
		}
		n := times[row]
		w *= feature.Weight(n) / float64(n) / s.norms[block]
		start, end := s.x.Span(block, i)
		covered := 0
		for _, t := range owner[start:end] {
			if t >= 0 {
				covered++
			}
		}
		for _, t := range owner[start:end] {
			if t >= 0 {
				out[t] += w / float64(covered)
			}
		}
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
	for l := range Lanes {
		w += x.Lanes[l] * m.Heads[l].Cues[cue]
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
	var out []classifiers.Reason
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
	out = slices.Clip(out[:min(len(out), maxReasons)])
	rest := logOdds
	for _, r := range out {
		rest -= r.Weight
	}
	return out, rest
}

package train

import "github.com/amends-care/amends/classifiers/internal/feature"

// vector extracts the hashed part of an example's row: each block's features
// by 1 + ln n, brought to length one.
func vector(x *feature.Extractor, text string, bits int, seen map[uint32]int) row {
	x.Extract(text)
	var r row
	for b := range feature.Blocks {
		clear(seen)
		from := len(r.idx)
		for _, h := range x.Hashes[b] {
			j := h >> (feature.Bits - bits)
			if k, ok := seen[j]; ok {
				r.val[k]++
				continue
			}
			seen[j] = len(r.idx)
			r.idx = append(r.idx, j)
			r.val = append(r.val, 1)
		}
		normalise(r.val[from:])
	}
	return r
}

// normalise turns counts into weights and brings them to length one.
func normalise(counts []float32) {
	var sum float64
	for i, n := range counts {
		w := feature.Weight(int(n))
		counts[i] = float32(w)
		sum += w * w
	}
	if sum == 0 {
		return
	}
	scale := float32(1 / sqrt(sum))
	for i := range counts {
		counts[i] *= scale
	}
}

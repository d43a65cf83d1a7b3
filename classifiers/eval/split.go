package eval

import (
	"math/rand/v2"
	"slices"
)

// Folds gives each of the classes' members a fold from 0 to k-1, so that every
// fold has the same share of every class.
func Folds[C comparable](classes []C, k int, seed uint64) []int {
	rng := rand.New(rand.NewPCG(seed, 0xF01D))
	var kinds []C
	members := map[C][]int{}
	for i, c := range classes {
		if !slices.Contains(kinds, c) {
			kinds = append(kinds, c)
		}
		members[c] = append(members[c], i)
	}
	out := make([]int, len(classes))
	n := 0
	for _, c := range kinds {
		ids := members[c]
		rng.Shuffle(len(ids), func(a, b int) { ids[a], ids[b] = ids[b], ids[a] })
		for _, i := range ids {
			out[i] = n % k
			n++
		}
	}
	return out
}

// Groups are the distinct groups of the points, sorted.
func Groups(points []Point) []string {
	var out []string
	for _, p := range points {
		out = append(out, p.Group)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// In returns the points of one group.
func In(points []Point, group string) []Point {
	var out []Point
	for _, p := range points {
		if p.Group == group {
			out = append(out, p)
		}
	}
	return out
}

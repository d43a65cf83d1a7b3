package train

import "slices"

// byDomain numbers the brand domains as parts to leave out one at a time. What
// is about no brand is in part 0, so that it is left out once as well.
func byDomain(examples []Example) []int {
	var names []string
	for i := range examples {
		if brand(&examples[i]) {
			names = append(names, examples[i].Domain)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	out := make([]int, len(examples))
	for i := range examples {
		if brand(&examples[i]) {
			out[i] = 1 + slices.Index(names, examples[i].Domain)
		}
	}
	return out
}

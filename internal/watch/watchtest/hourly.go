// Package watchtest has what tests of the watch share. It keeps nothing on disk.
package watchtest

import (
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// Hourly are complaints counted by the hour, as the view counts them.
type Hourly map[string]map[int64]int

// Add counts one.
func (h Hourly) Add(m *care.Mention) {
	l := m.Verdict.Labels
	for _, s := range []string{"brand/" + l.Brand, "topic/" + l.Brand + "/" + l.Topic, "language/" + l.Brand + "/" + l.Language} {
		if h[s] == nil {
			h[s] = map[int64]int{}
		}
		h[s][m.Post.PostedAt.Unix()/3600]++
	}
}

// Series implements watch.Counts.
func (h Hourly) Series(prefix string) (names []string, err error) {
	for s := range h {
		if strings.HasPrefix(s, prefix) {
			names = append(names, s)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Hours implements watch.Counts.
func (h Hourly) Hours(series string, from time.Time, n int) ([]int, error) {
	out := make([]int, n)
	for i := range out {
		out[i] = h[series][from.Unix()/3600+int64(i)]
	}
	return out, nil
}

// Counting implements watch.Counts.
func (h Hourly) Counting() (first time.Time, err error) {
	for _, hours := range h {
		for at := range hours {
			if t := time.Unix(at*3600, 0).UTC(); first.IsZero() || t.Before(first) {
				first = t
			}
		}
	}
	return first, nil
}

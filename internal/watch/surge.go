package watch

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

const (
	// falsePerMonth is how many false alarms a desk may expect in thirty days,
	// over all its series together.
	falsePerMonth = 0.1
	// leastCount is from how many complaints in an hour on it can be a surge.
	leastCount = 6
	weeks      = 6
)

// Surges compares the present hour and the one before with the same hours and
// weekdays of past weeks, for every brand, topic and language that is counted.
// The present hour is not over: it is held against a whole one, so that an alarm
// comes a little late rather than for nothing.
func Surges(c Counts, now time.Time) ([]care.Surge, error) {
	since, err := c.Counting()
	if err != nil || since.IsZero() {
		return nil, err
	}
	var names []string
	for _, prefix := range []string{"brand/", "topic/", "language/"} {
		some, err := c.Series(prefix)
		if err != nil {
			return nil, err
		}
		names = append(names, some...)
	}
	hour := now.Truncate(time.Hour)
	limit := falsePerMonth / (30 * 24 * float64(max(len(names), 1)))
	var out []care.Surge
	for _, name := range names {
		counts, err := c.Hours(name, hour.Add(-(weeks*7*24+1)*time.Hour), weeks*7*24+2)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		known := min(int(hour.Sub(since)/time.Hour), len(counts)-1)
		for back := range 2 { // the present hour first
			s, ok := surge(counts[:len(counts)-back], known-back)
			if !ok || s.Chance >= limit {
				continue
			}
			s.Brand, s.Topic, s.Language = seriesOf(name)
			s.Since = hour.Add(-time.Duration(back) * time.Hour)
			out = append(out, s)
			break
		}
	}
	return plainest(out), nil
}

// plainest leaves out the surge of a brand or language that is a topic's: the
// most telling series speaks for those that rise with it.
func plainest(all []care.Surge) []care.Surge {
	slices.SortFunc(all, func(a, b care.Surge) int {
		switch {
		case a.Chance < b.Chance:
			return -1
		case a.Chance > b.Chance:
			return 1
		}
		return strings.Compare(a.Brand+a.Topic+a.Language, b.Brand+b.Topic+b.Language)
	})
	var out []care.Surge
	for _, s := range all {
		whole := s.Topic == "" && s.Language == ""
		if whole && slices.ContainsFunc(all, func(o care.Surge) bool { return o.Brand == s.Brand && o.Topic+o.Language != "" }) {
			continue
		}
		out = append(out, s)
	}
	return out
}

// surge judges the last of some hourly counts by those before. known is for how
// many hours before it there was somebody to count. ok is false when that is not
// enough to say anything.
//
// What is usual is the mean of the same hour and its two neighbours on the same
// weekday of past weeks (with less than two weeks: on past days), after values
// far above the others, surges of the past, were brought down to the highest
// plausible one. The chance is the upper tail of a negative binomial with that
// mean and a variance at the upper end of what was found, at least a little over
// a Poisson's, plus that of the mean itself.
func surge(counts []int, known int) (s care.Surge, ok bool) {
	last := len(counts) - 1
	s.Count = counts[last]
	step, most := 7*24, weeks
	if known < 2*step+1 {
		step, most = 24, 14
	}
	var like []float64
	for n := 1; n <= most; n++ {
		for near := -1; near <= 1; near++ {
			if at := last - n*step + near; at >= 0 && n*step-near <= known {
				like = append(like, float64(counts[at]))
			}
		}
	}
	if len(like) < 6 {
		return s, false
	}
	calm(like)
	mean, variance := moments(like)
	s.Usual = mean
	mean = max(mean, 0.1) // that nothing was seen does not mean that nothing is possible
	// Eighteen values tell a variance roughly: the higher end of that counts.
	spread := max(1.2, 1.6*variance/mean)
	s.Chance = tail(s.Count, mean, mean*spread*(1+1/float64(len(like))))
	if s.Count < leastCount || float64(s.Count) < 2*s.Usual+3 {
		s.Chance = 1
	}
	return s, true
}

// calm brings values far above the median down to three deviations over it.
func calm(v []float64) {
	sorted := slices.Sorted(slices.Values(v))
	median := sorted[len(sorted)/2]
	off := make([]float64, len(v))
	for i, x := range v {
		off[i] = math.Abs(x - median)
	}
	slices.Sort(off)
	deviation := max(1.4826*off[len(off)/2], math.Sqrt(max(median, 1)))
	for i := range v {
		v[i] = min(v[i], median+3*deviation)
	}
}

func moments(v []float64) (mean, variance float64) {
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	for _, x := range v {
		variance += (x - mean) * (x - mean)
	}
	return mean, variance / float64(max(len(v)-1, 1))
}

// tail is the chance of n or more under a negative binomial of a mean and
// variance; under a Poisson where the variance is not above the mean.
func tail(n int, mean, variance float64) float64 {
	if n <= 0 {
		return 1
	}
	k := float64(n)
	var term, next float64 // of n, and how the term after k follows
	ratio := func(k float64) float64 { return mean / (k + 1) }
	if variance > mean*1.0001 {
		r := mean * mean / (variance - mean)
		q := mean / (r + mean)
		a, _ := math.Lgamma(k + r)
		b, _ := math.Lgamma(r)
		c, _ := math.Lgamma(k + 1)
		term = math.Exp(a - b - c + r*math.Log1p(-q) + k*math.Log(q))
		ratio = func(k float64) float64 { return (k + r) / (k + 1) * q }
	} else {
		c, _ := math.Lgamma(k + 1)
		term = math.Exp(k*math.Log(mean) - mean - c)
	}
	sum := term
	for next = term; ; k++ {
		next *= ratio(k)
		if sum += next; next <= sum*1e-12 || k > 1e7 {
			return min(sum, 1)
		}
	}
}

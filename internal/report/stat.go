package report

import (
	"iter"
	"math"
)

// z95 is the normal quantile of two-sided 95 % intervals.
const z95 = 1.959963984540054

// Wilson is the 95 % interval of a share, k of n (E. B. Wilson, 1927). Without
// a case it is 0 to 1.
func Wilson(k, n int) (lo, hi float64) {
	if n == 0 {
		return 0, 1
	}
	p, m := float64(k)/float64(n), float64(n)
	d := 1 + z95*z95/m
	mid := p + z95*z95/(2*m)
	half := z95 * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	return max(0, (mid-half)/d), min(1, (mid+half)/d)
}

// A Wait is one observed length of time for [Survival]. Over says that it came
// to its end; else it lasted at least this long (it is censored).
type Wait struct {
	Seconds uint32 // below 2^31
	Over    bool
}

// A duration is a Wait in one number that sorts as Kaplan and Meier want it: by
// length, and of one length those that ended first.
type duration uint32

func durationOf(seconds uint32, over bool) duration {
	d := duration(min(seconds, math.MaxUint32>>1)) << 1
	if !over {
		d |= 1
	}
	return d
}

func (d duration) seconds() uint32 { return uint32(d >> 1) }
func (d duration) over() bool      { return d&1 == 0 }

// A Curve is the share of waits that last longer than a time: the estimate of
// Kaplan and Meier (1958) with Greenwood's variance. Waits that still go on
// count for as long as they lasted, so a growing backlog can't flatter it.
type Curve struct {
	N, Over int
	Steps   []Step // one for each length at which a wait ended
}

// A Step is the curve from a time on. Low and High are its 95 % band, on the
// scale of log(−log S), where it stays between 0 and 1.
type Step struct {
	Seconds   uint32
	AtRisk    int
	Ended     int
	S         float64
	Low, High float64
	green     float64 // Σ d/(n(n−d))
	left      int     // at risk afterwards
}

// Survival makes the curve of waits, in whatever order.
func Survival(waits []Wait) Curve {
	var ls lengths
	for _, w := range waits {
		ls.add(durationOf(w.Seconds, w.Over))
	}
	ls.end()
	c := curveOf(&ls)
	for i := range c.Steps {
		c.Steps[i].Low, c.Steps[i].High = c.Steps[i].band()
	}
	return c
}

// curveOf is Survival without the band, of what is ended.
func curveOf(ls *lengths) Curve {
	c := Curve{N: ls.n}
	for s := range ls.steps() {
		c.Over += s.Ended
		c.Steps = append(c.Steps, *s)
	}
	return c
}

// steps goes down the curve of what is ended. A step is there until the next.
func (l *lengths) steps() iter.Seq[*Step] {
	return func(yield func(*Step) bool) {
		s, all := Step{S: 1, left: l.n}, l.all()
		for all.some() {
			if s.down(all.next()) && !yield(&s) {
				return
			}
		}
	}
}

// down goes on to the waits of one length, and says whether they ended.
func (s *Step) down(r run) bool {
	n, d := float64(s.left), float64(r.n)
	s.AtRisk, s.left = s.left, s.left-int(r.n)
	if !r.d.over() {
		return false
	}
	s.Seconds, s.Ended = r.d.seconds(), int(r.n)
	s.S *= (n - d) / n
	if s.left > 0 {
		s.green += d / (n * (n - d))
	}
	return true
}

// past is the curve after so many waits that all ended, of whatever lengths: of what
// is between only what is left counts.
func (s *Step) past(ended int) Step {
	n, left := float64(s.left), float64(s.left-ended)
	return Step{S: s.S * left / n, green: s.green + 1/left - 1/n, left: s.left - ended}
}

// band is the 95 % interval of S at a step. Where nothing is left it is 0 to 0.
func (s *Step) band() (lo, hi float64) {
	if s.S <= 0 || s.S >= 1 {
		return s.S, s.S
	}
	l := math.Log(s.S)
	half := z95 * math.Sqrt(s.green) / -l
	return math.Exp(l * math.Exp(half)), math.Exp(l * math.Exp(-half))
}

// reaches says whether the lower end of the band is at or below a share, and
// whether the upper end is.
func (s *Step) reaches(share float64) (lo, hi bool) {
	if s.S <= 0 || s.S >= 1 {
		return s.S <= share, s.S <= share
	}
	l := math.Log(s.S)
	share = math.Log(share)
	wide := math.Exp(z95 * math.Sqrt(s.green) / -l)
	return l*wide <= share, l/wide <= share
}

// A Quantile is how long the share of waits lasted at most, in seconds, and its
// 95 % interval (Brookmeyer and Crowley, 1982). Reached says whether that many
// have ended; without it the time is longer than anything seen. HighKnown says
// whether the interval has an upper end.
type Quantile struct {
	Seconds   uint32
	Reached   bool
	Low, High uint32
	LowKnown  bool
	HighKnown bool
}

// Quantile of the share p of all waits, 0 < p < 1: 0.5 is the median.
func (c *Curve) Quantile(p float64) Quantile {
	r := reads(c.N, p)
	for i := range c.Steps {
		if r.step(&c.Steps[i]); r.over() {
			break
		}
	}
	return r.found[0]
}

// quantiles reads the curve of what is ended for some shares, in their order. Far
// from them it goes down many lengths at once.
func (l *lengths) quantiles(ps ...float64) []Quantile {
	r := reads(l.n, ps...)
	s, all := Step{S: 1, left: l.n}, l.all()
	for all.some() && !r.over() {
		some, waits, ended := all.head()
		if ended && waits < s.left {
			if on := s.past(waits); r.far(s.S, &on) {
				s, all = on, all.behind(some)
				continue
			}
		}
		for end := all.behind(some); !all.is(end) && !r.over(); {
			if s.down(all.next()) {
				r.step(&s)
			}
		}
	}
	return r.found
}

// A descent of a curve of n waits looks for some shares, in their order, as far down
// as it has to.
type descent struct {
	shares []float64
	found  []Quantile
	done   int
	n      int
}

func reads(n int, shares ...float64) *descent {
	return &descent{shares: shares, found: make([]Quantile, len(shares)), n: n}
}

// over says that all is found.
func (r *descent) over() bool { return r.done == len(r.shares) }

// slack is that of the products which S is made of.
const slack = 1e-12

// far says that no band between a step with an S and one further down reaches the
// next share.
func (r *descent) far(from float64, to *Step) bool {
	d := to.S - (1 - r.shares[r.done])
	return r.n > 200 && d > 0 && d*d > 4*z95*z95*from*from*to.green
}

// step looks at one step.
func (r *descent) step(s *Step) {
	for i := r.done; i < len(r.shares); i++ {
		q, left := &r.found[i], 1-r.shares[i]
		if !q.Reached && s.S <= left+slack {
			q.Seconds, q.Reached = s.Seconds, true
		}
		// Far from the quantile the band can't reach it: spare the logarithms.
		d := s.S - left
		far := r.n > 200 && d*d > 4*z95*z95*s.S*s.S*s.green && s.S > 0
		if far && d > 0 {
			return // and farther from those below
		}
		lo, hi := true, true
		if !far {
			lo, hi = s.reaches(left + slack)
		}
		if !q.LowKnown && lo {
			q.Low, q.LowKnown = s.Seconds, true
		}
		if hi && s.S > 0 {
			q.High, q.HighKnown = s.Seconds, true
			if i == r.done {
				r.done++
			}
		}
	}
}

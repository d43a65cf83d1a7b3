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
		s, left, a := Step{S: 1}, l.n, l.runs
		var b []run
		if l.on != nil {
			b = l.on.runs
		}
		for len(a)+len(b) > 0 {
			var r run
			switch {
			case len(b) == 0 || len(a) > 0 && a[0].d < b[0].d:
				r, a = a[0], a[1:]
			case len(a) == 0 || b[0].d < a[0].d:
				r, b = b[0], b[1:]
			default:
				r = run{a[0].d, a[0].n + b[0].n}
				a, b = a[1:], b[1:]
			}
			n, d := float64(left), float64(r.n)
			s.AtRisk, left = left, left-int(r.n)
			if !r.d.over() {
				continue
			}
			s.Seconds, s.Ended = r.d.seconds(), int(r.n)
			s.S *= (n - d) / n
			if left > 0 {
				s.green += d / (n * (n - d))
			}
			if !yield(&s) {
				return
			}
		}
	}
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
	return quantiles(func(yield func(*Step) bool) {
		for i := range c.Steps {
			if !yield(&c.Steps[i]) {
				return
			}
		}
	}, c.N, p)[0]
}

// quantiles reads a curve of n waits as far down as it has to for some shares,
// in their order.
func quantiles(curve iter.Seq[*Step], n int, ps ...float64) []Quantile {
	const slack = 1e-12 // of the products that S is made of
	qs, done := make([]Quantile, len(ps)), 0
	for s := range curve {
		for i := done; i < len(ps); i++ {
			q, left := &qs[i], 1-ps[i]
			if !q.Reached && s.S <= left+slack {
				q.Seconds, q.Reached = s.Seconds, true
			}
			// Far from the quantile the band can't reach it: spare the logarithms.
			d := s.S - left
			far := n > 200 && d*d > 4*z95*z95*s.S*s.S*s.green && s.S > 0
			if far && d > 0 {
				break // and farther from those below
			}
			lo, hi := 0.0, 0.0
			if !far {
				lo, hi = s.band()
			}
			if !q.LowKnown && lo <= left+slack {
				q.Low, q.LowKnown = s.Seconds, true
			}
			if far || hi <= left+slack && s.S > 0 {
				q.High, q.HighKnown = s.Seconds, true
				if i == done {
					done++
				}
			}
		}
		if done == len(ps) {
			break
		}
	}
	return qs
}

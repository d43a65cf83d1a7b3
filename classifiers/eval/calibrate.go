package eval

import "math"

// Brier is the mean square of probability minus truth (Brier, 1950).
func Brier(points []Point) float64 {
	var sum float64
	for _, p := range points {
		d := p.P - truth(p.True)
		sum += d * d
	}
	return sum / float64(len(points))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// A Bin is one stretch of a calibration curve: what was claimed, what came true.
type Bin struct {
	N             int
	Claimed, True float64 // means; NaN if N is 0
}

// Calibration sorts the points into n stretches of equal width.
func Calibration(points []Point, n int) []Bin {
	bins := make([]Bin, n)
	for _, p := range points {
		b := &bins[min(n-1, max(0, int(p.P*float64(n))))]
		b.N++
		b.Claimed += p.P
		b.True += truth(p.True)
	}
	for i := range bins {
		bins[i].Claimed /= float64(bins[i].N)
		bins[i].True /= float64(bins[i].N)
	}
	return bins
}

// ECE is the expected calibration error over n stretches: the mean distance of
// what was claimed from what came true, weighed by how many points there are.
func ECE(points []Point, n int) float64 {
	var sum float64
	for _, b := range Calibration(points, n) {
		if b.N > 0 {
			sum += float64(b.N) * math.Abs(b.Claimed-b.True)
		}
	}
	return sum / float64(len(points))
}

// A Platt maps log odds to calibrated log odds: A·z + B.
type Platt struct{ A, B float64 }

// Logit is the log odds of p, kept finite.
func Logit(p float64) float64 {
	p = max(1e-12, min(1-1e-12, p))
	return math.Log(p / (1 - p))
}

// Sigmoid is the probability of log odds z.
func Sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// FitPlatt fits the map to log odds and truths by maximum likelihood, with the
// targets that Platt (1999) draws in from 0 and 1, by Newton's method with
// halving (Lin, Lin and Weng, 2007). Without both truths it changes nothing.
func FitPlatt(z []float64, truths []bool) Platt {
	var pos, neg float64
	for _, t := range truths {
		if t {
			pos++
		} else {
			neg++
		}
	}
	if pos == 0 || neg == 0 {
		return Platt{1, 0}
	}
	target := make([]float64, len(z))
	for i, t := range truths {
		if target[i] = 1 / (neg + 2); t {
			target[i] = (pos + 1) / (pos + 2)
		}
	}
	loss := func(f Platt) float64 {
		sum := 0.0
		for i := range z {
			v := f.A*z[i] + f.B
			// ln(1+e^v) - t·v, without overflow
			sum += max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) - target[i]*v
		}
		return sum
	}
	f := Platt{0, math.Log((pos + 1) / (neg + 1))}
	now := loss(f)
	for range 100 {
		var ga, gb, haa, hab, hbb float64
		haa, hbb = 1e-12, 1e-12
		for i := range z {
			p := Sigmoid(f.A*z[i] + f.B)
			d, h := p-target[i], p*(1-p)
			ga, gb = ga+d*z[i], gb+d
			haa, hab, hbb = haa+h*z[i]*z[i], hab+h*z[i], hbb+h
		}
		if math.Abs(ga) < 1e-7 && math.Abs(gb) < 1e-7 {
			break
		}
		det := haa*hbb - hab*hab
		da, db := -(hbb*ga-hab*gb)/det, -(haa*gb-hab*ga)/det
		step, done := 1.0, true
		for ; step > 1e-10; step /= 2 {
			next := Platt{f.A + step*da, f.B + step*db}
			if l := loss(next); l < now {
				f, now, done = next, l, false
				break
			}
		}
		if done {
			break
		}
	}
	return f
}

// Shift corrects log odds for another share of complaints than the one the
// model was calibrated on (Saerens, Latinne and Decaestecker, 2002).
func Shift(z, from, to float64) float64 { return z + Logit(to) - Logit(from) }

// Prior estimates the share of complaints among texts that nobody labelled,
// from probabilities calibrated at share from, by the iteration of Saerens,
// Latinne and Decaestecker (2002).
func Prior(probabilities []float64, from float64) float64 {
	if len(probabilities) == 0 {
		return from
	}
	to := from
	for range 200 {
		sum := 0.0
		for _, p := range probabilities {
			sum += Sigmoid(Shift(Logit(p), from, to))
		}
		next := sum / float64(len(probabilities))
		if math.Abs(next-to) < 1e-9 {
			return next
		}
		to = next
	}
	return to
}

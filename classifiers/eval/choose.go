package eval

import "errors"

// A Choice is a threshold and what it costs, in the words in which a team
// decides.
type Choice struct {
	Threshold    float64
	MissedPer100 Interval // of 100 complaints, how many are not flagged
	FalsePerDay  Interval // texts flagged in vain a day, at the volume given
	RightPer100  Interval // of 100 flagged texts, how many are complaints
}

// A Volume is what comes in.
type Volume struct {
	PerDay float64 // mentions a day
	Share  float64 // of them complaints, 0 to 1; 0: as among the points
}

// ErrUnreachable means that no threshold does what was asked for.
var ErrUnreachable = errors.New("no threshold can do that")

// Cost says what a threshold costs, judged by points whose truth is known.
func Cost(points []Point, threshold float64, v Volume) Choice {
	c := At(points, threshold)
	others := v.PerDay * (1 - v.share(c))
	return Choice{
		Threshold:    threshold,
		MissedPer100: Wilson(c.FN, c.FN+c.TP).Times(100),
		FalsePerDay:  Wilson(c.FP, c.FP+c.TN).Times(others),
		RightPer100:  Wilson(c.TP, c.TP+c.FP).Times(100),
	}
}

func (v Volume) share(c Confusion) float64 {
	if v.Share > 0 || c.N() == 0 {
		return v.Share
	}
	return float64(c.TP+c.FN) / float64(c.N())
}

// Times is the figure in another unit.
func (i Interval) Times(by float64) Interval {
	return Interval{i.Value * by, i.Low * by, i.High * by}
}

// MissAtMost returns the highest threshold that misses at most n of 100
// complaints among the points: the fewest false alarms that the promise allows.
// An error wraps [ErrUnreachable] when there is no complaint to judge by.
func MissAtMost(points []Point, n float64, v Volume) (Choice, error) {
	for _, o := range Curve(points) {
		if o.Recall()*100 >= 100-n {
			return Cost(points, o.Threshold, v), nil
		}
	}
	return Choice{}, ErrUnreachable
}

// FalseAtMost returns the lowest threshold that flags at most n texts a day in
// vain: the fewest misses that the promise allows. An error wraps
// [ErrUnreachable] when even the highest threshold flags more.
func FalseAtMost(points []Point, n float64, v Volume) (Choice, error) {
	best, found := 0.0, false
	for _, o := range Curve(points) {
		if Cost(points, o.Threshold, v).FalsePerDay.Value > n {
			break
		}
		best, found = o.Threshold, true
	}
	if !found {
		return Choice{}, ErrUnreachable
	}
	return Cost(points, best, v), nil
}

// Best returns the threshold with the highest macro-F1 among the points; 0.5
// without points.
func Best(points []Point) float64 {
	best, threshold := -1.0, 0.5
	curve := Curve(points)
	for i, o := range curve {
		if f := o.MacroF1(); f > best {
			best, threshold = f, o.Threshold
			if i+1 < len(curve) {
				threshold = (o.Threshold + curve[i+1].Threshold) / 2
			}
		}
	}
	return threshold
}

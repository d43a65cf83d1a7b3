package demo

import "time"

// busy is how many conversations the last hours before the start bring besides the
// ordinary ones, the earliest first.
var busy = [...]int{8, 22, 58}

// Pace is how many times as much is begun around an instant as in an ordinary hour of
// the history: what is live brings in an hour what took the history days, so that
// whoever watches has something to see.
func (n *Network) Pace(at time.Time) float64 {
	const ordinary = perDay / 24.0
	switch ahead := int(n.start.Sub(at) / time.Hour); {
	case n.live == nil || at.Before(n.start.Add(-time.Duration(len(busy))*time.Hour)):
		return 1
	case !at.Before(n.start):
		return float64(time.Hour) / float64(n.live.pace) / ordinary
	default:
		return 1 + float64(busy[max(len(busy)-1-ahead, 0)])/ordinary
	}
}

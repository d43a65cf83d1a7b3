package network

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Waits are believed within these bounds: a window never lasts longer than a
// day, and a refusal is never worth less than a second.
const (
	minWait = time.Second
	maxWait = 24 * time.Hour
)

// limits is what an answer's header says of the window.
type limits struct {
	left      int
	leftKnown bool
	total     int           // calls in a window; 0: not said
	wait      time.Duration // until calls are taken again; 0: not said
	retry     time.Duration // Retry-After alone
	reset     time.Time     // by our clock; zero: not said
}

// readLimits understands Retry-After in both forms and the reset of a window
// as epoch seconds or milliseconds, as a date and time, or as seconds to go.
// Instants are compared with the answer's own Date, so a wrong clock on either
// side does no harm.
func readLimits(h http.Header, now time.Time) limits {
	var l limits
	server := now
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		server = t
	}
	l.retry = wait(h.Get("Retry-After"), server)
	reset := first(h, "X-Rate-Limit-Reset", "X-Ratelimit-Reset", "Ratelimit-Reset")
	left := first(h, "X-Rate-Limit-Remaining", "X-Ratelimit-Remaining", "Ratelimit-Remaining")
	total := first(h, "X-Rate-Limit-Limit", "X-Ratelimit-Limit", "Ratelimit-Limit")
	if combined := h.Get("Ratelimit"); combined != "" && reset == "" {
		left, reset = combinedLimits(combined)
	}
	if n, err := strconv.ParseFloat(left, 64); err == nil && n >= 0 && n < math.MaxInt32 {
		l.left, l.leftKnown = int(n), true
	}
	total, _, _ = strings.Cut(total, ",")
	if n, err := strconv.Atoi(total); err == nil && n > 0 {
		l.total = n
	}
	l.wait = wait(reset, server)
	if l.wait > 0 {
		l.reset = now.Add(l.wait)
	}
	if l.retry > 0 {
		l.wait = l.retry
	}
	return l
}

func first(h http.Header, names ...string) string {
	for _, n := range names {
		if v := h.Get(n); v != "" {
			return v
		}
	}
	return ""
}

// combinedLimits reads the one-line forms of the IETF's drafts:
// limit=100, remaining=50, reset=30 and "default";r=50;t=30.
func combinedLimits(s string) (left, reset string) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "remaining", "r":
			left = value
		case "reset", "t":
			reset = value
		}
	}
	return left, reset
}

// wait is how long from server until what s names; 0 when s says nothing.
func wait(s string, server time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0
	}
	var d time.Duration
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		switch {
		case math.IsNaN(n) || n < 0:
			return minWait
		case n > 1e11: // milliseconds since 1970
			d = untilUnix(n/1000, server)
		case n > 1e9:
			d = untilUnix(n, server)
		case n > maxWait.Seconds():
			d = maxWait
		default:
			d = time.Duration(math.Ceil(n*1000)) * time.Millisecond
		}
	} else if t, err := http.ParseTime(s); err == nil {
		d = t.Sub(server)
	} else if t, err := time.Parse(time.RFC3339, s); err == nil {
		d = t.Sub(server) + time.Second // Date is cut to whole seconds
	} else {
		return 0
	}
	return min(max(d, minWait), maxWait)
}

func untilUnix(sec float64, server time.Time) time.Duration {
	d := sec - float64(server.Unix())
	if d > maxWait.Seconds() {
		return maxWait
	}
	return time.Duration(d*1000)*time.Millisecond + time.Second // Date is cut to whole seconds
}

// A Tally counts the calls made under one context. Safe for concurrent use.
type Tally struct {
	mu    sync.Mutex
	meter Meter
}

type tallyKey struct{}

// Metered returns a context whose calls are counted, and the count.
func Metered(ctx context.Context) (context.Context, *Tally) {
	t := new(Tally)
	return context.WithValue(ctx, tallyKey{}, t), t
}

// Meter is what was counted so far. Of several windows it has the one with the
// fewest calls left.
func (t *Tally) Meter() Meter {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.meter
}

func (t *Tally) call(made bool) {
	if t == nil || !made {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.meter.Calls++
}

func (t *Tally) limits(l limits) {
	if t == nil || !l.leftKnown {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.meter.LeftKnown || l.left < t.meter.Left {
		t.meter.Left, t.meter.LeftKnown, t.meter.Reset = l.left, true, l.reset
	}
}

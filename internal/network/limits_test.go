package network

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestWaits(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	server := now.Add(-3 * time.Hour) // its clock is three hours behind ours
	date := server.Format(http.TimeFormat)
	for _, c := range []struct {
		name  string
		h     map[string]string
		wait  time.Duration
		left  int
		known bool
	}{
		{"nothing", nil, 0, 0, false},
		{"seconds", map[string]string{"Retry-After": "17"}, 17 * time.Second, 0, false},
		{"a date", map[string]string{"Retry-After": server.Add(17 * time.Second).Format(http.TimeFormat)}, 17 * time.Second, 0, false},
		{"epoch", map[string]string{"x-rate-limit-reset": fmt.Sprint(server.Unix() + 17), "x-rate-limit-remaining": "0"}, 18 * time.Second, 0, true},
		{"epoch with a fraction", map[string]string{"x-ratelimit-reset": fmt.Sprintf("%d.5", server.Unix()+17)}, 18500 * time.Millisecond, 0, false},
		{"epoch in milliseconds", map[string]string{"ratelimit-reset": fmt.Sprint(server.UnixMilli() + 17000)}, 18 * time.Second, 0, false},
		{"ISO", map[string]string{"x-ratelimit-reset": server.Add(17 * time.Second).Format("2006-01-02T15:04:05.000000Z"), "x-ratelimit-remaining": "12"}, 18 * time.Second, 12, true},
		{"seconds to go", map[string]string{"ratelimit-reset": "17", "ratelimit-remaining": "4"}, 17 * time.Second, 4, true},
		{"combined", map[string]string{"RateLimit": "limit=100, remaining=50, reset=17"}, 17 * time.Second, 50, true},
		{"combined, newer", map[string]string{"RateLimit": `"default";r=50;t=17`}, 17 * time.Second, 50, true},
		{"both: Retry-After holds", map[string]string{"Retry-After": "5", "x-ratelimit-reset": "17"}, 5 * time.Second, 0, false},
		{"Reddit's remaining has a fraction", map[string]string{"x-ratelimit-remaining": "99.0", "x-ratelimit-reset": "17"}, 17 * time.Second, 99, true},
		{"in the past", map[string]string{"Retry-After": "-3"}, time.Second, 0, false},
		{"absurdly far", map[string]string{"Retry-After": "99999999"}, 24 * time.Hour, 0, false},
		{"absurdly far, epoch", map[string]string{"x-rate-limit-reset": "99999999999"}, 24 * time.Hour, 0, false},
		{"not a number", map[string]string{"Retry-After": "NaN", "x-ratelimit-remaining": "Inf"}, time.Second, 0, false},
		{"words", map[string]string{"Retry-After": "soon"}, 0, 0, false},
	} {
		h := http.Header{}
		h.Set("Date", date)
		for k, v := range c.h {
			h.Set(k, v)
		}
		l := readLimits(h, now)
		if l.wait != c.wait || l.left != c.left || l.leftKnown != c.known {
			t.Errorf("%s: waits %v, %d left (%v); want %v, %d (%v)", c.name, l.wait, l.left, l.leftKnown, c.wait, c.left, c.known)
		}
	}
}

func FuzzReadLimits(f *testing.F) {
	f.Add("17", "Sat, 21 Nov 2026 12:00:00 GMT", "0", `"default";r=50;t=17`)
	f.Add("1e400", "", "-1", "=;,=")
	f.Add("2026-11-21T12:00:00Z", "x", "9999999999999", "reset=17")
	f.Fuzz(func(t *testing.T, reset, date, left, combined string) {
		for _, name := range []string{"Retry-After", "X-Ratelimit-Reset"} {
			l := readLimits(http.Header{name: {reset}, "Date": {date}, "X-Ratelimit-Remaining": {left}, "Ratelimit": {combined}}, time.Now())
			if l.wait < 0 || l.wait > maxWait || l.retry < 0 || l.retry > maxWait || l.left < 0 || l.wait > 0 && l.wait < minWait {
				t.Errorf("%+v", l)
			}
		}
	})
}

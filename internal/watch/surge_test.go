package watch_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/watch"
	"github.com/amends-care/amends/internal/watch/watchtest"
)

var monday = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)

// rhythm fills a series for some weeks with chance around a rhythm of day and
// week. spread above 1 makes hours differ more than chance alone would.
func rhythm(h watchtest.Hourly, series string, r *rand.Rand, from time.Time, hours int, perHour, spread float64) {
	h[series] = map[int64]int{}
	for i := range hours {
		at := from.Add(time.Duration(i) * time.Hour)
		mean := perHour * (1 + 0.9*math.Sin(2*math.Pi*float64(at.Hour()-8)/24))
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			mean *= 0.6
		}
		if spread > 1 { // a gamma of shape k around the mean, by exponentials
			k := max(1, int(mean/(spread-1)))
			sum := 0.0
			for range k {
				sum += r.ExpFloat64()
			}
			mean *= sum / float64(k)
		}
		h[series][at.Unix()/3600] = poisson(r, mean)
	}
}

func poisson(r *rand.Rand, mean float64) (n int) {
	for left := mean; left > 0; left -= 500 {
		limit, p := math.Exp(-min(left, 500)), 1.0
		for p *= r.Float64(); p > limit; p *= r.Float64() {
			n++
		}
	}
	return n
}

// Without anything the matter there are no more alarms than stated: 0.1 in
// thirty days for all series together.
func TestMeasureFalseSurges(t *testing.T) {
	for _, spread := range []float64{1, 1.5} {
		alarms, days := 0, 0
		for seed := range uint64(*seeds) {
			r := rand.New(rand.NewPCG(seed, 21))
			h := watchtest.Hourly{}
			from := monday.AddDate(0, 0, -8*7)
			for s := range 12 {
				rhythm(h, fmt.Sprintf("topic/acme/t%d", s), r, from, 10*7*24, []float64{0.05, 0.4, 2, 9}[s%4], spread)
			}
			for hour := range 14 * 24 {
				s, err := watch.Surges(h, monday.Add(time.Duration(hour)*time.Hour+59*time.Minute))
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range s { // each is shown in the hour after it too
					if x.Since.Equal(monday.Add(time.Duration(hour) * time.Hour)) {
						alarms++
					}
				}
			}
			days += 14
		}
		t.Logf("variance %.1f times a Poisson's: %d alarms in %d days of 12 series (stated: %.2f)", spread, alarms, days, 0.1*float64(days)/30)
		if alarms > 2 {
			t.Errorf("%d false alarms in %d days", alarms, days)
		}
	}
}

func TestSurges(t *testing.T) {
	for _, c := range []struct {
		name    string
		perHour float64
		weeks   int // of history
		past    int // a surge in a past week at the same hour
		now     int
		want    bool
	}{
		{"quiet topic, many", 0.2, 6, 0, 12, true},
		{"quiet topic, a few", 0.2, 6, 0, 4, false},
		{"busy topic, half as many again", 20, 6, 0, 30, false},
		{"busy topic, four times", 10, 6, 0, 55, true},
		{"a past surge hides nothing", 0.5, 6, 60, 25, true},
		{"three days of history", 1, 0, 0, 40, true},
	} {
		h, r := watchtest.Hourly{}, rand.New(rand.NewPCG(3, 4))
		now := monday.Add(10*time.Hour + 50*time.Minute)
		from := now.AddDate(0, 0, -7*c.weeks)
		if c.weeks == 0 {
			from = now.AddDate(0, 0, -4)
		}
		hours := int(now.Sub(from) / time.Hour)
		rhythm(h, "topic/acme/outage", r, from, hours, c.perHour, 1)
		if c.past > 0 {
			h["topic/acme/outage"][now.AddDate(0, 0, -14).Unix()/3600] = c.past
		}
		h["topic/acme/outage"][now.Unix()/3600] = c.now
		got, err := watch.Surges(h, now)
		if err != nil || len(got) > 0 != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		if len(got) == 1 && (got[0].Topic != "outage" || got[0].Brand != "acme" || got[0].Count != c.now) {
			t.Errorf("%s: %+v", c.name, got[0])
		}
	}
}

// A desk that has just begun knows nothing of what is usual, and says nothing.
func TestNoHistoryNoSurge(t *testing.T) {
	h := watchtest.Hourly{"topic/acme/outage": {monday.Unix() / 3600: 500}}
	for _, at := range []time.Time{monday, monday.Add(20 * time.Hour)} {
		h["topic/acme/outage"][at.Unix()/3600] = 500
		if got, err := watch.Surges(h, at); err != nil || len(got) > 0 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if got, err := watch.Surges(watchtest.Hourly{}, monday); err != nil || got != nil {
		t.Errorf("nothing counted: %+v, %v", got, err)
	}
}

// What rises is told by the series that shows it best.
func TestATopicSpeaksForItsBrand(t *testing.T) {
	h, r := watchtest.Hourly{}, rand.New(rand.NewPCG(5, 6))
	now := monday.Add(10 * time.Hour)
	for _, s := range []string{"brand/acme", "topic/acme/outage", "topic/acme/billing", "language/acme/de"} {
		rhythm(h, s, r, now.AddDate(0, 0, -42), 42*24, 0.4, 1)
	}
	for _, s := range []string{"brand/acme", "topic/acme/outage"} {
		h[s][now.Unix()/3600] = 30
	}
	got, err := watch.Surges(h, now)
	if err != nil || len(got) != 1 || got[0].Topic != "outage" {
		t.Errorf("%+v, %v", got, err)
	}
}

package care_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestTroubles(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	health := func(change func(*care.SourceHealth)) care.SourceHealth {
		h := care.SourceHealth{Name: "s", State: care.SourceReading, Every: time.Minute, SucceededAt: ago(30 * time.Second)}
		change(&h)
		return h
	}
	well := health(func(*care.SourceHealth) {})
	for _, c := range []struct {
		name string
		tale care.SourceTale
		want []care.TroubleKind
		says string
	}{
		{"all is well", care.SourceTale{Health: well}, nil, ""},
		{"keys", care.SourceTale{Health: well, Stopped: "refused", StopWhy: "401", StopAt: ago(time.Hour)}, []care.TroubleKind{care.TroubleStopped}, "Renew them"},
		{"credit", care.SourceTale{Health: well, Stopped: "unpaid"}, []care.TroubleKind{care.TroubleStopped}, "paid"},
		{"one failure is nothing", care.SourceTale{Health: health(func(h *care.SourceHealth) { h.Failures = 1 })}, nil, ""},
		{"failing for long", care.SourceTale{Health: health(func(h *care.SourceHealth) { h.Failures, h.SucceededAt = 9, ago(time.Hour) })},
			[]care.TroubleKind{care.TroubleFailing}, "9 times"},
		{"never answered since the start", care.SourceTale{Health: health(func(h *care.SourceHealth) { h.Failures, h.SucceededAt = 2, time.Time{} })},
			[]care.TroubleKind{care.TroubleFailing}, "doesn't say why"},
		{"a slow source may take its time", care.SourceTale{Health: health(func(h *care.SourceHealth) { h.Failures, h.Every, h.SucceededAt = 1, time.Hour, ago(2*time.Hour) })},
			nil, ""},
		{"spent", care.SourceTale{Health: health(func(h *care.SourceHealth) { h.State, h.Cap = care.SourceCapped, 5 })}, []care.TroubleKind{care.TroubleCapped}, "5.00"},
		{"paused, and so not failing", care.SourceTale{Paused: true, Stopped: "refused", Quiet: care.SourceQuiet{Since: ago(time.Hour)}},
			[]care.TroubleKind{care.TroublePaused}, "Resume"},
		{"quiet", care.SourceTale{Health: well, Quiet: care.SourceQuiet{Since: ago(3 * time.Hour), Expected: 40.4, Came: 1}}, []care.TroubleKind{care.TroubleQuiet}, "about 40"},
		{"missed today", care.SourceTale{Health: well, Missed: 3, MissedAt: ago(time.Hour)}, []care.TroubleKind{care.TroubleMissed}, "found 3"},
		{"missed long ago", care.SourceTale{Health: well, Missed: 3, MissedAt: ago(25 * time.Hour)}, nil, ""},
		{"a gap", care.SourceTale{Health: well, Gap: care.SourceGap{From: ago(3 * time.Hour), To: ago(2 * time.Hour), Why: "limit", Recovered: 7}},
			[]care.TroubleKind{care.TroubleGap}, "2 Mar 2026 09:00 UTC and 2 Mar 2026 10:00 UTC can't be read any more: limit. 7"},
		{"keys that end in two days", care.SourceTale{Health: health(func(h *care.SourceHealth) { h.Expires = now.Add(48 * time.Hour) })},
			[]care.TroubleKind{care.TroubleExpiring}, "on 4 Mar 2026 12:00"},
		{"two at once, the worse first", care.SourceTale{Health: well, Stopped: "refused", Missed: 1, MissedAt: now}, []care.TroubleKind{care.TroubleStopped, care.TroubleMissed}, ""},
	} {
		got := c.tale.Troubles(now)
		var kinds []care.TroubleKind
		for _, tr := range got {
			kinds = append(kinds, tr.Kind)
		}
		if !slices.Equal(kinds, c.want) || len(got) > 0 && !strings.Contains(got[0].Why.String(), c.says) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestQuiet(t *testing.T) {
	many := func(n int, v float64) []float64 { return slices.Repeat([]float64{v}, n) }
	for _, c := range []struct {
		name  string
		came  []int
		usual []float64
		hours int
	}{
		{"a busy source that fell silent within the hour", []int{0, 50, 50}, many(3, 50), 1},
		{"a slow one needs longer", make([]int, 24), many(24, 2), 10},
		{"a very slow one is never quiet", make([]int, 24), many(24, 0.5), 0},
		{"as usual", []int{9, 12, 8}, many(3, 10), 0},
		{"a bit less than usual", []int{30, 28}, many(2, 45), 0},
		{"a tenth of the usual", []int{5, 5}, many(2, 50), 1},
		{"nothing is known of the weeks before", make([]int, 24), nil, 0},
		{"an hour in which nobody ever posts", []int{0, 0}, []float64{0, 0}, 0},
	} {
		if hours, _, _ := care.Quiet(c.came, c.usual); hours != c.hours {
			t.Errorf("%s: looked back %d hours, want %d", c.name, hours, c.hours)
		}
	}
}

// TestQuietSeldomErrs: bursts of a usual size, an hour at a time for years.
func TestQuietSeldomErrs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	usual := make([]float64, 24)
	came := make([]int, 24)
	for i := range usual {
		usual[i], came[i] = 12, 12
	}
	wrong, looks := 0, 20_000
	for range looks {
		copy(came[1:], came)
		came[0] = 0
		for range poisson(rng, 6) {
			came[0] += 2
		}
		if hours, _, _ := care.Quiet(came, usual); hours > 0 {
			wrong++
		}
	}
	if wrong > looks/1000 {
		t.Errorf("%d of %d looks found a source quiet that was not", wrong, looks)
	}
}

func poisson(rng *rand.Rand, mean float64) (n int) {
	for at := rng.ExpFloat64(); at < mean; at += rng.ExpFloat64() {
		n++
	}
	return n
}

package care_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A lead promises a case by another policy in its middle: what was used stays
// used, what was paused stays paused, and nothing is due in the past.
func TestAnotherPolicyInMidCase(t *testing.T) {
	old := promised{first: 30 * time.Minute, resolution: 3 * time.Hour}
	for _, c := range []struct {
		name    string
		from    promised
		history func(*desk)
		to      promised
		want    []string // a minute after minute 20
	}{
		{"longer", old, nil, promised{first: time.Hour, resolution: 6 * time.Hour},
			[]string{"first_response running 20m0s–1h0m0s", "resolution running 20m0s–6h0m0s"}},
		{"shorter", old, nil, promised{first: 25 * time.Minute, resolution: time.Hour},
			[]string{"first_response running 20m0s–25m0s", "resolution running 20m0s–1h0m0s"}},
		{"shorter than what was used: due at once", old, nil, promised{first: 10 * time.Minute, resolution: 10 * time.Minute},
			[]string{"first_response breached 20m0s–20m0s breached 20m0s", "resolution breached 20m0s–20m0s breached 20m0s"}},
		{"the same", old, nil, old, []string{"first_response running 20m0s–30m0s", "resolution running 20m0s–3h0m0s"}},
		{"what it does not promise stays promised", old, nil, promised{resolution: 6 * time.Hour},
			[]string{"first_response running 0s–30m0s", "resolution running 20m0s–6h0m0s"}},
		{"what it promises besides begins now", promised{first: 30 * time.Minute}, nil, promised{first: 30 * time.Minute, resolution: time.Hour},
			[]string{"first_response running 20m0s–30m0s", "resolution running 20m0s–1h20m0s"}},
		{"nothing was promised", promised{}, nil, old, []string{"first_response running 20m0s–50m0s", "resolution running 20m0s–3h20m0s"}},
		{"paused: it stays so, with what is left", old, func(d *desk) {
			d.at(5).answer("m1", care.ThenAwait)
		}, promised{first: time.Hour, resolution: 2 * time.Hour}, []string{"first_response met 0s–30m0s done 5m0s", "resolution paused 1h55m0s left"}},
		{"a breach stays one", promised{first: 10 * time.Minute}, nil, promised{first: time.Hour}, []string{"first_response breached 0s–10m0s breached 10m0s"}},
		{"an answer that was given stays one", old, func(d *desk) {
			d.at(5).answer("m1", care.ThenKeep)
		}, promised{first: time.Minute, resolution: 3 * time.Hour}, []string{"first_response met 0s–30m0s done 5m0s", "resolution running 20m0s–3h0m0s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, c.from).open(mention("m1", 0))
			if c.history != nil {
				c.history(d)
			}
			d.at(20).scan()
			d.tt = c.to
			d.must("c1", "agent/lea")(d.of("c1").MoveTo("lea", true, "billing", "another"))
			d.expect(c.want...)
			d.at(21).scan()
			d.expect(c.want...)
		})
	}
}

// A late case promises nothing, by whichever policy, and a case that is over is
// not promised anew.
func TestAnotherPolicyWhereNothingIsOwed(t *testing.T) {
	d := newDesk(t, promised{}).open(mention("m1", -2000, late, seen(0)))
	d.tt = normal
	d.must("c1", "agent/lea")(d.of("c1").MoveTo("lea", true, "billing", "another"))
	d.expect()
	d.must("c1", "agent/lea")(d.of("c1").Dismiss("lea", "spam"))
	_, err := d.of("c1").MoveTo("lea", true, "billing", "third")
	expectCode(t, err, care.Conflict)
}

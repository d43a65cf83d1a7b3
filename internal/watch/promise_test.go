package watch

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"
)

// A labelled sentence is one that a person read before the program did.
type labelled struct {
	language, want, text string // want: kind and time; "-": it promises nothing
}

func sentences(t testing.TB) (all []labelled) {
	t.Helper()
	f, err := os.Open("testdata/promises.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if p := strings.SplitN(s.Text(), "|", 3); len(p) == 3 && !strings.HasPrefix(p[0], "#") {
			all = append(all, labelled{p[0], p[1], p[2]})
		}
	}
	if len(all) < 100 {
		t.Fatalf("only %d sentences", len(all))
	}
	return all
}

func wednesday(t testing.TB) (now time.Time, berlin *time.Location) {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 3, 4, 10, 0, 0, 0, berlin), berlin
}

// found is what the program makes of a sentence, as a person wrote it down.
func found(s labelled, language string, now time.Time, zone *time.Location) string {
	ps := Promises(s.text, language, now.UTC(), zone)
	switch {
	case len(ps) == 0:
		return "-"
	case ps[0].DueAt.IsZero():
		return ps[0].What + " ?"
	}
	return ps[0].What + " " + ps[0].DueAt.In(zone).Format("2006-01-02 15:04")
}

// The sentences are our own. What is measured: is a promise found where there is
// one (recall), is there one where it is found (precision), and of those found,
// are the time and the kind what a person says.
func TestPromisesAreFound(t *testing.T) {
	now, berlin := wednesday(t)
	type tally struct{ hit, false, missed, timed, kinds int }
	by := map[string]*tally{}
	for _, s := range sentences(t) {
		n := by[s.language]
		if n == nil {
			n = &tally{}
			by[s.language] = n
		}
		got := found(s, s.language, now, berlin)
		switch {
		case s.want == "-" && got == "-":
		case s.want == "-":
			n.false++
			t.Logf("%s: %q is taken for %s", s.language, s.text, got)
		case got == "-":
			n.missed++
			t.Logf("%s: %q is missed", s.language, s.text)
		default:
			n.hit++
			kind, due, _ := strings.Cut(got, " ")
			wantKind, wantDue, _ := strings.Cut(s.want, " ")
			if due == wantDue {
				n.timed++
			}
			if kind == wantKind {
				n.kinds++
			}
			if got != s.want {
				t.Logf("%s: %q is %s, not %s", s.language, s.text, got, s.want)
			}
		}
	}
	for language, n := range by {
		precision, recall := float64(n.hit)/float64(n.hit+n.false), float64(n.hit)/float64(n.hit+n.missed)
		t.Logf("%s: precision %.2f, recall %.2f of %d; time right %d, kind right %d of %d", language, precision, recall, n.hit+n.missed, n.timed, n.kinds, n.hit)
		if precision < 0.95 || recall < 0.9 || n.timed < n.hit*9/10 || n.kinds < n.hit*9/10 {
			t.Errorf("%s: too many mistakes", language)
		}
	}
}

func TestPromisesSpeakOfTheCustomersDay(t *testing.T) {
	now, berlin := wednesday(t)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, language string
		zone           *time.Location
		want           string // in UTC; "?": a person has to say
	}{
		{"We'll call you tomorrow at 9 am.", "en", berlin, "2026-03-05T08:00"},
		{"We'll call you tomorrow at 9 am.", "en", tokyo, "2026-03-05T00:00"},
		{"We'll call you tomorrow at 9 am.", "en", nil, "2026-03-05T09:00"},
		{"We'll call you on 29 March at 9 am.", "en", berlin, "2026-03-29T07:00"}, // summer time has begun
		{"We'll call you today.", "en", tokyo, "2026-03-04T14:59"},                // it is six in the evening there... and over
		{"We'll write by next Friday.", "en", berlin, "?"},
		{"We'll write by next Monday.", "en", berlin, "2026-03-09T17:00"},
		{"We'll write by 3/4.", "en", berlin, "?"},
		{"We'll write by 31/3.", "en", berlin, "2026-03-31T16:00"},
		{"We'll write by 31 February.", "en", berlin, "?"},
		{"We will be in touch within 900 days.", "en", berlin, "?"},
		{"Wir melden uns bis Freitag.", "", berlin, "2026-03-06T17:00"},
		{"Wir melden uns bis Freitag.", "ja", berlin, "2026-03-06T17:00"},
		{"Hello Ana. We'll write by Friday. And you will get your refund within 3 days.", "en-GB", berlin, "2026-03-06T17:00 2026-03-07T09:00"},
	} {
		var got []string
		for _, p := range Promises(c.text, c.language, now, c.zone) {
			if p.DueAt.IsZero() {
				got = append(got, "?")
				continue
			}
			got = append(got, p.DueAt.Format("2006-01-02T15:04"))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q: %s, want %s", c.text, s, c.want)
		}
	}
}

func TestTheSpanIsWhatWasWritten(t *testing.T) {
	now, berlin := wednesday(t)
	text := "Danke für Ihre Geduld! Wir melden uns spätestens übermorgen früh bei Ihnen. Schöne Grüße"
	ps := Promises(text, "de", now, berlin)
	if len(ps) != 1 || text[ps[0].From:ps[0].To] != "Wir melden uns spätestens übermorgen früh" && text[ps[0].From:ps[0].To] != "Wir melden uns spätestens übermorgen" {
		t.Fatalf("%+v", ps)
	}
}

func FuzzPromises(f *testing.F) {
	now, berlin := wednesday(f)
	for _, s := range []string{"", "We'll call you tomorrow at 99:99", "wir melden uns am 99.99.9999", "\xff we'll \x00 write in 0 days", strings.Repeat("we'll call you in 3 days. ", 900)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all := Promises(text, "", now, berlin)
		if len(all) > maxPromises {
			t.Fatalf("%d promises", len(all))
		}
		for _, p := range all {
			if p.From < 0 || p.From >= p.To || p.To > len(text) || p.What == "" || !p.DueAt.IsZero() && (!p.DueAt.After(now) || p.DueAt.Sub(now) > farthest+day) {
				t.Fatalf("%+v of %d bytes", p, len(text))
			}
		}
	})
}

func BenchmarkPromises(b *testing.B) {
	now, berlin := wednesday(b)
	for b.Loop() {
		Promises("Hi Sam, so sorry about this. One of our engineers will call you tomorrow at 5pm to arrange it.", "en", now, berlin)
	}
}

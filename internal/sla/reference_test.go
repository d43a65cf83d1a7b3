package sla_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/sla"
)

// A reference answers as slowly and plainly as can be: it reads the wall clock
// at each minute and looks whether a span holds it.
type reference struct {
	table sla.Timetable
	loc   *time.Location
}

func (r reference) open(at time.Time) bool {
	wall := at.In(r.loc)
	clock := time.Duration(wall.Hour())*time.Hour + time.Duration(wall.Minute())*time.Minute
	year, month, today := wall.Date()
	for _, s := range r.hours(year, month, today) {
		if s.From <= clock && clock < s.To {
			return true
		}
	}
	for _, s := range r.hours(time.Date(year, month, today-1, 12, 0, 0, 0, time.UTC).Date()) {
		if s.From <= clock+24*time.Hour && clock+24*time.Hour < s.To {
			return true
		}
	}
	return false
}

func (r reference) hours(year int, month time.Month, today int) sla.Hours {
	dated, yearly := sla.Date{Year: year, Month: month, Day: today}, sla.Date{Month: month, Day: today}
	for _, date := range []sla.Date{dated, yearly} {
		for _, e := range r.table.Exceptions {
			if e.Date == date {
				return e.Hours
			}
		}
	}
	for _, h := range r.table.Holidays {
		if h.Date == dated || h.Date == yearly {
			return nil
		}
	}
	weekday := time.Date(year, month, today, 12, 0, 0, 0, time.UTC).Weekday().String()
	return r.table.Week[weekday]
}

// elapsed and deadline count whole minutes.
func (r reference) elapsed(from, to time.Time) (d time.Duration) {
	for ; from.Before(to); from = from.Add(time.Minute) {
		if r.open(from) {
			d += time.Minute
		}
	}
	return d
}

func (r reference) deadline(from time.Time, d, within time.Duration) (time.Time, bool) {
	for at, end := from, from.Add(within); at.Before(end); at = at.Add(time.Minute) {
		if d <= 0 {
			return at, true
		}
		if r.open(at) {
			d -= time.Minute
		}
	}
	return time.Time{}, false
}

// zones have whole, half and quarter hours, changes of the clock of one hour,
// half an hour and at midnight, and none.
var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
	"America/Santiago", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "Antarctica/Troll", "Asia/Tokyo"}

// changes are days around which clocks change, and dull ones.
var changes = []string{"2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2026-09-06", "2026-03-15",
	"2011-12-30", "2026-02-15", "2026-03-22", "2024-02-29", "2026-12-25", "2026-06-10", "2040-03-25"}

// build makes a timetable out of anything.
func build(seed []byte) (sla.Timetable, time.Time, time.Duration) {
	var key [32]byte
	copy(key[:], seed)
	r := rand.New(rand.NewChaCha8(key))
	day, _ := time.Parse(time.DateOnly, changes[r.IntN(len(changes))])
	hours := func(most int) sla.Hours {
		h := sla.Hours{}
		for range r.IntN(most + 1) {
			from := time.Duration(r.IntN(24*60)) * time.Minute
			long := time.Duration(1+r.IntN(24*60)) * time.Minute
			if r.IntN(3) == 0 { // on the hour, where clocks change
				from, long = from.Truncate(time.Hour), max(time.Hour, long.Truncate(time.Hour))
			}
			h = append(h, sla.Span{From: from, To: from + long})
		}
		return h
	}
	table := sla.Timetable{Name: "any", Zone: zones[r.IntN(len(zones))], Week: sla.Week{}}
	for d := time.Sunday; d <= time.Saturday; d++ {
		table.Week[d.String()] = hours(3)
	}
	used := map[sla.Date]bool{}
	for range r.IntN(4) {
		year, month, d := day.AddDate(0, 0, r.IntN(9)-4).Date()
		date := sla.Date{Year: year, Month: month, Day: d}
		if r.IntN(3) == 0 {
			date.Year = 0
		}
		if r.IntN(2) == 0 {
			table.Holidays = append(table.Holidays, sla.Holiday{Date: date})
		} else if !used[date] {
			table.Exceptions = append(table.Exceptions, sla.Exception{Date: date, Hours: hours(2)})
			used[date] = true
		}
	}
	from := day.Add(time.Duration(r.IntN(6*24*60)-4*24*60) * time.Minute)
	return table, from, time.Duration(r.IntN(4*24*60)) * time.Minute
}

func agree(t *testing.T, seed []byte) {
	t.Helper()
	table, from, d := build(seed)
	c, err := sla.NewCalendar(table)
	if err != nil {
		for _, h := range table.Week {
			if len(h) > 0 {
				t.Fatalf("%+v: %v", table, err)
			}
		}
		return // a week without hours
	}
	ref := reference{table, c.Location()}
	const within = 12 * 24 * time.Hour
	got := c.Deadline(from, d)
	if want, found := ref.deadline(from, d, within); found && !got.Equal(want) {
		t.Fatalf("%+v: Deadline(%s, %s) = %s, want %s", table, from, d, got, want)
	} else if !found && got.Before(from.Add(within)) {
		t.Fatalf("%+v: Deadline(%s, %s) = %s, want none within %s", table, from, d, got, within)
	}
	if back := c.Elapsed(from, got); back != d {
		t.Fatalf("%+v: Elapsed(%s, %s) = %s, want %s", table, from, got, back, d)
	}
	to := from.Add(d)
	if got, want := c.Elapsed(from, to), ref.elapsed(from, to); got != want {
		t.Fatalf("%+v: Elapsed(%s, %s) = %s, want %s", table, from, to, got, want)
	}
	mid := from.Add(d / 2).Truncate(time.Minute)
	if whole, parts := c.Elapsed(from, to), c.Elapsed(from, mid)+c.Elapsed(mid, to); whole != parts {
		t.Fatalf("%+v: %s from %s to %s, but %s in two parts", table, whole, from, to, parts)
	}
	if got, want := c.Open(from), ref.open(from); got != want {
		t.Fatalf("%+v: Open(%s) = %t, want %t", table, from, got, want)
	}
	if open := c.NextOpen(from); open.Before(from) || c.Elapsed(from, open) != 0 || !c.Open(open) {
		t.Fatalf("%+v: NextOpen(%s) = %s", table, from, open)
	}
	explained(t, c, from, d)
}

// explained checks that an explanation's steps add up to its answer.
func explained(t *testing.T, c *sla.Calendar, from time.Time, d time.Duration) {
	t.Helper()
	e := c.Explain(from, d)
	sum, left, last := time.Duration(0), d, from
	for _, s := range e.Steps {
		if s.Counted == 0 {
			continue
		}
		if s.From.Before(last) {
			t.Fatalf("%s starts before %s: %s", s.From, last, e.String())
		}
		sum, left, last = sum+s.Counted, left-s.Counted, s.To
		if s.Left != left || s.Why == sla.Counted && s.To.Sub(s.From) != s.Counted {
			t.Fatalf("step %+v does not add up, %s is left: %s", s, left, e.String())
		}
	}
	if sum != d || !last.Equal(e.Due) || !e.Due.Equal(c.Deadline(from, d)) {
		t.Fatalf("the steps give %s at %s, want %s at %s: %s", sum, last, d, e.Due, e.String())
	}
	if len(e.Steps) > 100 {
		t.Fatalf("%d steps", len(e.Steps))
	}
}

func TestAgreesWithReference(t *testing.T) {
	n := uint64(400)
	if testing.Short() {
		n = 60
	}
	for i := range n {
		agree(t, binary.LittleEndian.AppendUint64(nil, i))
	}
}

// Years are counted a week at a time; the sum of their days says the same.
func TestFarInstants(t *testing.T) {
	for i := range uint64(60) {
		table, from, _ := build(binary.LittleEndian.AppendUint64([]byte("far"), i))
		r := rand.New(rand.NewPCG(i, 0))
		for range 12 { // weeks between special days, of every length
			date := from.AddDate(0, 0, 10+r.IntN(1400))
			table.Holidays = append(table.Holidays, sla.Holiday{Date: sla.Date{Year: date.Year(), Month: date.Month(), Day: date.Day()}})
		}
		c, err := sla.NewCalendar(table)
		if err != nil {
			continue
		}
		var sum time.Duration
		for d := range 1500 {
			sum += c.Elapsed(from.AddDate(0, 0, d), from.AddDate(0, 0, d+1))
		}
		to := from.AddDate(0, 0, 1500)
		if got := c.Elapsed(from, to); got != sum {
			t.Fatalf("%+v: Elapsed(%s, %s) = %s, its days have %s", table, from, to, got, sum)
		}
		for n := range 40 { // however many weeks are jumped, a day more is that day's time more
			a, b := from.AddDate(0, 0, 30*n+n%7), from.AddDate(0, 0, 30*n+n%7+r.IntN(300))
			if got, want := c.Elapsed(a, b.AddDate(0, 0, 1)), c.Elapsed(a, b)+c.Elapsed(b, b.AddDate(0, 0, 1)); got != want {
				t.Fatalf("%+v: Elapsed(%s, %s + a day) = %s, want %s", table, a, b, got, want)
			}
		}
		for _, share := range []time.Duration{3, 2, 1} {
			due := c.Deadline(from, sum/share)
			if back := c.Elapsed(from, due); back != sum/share {
				t.Fatalf("%+v: Elapsed(%s, %s) = %s, want %s", table, from, due, back, sum/share)
			}
			// The first such instant: a moment before, the time was not up.
			if before := c.Elapsed(from, due.Add(-1)); before != sum/share-1 {
				t.Fatalf("%+v: %s is not the first instant", table, due)
			}
		}
		explained(t, c, from, sum)
	}
}

// A night shift that reaches into the day before a holiday, exactly whole weeks
// on, for each place of the holiday.
func TestWeeksEndAtSpecialDays(t *testing.T) {
	for shift := range 30 {
		table := timetable(t, "{name: n, zone: UTC, week: {daily: 10:00-09:00}}")
		start := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
		off := start.AddDate(0, 0, shift)
		table.Holidays = []sla.Holiday{{Date: sla.Date{Year: off.Year(), Month: off.Month(), Day: off.Day()}}}
		c, err := sla.NewCalendar(table)
		if err != nil {
			t.Fatal(err)
		}
		for days := range 60 {
			want := time.Duration(days) * 23 * time.Hour
			if days > shift {
				want -= 23 * time.Hour
			}
			if got := c.Elapsed(start, start.AddDate(0, 0, days)); got != want {
				t.Fatalf("%d days with a holiday after %d have %s, want %s", days, shift, got, want)
			}
			if want > 0 {
				due := c.Deadline(start, want)
				if back := c.Elapsed(start, due); back != want || c.Elapsed(start, due.Add(-1)) != want-1 {
					t.Fatalf("%s with a holiday after %d days are due %s, which is %s", want, shift, due, back)
				}
			}
		}
	}
}

func FuzzAgreesWithReference(f *testing.F) {
	f.Add([]byte("seed"))
	f.Fuzz(agree)
}

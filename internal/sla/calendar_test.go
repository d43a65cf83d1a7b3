package sla_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/sla"
)

const (
	office  = "{name: office, zone: Europe/Berlin, week: {mon-fri: 09:00-17:00}}"
	lunch   = `{name: lunch, zone: Europe/Berlin, week: {mon-fri: "09:00-12:00, 13:00-17:00"}}`
	shifts  = `{name: shifts, zone: Europe/Berlin, week: {mon-sat: "06:00-14:00, 13:30-22:00"}}`
	nights  = "{name: nights, zone: Europe/Berlin, week: {sun-thu: 22:00-06:00}}"
	always  = "{name: always, zone: Europe/Berlin, week: 24/7}"
	kolkata = "{name: kolkata, zone: Asia/Kolkata, week: {mon-fri: 09:00-17:00}}"
	nepal   = "{name: nepal, zone: Asia/Kathmandu, week: {sun-fri: 10:00-17:00}}"
	howe    = "{name: howe, zone: Australia/Lord_Howe, week: 24/7}" // the clocks change by half an hour
	closing = `
name: closing
zone: Europe/Berlin
week: {mon-fri: 09:00-17:00}
holidays:
  - {date: 12-25, name: Christmas Day}
  - {date: 2026-12-28, until: 2026-12-30, name: Inventory}
exceptions:
  - {date: 2026-12-24, hours: 09:00-12:00, name: Christmas Eve}
  - {date: 2026-12-31, hours: closed}
  - {date: 2027-01-02, hours: 10:00-14:00, name: Sale}`
)

func calendar(t testing.TB, text string) *sla.Calendar {
	t.Helper()
	c, err := sla.NewCalendar(timetable(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func timetable(t testing.TB, text string) sla.Timetable {
	t.Helper()
	var table sla.Timetable
	loader, err := yaml.NewLoader(strings.NewReader(text), yaml.WithKnownFields())
	if err != nil {
		t.Fatal(err)
	}
	if err := loader.Load(&table); err != nil {
		t.Fatal(err)
	}
	return table
}

// at reads a wall-clock time in the calendar's zone, or an instant with its offset.
func at(t testing.TB, c *sla.Calendar, s string) time.Time {
	t.Helper()
	if instant, err := time.Parse("2006-01-02 15:04 -0700", s); err == nil {
		return instant
	}
	instant, err := time.ParseInLocation("2006-01-02 15:04", s, c.Location())
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func TestDeadline(t *testing.T) {
	tests := []struct {
		name     string
		calendar string
		from     string
		d        time.Duration
		want     string
	}{
		{"half an hour across a weekend", office, "2026-11-20 16:45", 30 * time.Minute, "2026-11-23 09:15"},
		{"an hour across a weekend", office, "2026-11-20 16:30", time.Hour, "2026-11-23 09:30"},
		{"sixteen hours are two working days", office, "2026-11-23 09:00", 16 * time.Hour, "2026-11-24 17:00"},
		{"sixteen hours from the middle of a day", office, "2026-11-23 11:00", 16 * time.Hour, "2026-11-25 11:00"},
		{"before opening", office, "2026-11-23 07:00", time.Hour, "2026-11-23 10:00"},
		{"after closing", office, "2026-11-23 19:00", time.Hour, "2026-11-24 10:00"},
		{"at closing", office, "2026-11-23 17:00", time.Minute, "2026-11-24 09:01"},
		{"ends at closing, not at the next opening", office, "2026-11-20 16:00", time.Hour, "2026-11-20 17:00"},
		{"nothing promised", office, "2026-11-21 12:00", 0, "2026-11-21 12:00"},
		{"less than nothing", office, "2026-11-21 12:00", -time.Hour, "2026-11-21 12:00"},
		{"nanoseconds", office, "2026-11-20 17:00", 1, "2026-11-23 09:00"},

		{"across lunch", lunch, "2026-11-23 11:45", 30 * time.Minute, "2026-11-23 13:15"},
		{"posted at lunch", lunch, "2026-11-23 12:20", 30 * time.Minute, "2026-11-23 13:30"},
		{"ends as lunch begins", lunch, "2026-11-23 11:30", 30 * time.Minute, "2026-11-23 12:00"},
		{"shifts that overlap count once", shifts, "2026-11-23 13:00", 2 * time.Hour, "2026-11-23 15:00"},
		{"split shifts across Sunday", shifts, "2026-11-21 21:00", 2 * time.Hour, "2026-11-23 07:00"},
		{"across midnight", nights, "2026-11-23 23:00", 3 * time.Hour, "2026-11-24 02:00"},
		{"within last night's shift", nights, "2026-11-24 05:30", time.Hour, "2026-11-24 22:30"},
		{"Thursday's shift ends on Friday", nights, "2026-11-27 05:00", 2 * time.Hour, "2026-11-29 23:00"},

		{"a short exceptional day, a holiday, a weekend, three days and a closed one",
			closing, "2026-12-24 11:00", 2 * time.Hour, "2027-01-01 10:00"},
		{"an exceptional day opens a Saturday", closing, "2027-01-01 16:00", 2 * time.Hour, "2027-01-02 11:00"},
		{"a yearly holiday in another year", closing, "2029-12-24 16:30", time.Hour, "2029-12-26 09:30"},
		{"each 25th of December", closing, "2031-12-24 16:30", time.Hour, "2031-12-26 09:30"},

		{"no change of the clock on working days", office, "2026-03-27 16:00", 2 * time.Hour, "2026-03-30 10:00"},
		{"forward: 24 hours are until 13:00", always, "2026-03-28 12:00", 24 * time.Hour, "2026-03-29 13:00"},
		{"back: 24 hours are until 11:00", always, "2026-10-24 12:00", 24 * time.Hour, "2026-10-25 11:00"},
		{"forward in the night shift: it is an hour shorter", nights, "2026-03-29 22:00", 8 * time.Hour, "2026-03-30 06:00"},
		{"a zone without summer time", kolkata, "2026-03-27 16:00", 2 * time.Hour, "2026-03-30 10:00"},
		{"a zone of three quarters of an hour", nepal, "2026-11-20 16:30 +0545", time.Hour, "2026-11-22 10:30 +0545"},
		{"half an hour back", howe, "2026-04-05 01:00", 4 * time.Hour, "2026-04-05 04:30"},
		{"half an hour forward", howe, "2026-10-04 01:00", 4 * time.Hour, "2026-10-04 05:30"},

		{"Sunday's night shift and the clocks forward",
			"{name: n, zone: Europe/Berlin, week: {sat: 22:00-06:00}}", "2026-03-28 22:00", 7 * time.Hour, "2026-03-29 06:00"},
		{"Sunday's night shift and the clocks back",
			"{name: n, zone: Europe/Berlin, week: {sat: 22:00-06:00}}", "2026-10-24 22:00", 9 * time.Hour, "2026-10-25 06:00"},
		{"a span that the clocks skip is not there",
			"{name: n, zone: Europe/Berlin, week: {sun: 02:15-02:45}}", "2026-03-28 12:00", 15 * time.Minute, "2026-04-05 02:30"},
		{"a span that ends where the clocks skip",
			"{name: n, zone: Europe/Berlin, week: {sun: 01:00-02:30}}", "2026-03-28 12:00", time.Hour, "2026-03-29 02:00 +0100"},
		{"a span that starts where the clocks skip",
			"{name: n, zone: Europe/Berlin, week: {sun: 02:30-04:00}}", "2026-03-28 12:00", time.Hour, "2026-03-29 04:00"},
		{"an hour that is shown twice counts twice",
			"{name: n, zone: Europe/Berlin, week: {sun: 02:00-03:00}}", "2026-10-24 12:00", 90 * time.Minute, "2026-10-25 02:30 +0100"},
		{"half of the hour that is shown twice",
			"{name: n, zone: Europe/Berlin, week: {sun: 02:00-02:30}}", "2026-10-24 12:00", 45 * time.Minute, "2026-10-25 02:15 +0100"},
		{"New York forward",
			"{name: n, zone: America/New_York, week: {sun: 00:00-08:00}}", "2026-03-07 12:00", 7 * time.Hour, "2026-03-08 08:00"},
		{"New York back",
			"{name: n, zone: America/New_York, week: {sun: 00:00-08:00}}", "2026-10-31 12:00", 9 * time.Hour, "2026-11-01 08:00"},
		{"a midnight that the clocks skip",
			"{name: n, zone: America/Santiago, week: {sun: 00:00-04:00}}", "2026-09-05 12:00", 3 * time.Hour, "2026-09-06 04:00"},
		{"a midnight that comes twice",
			"{name: n, zone: America/Santiago, week: {sat: 20:00-24:00}}", "2026-04-04 12:00", 5 * time.Hour, "2026-04-05 00:00 -0400"},
		{"a day that never was", // Samoa went from the 29th to the 31st of December 2011
			"{name: n, zone: Pacific/Apia, week: {daily: 09:00-17:00}}", "2011-12-29 16:00", 2 * time.Hour, "2011-12-31 10:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := calendar(t, tt.calendar)
			from, want := at(t, c, tt.from), at(t, c, tt.want)
			if tt.d == 1 {
				want = want.Add(1)
			}
			got := c.Deadline(from, tt.d)
			if !got.Equal(want) {
				t.Errorf("Deadline = %s, want %s", got.In(c.Location()), want.In(c.Location()))
			}
			if got.Location() != time.UTC {
				t.Errorf("Deadline is in %s, want UTC", got.Location())
			}
			if back := c.Elapsed(from, got); back != max(0, tt.d) {
				t.Errorf("Elapsed to the deadline = %s, want %s", back, max(0, tt.d))
			}
		})
	}
}

func TestElapsed(t *testing.T) {
	tests := []struct {
		name     string
		calendar string
		from, to string
		want     time.Duration
	}{
		{"a working day", office, "2026-11-23 00:00", "2026-11-24 00:00", 8 * time.Hour},
		{"a week", office, "2026-11-23 10:00", "2026-11-30 10:00", 40 * time.Hour},
		{"a weekend", office, "2026-11-20 17:00", "2026-11-23 09:00", 0},
		{"backwards", office, "2026-11-23 12:00", "2026-11-23 11:00", 0},
		{"no time at all", office, "2026-11-23 12:00", "2026-11-23 12:00", 0},
		{"a Sunday of 23 hours", always, "2026-03-29 00:00", "2026-03-30 00:00", 23 * time.Hour},
		{"a Sunday of 25 hours", always, "2026-10-25 00:00", "2026-10-26 00:00", 25 * time.Hour},
		{"a year has the hours of its days", always, "2026-01-01 00:00", "2027-01-01 00:00", 365 * 24 * time.Hour},
		{"Christmas", closing, "2026-12-24 00:00", "2027-01-03 00:00", 3*time.Hour + 8*time.Hour + 4*time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := calendar(t, tt.calendar)
			from, to := at(t, c, tt.from), at(t, c, tt.to)
			if got := c.Elapsed(from, to); got != tt.want {
				t.Errorf("Elapsed = %s, want %s", got, tt.want)
			}
			if got := c.Left(to, from); got != tt.want {
				t.Errorf("Left = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	tests := []struct {
		calendar, at string
		open         bool
		next         string
	}{
		{office, "2026-11-20 08:59", false, "2026-11-20 09:00"},
		{office, "2026-11-20 09:00", true, "2026-11-20 09:00"},
		{office, "2026-11-20 16:59", true, "2026-11-20 16:59"},
		{office, "2026-11-20 17:00", false, "2026-11-23 09:00"}, // a span's end is outside
		{nights, "2026-11-24 05:59", true, "2026-11-24 05:59"},
		{nights, "2026-11-24 06:00", false, "2026-11-24 22:00"},
		{closing, "2026-12-24 12:00", false, "2027-01-01 09:00"},
		{always, "2026-10-25 02:30 +0100", true, "2026-10-25 02:30 +0100"},
	}
	for _, tt := range tests {
		c := calendar(t, tt.calendar)
		instant := at(t, c, tt.at)
		if got := c.Open(instant); got != tt.open {
			t.Errorf("%s: Open(%s) = %t, want %t", c.Name(), tt.at, got, tt.open)
		}
		if got, want := c.NextOpen(instant), at(t, c, tt.next); !got.Equal(want) {
			t.Errorf("%s: NextOpen(%s) = %s, want %s", c.Name(), tt.at, got.In(c.Location()), tt.next)
		}
	}
}

// A holiday closes what starts on it: the night before still ends in its
// morning, and the night that would start on it is gone.
func TestHolidayAndNightShift(t *testing.T) {
	c := calendar(t, "{name: n, zone: Europe/Berlin, week: {daily: 22:00-06:00}, holidays: [{date: 2026-12-25}]}")
	if got := c.Elapsed(at(t, c, "2026-12-24 12:00"), at(t, c, "2026-12-26 12:00")); got != 8*time.Hour {
		t.Errorf("two nights around a holiday have %s, want 8h", got)
	}
	if !c.Open(at(t, c, "2026-12-25 05:00")) || c.Open(at(t, c, "2026-12-25 23:00")) {
		t.Error("want the morning of the holiday open and its night closed")
	}
}

func TestOutOfReach(t *testing.T) {
	c := calendar(t, always)
	var zero sla.Calendar
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, got := range map[string]time.Time{
		"a nil calendar":         (*sla.Calendar)(nil).Deadline(start, 1),
		"the zero calendar":      zero.Deadline(start, 1),
		"nil: next opening":      (*sla.Calendar)(nil).NextOpen(start),
		"more than there is":     c.Deadline(start, 1<<63-1),
		"from beyond the end":    c.Deadline(sla.Never().AddDate(50, 0, 0), time.Hour),
		"from the end of time":   c.Deadline(time.Unix(1<<61, 0), time.Hour),
		"from the end, no time":  c.Deadline(time.Unix(1<<61, 0), 0),
		"opening beyond the end": c.NextOpen(sla.Never()),
	} {
		if !got.Equal(sla.Never()) {
			t.Errorf("%s: %s, want never", name, got)
		}
	}
	if got := zero.Elapsed(start, sla.Never()); got != 0 {
		t.Errorf("the zero calendar has %s of working time", got)
	}
	if zero.Open(start) || (*sla.Calendar)(nil).Open(start) {
		t.Error("a calendar without hours is open")
	}
	// Before its start a calendar counts from its start; the year 1 is no reason to walk there.
	epoch := time.Unix(0, 0)
	if got, want := c.Deadline(time.Time{}, time.Hour), epoch.Add(time.Hour); !got.Equal(want) {
		t.Errorf("from the year 1: %s, want %s", got, want)
	}
	if got, want := c.Elapsed(time.Time{}, time.Unix(1<<61, 0)), sla.Never().Sub(epoch); got != want {
		t.Errorf("all of a calendar is %s, want %s", got, want)
	}
}

func TestVersion(t *testing.T) {
	same := []string{
		office,
		"{name: office, zone: Europe/Berlin, week: {mon: 09:00-17:00, tue: 9:00-17:00, wednesday: '09:00-12:00, 12:00-17:00', thu-fri: 09:00-17:00, sun: closed}}",
		"{name: office, zone: Europe/Berlin, week: {Mon-Fri: 09:00 – 17:00}, ical: [holidays.ics]}",
	}
	want := calendar(t, office).Version()
	if want != "6b782270c424" {
		t.Errorf("version of the office is %s: versions in old events no longer match", want)
	}
	for _, text := range same {
		if got := calendar(t, text).Version(); got != want {
			t.Errorf("%s has version %s, want %s", text, got, want)
		}
	}
	seen := map[string]string{}
	for _, text := range []string{office, lunch, shifts, nights, always, kolkata, nepal, closing,
		"{name: long, zone: UTC, week: {mon: '00:00-24:00, 22:00-06:00'}}", // no span is longer than a day
		strings.Replace(office, "name: office", "name: other", 1),
		strings.Replace(office, "Berlin", "Vienna", 1),
		strings.Replace(closing, "Inventory", "Stock", 1),
		strings.Replace(closing, "10:00-14:00", "10:00-14:30", 1),
	} {
		c := calendar(t, text)
		if other, taken := seen[c.Version()]; taken {
			t.Errorf("%s and %s have the same version", text, other)
		}
		seen[c.Version()] = text

		kept, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var again sla.Calendar
		if err := json.Unmarshal(kept, &again); err != nil {
			t.Fatalf("%s: %v", kept, err)
		}
		from := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
		if again.Version() != c.Version() || !again.Deadline(from, 200*time.Hour).Equal(c.Deadline(from, 200*time.Hour)) {
			t.Errorf("%s is not the same after it was kept as %s", c.Name(), kept)
		}
	}
	var bad sla.Calendar
	for _, kept := range []string{"", "{}", `{"name":"x","zone":"UTC","week":{"mon":"9"}}`, "[]"} {
		if json.Unmarshal([]byte(kept), &bad) == nil {
			t.Errorf("%q decodes as a calendar", kept)
		}
	}
}

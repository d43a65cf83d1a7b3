package sla_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/sla"
)

func TestHoursText(t *testing.T) {
	tests := []struct{ text, want, fault string }{
		{"09:00-17:00", "09:00-17:00", ""},
		{" 9:00 – 12:30,13:30-17:00 ", "09:00-12:30, 13:30-17:00", ""},
		{"22:00-06:00", "22:00-06:00", ""},
		{"22:00-00:00", "22:00-24:00", ""},
		{"00:00-24:00", "00:00-24:00", ""},
		{"all day", "00:00-24:00", ""},
		{"24h", "00:00-24:00", ""},
		{"closed", "closed", ""},
		{"", "", "no hours given"},
		{"9-17", "", "not a time of day"},
		{"09:00", "", "not a span of hours"},
		{"09:00-25:00", "", "not a time of day"},
		{"09:00-24:01", "", "not a time of day"},
		{"09:60-17:00", "", "not a time of day"},
		{"-9:00-17:00", "", "not a time of day"},
		{"009:00-17:00", "", "not a time of day"},
		{"09:00-09:00", "", "write 00:00-24:00"},
		{"24:00-06:00", "", "write 00:00 on the next day"},
		{"09:00-12:00, ", "", "not a span"},
		{strings.Repeat("09:00-10:00,", 24) + "09:00-10:00", "", "join them"},
		{strings.Repeat("é", 5000), "", "…"},
	}
	for _, tt := range tests {
		var h sla.Hours
		err := h.UnmarshalText([]byte(tt.text))
		if tt.fault == "" && (err != nil || h.String() != tt.want) {
			t.Errorf("%q: %v, %v, want %q", tt.text, h, err, tt.want)
		}
		if tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault) || len(err.Error()) > 200) {
			t.Errorf("%.40q: %v, want %q", tt.text, err, tt.fault)
		}
		var again sla.Hours
		if tt.fault == "" && (again.UnmarshalText([]byte(h.String())) != nil || again.String() != h.String()) {
			t.Errorf("%q is %q when read again", h, again)
		}
	}
}

func TestDateText(t *testing.T) {
	for text, want := range map[string]sla.Date{
		"2026-12-25": {Year: 2026, Month: 12, Day: 25},
		" 12-25 ":    {Month: 12, Day: 25},
		"02-29":      {Month: 2, Day: 29},
	} {
		if got, err := sla.ParseDate(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2026-02-29", "02-30", "13-01", "1969-12-31", "2262-01-01", "25.12.2026", "2026-1-1", "\xff\xff-\xff\xff"} {
		if got, err := sla.ParseDate(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestYAMLMistakesHaveLines(t *testing.T) {
	text := `name: office
zone: Europe/Berlin
week:
  mon: 09:00-17:00
  tue: nine to five
  wed: 25:00-26:00
holidays:
  - {date: 2026-13-01}
exceptions:
  - {date: 2026-12-24, hours: maybe}
closed: sun
`
	var table sla.Timetable
	loader, err := yaml.NewLoader(strings.NewReader(text), yaml.WithKnownFields())
	if err != nil {
		t.Fatal(err)
	}
	err = loader.Load(&table)
	if err == nil {
		t.Fatal("loads without complaint")
	}
	for _, want := range []string{"line 5", "nine to five", "line 6", "25:00", "line 8", "2026-13-01", "line 10", "maybe", "line 11", "closed"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	for _, text := range []string{"week: 24/6", "week: [mon]", "week: 7"} {
		loader, err := yaml.NewLoader(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if loader.Load(&table) == nil {
			t.Errorf("%s loads", text)
		}
	}
}

func TestTimetableMistakes(t *testing.T) {
	date := func(s string) sla.Date {
		if s == "" {
			return sla.Date{}
		}
		d, err := sla.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	nine := sla.Hours{{From: 9 * time.Hour, To: 17 * time.Hour}}
	tests := []struct {
		name   string
		change func(*sla.Timetable)
		path   string
		words  string
	}{
		{"no name", func(t *sla.Timetable) { t.Name = " " }, "name", "is missing"},
		{"long name", func(t *sla.Timetable) { t.Name = strings.Repeat("x", 101) }, "name", "shorten"},
		{"no zone", func(t *sla.Timetable) { t.Zone = "" }, "zone", "is missing"},
		{"local zone", func(t *sla.Timetable) { t.Zone = "Local" }, "zone", "differs from machine to machine"},
		{"unknown zone", func(t *sla.Timetable) { t.Zone = "Europe/Entenhausen" }, "zone", "is not known"},
		{"a path as zone", func(t *sla.Timetable) { t.Zone = "../../etc/passwd" }, "zone", "is not known"},
		{"no week", func(t *sla.Timetable) { t.Week = nil }, "week", "no working time"},
		{"a closed week", func(t *sla.Timetable) { t.Week = sla.Week{"daily": {}} }, "week", "no working time"},
		{"unknown day", func(t *sla.Timetable) { t.Week = sla.Week{"mom-fri": nine} }, "week.mom-fri", "not a day"},
		{"half a range", func(t *sla.Timetable) { t.Week = sla.Week{"mon-": nine} }, "week.mon-", "not a day"},
		{"a day given twice", func(t *sla.Timetable) { t.Week = sla.Week{"mon-fri": nine, "wed": nine} }, "week.wed", "Wednesday already has its hours"},
		{"a span of two days", func(t *sla.Timetable) { t.Week = sla.Week{"mon": {{From: 0, To: 25 * time.Hour}}} }, "week.mon", "not within a day"},
		{"a span that ends before it starts", func(t *sla.Timetable) { t.Week = sla.Week{"mon": {{From: 2 * time.Hour, To: time.Hour}}} }, "week.mon", "not within a day"},
		{"a span with seconds", func(t *sla.Timetable) { t.Week = sla.Week{"mon": {{From: 0, To: time.Second}}} }, "week.mon", "not within a day"},
		{"too many spans", func(t *sla.Timetable) {
			h := sla.Hours{}
			for i := range 30 {
				h = append(h, sla.Span{From: time.Duration(i) * time.Minute, To: time.Duration(i+1) * time.Minute})
			}
			t.Week = sla.Week{"mon": h}
		}, "week.mon", "join them"},
		{"holiday without date", func(t *sla.Timetable) { t.Holidays = []sla.Holiday{{Name: "x"}} }, "holidays[0].date", "is missing"},
		{"holiday on no date", func(t *sla.Timetable) { t.Holidays = []sla.Holiday{{Date: sla.Date{Year: 2026, Month: 2, Day: 30}}} }, "holidays[0].date", "is not a date"},
		{"holiday until no date", func(t *sla.Timetable) {
			t.Holidays = []sla.Holiday{{Date: date("2026-02-01"), Until: sla.Date{Year: 2026, Month: 2, Day: 30}}}
		}, "holidays[0].until", "is not a date"},
		{"holiday backwards", func(t *sla.Timetable) {
			t.Holidays = []sla.Holiday{{Date: date("2026-05-01")}, {Date: date("2026-02-02"), Until: date("2026-02-01")}}
		}, "holidays[1].until", "is before"},
		{"half yearly", func(t *sla.Timetable) {
			t.Holidays = []sla.Holiday{{Date: date("12-24"), Until: date("2026-12-26")}}
		}, "holidays[0].until", "or neither"},
		{"a holiday of years", func(t *sla.Timetable) {
			t.Holidays = []sla.Holiday{{Date: date("2026-02-02"), Until: date("2028-02-01")}}
		}, "holidays[0].until", "split it"},
		{"too many holidays", func(t *sla.Timetable) { t.Holidays = make([]sla.Holiday, 5001) }, "holidays", "more than 5000"},
		{"too many closed days", func(t *sla.Timetable) {
			for range 1000 {
				t.Holidays = append(t.Holidays, sla.Holiday{Date: date("01-02"), Until: date("01-01")})
			}
		}, "holidays", "closed days"},
		{"exception without date", func(t *sla.Timetable) { t.Exceptions = []sla.Exception{{Hours: nine}} }, "exceptions[0].date", "is missing"},
		{"exception without hours", func(t *sla.Timetable) { t.Exceptions = []sla.Exception{{Date: date("12-24")}} }, "exceptions[0].hours", "are missing"},
		{"exception with bad hours", func(t *sla.Timetable) {
			t.Exceptions = []sla.Exception{{Date: date("12-24"), Hours: sla.Hours{{From: time.Hour, To: time.Hour}}}}
		}, "exceptions[0].hours", "not within a day"},
		{"exception given twice", func(t *sla.Timetable) {
			t.Exceptions = []sla.Exception{{Date: date("2026-12-24"), Hours: nine}, {Date: date("12-24"), Hours: nine}, {Date: date("2026-12-24"), Hours: nine}}
		}, "exceptions[2].date", "exceptions[0]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := timetable(t, office)
			tt.change(&table)
			c, err := sla.NewCalendar(table)
			if err == nil || c != nil {
				t.Fatalf("is accepted: %v", c)
			}
			p, ok := errors.AsType[*sla.Problem](err)
			if !ok || p.Path != tt.path || !strings.Contains(p.Msg, tt.words) {
				t.Errorf("%v, want %q at %s", err, tt.words, tt.path)
			}
		})
	}

	// All at once: one look mends everything.
	table := sla.Timetable{Zone: "Mars", Week: sla.Week{"x": nine}, Holidays: make([]sla.Holiday, 2), Exceptions: make([]sla.Exception, 1)}
	_, err := sla.NewCalendar(table)
	if n := len(strings.Split(err.Error(), "\n")); n != 7 {
		t.Errorf("%d mistakes named, want 7: %v", n, err)
	}
}

func TestHolidayDates(t *testing.T) {
	c := calendar(t, `
name: dates
zone: UTC
week: 24/7
holidays:
  - {date: 02-29}
  - {date: 12-30, until: 01-02}
  - {date: 02-27, until: 02-29}
  - {date: 2026-05-01, name: first}
  - {date: 2026-05-01, name: second}
exceptions:
  - {date: 05-01, hours: 10:00-11:00}
  - {date: 2027-05-01, hours: closed}`)
	for _, tt := range []struct {
		day  string
		want time.Duration
	}{
		{"2024-02-29", 0},
		{"2025-02-26", 24 * time.Hour}, {"2025-02-27", 0}, {"2025-02-28", 0}, {"2025-03-01", 24 * time.Hour},
		{"2026-12-29", 24 * time.Hour}, {"2026-12-30", 0}, {"2027-01-02", 0}, {"2027-01-03", 24 * time.Hour},
		{"2026-05-01", time.Hour}, {"2027-05-01", 0}, {"2028-05-01", time.Hour},
	} {
		from := at(t, c, tt.day+" 00:00")
		if got := c.Elapsed(from, from.AddDate(0, 0, 1)); got != tt.want {
			t.Errorf("%s has %s of working time, want %s", tt.day, got, tt.want)
		}
	}
	// Of two holidays on one day the first gives its name.
	if e := c.Explain(at(t, c, "2026-04-30 23:00"), 2*time.Hour); strings.Contains(e.String(), "second") {
		t.Errorf("the second name is told:\n%s", e.String())
	}
	plain := calendar(t, "{name: n, zone: UTC, week: 24/7, holidays: [{date: 2026-05-01, name: first}, {date: 2026-05-01, name: second}]}")
	if e := plain.Explain(at(t, plain, "2026-04-30 23:00"), 2*time.Hour); !strings.Contains(e.String(), "a holiday (first)") {
		t.Errorf("the first name is not told:\n%s", e.String())
	}
}

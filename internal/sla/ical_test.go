package sla_test

import (
	"os"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/sla"
)

func TestParseICal(t *testing.T) {
	file, err := os.ReadFile("testdata/holidays.ics")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"as it is":        file,
		"with a BOM":      append([]byte("\xef\xbb\xbf"), file...),
		"with bare lines": []byte(strings.ReplaceAll(string(file), "\r\n", "\n")),
	} {
		t.Run(name, func(t *testing.T) {
			holidays, skipped, err := sla.ParseICal(file)
			if err != nil {
				t.Fatal(err)
			}
			if skipped != 1 {
				t.Errorf("%d events with a time of day, want 1", skipped)
			}
			got := map[string][]string{}
			for _, h := range holidays {
				s := h.Date.String()
				if !h.Until.IsZero() {
					s += ".." + h.Until.String()
				}
				got[h.Name] = append(got[h.Name], s)
			}
			for name, want := range map[string]string{
				"Company day":              "2026-06-12",
				"Saint Peter, Paul & more": "2026-06-29",
				"Summer break":             "2026-08-03..2026-08-07",
				"Harvest feast":            "2025-10-05 2026-10-04 2027-10-03", // first Sunday, three times
				"Founder's day":            "2025-03-02 2026-03-03 2028-03-02", // one moved, one left out
				"Leap day":                 "2024-02-29 2028-02-29",
			} {
				if strings.Join(got[name], " ") != want {
					t.Errorf("%s is on %v, want %s", name, got[name], want)
				}
				delete(got, name)
			}
			fourth := got["Thanks"]
			if len(fourth) != 2100-2020+1 || fourth[0] != "2020-11-26" || fourth[6] != "2026-11-26" {
				t.Errorf("the fourth Thursday of November is on %v", fourth)
			}
			delete(got, "Thanks")
			if len(got) > 0 {
				t.Errorf("unexpected: %v", got)
			}
		})
	}
}

func TestICalHolidaysClose(t *testing.T) {
	file, err := os.ReadFile("testdata/holidays.ics")
	if err != nil {
		t.Fatal(err)
	}
	table := timetable(t, office)
	if table.Holidays, _, err = sla.ParseICal(file); err != nil {
		t.Fatal(err)
	}
	c, err := sla.NewCalendar(table)
	if err != nil {
		t.Fatal(err)
	}
	for day, open := range map[string]bool{
		"2026-11-25 12:00": true, "2026-11-26 12:00": false, "2026-11-27 12:00": true,
		"2026-08-03 12:00": false, "2026-08-07 12:00": false, "2026-08-10 12:00": true,
	} {
		if got := c.Open(at(t, c, day)); got != open {
			t.Errorf("open on %s: %t, want %t", day, got, open)
		}
	}
	if c.Version() == calendar(t, office).Version() {
		t.Error("holidays from a file do not change the version")
	}
}

// ics wraps the lines of one event.
func ics(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Feast\r\n" +
		strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

func TestICalMistakes(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"empty", "", ""},
		{"not a calendar", "hello", "can't be read"},
		{"huge", strings.Repeat("x", 1<<20+1), "larger than 1 MiB"},
		{"nested without end", strings.Repeat("BEGIN:VEVENT\r\n", 50_000), "within one another"},
		{"nested and folded", strings.Repeat("BE\r\n GIN:VEVENT\r\n", 40_000), "within one another"},
		{"very many events", strings.Repeat("BEGIN:VEVENT\r\nEND:VEVENT\r\n", 5_000), "more than 4000 components"},
		{"no start", ics("DTEND;VALUE=DATE:20261226"), `event "Feast": has no start`},
		{"not a day", ics("DTSTART;VALUE=DATE:20261325"), "is not a day"},
		{"out of reach", ics("DTSTART;VALUE=DATE:19001225"), "out of reach"},
		{"not an end", ics("DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:soon"), "has no end"},
		{"years long", ics("DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20291225"), "more than 366 days"},
		{"weekly", ics("DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=WEEKLY"), "not yearly"},
		{"nonsense", ics("DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=SOMETIMES"), "can't be read"},
		{"hourly by the back door", ics("DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;BYHOUR=1,2,3"), "a whole day"},
		{"every day of the year", ics("DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR"), "more than 400 times"},
		{"every thousand years", ics("DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;INTERVAL=1000"), "makes no sense"},
		{"many that recur", "BEGIN:VCALENDAR\r\n" + strings.Repeat("BEGIN:VEVENT\r\nDTSTART:19700101\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n", 100) + "END:VCALENDAR\r\n", "more than 5000 holidays"},
		{"many that are wrong", "BEGIN:VCALENDAR\r\n" + strings.Repeat("BEGIN:VEVENT\r\nEND:VEVENT\r\n", 100) + "END:VCALENDAR\r\n", "has no start"},
		{"two recurrences", ics("DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY", "RRULE:FREQ=YEARLY;INTERVAL=2"), "more than one recurrence"},
	}
	for _, tt := range tests {
		holidays, _, err := sla.ParseICal([]byte(tt.file))
		if tt.want == "" && err == nil && len(holidays) == 0 {
			continue
		}
		if err == nil || tt.want == "" || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
			continue
		}
		if len(err.Error()) > 3000 {
			t.Errorf("%s: %d bytes of complaint", tt.name, len(err.Error()))
		}
	}
	// A date that no year has ends, and is no holiday.
	holidays, _, err := sla.ParseICal([]byte(ics("DTSTART;VALUE=DATE:20260201", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")))
	if err != nil || len(holidays) != 0 {
		t.Errorf("the 30th of February is on %v, %v", holidays, err)
	}
	// A cancelled event is none.
	holidays, skipped, err := sla.ParseICal([]byte(ics("DTSTART;VALUE=DATE:20261225", "STATUS:CANCELLED")))
	if err != nil || len(holidays)+skipped != 0 {
		t.Errorf("cancelled: %v, %d, %v", holidays, skipped, err)
	}
}

func FuzzParseICal(f *testing.F) {
	file, err := os.ReadFile("testdata/holidays.ics")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(ics("DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;BYEASTER=1")))
	f.Fuzz(func(t *testing.T, file []byte) {
		holidays, _, err := sla.ParseICal(file)
		if err != nil {
			return
		}
		if len(holidays) > 5000+400 {
			t.Fatalf("%d holidays", len(holidays))
		}
		table := sla.Timetable{Name: "n", Zone: "UTC", Week: sla.Week{"daily": {{From: 0, To: 1e9 * 3600}}}, Holidays: holidays}
		if _, err := sla.NewCalendar(table); err != nil {
			t.Fatalf("what was parsed makes no calendar: %v", err)
		}
	})
}

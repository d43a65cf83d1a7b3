package care_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func chartSamples() []care.Event {
	return []care.Event{
		care.ChartNoted{N: 2, From: then(-3_000), To: then(-1_560), What: care.NoteOutage},
		care.ChartNoted{N: 1, From: then(-3_000), To: then(-1_560), What: care.NoteHoliday, Gone: true},
	}
}

func TestNoteOnCharts(t *testing.T) {
	const day = 24 * time.Hour
	var full care.ChartNotes
	for range 2000 {
		full.List = append(full.List, care.ChartNote{})
	}
	for _, v := range []struct {
		name     string
		notes    *care.ChartNotes
		from, to time.Time
		what     care.NoteKind
		words    string
		field    string // that is wrong
	}{
		{"a day", &care.ChartNotes{}, day0, day0.Add(day), care.NoteOutage, "Payments were down", ""},
		{"a minute", &care.ChartNotes{}, day0, day0.Add(time.Minute), care.NoteOther, "New shop", ""},
		{"a year", &care.ChartNotes{}, day0, day0.Add(366 * day), care.NoteOther, "On trial", ""},
		{"in every script", &care.ChartNotes{}, day0, day0.Add(day), care.NoteHoliday, strings.Repeat("ß", 280), ""},
		{"longer than a year", &care.ChartNotes{}, day0, day0.Add(366*day + time.Second), care.NoteOther, "On trial", "to"},
		{"no time", &care.ChartNotes{}, day0, day0, care.NoteOutage, "Down", "to"},
		{"backwards", &care.ChartNotes{}, day0, day0.Add(-day), care.NoteOutage, "Down", "to"},
		{"before there were computers", &care.ChartNotes{}, day0.AddDate(-100, 0, 0), day0.AddDate(-100, 0, 1), care.NoteOutage, "Down", "to"},
		{"of no kind", &care.ChartNotes{}, day0, day0.Add(day), "", "Down", "what"},
		{"of an unknown kind", &care.ChartNotes{}, day0, day0.Add(day), "party", "Down", "what"},
		{"without words", &care.ChartNotes{}, day0, day0.Add(day), care.NoteOutage, " \n", "text"},
		{"too many words", &care.ChartNotes{}, day0, day0.Add(day), care.NoteOutage, strings.Repeat("ß", 281), "text"},
		{"too many notes", &full, day0, day0.Add(day), care.NoteOutage, "Down", "text"},
	} {
		events, err := v.notes.Note(v.from, v.to, v.what, v.words)
		field := ""
		if ce, ok := errors.AsType[*care.Error](err); ok {
			field = ce.Field
		}
		if field != v.field || (len(events) == 1) != (v.field == "") {
			t.Errorf("%s: %v, %v; want field %q", v.name, events, err, v.field)
		}
	}
}

// A note stands until it is taken off; its number is no other's after.
func TestNotesOnChartsComeAndGo(t *testing.T) {
	var n care.ChartNotes
	note := func() {
		t.Helper()
		events, err := n.Note(day0, day0.Add(time.Hour), care.NoteOutage, "Down")
		if err != nil {
			t.Fatal(err)
		}
		n.Apply(1, care.Record{At: day0, By: care.ByAgent("ada"), Events: events})
	}
	numbers := func() (out []int) {
		for _, e := range n.List {
			out = append(out, e.N)
		}
		return out
	}
	note()
	note()
	events, err := n.Drop(2)
	if err != nil {
		t.Fatal(err)
	}
	n.Apply(2, care.Record{At: day0, By: care.ByAgent("ben"), Events: events})
	if note(); !slices.Equal(numbers(), []int{1, 3}) || n.List[0].By != care.ByAgent("ada") || !n.List[0].At.Equal(day0) {
		t.Errorf("%+v", n.List)
	}
	for _, number := range []int{0, 2, 4} {
		if events, err := n.Drop(number); err == nil {
			t.Errorf("note %d was taken off: %v", number, events)
		}
	}
}

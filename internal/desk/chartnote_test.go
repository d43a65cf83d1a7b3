package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// The words of a note on charts are in a document and never in the log; they go
// with the note. The same op has no second effect.
func TestNotesOnCharts(t *testing.T) {
	b := newBench(t)
	const words = "The card reader was down"
	from := b.clock()
	note := func() {
		t.Helper()
		if _, err := b.desk.NoteChart(t.Context(), "agent/ada", "op1", from, from.Add(time.Hour), care.NoteOutage, words); err != nil {
			t.Fatal(err)
		}
	}
	note()
	note()
	notes, texts, err := b.desk.ChartNotes(t.Context())
	if err != nil || len(notes) != 1 || notes[0].By != "agent/ada" || texts[notes[0].N] != words {
		t.Fatalf("%+v %v %v", notes, texts, err)
	}
	for r, err := range b.st.Stream(t.Context(), care.NotesStream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(r.Data), "reader") {
			t.Errorf("record %d holds the words", r.Seq)
		}
	}
	if _, err := b.desk.DropChartNote(t.Context(), "agent/ben", "", notes[0].N); err != nil {
		t.Fatal(err)
	}
	docs, err := b.st.Get(t.Context(), care.ChartKey(notes[0].N))
	if err != nil || docs[0].Rev != 0 {
		t.Errorf("the words stay: %+v %v", docs, err)
	}
	if notes, texts, err = b.desk.ChartNotes(t.Context()); err != nil || len(notes) != 0 || len(texts) != 0 {
		t.Errorf("%+v %v %v", notes, texts, err)
	}
}

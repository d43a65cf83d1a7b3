package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// NoteChart puts a dated note on the charts: its words into a document, the rest
// into the log. The same op has no second effect.
func (d *Desk) NoteChart(ctx context.Context, by care.Actor, op string, from, to time.Time, what care.NoteKind, words string) (store.Seq, error) {
	return d.onCharts(ctx, by, op, func(n *care.ChartNotes) ([]care.Event, string, error) {
		events, err := n.Note(from, to, what, words)
		return events, words, err
	})
}

// DropChartNote takes a note off the charts again, and erases its words.
func (d *Desk) DropChartNote(ctx context.Context, by care.Actor, op string, number int) (store.Seq, error) {
	return d.onCharts(ctx, by, op, func(n *care.ChartNotes) ([]care.Event, string, error) {
		events, err := n.Drop(number)
		return events, "", err
	})
}

func (d *Desk) onCharts(ctx context.Context, by care.Actor, op string, decide func(*care.ChartNotes) ([]care.Event, string, error)) (store.Seq, error) {
	return d.commit(ctx, by, op, func(u *unit) error {
		notes := &care.ChartNotes{}
		s, err := u.strand(ctx, care.NotesStream, notes.Apply)
		if err != nil {
			return err
		}
		events, words, err := decide(notes)
		if err != nil {
			return err
		}
		for _, e := range events {
			noted := e.(care.ChartNoted)
			key := care.ChartKey(noted.N)
			if err := u.read(ctx, key); err != nil {
				return err
			}
			if noted.Gone {
				u.drop(key)
			} else {
				u.put(key, (&care.Text{Body: words}).Encode())
			}
		}
		u.weave(s, events...)
		return nil
	})
}

// ChartNotes are the notes that stand on the charts, as they were made, and their
// words by number.
func (d *Desk) ChartNotes(ctx context.Context) ([]care.ChartNote, map[int]string, error) {
	notes := &care.ChartNotes{}
	if _, err := d.unit("", map[string]store.Doc{}).strand(ctx, care.NotesStream, notes.Apply); err != nil {
		return nil, nil, err
	}
	words := make(map[int]string, len(notes.List))
	keys := make([]string, len(notes.List))
	for i, note := range notes.List {
		keys[i] = care.ChartKey(note.N)
	}
	if len(keys) == 0 {
		return notes.List, words, nil
	}
	docs, err := d.st.Get(ctx, keys...)
	if err != nil {
		return nil, nil, fmt.Errorf("read notes on charts: %w", err)
	}
	for i, doc := range docs {
		if doc.Rev == 0 {
			continue // it went while we read
		}
		t, err := care.DecodeText(doc.Data)
		if err != nil {
			return nil, nil, fmt.Errorf("note %d on charts: %w", notes.List[i].N, err)
		}
		words[notes.List[i].N] = t.Body
	}
	return notes.List, words, nil
}

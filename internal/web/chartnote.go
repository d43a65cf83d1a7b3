package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// A NewChartNote is a dated note for all charts.
type NewChartNote struct {
	From string        `json:"from" minLength:"1" maxLength:"40" doc:"The first day, as 2026-03-01, or an instant."`
	To   string        `json:"to,omitempty" maxLength:"40" doc:"The day after the last, or an instant. Absent: a day after the first."`
	Zone string        `json:"zone,omitempty" maxLength:"60" doc:"Whose days, as Europe/Berlin; absent: the desk's."`
	What care.NoteKind `json:"what" enum:"outage,holiday,other"`
	Text string        `json:"text" minLength:"1" maxLength:"280"`
}

// A ChartNote is one that stands on the charts.
type ChartNote struct {
	N    int           `json:"n"`
	From time.Time     `json:"from"`
	To   time.Time     `json:"to" doc:"Excluded."`
	What care.NoteKind `json:"what"`
	Text string        `json:"text"`
	By   care.Actor    `json:"by" doc:"Who wrote it."`
	At   time.Time     `json:"at" doc:"When it was written."`
}

type chartNotesOutput struct {
	Body struct {
		Notes []ChartNote `json:"notes" doc:"As they were made."`
	}
}

// listChartNotes lists the notes that stand.
func (s *Server) listChartNotes(ctx context.Context, _ *Reading) (*chartNotesOutput, error) {
	notes, words, err := s.Desk.ChartNotes(ctx)
	out := &chartNotesOutput{}
	out.Body.Notes = []ChartNote{}
	for _, n := range notes {
		out.Body.Notes = append(out.Body.Notes, ChartNote{n.N, n.From, n.To, n.What, words[n.N], n.By, n.At})
	}
	return out, err
}

type newChartNoteInput struct {
	Writing
	Body NewChartNote
}

// noteChart writes one.
func (s *Server) noteChart(ctx context.Context, in *newChartNoteInput) (*written, error) {
	b := &in.Body
	q, err := (&report.Ask{From: b.From, To: b.To, Zone: b.Zone}).Query(s.deskZone())
	if err != nil {
		return nil, err
	}
	if q.To.IsZero() {
		q.To = q.From.AddDate(0, 0, 1)
	}
	seq, err := s.Desk.NoteChart(ctx, askedOf(ctx).who.Actor(), in.op(ctx), q.From, q.To, b.What, b.Text)
	return &written{Seq: seq, Body: Written{Seq: seq}}, err
}

func (s *Server) deskZone() *time.Location {
	if s.Reports == nil {
		return time.UTC
	}
	return s.Reports.Zone()
}

type dropChartNoteInput struct {
	Writing
	N int `path:"n" minimum:"1" doc:"Number of the note."`
}

// dropChartNote takes one off again.
func (s *Server) dropChartNote(ctx context.Context, in *dropChartNoteInput) (*written, error) {
	seq, err := s.Desk.DropChartNote(ctx, askedOf(ctx).who.Actor(), in.op(ctx), in.N)
	return &written{Seq: seq, Body: Written{Seq: seq}}, err
}

func (s *Server) chartNotePost(w http.ResponseWriter, r *http.Request) error {
	body, err := decodeForm[NewChartNote](s, r)
	if err != nil {
		return err
	}
	out, err := s.noteChart(r.Context(), &newChartNoteInput{Writing{r.PostFormValue("op")}, body})
	return s.afterNote(w, r, out, err)
}

func (s *Server) chartNoteDropPost(w http.ResponseWriter, r *http.Request) error {
	n, _ := strconv.Atoi(r.PathValue("n")) // what is no number is no note's
	out, err := s.dropChartNote(r.Context(), &dropChartNoteInput{Writing{r.PostFormValue("op")}, n})
	return s.afterNote(w, r, out, err)
}

func (s *Server) afterNote(w http.ResponseWriter, r *http.Request, out *written, err error) error {
	if err == nil {
		s.after(w, r, local(cmp.Or(r.PostFormValue("back"), reportsPath+"response")), "", out.Body)
	}
	return err
}

// worded fills in the words of a report's notes, and lists those of its span.
func (s *Server) worded(ctx context.Context, rep *report.Report) ([]ChartNote, error) {
	if len(rep.Marked) == 0 {
		return nil, nil
	}
	out, err := s.listChartNotes(ctx, nil)
	if err != nil {
		return nil, err
	}
	var here []ChartNote
	rep.Marked = slices.Clone(rep.Marked) // the report belongs to others too
	for i := range rep.Marked {
		m := &rep.Marked[i]
		for _, n := range out.Body.Notes {
			if n.N == m.N {
				m.Text = cleanLine(n.Text)
				here = append(here, n)
			}
		}
	}
	return here, nil
}

// Days are the time of a note as people say it.
func (n ChartNote) Days(zone string) string {
	from, last := inZone(n.From, zone).Format("2 Jan 2006"), inZone(n.To.Add(-time.Millisecond), zone).Format("2 Jan 2006")
	if from == last {
		return from
	}
	return from + " to " + last
}

// Who wrote a note.
func (n ChartNote) Who() string { return actor(n.By) }

// MayNote says whether whoever asks may write notes.
func (p *reportPage) MayNote() bool { return p.Me.May(auth.Report) }

package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
)

// Title is a digest in one line.
func (d *Digest) Title() string {
	title := "Figures of " + d.Span()
	if d.Queue != "" {
		title += ", queue " + d.Queue
	}
	return title
}

// Span is what the digest covers, as people read it.
func (d *Digest) Span() string {
	r := Report{From: d.From, To: d.To, Zone: d.Zone}
	return r.Span()
}

func (d *Digest) before() string {
	r := Report{From: d.Was, To: d.From, Zone: d.Zone}
	return r.Span()
}

// head is what stands over both forms.
func (d *Digest) head() []string {
	lines := []string{fmt.Sprintf("Beside it: %s. As of %s, record %d.", d.before(), onWall(d.AsOf, d.Zone, "2006-01-02 15:04"), d.Position)}
	if d.Without != "" {
		lines = append(lines, d.Without)
	}
	if d.Empty {
		lines = append(lines, "Nothing fell into this span.")
	}
	return lines
}

// said is a figure in words: its value with n, the one before, and the trend.
func (h *DigestFigure) said() (now, before string) {
	now = h.Now.Text(h.Unit)
	switch {
	case h.Now.Value == nil && h.Now.Why != "":
		now += ", " + h.Now.Why
	case h.Unit != Count:
		now += fmt.Sprintf(", n %d", h.Now.N)
	}
	before = h.Before.Text(h.Unit)
	if h.Before.Value != nil && h.Unit != Count {
		before += fmt.Sprintf(", n %d", h.Before.N)
	}
	return now, before
}

// note is what both forms end with.
const note = "* made of fewer than five: too few to tell. “May be” says what the log has beside a change, not that it caused it. Satisfaction may recover while loyalty does not."

// Text is the digest as plain text.
func (d *Digest) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", d.Title())
	for _, s := range d.head() {
		line("%s", s)
	}
	line("\nWhat changed")
	if len(d.Changes) == 0 {
		line("- Nothing is clearly otherwise than before.")
	}
	for _, c := range d.Changes {
		line("- %s", c.Says)
		for _, why := range c.Because {
			line("  May be: %s", why)
		}
	}
	if len(d.Happened) > 0 {
		line("\nBesides")
		for _, s := range d.Happened {
			line("- %s", s)
		}
	}
	line("\nFigures")
	for i := range d.Figures {
		h := &d.Figures[i]
		now, before := h.said()
		line("- %s: %s", h.Name, now)
		if h.Trend != Alone {
			line("  before: %s (%s)", before, h.Trend)
		} else {
			line("  before: %s", before)
		}
	}
	line("\nTo see them again as they were")
	for _, page := range d.pages() {
		if page.Link != "" {
			line("- %s", page.Link)
		}
		line("- %s", page.Command)
	}
	line("\n%s", note)
	return b.String()
}

// pages are the reports that the figures are from, each once.
func (d *Digest) pages() (all []DigestFigure) {
	known := map[string]bool{}
	for _, h := range d.Figures {
		if !known[h.Command] {
			known[h.Command] = true
			all = append(all, h)
		}
	}
	return all
}

// letter is the digest as a mail program shows it: everything inside, and nothing
// loaded from anywhere. What comes from outside is escaped.
var letter = template.Must(template.New("digest").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>{{.Title}}</title></head>
<body style="margin:0;padding:24px 16px;font:15px/1.5 -apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:640px;margin:0 auto">
<h1 style="font-size:20px;line-height:1.3;margin:0 0 8px">{{.Title}}</h1>
{{range .Head}}<p style="margin:0 0 4px;opacity:.75">{{.}}</p>
{{end}}<h2 style="font-size:16px;margin:24px 0 8px">What changed</h2>
{{if .Changes}}<ul style="margin:0;padding-left:20px">{{range .Changes}}<li style="margin-bottom:8px">{{.Says}}{{range .Because}}<br><span style="opacity:.75">May be: {{.}}</span>{{end}}</li>
{{end}}</ul>{{else}}<p style="margin:0">Nothing is clearly otherwise than before.</p>{{end}}
{{if .Happened}}<h2 style="font-size:16px;margin:24px 0 8px">Besides</h2>
<ul style="margin:0;padding-left:20px">{{range .Happened}}<li>{{.}}</li>{{end}}</ul>{{end}}
<h2 style="font-size:16px;margin:24px 0 8px">Figures</h2>
<table style="border-collapse:collapse;width:100%;font-size:14px"><thead><tr><th align="left" style="padding:6px 8px 6px 0">Figure</th><th align="left" style="padding:6px 8px">Now</th><th align="left" style="padding:6px 0 6px 8px">Before</th></tr></thead><tbody>
{{range .Rows}}<tr style="border-top:1px solid #8885"><td style="padding:6px 8px 6px 0;vertical-align:top">{{if .Link}}<a href="{{.Link}}">{{.Name}}</a>{{else}}{{.Name}}{{end}}</td><td style="padding:6px 8px;vertical-align:top">{{.Now}}</td><td style="padding:6px 0 6px 8px;vertical-align:top">{{.Before}}{{if .Trend}}<br><span style="opacity:.75">{{.Trend}}</span>{{end}}</td></tr>
{{end}}</tbody></table>
<h2 style="font-size:16px;margin:24px 0 8px">To see them again as they were</h2>
{{range .Pages}}<p style="margin:0 0 4px;font:12px/1.5 Consolas,Menlo,monospace;overflow-wrap:anywhere">{{.Command}}</p>
{{end}}<p style="margin:24px 0 0;opacity:.75;font-size:13px">{{.Note}}</p>
</div></body></html>
`))

// HTML is the digest as a page of its own.
func (d *Digest) HTML() (string, error) {
	type row struct {
		Name, Link, Now, Before string
		Trend                   Trend
	}
	var rows []row
	for i := range d.Figures {
		h := &d.Figures[i]
		now, before := h.said()
		rows = append(rows, row{h.Name, h.Link, now, before, h.Trend})
	}
	var b strings.Builder
	err := letter.Execute(&b, map[string]any{
		"Title": d.Title(), "Head": d.head(), "Changes": d.Changes, "Happened": d.Happened, "Rows": rows, "Pages": d.pages(), "Note": note,
	})
	return b.String(), err
}

// A WatchQuery asks for one figure as it is at an instant.
type WatchQuery struct {
	Figure string // page/table/column
	Queue  string // empty: all
	At     time.Time
	Over   time.Duration // the span up to At; figures of the present have none
	Demo   bool
}

// Watched is the figure now, for whoever watches it: what is open is measured at
// the instant asked for, also where nothing has happened since. The error is a
// *care.Error. Where so many still wait that a length of time can't be told, Low is
// the least that it can be.
func (f *Fold) Watched(q WatchQuery) (Cell, Unit, error) {
	page, rest, _ := strings.Cut(q.Figure, "/")
	table, column, _ := strings.Cut(rest, "/")
	ask := Query{From: q.At.Add(-q.Over), To: q.At.Add(time.Millisecond), AsOf: q.At, Zone: time.UTC, Demo: q.Demo}
	if q.Queue != "" {
		ask.Only = map[Dimension]string{ByQueue: q.Queue}
	}
	r, err := f.Report(page, ask)
	if err != nil {
		return Cell{}, "", err
	}
	c, unit := r.cell(Ref{Table: table, Row: all, Column: column})
	if c == nil {
		return Cell{Why: "there was nothing to count"}, "", nil
	}
	if i := slices.IndexFunc(r.Tables, func(t Table) bool { return t.Name == table }); unit == Seconds && c.Value == nil && r.Tables[i].waits.n > 0 {
		c.Low = number(float64(r.Tables[i].waits.longest().seconds())) // so many wait that it is not reached: it is no less than the longest wait so far
	}
	return *c, unit, nil
}

// Figures are all that can be watched, as page/table/column, with their units.
func Figures() map[string]string {
	f := New(nil)
	e := f.eval(Query{Zone: time.UTC}.complete(f), nil)
	found := map[string]string{}
	for name, p := range pages() {
		tables := p.tables(e)
		if name == "voice" {
			tables = append(tables, e.surveyed()...)
		}
		for _, t := range tables {
			for _, c := range t.Columns {
				found[name+"/"+t.Name+"/"+c.Name] = string(c.Unit)
			}
		}
	}
	return found
}

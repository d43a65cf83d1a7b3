package web

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// openedAtOnce is how many of a number's cases stand on a page.
const openedAtOnce = 100

type openedPage struct {
	page
	Name     string // of the report
	Heading  string
	Row      string
	Value    string
	Within   string
	N, Count int // the number's n, and how many cases it is made of
	Position uint64
	Gives    string // what each case gives to the number; empty: it only is one of them
	Zone     string // of when the clock of each began
	Cases    []openedRow
	File     string // the same as CSV
	Back     string
	Previous string
	Next     string
}

// An openedCase is a case that a number is made of. Its texts may be gone.
type openedCase struct {
	ID      care.CaseID
	Number  uint64
	Network string
	Topic   string
	Queue   string
	State   string
}

// An openedRow is one with what it gives to the number. Here: the number is this very
// value.
type openedRow struct {
	openedCase
	Began string // on the report's clocks, for hours and days are counted by them
	Gives string
	Here  bool
}

// gives is what a case gives to a number, in words.
func (t teller) gives(u report.Unit, values []report.Given) string {
	var all []string
	for _, v := range values {
		text := strings.ReplaceAll(t.value(u, &v.Value), " ", "\u00a0") // a length of time is not broken
		switch {
		case u == report.Share && v.Value > 0:
			all = append(all, t.Say("opened.yes"))
		case u == report.Share:
			all = append(all, t.Say("opened.no"))
		case v.More:
			all = append(all, t.Say("rep.or_more", "from", text))
		case u == report.Score:
			all = append(all, t.Number(v.Value, 0))
		default:
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}

// openedFile is what a number is made of, as a file.
func (s *Server) openedFile(w http.ResponseWriter, name string, o *report.Opened, ref report.Ref, position uint64) error {
	var b strings.Builder
	var failed error
	err := o.WriteCSV(&b, func(id care.CaseID) uint64 {
		one, err := s.openedCase(id)
		failed = cmp.Or(failed, err)
		return one.Number
	})
	if err = cmp.Or(err, failed); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", reportForms()["csv"])
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fmt.Sprintf("amends-%s-%s-%s-%d.csv", name, ref.Table, ref.Column, position)}))
	_, _ = w.Write([]byte(b.String())) // whoever asked may be gone
	return nil
}

// openedPage lists the cases that a number of a report is made of.
func (s *Server) openedPage(w http.ResponseWriter, r *http.Request, name string, a *reportAsk) error {
	o, ref, position, err := s.opened(r.Context(), name, a)
	if err != nil {
		return err
	}
	if a.As == "csv" {
		return s.openedFile(w, name, &o, ref, position)
	}
	t := s.teller(r.Context())
	p := openedPage{Name: name, Heading: t.fig(o.Table) + ", " + t.fig(o.Column.Title), Row: shortName(t.label(ref.Row)), N: o.N, Count: len(o.Cases), Position: position}
	if o.Table == "" {
		p.Heading = t.Say("rep.left_out_column", "what", t.fig(ref.Column))
	} else if p.Value = t.value(o.Column.Unit, o.Cell.Value); o.Cell.Low != nil && o.Cell.High != nil {
		p.Within = t.Say("rep.to", "from", t.value(o.Column.Unit, o.Cell.Low), "to", t.value(o.Column.Unit, o.Cell.High))
	}
	from := min(a.Page*openedAtOnce, len(o.Cases))
	to := min(from+openedAtOnce, len(o.Cases))
	p.Zone = o.Zone.String()
	if o.Unit != "" {
		p.Gives = t.Say("opened.gives_" + string(o.Unit))
	}
	for _, piece := range o.Pieces[from:to] {
		one, err := s.openedCase(piece.Case)
		if err != nil {
			return err
		}
		here := o.Unit == report.Seconds && o.Cell.Value != nil && slices.Contains(piece.Values, report.Given{Value: *o.Cell.Value})
		p.Cases = append(p.Cases, openedRow{one, t.wall(piece.Began.In(o.Zone)), t.gives(o.Unit, piece.Values), here})
	}
	if p.page, err = s.framed(r, "nav.reports"); err != nil {
		return err
	}
	p.Title = p.Heading
	back := *a
	back.Open, back.Page = "", 0
	p.Back = back.address(name)
	file := *a
	file.Page, file.At, file.As = 0, position, "csv"
	p.File = file.address(name)
	page := func(n int) string { other := *a; other.Page = n; return other.address(name) }
	if a.Page > 0 {
		p.Previous = page(a.Page - 1)
	}
	if to < len(o.Cases) {
		p.Next = page(a.Page + 1)
	}
	return s.show(w, http.StatusOK, "reportcases", p)
}

// reportNav are the reports that somebody may see.
func (p *page) reportNav() (items []navItem) {
	icons := map[string]string{"now": "i-hourglass", "promises": "i-flag", "people": "i-users", "volume": "i-inbox", "topics": "i-megaphone", "quality": "i-check", "voice": "i-message-circle", "response": "i-alarm-clock"}
	names := map[string]string{"now": "fig.Now", "response": "fig.Response times", "promises": "fig.Promises", "volume": "fig.Volume", "topics": "nav.topics", "quality": "nav.quality", "voice": "nav.voice", "people": "nav.people_report"}
	for _, name := range report.Names() {
		if p.Me.May(needsFor(name)) {
			items = append(items, navItem{Href: reportsPath + name, Icon: icons[name], Name: p.tells.Say(names[name])})
		}
	}
	return items
}

package web

import (
	"net/http"
	"time"

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
	Cases    []openedCase
	Back     string
	Previous string
	Next     string
}

// An openedCase is a case that a number is made of. Its texts may be gone.
type openedCase struct {
	ID       care.CaseID
	Number   uint64
	Network  string
	Topic    string
	Queue    string
	State    string
	OpenedAt time.Time
}

// openedPage lists the cases that a number of a report is made of.
func (s *Server) openedPage(w http.ResponseWriter, r *http.Request, name string, a *reportAsk) error {
	o, ref, position, err := s.opened(r.Context(), name, a)
	if err != nil {
		return err
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
	for _, id := range o.Cases[from:to] {
		one, err := s.openedCase(id)
		if err != nil {
			return err
		}
		p.Cases = append(p.Cases, one)
	}
	if p.page, err = s.framed(r, "nav.reports"); err != nil {
		return err
	}
	p.Title = p.Heading
	back := *a
	back.Open, back.Page = "", 0
	p.Back = back.address(name)
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

package report

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A DigestQuery asks for the figures of a span beside those of the span before.
type DigestQuery struct {
	Was, From, To time.Time // the span before is from Was to From, this one from From to To
	Zone          *time.Location
	Queue         string // the one it is about; empty: all
	Demo          bool   // take in what the demo made up
	// Link is the address of a page of ours; "" where none is known. May be nil.
	Link func(path string) string
}

// A Digest is what a manager is told of a span: its figures, what is otherwise
// than before, and what the log has on why. It claims no cause.
type Digest struct {
	Position uint64         `json:"position"`
	AsOf     time.Time      `json:"as_of"`
	From     time.Time      `json:"from"`
	To       time.Time      `json:"to"` // excluded
	Was      time.Time      `json:"before_from"`
	Zone     string         `json:"zone"`
	Queue    string         `json:"queue,omitempty"`
	Empty    bool           `json:"empty"` // nothing fell into the span
	Changes  []DigestChange `json:"changes"`
	Figures  []DigestFigure `json:"figures"`
	Happened []string       `json:"happened"` // beside the cases
	Without  string         `json:"without,omitempty"`
}

// A DigestChange is a figure that is clearly otherwise, with what the log has on
// why it might be.
type DigestChange struct {
	Says    string   `json:"says"`
	Because []string `json:"because"` // may be; empty: the log has nothing
}

// A DigestFigure is one number of a report, beside the one before.
type DigestFigure struct {
	Name    string `json:"name"`
	Figure  string `json:"figure"` // page/table/row/column
	Unit    Unit   `json:"unit"`
	Now     Cell   `json:"now"`
	Before  Cell   `json:"before"`
	Trend   Trend  `json:"trend"`
	Link    string `json:"link,omitempty"` // shows the page it is on, as it was
	Command string `json:"command"`        // prints it again
}

// headlines are the figures of a digest, in its order.
func headlines() []DigestFigure {
	return []DigestFigure{
		{Name: "Complaints", Figure: "volume/cases/all/complaints"},
		{Name: "Open at the end", Figure: "volume/flow/all/open"},
		{Name: "First answers within target", Figure: "response/first/all/within"},
		{Name: "First answer, median", Figure: "response/first/all/median"},
		{Name: "First answer, nine in ten", Figure: "response/first/all/p90"},
		{Name: "Still without a first answer", Figure: "response/first/all/waiting"},
		{Name: "Resolutions within target", Figure: "response/sla_resolution/all/attainment"},
		{Name: "Promises kept on time", Figure: "promises/promises/all/kept_share"},
		{Name: "Promises that slipped", Figure: "promises/promises/all/slipped"},
		{Name: "Resolved at first contact, net", Figure: "voice/fcr/all/net"},
		{Name: "Satisfaction (CSAT)", Figure: "voice/csat/all/csat"},
		{Name: "Effort (CES)", Figure: "voice/ces/all/ces"},
		{Name: "Recommendation (NPS)", Figure: "voice/nps/all/nps"},
		{Name: "Flagged rightly", Figure: "quality/reviews/all/precision"},
	}
}

// Digest makes a digest. The error is a *care.Error.
func (f *Fold) Digest(q DigestQuery) (Digest, error) {
	d := Digest{
		Position: f.position, From: q.From.UTC(), To: q.To.UTC(), Was: q.Was.UTC(), Zone: q.Zone.String(), Queue: q.Queue,
		Changes: []DigestChange{}, Figures: []DigestFigure{}, Happened: []string{},
	}
	now := Query{From: q.From, To: q.To, Zone: q.Zone, Demo: q.Demo}
	if q.Queue != "" {
		now.Only = map[Dimension]string{ByQueue: q.Queue}
	}
	was := now
	was.From, was.To = q.Was, q.From
	pages, before := map[string]Report{}, map[string]Report{}
	read := func(page string) (err error) {
		if _, ok := pages[page]; ok {
			return nil
		}
		if pages[page], err = f.Report(page, now); err == nil {
			before[page], err = f.Report(page, was)
		}
		return err
	}
	d.Empty = true
	for _, h := range headlines() {
		name, ref := splitFigure(h.Figure)
		if err := read(name); err != nil {
			return Digest{}, err
		}
		page := pages[name]
		cell, unit := page.cell(ref)
		if cell == nil {
			continue // nobody was asked
		}
		old := before[name]
		if b, _ := old.cell(ref); b != nil {
			h.Before = *b
		}
		h.Now, h.Unit, h.Trend = *cell, unit, trend(*cell, h.Before, unit)
		if ref.Column == "waiting" {
			h.Trend = Alone // cases of the span before had more time to be answered
		}
		h.Now.Was, h.Now.Trend = nil, Alone
		h.Before.Was, h.Before.Trend = nil, Alone
		d.AsOf, d.Without = page.AsOf, page.Without()
		h.Link, h.Command = d.reproduce(q, name)
		d.Empty = d.Empty && h.Now.N == 0
		d.Figures = append(d.Figures, h)
	}
	blind, issues := f.reasons(momentOf(q.From), momentOf(q.To), q.Queue)
	d.Happened = slices.Concat(d.Happened, blind, issues)
	return d, d.explain(f, now, was, blind, issues)
}

// splitFigure takes page/table/row/column apart.
func splitFigure(s string) (page string, ref Ref) {
	page, s, _ = strings.Cut(s, "/")
	ref.Table, s, _ = strings.Cut(s, "/")
	ref.Row, ref.Column, _ = strings.Cut(s, "/")
	return page, ref
}

// cell is one number; nil: the report has none such.
func (r *Report) cell(ref Ref) (*Cell, Unit) {
	t, row, column := r.Find(ref)
	if t == nil {
		return nil, ""
	}
	return &t.Rows[row].Cells[column], t.Columns[column].Unit
}

// reproduce is where a figure can be seen again as it was, and how it is printed.
func (d *Digest) reproduce(q DigestQuery, page string) (link, command string) {
	from, to := q.From.In(q.Zone).Format(time.DateOnly), q.To.In(q.Zone).Format(time.DateOnly)
	at := strconv.FormatUint(d.Position, 10)
	command = fmt.Sprintf("amends report %s --from %s --to %s --zone %s --at %s", page, from, to, q.Zone, at)
	query := url.Values{"from": {from}, "to": {to}, "zone": {q.Zone.String()}, "at": {at}}
	if q.Queue != "" {
		command += " --only queue=" + q.Queue
		query.Set("only", "queue="+q.Queue)
	}
	if q.Link != nil {
		if base := q.Link("/reports/" + page); base != "" {
			link = base + "?" + query.Encode()
		}
	}
	return link, command
}

// explain says what is otherwise, and what the log has on why.
func (d *Digest) explain(f *Fold, now, was Query, blind, issues []string) error {
	topics, more, err := f.topicsMoved(now, was)
	if err != nil {
		return err
	}
	people, err := f.peopleMoved(now, was)
	if err != nil {
		return err
	}
	for i := range d.Figures {
		h := &d.Figures[i]
		if h.Trend != Rose && h.Trend != Fell {
			continue
		}
		c := DigestChange{
			Says:    fmt.Sprintf("%s %s: %s after %s.", h.Name, h.Trend, h.Now.Text(h.Unit), h.Before.Text(h.Unit)),
			Because: []string{},
		}
		_, ref := splitFigure(h.Figure)
		switch volume := ref.Table == "cases" || ref.Table == "flow"; {
		case volume && h.Trend == Rose:
			c.Because = slices.Concat(c.Because, topics[Rose], issues)
		case volume:
			c.Because = slices.Concat(c.Because, topics[Fell], blind)
		case worse(ref, h.Trend):
			c.Because = slices.Concat(c.Because, more, people[Fell], issues)
		default:
			c.Because = slices.Concat(c.Because, people[Rose])
		}
		d.Changes = append(d.Changes, c)
	}
	return nil
}

// worse says that a change of a figure of response is one for the worse.
func worse(ref Ref, t Trend) bool {
	switch ref.Column {
	case "median", "p90", "waiting", "slipped":
		return t == Rose
	}
	return t == Fell
}

// topicsMoved are the topics with clearly more cases, and clearly fewer; more
// says that there are clearly more cases in all.
func (f *Fold) topicsMoved(now, was Query) (moved map[Trend][]string, more []string, err error) {
	now.By, was.By = ByTopic, ByTopic
	a, err := f.Report("volume", now)
	if err != nil {
		return nil, nil, err
	}
	b, err := f.Report("volume", was)
	if err != nil {
		return nil, nil, err
	}
	moved = map[Trend][]string{}
	labels := map[string]bool{}
	for _, r := range []Report{a, b} {
		for _, row := range r.Tables[0].Rows {
			labels[row.Label] = true
		}
	}
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		ref := Ref{Table: "cases", Row: label, Column: "complaints"}
		x, y := countOf(&a, ref), countOf(&b, ref)
		t := trend(Cell{Value: &x}, Cell{Value: &y}, Count)
		switch {
		case label == all && t == Rose:
			more = []string{fmt.Sprintf("There were %.0f complaints after %.0f.", x, y)}
		case label == all || label == "none" || t != Rose && t != Fell:
		default:
			moved[t] = append(moved[t], fmt.Sprintf("%s: %.0f complaints after %.0f.", label, x, y))
		}
	}
	return moved, more, nil
}

// peopleMoved says that clearly fewer, or more, people worked on cases: by a third
// at least.
func (f *Fold) peopleMoved(now, was Query) (map[Trend][]string, error) {
	var n [2]float64
	for i, q := range []Query{now, was} {
		r, err := f.Report("people", q)
		if err != nil {
			return nil, err
		}
		for _, row := range r.Tables[0].Rows {
			ref := Ref{Table: "people", Row: row.Label, Column: "worked"}
			if row.Label != all && countOf(&r, ref) > 0 {
				n[i]++
			}
		}
	}
	says := fmt.Sprintf("%.0f people worked on cases after %.0f.", n[0], n[1])
	switch {
	case n[1] > 0 && n[0] <= n[1]*2/3:
		return map[Trend][]string{Fell: {says}}, nil
	case n[1] > 0 && n[0] >= n[1]*3/2:
		return map[Trend][]string{Rose: {says}}, nil
	}
	return nil, nil
}

func countOf(r *Report, ref Ref) float64 {
	if c, _ := r.cell(ref); c != nil && c.Value != nil {
		return *c.Value
	}
	return 0
}

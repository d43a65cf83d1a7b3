package web

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/web/tongue"
)

// Reports make figures of the log.
type Reports interface {
	// Report is made of the log up to a record; 0: all of it. It is only read.
	Report(ctx context.Context, name string, q report.Query, at uint64) (report.Report, error)
	// Open lists the cases behind a number, and the record that it stands at.
	Open(ctx context.Context, name string, q report.Query, ref report.Ref, at uint64) (report.Opened, uint64, error)
	// Since tells what a report says otherwise than it did at an earlier record.
	Since(ctx context.Context, name string, q report.Query, since, at uint64) (report.Changes, error)
	// Digest writes the figures of a span beside those of the span before.
	Digest(ctx context.Context, w io.Writer, form string, ask *report.Ask, at uint64) error
	// Zone holds where nobody names one.
	Zone() *time.Location
}

const reportsPath = "/reports/"

// needsFor is what it takes to see a report: what waits and what is promised is
// everybody's, one's own work every agent's, the rest a lead's.
func needsFor(name string) auth.Action {
	switch name {
	case "now", "promises":
		return auth.Read
	case "people":
		return auth.Work
	}
	return auth.Report
}

// own is the only row of people that somebody may see; empty: all.
func own(name string, who *auth.Identity) string {
	if name == "people" && !who.May(auth.Report) {
		return string(who.Name)
	}
	return ""
}

// madeReport makes a report for whoever asks.
func (s *Server) madeReport(ctx context.Context, name string, a *reportAsk) (report.Report, error) {
	who := &askedOf(ctx).who
	if s.Reports == nil || !slices.Contains(report.Names(), name) {
		return report.Report{}, &care.Error{Code: care.NotFound, Msg: "There is no such report."}
	}
	if !who.May(needsFor(name)) {
		return report.Report{}, errMayNot
	}
	q, err := a.Query(s.Reports.Zone())
	if err != nil {
		return report.Report{}, err
	}
	r, err := s.Reports.Report(ctx, name, q, a.At)
	if mine := own(name, who); mine != "" && err == nil {
		r.Tables = slices.Clone(r.Tables) // the report belongs to others too
		for i := range r.Tables {
			t := &r.Tables[i]
			t.Rows = slices.DeleteFunc(slices.Clone(t.Rows), func(row report.Row) bool { return row.Label != mine })
		}
	}
	return r, err
}

// opened lists what a number is made of, for whoever asks.
func (s *Server) opened(ctx context.Context, name string, a *reportAsk) (o report.Opened, ref report.Ref, at uint64, err error) {
	who := &askedOf(ctx).who
	if s.Reports == nil {
		return o, ref, 0, &care.Error{Code: care.NotFound, Msg: "There is no such report."}
	}
	if ref, err = report.ParseRef(a.Open); err != nil {
		return o, ref, 0, err
	}
	if mine := own(name, who); !who.May(needsFor(name)) || mine != "" && ref.Row != mine && ref.Table == "people" {
		return o, ref, 0, errMayNot
	}
	q, err := a.Query(s.Reports.Zone())
	if err != nil {
		return o, ref, 0, err
	}
	o, at, err = s.Reports.Open(ctx, name, q, ref, a.At)
	return o, ref, at, err
}

type reportPage struct {
	page
	Report   *report.Report
	Ask      reportAsk
	Heads    []headFigure
	Sections []section
	Notes    []string
	Presets  []preset
	Menu     reportMenu
	Lines    []string // what stands over the figures
	LeftOut  []leftOut
	Fixed    string // the address that gives the same figures for ever
	Exports  []choice
	On       []string // who is on, by name; on the page of now
	Off      []string
	Sources  []Source
	Surges   []care.Surge
	Own      bool
	Noted    []ChartNote // that stand on the charts
	Here     string      // the address of this page
	AllDemo  bool        // there is nothing but the demo
	Before   *keptBefore // these very figures, or the same question, as they were
	Question string      // this report wherever the log stands
}

// A headFigure is one of the few that a page begins with.
type headFigure struct {
	Name string
	figureCell
}

// A section is one table with its pictures.
type section struct {
	*report.Table
	Title, Definition string
	Heads             []string // what its columns are called
	Charts            []picture
	Figures           []headFigure // of the only row
	Lines             []tableLine
	By                string
	Early             *earlier
}

// earlier is the span of which a table can tell what it can't of this one, and
// where it is shown.
type earlier struct {
	Days       int
	Span, Href string
}

// A picture is a chart in both widths, and what it shows as a table where no
// other table has it; the first line is the head.
type picture struct {
	Title        string
	Wide, Narrow template.HTML
	Head         []string
	Lines        [][]string
}

type tableLine struct {
	Label, Name string // Name: what else it is called
	Cells       []figureCell
}

// A figureCell is a number as it is shown.
type figureCell struct {
	Text, Within, Why string
	N                 int
	Count, Thin, None bool
	Href              string // opens its cases; empty: there are none, or it opens nothing
	Since             string // leads to Was
	Was, WasHref      string
}

type leftOut struct {
	What, Href string
	N          int
}

type preset struct {
	Name, Href string
	Here       bool
}

type reportMenu struct {
	Dimensions, Clocks, Against []option
	Beyond                      []option // dispositions, where the page has a figure that asks for them
	Values                      []string // that only some can be kept of, as queue=billing
}

type option struct {
	Value, Name string
	Chosen      bool
}

// reportGet is the page of a report, the cases behind one of its numbers, or a
// file of it.
func (s *Server) reportGet(name string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, err := s.reportAsk(r.URL.Query())
		if err != nil {
			return err
		}
		if name == "now" && a.AsOf == "" && a.At == 0 && a.Since == 0 && a.As == "" {
			a.AsOf = s.Now().UTC().Truncate(time.Second).Format(time.RFC3339)
		}
		switch {
		case a.Open != "":
			return s.openedPage(w, r, name, &a)
		case a.Since > 0:
			return s.changesPage(w, r, name, &a)
		case a.As != "":
			return s.reportFile(w, r, name, &a)
		}
		rep, err := s.madeReport(r.Context(), name, &a)
		if err != nil {
			return err
		}
		p := reportPage{Report: &rep, Ask: a, AllDemo: s.Setup().Demo, Own: own(name, &askedOf(r.Context()).who) != ""}
		if p.page, err = s.framed(r, "fig."+rep.Title); err != nil {
			return err
		}
		if p.Noted, err = s.worded(r.Context(), &rep); err != nil {
			return err
		}
		p.Here = r.URL.RequestURI()
		if err := s.before(r.Context(), &p); err != nil {
			return err
		}
		p.fill(s.issueNames(r.Context(), &rep))
		s.menu(&p)
		if name == "now" {
			err = s.present(r, &p)
		}
		if name == "volume" {
			p.Surges = s.Watching().Surges
		}
		if err != nil {
			return err
		}
		return s.show(w, http.StatusOK, "report", &p)
	}
}

// reportFile is a report as a file.
func (s *Server) reportFile(w http.ResponseWriter, r *http.Request, name string, a *reportAsk) error {
	if !slices.Contains([]string{"csv", "json", "svg"}, a.As) {
		return &care.Error{Code: care.Invalid, Field: "as", Msg: "A report can be had as csv, json or svg."}
	}
	rep, err := s.madeReport(r.Context(), name, a)
	if err != nil {
		return err
	}
	if a.As == "svg" {
		if _, err := s.worded(r.Context(), &rep); err != nil {
			return err
		}
	}
	var b strings.Builder
	if err := rep.Write(&b, a.As); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", reportForms()[a.As])
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fmt.Sprintf("amends-%s-%d.%s", name, rep.Position, a.As)}))
	_, _ = w.Write([]byte(b.String())) // whoever asked may be gone
	return nil
}

// issueNames are the titles of the known issues that a report has rows of.
func (s *Server) issueNames(ctx context.Context, rep *report.Report) map[string]string {
	names := map[string]string{}
	if rep.Name != "topics" && rep.By != report.ByIssue {
		return names
	}
	rows, titles, err := s.Issues.Issues(ctx)
	if err != nil {
		return names // their numbers tell enough
	}
	for _, i := range rows {
		names["issue "+strconv.FormatUint(i.Number, 10)] = cleanLine(titles[i.ID])
	}
	return names
}

// present adds who is on and how the sources are.
func (s *Server) present(r *http.Request, p *reportPage) error {
	people, err := s.listPeople(r.Context(), nil)
	if err != nil {
		return err
	}
	looking := s.presence.names()
	for _, who := range people.Body.People {
		switch name := cmp.Or(who.Display, string(who.Name)); {
		case who.Disabled || who.Role == auth.Viewer:
		case looking[who.Name]:
			p.On = append(p.On, name)
		default:
			p.Off = append(p.Off, name)
		}
	}
	slices.Sort(p.On)
	slices.Sort(p.Off)
	l, err := s.sources(s.teller(r.Context()))
	p.Sources = l.Sources
	return err
}

// heads are the figures that a page begins with.
func heads(name string) []string {
	switch name {
	case "now":
		return []string{"open/all/waiting", "open/all/at_risk", "open/all/soon", "open/all/unassigned", "open/all/overdue"}
	case "response":
		return []string{"first/all/median", "first/all/p90", "first/all/within", "rate/all/rate", "first/all/waiting"}
	case "promises":
		return []string{"promises/all/kept_share", "promises/all/due", "promises/all/slipped", "promises/all/owed", "to_come/all/open"}
	case "volume":
		return []string{"cases/all/cases", "cases/all/complaints", "flow/all/closed", "flow/all/open", "replies/all/replies"}
	case "quality":
		return []string{"reviews/all/precision", "reviews/all/missed_share", "outcome/all/precision", "outcome/all/missed"}
	case "voice":
		return []string{"fcr/all/gross", "fcr/all/net", "recovery_7/all/recovered", "recovery_7/all/lost", "recovery_7/all/difference", "csat/all/csat", "nps/all/nps"}
	}
	return nil
}

// headName is what a figure is called where its table is not seen.
func (t teller) headName(table, column string) string {
	switch {
	case strings.EqualFold(table, column):
		return t.fig(table)
	case table == "Open cases":
		return tongue.Capital(t.fig(column))
	}
	return t.Say("rep.of_a", "table", t.fig(table), "figure", t.fig(column))
}

func (p *reportPage) fill(issues map[string]string) {
	rep := p.Report
	at, say := p.Ask.fixed(rep), p.tells
	for _, note := range rep.Notes {
		p.Notes = append(p.Notes, say.fig(note))
	}
	cell := func(ref report.Ref, t *report.Table, row, column int) figureCell {
		return say.shown(rep, &at, ref, t, row, column)
	}
	for _, name := range heads(rep.Name) {
		ref, _ := report.ParseRef(name)
		if t, row, column := rep.Find(ref); t != nil {
			p.Heads = append(p.Heads, headFigure{p.tells.headName(t.Title, t.Columns[column].Title), cell(ref, t, row, column)})
		}
	}
	for i := range rep.Tables {
		t := &rep.Tables[i]
		sec := section{Table: t, Title: say.fig(t.Title), Definition: say.definition(t), By: say.fig(string(t.Dates))}
		for _, c := range t.Columns {
			sec.Heads = append(sec.Heads, say.fig(c.Title))
		}
		if days, span, ok := rep.Earlier(t); ok {
			a := p.Ask.over(span)
			a.At, a.AsOf = 0, ""
			sec.Early = &earlier{days, say.days(span.From, span.To, rep.Zone), a.address(rep.Name)}
		}
		charts, width := rep.Charts(say.drawn(t, &at, rep.Name)), report.Half
		if len(charts) == 1 && len(t.Rows) > 1 {
			width = report.Wide
		}
		for k, c := range charts {
			id := fmt.Sprintf("%s-%s-%d", t.Name, c.Name, k)
			//nolint:gosec // our own drawing: every text in it is escaped
			drawn := picture{Title: c.Title, Wide: template.HTML(c.SVG(width, id+"w")), Narrow: template.HTML(c.SVG(report.Narrow, id+"n"))}
			if strings.HasSuffix(c.Name, "-curve") || strings.HasSuffix(c.Name, "-beside") {
				drawn.Head, drawn.Lines = c.Data[0], c.Data[1:]
			}
			sec.Charts = append(sec.Charts, drawn)
		}
		for k, row := range t.Rows {
			line := tableLine{Label: shortName(say.label(row.Label)), Name: cmp.Or(issues[row.Label], rep.MarkedIn(row.Label))}
			for c := range t.Columns {
				f := cell(report.Ref{Table: t.Name, Row: row.Label, Column: t.Columns[c].Name}, t, k, c)
				line.Cells = append(line.Cells, f)
				if len(t.Rows) == 1 && row.Label == "all" {
					sec.Figures = append(sec.Figures, headFigure{sec.Heads[c], f})
				}
			}
			sec.Lines = append(sec.Lines, line)
		}
		p.Sections = append(p.Sections, sec)
	}
	for _, l := range []struct {
		n            int
		what, column string
	}{{rep.LeftOut.Imported, "imported", "imported"}, {rep.LeftOut.Late, "old when we first saw them", "late"}, {rep.LeftOut.Demo, "of the demo", "demo"}} {
		if l.n > 0 {
			p.LeftOut = append(p.LeftOut, leftOut{say.fig(l.what), at.opening(rep.Name, "left_out/all/"+l.column), l.n})
		}
	}
	p.controls(&at)
}

// shown is a cell as the page shows it.
func (t teller) shown(rep *report.Report, at *reportAsk, ref report.Ref, of *report.Table, row, column int) figureCell {
	c, unit := &of.Rows[row].Cells[column], of.Columns[column].Unit
	f := figureCell{Text: t.value(unit, c.Value), N: c.N, Count: unit == report.Count, Thin: c.Thin && unit != report.Count && c.Value != nil, None: c.Value == nil, Why: t.fig(c.Why)}
	switch {
	case c.Value == nil:
	case c.Low != nil && c.High != nil:
		f.Within = t.Say("rep.to", "from", t.value(unit, c.Low), "to", t.value(unit, c.High))
	case c.Low != nil:
		f.Within, f.Why = t.Say("rep.or_more", "from", t.value(unit, c.Low)), "" // which says it
	}
	if of.Opens && c.N > 0 {
		f.Href = at.opening(rep.Name, ref.String())
	}
	if c.Was != nil && rep.Before != nil {
		f.Since, f.Was = t.fig(c.Trend.Since()), t.value(unit, c.Was)
		if was := at.over(*rep.Before); of.Opens && *c.Was != 0 {
			f.WasHref = was.opening(rep.Name, ref.String())
		}
	}
	return f
}

func (p *reportPage) controls(at *reportAsk) {
	rep, t := p.Report, p.tells
	if rep.Name == "now" { // all of it is at present: no span plays a part
		p.Lines = []string{t.Say("rep.at_present")}
	} else {
		p.Lines = []string{t.days(rep.From, rep.To, rep.Zone)}
	}
	p.Lines = append(p.Lines, t.Say("rep.as_of", "at", t.moment(inZone(rep.AsOf, rep.Zone)), "position", rep.Position), t.Say("rep.on_"+rep.Clock+"_"+rep.Time))
	if b := rep.Before; b != nil {
		p.Lines = append(p.Lines, t.Say("rep.compared", "span", t.days(b.From, b.To, rep.Zone)))
	}
	for _, days := range []int{1, 7, 28, 90, 365} {
		name := t.Say("rep.days", "n", days)
		switch days {
		case 1:
			name = t.Say("rep.today")
		case 365:
			name = t.Say("rep.a_year")
		}
		a := p.Ask
		a.From, a.To, a.Days, a.At, a.AsOf = "", "", days, 0, ""
		here := p.Ask.From == "" && p.Ask.To == "" && cmp.Or(p.Ask.Days, 28) == days
		if rep.Name != "now" {
			p.Presets = append(p.Presets, preset{name, a.address(rep.Name), here})
		}
	}
	p.Menu.Dimensions = []option{{"", t.Say("rep.nothing"), rep.By == ""}}
	for _, d := range report.Dimensions() {
		p.Menu.Dimensions = append(p.Menu.Dimensions, option{string(d), t.dimension(d), rep.By == d})
	}
	for _, c := range []string{"customer", "desk"} {
		p.Menu.Clocks = append(p.Menu.Clocks, option{c, t.Say("rep.clock_" + c), rep.Clock == c})
	}
	for _, c := range [][2]string{{"before", "rep.before"}, {"year", "rep.year"}, {"none", "rep.nothing"}} {
		p.Menu.Against = append(p.Menu.Against, option{c[0], t.Say(c[1]), cmp.Or(p.Ask.Against, "before") == c[0]})
	}
	p.Fixed = at.address(rep.Name)
	for _, form := range []string{"csv", "json", "svg"} {
		a := *at
		a.As = form
		p.Exports = append(p.Exports, choice{strings.ToUpper(form), a.address(rep.Name)})
	}
}

// menu adds what the desk's own names are needed for.
func (s *Server) menu(p *reportPage) {
	for _, q := range s.Setup().Queues {
		p.Menu.Values = append(p.Menu.Values, string(report.ByQueue)+"="+q)
	}
	for _, d := range report.Dimensions() {
		if d != report.ByQueue {
			p.Menu.Values = append(p.Menu.Values, string(d)+"=")
		}
	}
	if p.Report.Name != "voice" {
		return
	}
	for _, code := range s.dispositions() {
		p.Menu.Beyond = append(p.Menu.Beyond, option{code, p.tells.Code(code), slices.Contains(p.Ask.Beyond, code)})
	}
	for _, code := range p.Ask.Beyond {
		if !slices.ContainsFunc(p.Menu.Beyond, func(o option) bool { return o.Value == code }) {
			p.Menu.Beyond = append(p.Menu.Beyond, option{code, p.tells.Code(code), true})
		}
	}
}

// dimension is what people call a dimension.
func (t teller) dimension(d report.Dimension) string { return t.Say("dimension." + string(d)) }

// shortName is a name as a table shows it: whoever gave it.
func shortName(s string) string {
	const most = 120
	if r := []rune(cleanLine(s)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return cleanLine(s)
}

// Day is an end of the span as a date field has it; empty where it is no
// midnight of the report's zone.
func (p *reportPage) Day(at time.Time) string {
	if p.Ask.From == "" && p.Ask.To == "" {
		return "" // the last days, whichever they are
	}
	if at = inZone(at, p.Report.Zone); at.Hour()+at.Minute()+at.Second() > 0 {
		return ""
	}
	return at.Format(time.DateOnly)
}

// inZone is an instant on the clocks of a zone; of UTC where it is not known.
func inZone(at time.Time, zone string) time.Time {
	z, err := time.LoadLocation(zone)
	if err != nil {
		z = time.UTC
	}
	return at.In(z)
}

// Kinds are what can be taken in that is left out otherwise.
func (p *reportPage) Kinds() (kinds []option) {
	for _, k := range []string{"late", "imported", "demo"} {
		if k == "demo" && p.AllDemo {
			continue // it can't be left out
		}
		kinds = append(kinds, option{k, p.tells.Say("rep.with_" + k), slices.Contains(p.Ask.With, k)})
	}
	return kinds
}

// Empty says that nothing fell into the span.
func (p *reportPage) Empty() bool { return p.Report.Empty() }

// query of an address, without what is as ever.
func queryOf(pairs map[string]string) url.Values {
	v := url.Values{}
	for k, x := range pairs {
		if x != "" && x != "0" {
			v.Set(k, x)
		}
	}
	return v
}

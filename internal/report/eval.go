package report

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// all is the label of the row that has everything in it.
const all = "all"

// An eval is one reading of the facts for one span.
type eval struct {
	f              *Fold
	q              Query
	from, to, asOf moment
	desk           bool // the desk's clock
	face           face
	imported, demo int32 // sources whose cases are left out; -1: none is
	only           []filter
	row            func(c *fact, at moment) int64 // of the query's dimension; nil: there are no rows
	share          share
	blocks         blockset
	until          moment   // when what was counted will be another
	unkept         []uint32 // of settled blocks, the cases that can't be kept
	picks          picks
}

// A filter keeps the cases whose row of a dimension has a label.
type filter struct {
	by    Dimension
	label string
	row   func(*fact, moment) int64
}

func (f *Fold) eval(q Query, p picks) *eval {
	e := &eval{
		f: f, q: q, from: momentOf(q.From), to: momentOf(q.To), asOf: momentOf(q.AsOf), desk: q.Clock == deskClock,
		face: face{zone: q.Zone}, picks: p, imported: -1, demo: -1, share: share{0, 1}, until: 1 << 62,
	}
	if n, ok := f.words.of[importedSource]; ok && !q.Imported {
		e.imported = int32(n)
	}
	if n, ok := f.words.of[demoSource]; ok && !q.Demo {
		e.demo = int32(n)
	}
	e.row = e.dimension(q.By)
	for d, label := range q.Only {
		if label == "" {
			label = e.label(d, 0)
		}
		e.only = append(e.only, filter{d, label, e.dimension(d)})
	}
	slices.SortFunc(e.only, func(a, b filter) int { return cmp.Compare(a.by, b.by) })
	return e
}

// date is a case's own: when its clock began.
func (e *eval) date(c *fact) moment {
	if e.desk {
		return c.seen
	}
	return c.began
}

func (e *eval) within(m moment) bool { return m >= e.from && m < e.to }

// has says whether a case belongs to the figures at all.
func (e *eval) has(c *fact) bool {
	return !c.hidden && !e.leftOut(c) && (len(e.only) == 0 || e.chosen(c))
}

// leftOut says that a case is of a kind that the query does not take in.
func (e *eval) leftOut(c *fact) bool {
	return c.late && !e.q.Late || int32(c.source) == e.imported || int32(c.source) == e.demo
}

func (e *eval) chosen(c *fact) bool {
	for _, o := range e.only {
		if e.label(o.by, o.row(c, e.date(c))) != o.label {
			return false
		}
	}
	return true
}

// counts is has, for figures by case: one that goes on in another is not
// counted, for the other is.
func (e *eval) counts(c *fact) bool { return c.state != merged && e.has(c) }

// ofSpan are the cases of the span, by case date, each with its place.
func (e *eval) ofSpan() iter.Seq2[uint32, *fact] {
	return func(yield func(uint32, *fact) bool) {
		for n, c := range inSpan(e, e.f.cases, &e.f.when.cases) {
			if e.within(e.date(c)) && e.counts(c) && !yield(n, c) {
				return
			}
		}
	}
}

// dimension gives the key of a row: of a case, and of the date it is counted by.
func (e *eval) dimension(d Dimension) func(c *fact, at moment) int64 {
	switch d {
	case ByQueue:
		return func(c *fact, _ moment) int64 { return int64(c.queue) }
	case ByNetwork:
		return func(c *fact, _ moment) int64 { return int64(c.network) }
	case ByLanguage:
		return func(c *fact, _ moment) int64 { return int64(c.language) }
	case ByTopic:
		return func(c *fact, _ moment) int64 { return int64(c.topic) }
	case ByPolicy:
		return func(c *fact, _ moment) int64 { return int64(c.policy) }
	case ByList:
		return func(c *fact, _ moment) int64 { return int64(c.lists) }
	case BySource:
		return func(c *fact, _ moment) int64 { return int64(c.source) }
	case ByIssue:
		return func(c *fact, _ moment) int64 { return int64(c.issues) }
	case BySeverity:
		return func(c *fact, _ moment) int64 { return int64(c.severity) }
	case ByLane:
		return func(c *fact, _ moment) int64 {
			if c.critical {
				return 1
			}
			return 0
		}
	case ByHour:
		return func(_ *fact, at moment) int64 { return e.face.hour(at) }
	case ByWeekday:
		return func(_ *fact, at moment) int64 { return e.face.weekday(at) }
	case ByDay:
		return func(_ *fact, at moment) int64 { return e.face.day(at) }
	case ByWeek:
		return func(_ *fact, at moment) int64 { return e.face.monday(at) }
	case ByMonth:
		return func(_ *fact, at moment) int64 {
			return monthOf(e.face.day(at))
		}
	}
	return nil
}

// label is what a row is called.
func (e *eval) label(d Dimension, key int64) string {
	switch d {
	case BySeverity:
		return [...]string{"not judged", string(care.Low), string(care.High)}[key]
	case ByLane:
		return [...]string{string(care.Ordinary), string(care.Critical)}[key]
	case ByHour:
		return fmt.Sprintf("%02d:00", key)
	case ByWeekday:
		return time.Weekday((key + 1) % 7).String()
	case ByDay, ByWeek:
		return dateOf(key).Format(time.DateOnly)
	case ByMonth:
		return fmt.Sprintf("%04d-%02d", key/12, key%12+1)
	}
	return cmp.Or(e.f.words.name(word(key)), "none")
}

// ordered says that a dimension's rows go by their key, not by their label.
func ordered(d Dimension) bool {
	switch d {
	case BySeverity, ByLane, ByHour, ByWeekday, ByDay, ByWeek, ByMonth:
		return true
	}
	return false
}

// timely says that a dimension is of the date.
func timely(d Dimension) bool {
	switch d {
	case ByHour, ByWeekday, ByDay, ByWeek, ByMonth:
		return true
	}
	return false
}

// A sheet is a table in the making.
type sheet struct {
	e     *eval
	name  string
	by    Dimension
	row   func(*fact, moment) int64
	label func(int64) string
	total *group
	base  int64 // of dense: the first keys are near each other most often
	dense []*group
	far   map[int64]*group
	list  []*group
	apart bool // its rows overlap: they have no whole
}

// sheet begins a table that is divided as the query says.
func (e *eval) sheet(name string) *sheet { return e.sheetBy(name, e.q.By) }

func (e *eval) sheetBy(name string, by Dimension) *sheet {
	s := &sheet{e: e, name: name, by: by, row: e.dimension(by)}
	s.label = func(key int64) string { return e.label(by, key) }
	s.total = s.group(0, all)
	return s
}

// blank is an empty sheet of the same kind.
func (s *sheet) blank(e *eval) *sheet {
	b := e.sheetBy(s.name, s.by)
	b.label, b.apart = s.label, s.apart
	return b
}

func (s *sheet) group(key int64, label string) *group {
	return &group{key: key, label: label, half: s.apart, keep: s.e.picks.row(s.name, label) || s.e.picks.row(s.name, all)}
}

// take makes what another sheet counted this one's, and adds up the whole.
func (s *sheet) take(o *sheet) {
	s.total, s.base, s.dense, s.far, s.list = o.total, o.base, o.dense, o.far, o.list
	for _, g := range s.list {
		s.whole(g)
	}
}

// whole adds a row to the whole.
func (s *sheet) whole(g *group) {
	if !s.apart {
		s.total.join(g)
	}
}

// join adds what another sheet counted: to the rows, and to the whole.
func (s *sheet) join(o *sheet) {
	s.total.join(o.total)
	for _, g := range o.list {
		s.at(g.key).join(g)
		s.whole(g)
	}
}

// stand puts a sheet upon what is kept.
func (s *sheet) stand(on *sheet) {
	s.total.stand(on.total)
	for _, g := range on.list {
		s.at(g.key).stand(g)
	}
}

// key is the row of a case, where tables are divided as the query says.
func (e *eval) key(c *fact, at moment) int64 {
	if e.row == nil {
		return 0
	}
	return e.row(c, at)
}

// on is the group of a key; the whole where there are no rows.
func (s *sheet) on(key int64) *group {
	if s.row == nil {
		return s.total
	}
	return s.at(key)
}

// of is the group that a case counts in, by the date it is counted by.
func (s *sheet) of(c *fact, at moment) *group {
	if s.row == nil {
		return s.total
	}
	return s.at(s.row(c, at))
}

// at is the group of a key.
func (s *sheet) at(key int64) *group {
	const near = 1 << 14
	if len(s.dense) == 0 {
		s.base = max(key-near/2, 0)
	}
	place := key - s.base
	if place < 0 || place >= near {
		g, ok := s.far[key]
		if !ok {
			if s.far == nil {
				s.far = map[int64]*group{}
			}
			g = s.group(key, s.label(key))
			s.far[key], s.list = g, append(s.list, g)
		}
		return g
	}
	if int(place) >= len(s.dense) {
		s.dense = append(s.dense, make([]*group, int(place)+1-len(s.dense))...)
	}
	g := s.dense[place]
	if g == nil {
		g = s.group(key, s.label(key))
		s.dense[place], s.list = g, append(s.list, g)
	}
	return g
}

func (s *sheet) hit(c *fact, at moment, slot int, n uint32) { s.of(c, at).hit(slot, n) }

// mostFilled bounds the rows of days on which nothing happened.
const mostFilled = 1000

// fill makes a row for each part of the span, so that a day on which nothing
// happened is seen.
func (s *sheet) fill() {
	f := &s.e.face
	if s.e.to <= s.e.from || (s.e.to-s.e.from)/msPerDay > mostFilled {
		return
	}
	for day, last := f.day(s.e.from), f.day(s.e.to-1); day <= last; day++ {
		switch s.by {
		case ByDay:
			s.at(day)
		case ByWeek:
			s.at(day - (day+3)%7)
		case ByMonth:
			s.at(monthOf(day))
		}
	}
}

// monthOf counts months from the year 0.
func monthOf(day int64) int64 {
	y, m, _ := dateOf(day).Date()
	return int64(y)*12 + int64(m) - 1
}

// table finishes a sheet.
func (s *sheet) table(title, definition string, dates Dates, columns ...column) Table {
	t := Table{Name: s.name, Title: title, Definition: definition, Dates: dates, Opens: true}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.Column)
	}
	if dates != AtPresent {
		s.fill()
	}
	slices.SortFunc(s.list, func(a, b *group) int {
		if ordered(s.by) {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Compare(a.label, b.label)
	})
	for _, g := range append([]*group{s.total}, s.list...) {
		row := Row{Label: g.label, Cells: make([]Cell, len(columns))}
		for i := range columns {
			row.Cells[i] = s.cell(&columns[i], g, g.label)
		}
		t.Rows = append(t.Rows, row)
	}
	t.waits = s.total.waits[0]
	return t
}

// cell makes a number of a group, and notes what it is made of where somebody wants to
// know.
func (s *sheet) cell(c *column, g *group, row string) Cell {
	cell := c.cell(g)
	if p := s.e.picks[Ref{s.name, row, c.Name}]; p != nil {
		p.n = cell.N
		for _, slot := range c.of {
			p.cases = append(p.cases, g.cases[slot]...)
		}
		p.unit, p.given = c.pieces(g)
	}
	return cell
}

// leftOutTable is the name by which the numbers of what was left out open.
const leftOutTable = "left_out"

// without counts what no figure of the span has in it.
func (e *eval) without() (l LeftOut) {
	count := func(n *int, name string, i uint32) {
		*n++
		if p := e.picks[Ref{leftOutTable, all, name}]; p != nil {
			p.cases, p.n = append(p.cases, i), *n
		}
	}
	for i, c := range inSpan(e, e.f.cases, &e.f.when.apart) {
		switch {
		case c.hidden || c.state == merged || !e.within(e.date(c)) || !e.leftOut(c):
		case int32(c.source) == e.imported:
			count(&l.Imported, "imported", i)
		case int32(c.source) == e.demo:
			count(&l.Demo, "demo", i)
		default:
			count(&l.Late, "late", i)
		}
	}
	return l
}

// A page is one report: its title and its tables.
type page struct {
	title  string
	tables func(*eval) []Table
	notes  []string
}

// pages are the reports there are.
func pages() map[string]page {
	return map[string]page{
		"now":      {title: "Now", tables: (*eval).now},
		"response": {title: "Response times", tables: (*eval).response},
		"promises": {title: "Promises", tables: (*eval).promised},
		"volume":   {title: "Volume", tables: (*eval).volume},
		"quality":  {title: "Quality of flagging", tables: (*eval).quality},
		"voice":    {title: "Customers' voice", tables: (*eval).voice},
		"topics":   {title: "Topics and known issues", tables: (*eval).topics},
		"people":   {title: "People", tables: (*eval).people, notes: []string{peopleNote}},
	}
}

// Names are the reports there are, as the console shows them.
func Names() []string {
	return []string{"now", "response", "promises", "volume", "topics", "quality", "voice", "people"}
}

// Report makes a report by its name. The error is a *care.Error.
func (f *Fold) Report(name string, q Query) (Report, error) {
	r, _, err := f.report(name, q, nil)
	return r, err
}

func (f *Fold) report(name string, q Query, pick picks) (Report, *eval, error) {
	p, ok := pages()[name]
	if !ok {
		return Report{}, nil, &care.Error{Code: care.NotFound, Field: "report", Msg: "There is no report \"{name}\"; there are {known}.", With: []any{"name", name, "known", Names()}}
	}
	if err := q.Validate(); err != nil {
		return Report{}, nil, err
	}
	q = q.complete(f)
	e := f.eval(q, pick)
	r := Report{
		Name: name, Title: p.title, Position: f.position, AsOf: q.AsOf.UTC(), From: q.From.UTC(), To: q.To.UTC(),
		Zone: q.Zone.String(), By: q.By, Clock: q.Clock, Time: "wall", Tables: p.tables(e), Notes: p.notes, LeftOut: e.without(), Marked: f.marked(q.From, q.To),
	}
	if q.Working {
		r.Time = "working"
	}
	if name == "voice" && len(f.surveys) == 0 {
		r.Notes = append(r.Notes, noSurveys)
	}
	was, ok := q.compared()
	if ok = ok && name != "now"; ok {
		r.Before = &Span{was.From.UTC(), was.To.UTC()}
	}
	if ok && pick == nil {
		before := f.eval(was, nil)
		compare(r.Tables, p.tables(before))
	}
	return r, e, nil
}

// compare puts the values of the span before beside those of now.
func compare(now, before []Table) {
	for i := range now {
		t, was := &now[i], before[i]
		if t.Dates == AtPresent || t.grid { // of so many fields some would rise by chance
			continue
		}
		rows := map[string]Row{}
		for _, r := range was.Rows {
			rows[r.Label] = r
		}
		for _, r := range t.Rows {
			if old, ok := rows[r.Label]; ok {
				for k := range r.Cells {
					r.Cells[k].Was, r.Cells[k].Trend = old.Cells[k].Value, t.trend(&r, k, &old.Cells[k])
				}
			}
		}
	}
}

// Open lists the cases that a number of a report is made of. What was left out
// opens as left_out/all/imported, late or demo.
func (f *Fold) Open(name string, q Query, ref Ref) (Opened, error) {
	r, e, err := f.report(name, q, picks{ref: &picked{}})
	if err != nil {
		return Opened{}, err
	}
	if ref.Table == leftOutTable && ref.Row == all && slices.Contains([]string{"imported", "late", "demo"}, ref.Column) {
		return e.opened(ref), nil
	}
	if t, row, column := r.Find(ref); t != nil && t.Opens {
		o := e.opened(ref)
		o.Table, o.Column, o.Cell = t.Title, t.Columns[column], t.Rows[row].Cells[column]
		return o, nil
	}
	return Opened{}, &care.Error{Code: care.NotFound, Field: "open", Msg: "This report has no such number."}
}

// Find is where a number of a report stands; t is nil where it has none such.
func (r *Report) Find(ref Ref) (t *Table, row, column int) {
	for i := range r.Tables {
		t = &r.Tables[i]
		row = slices.IndexFunc(t.Rows, func(r Row) bool { return r.Label == ref.Row })
		column = slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == ref.Column })
		if t.Name == ref.Table && row >= 0 && column >= 0 {
			return t, row, column
		}
	}
	return nil, 0, 0
}

func (e *eval) opened(ref Ref) Opened {
	p := e.picks[ref]
	slices.SortFunc(p.cases, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(e.f.cases[a].number, e.f.cases[b].number), cmp.Compare(a, b))
	})
	o := Opened{N: p.n, Cases: []care.CaseID{}, Zone: e.face.zone}
	o.Pieces, o.Unit = e.sorted(p), p.unit
	for _, n := range slices.Compact(p.cases) {
		o.Cases = append(o.Cases, e.f.ids[n])
	}
	return o
}

func sortByKey(list []*group) {
	slices.SortFunc(list, func(a, b *group) int { return cmp.Compare(a.key, b.key) })
}

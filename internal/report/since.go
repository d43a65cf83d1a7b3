package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// Changes are what a report says otherwise than it did at an earlier position
// of the log, and the cases that are why. The same two positions and the same
// question give the same bytes.
type Changes struct {
	Name    string    `json:"name"`
	Title   string    `json:"title"`
	Since   Stand     `json:"since"` // that it is compared with
	Now     Stand     `json:"now"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"` // excluded
	Zone    string    `json:"zone"`
	Same    int       `json:"same"` // numbers that are as they were
	Numbers []Change  `json:"numbers"`
	// Left is how many changed numbers stand in the list without their cases: those
	// beyond the first [mostChanges].
	Left int `json:"left,omitempty"`
}

// A Stand is where a report was made.
type Stand struct {
	Position uint64    `json:"position"`
	AsOf     time.Time `json:"as_of"`
}

// A Change is one number that is another now.
type Change struct {
	Table  string `json:"table"`
	Row    string `json:"row"`
	Column string `json:"column"`
	Title  string `json:"title"`
	// Titled are the titles that Title joins: of the table and of the column.
	Titled [2]string `json:"-"`
	Unit   Unit      `json:"unit"`
	Was    *Cell     `json:"was"` // nil: there was no such row
	Now    *Cell     `json:"now"` // nil: there is none any more
	Opens  bool      `json:"opens"`
	// The cases that the number is made of now and was not, those that it was and
	// is not, and those of both that something happened to since.
	Came      CasesWhy `json:"came"`
	Went      CasesWhy `json:"went"`
	Corrected CasesWhy `json:"corrected"`
	// Time says that it is another only because time has passed.
	Time bool `json:"time,omitempty"`
}

// Ref is the number's name.
func (c *Change) Ref() Ref { return Ref{c.Table, c.Row, c.Column} }

// CasesWhy are some cases, and what happened to them since, the most frequent
// reason first.
type CasesWhy struct {
	N     int           `json:"n"`
	Cases []care.CaseID `json:"cases,omitempty"` // the first of them, at most mostListed
	Why   []Reason      `json:"why,omitempty"`
}

// A Reason is one thing that happened, and to how many of the cases.
type Reason struct {
	What string `json:"what"`
	N    int    `json:"n"`
}

// Text is the reasons as a sentence's end.
func (c *CasesWhy) Text() string {
	parts := make([]string, 0, len(c.Why))
	for _, r := range c.Why {
		parts = append(parts, fmt.Sprintf("%d %s", r.N, r.What))
	}
	return strings.Join(parts, ", ")
}

// The sizes that bound a comparison: of how many numbers the cases are looked
// up, and how many cases are named for each.
const (
	mostChanges = 400
	mostListed  = 50
)

// Since compares a report at two positions of one log: was stands at the
// earlier, f at the later. A span that the query leaves open is that of the
// earlier. AsOf is of the earlier too: the later is measured at its last record.
// The error is a *care.Error.
func (f *Fold) Since(was *Fold, name string, q Query) (Changes, error) {
	if q.To.IsZero() {
		then := q.complete(was)
		q.From, q.To = then.From, then.To
	}
	q.Against = AgainstNothing
	then, err := was.Report(name, q)
	if err != nil {
		return Changes{}, err
	}
	later := q
	later.AsOf = time.Time{}
	now, err := f.Report(name, later)
	if err != nil {
		return Changes{}, err
	}
	c := Changes{
		Name: name, Title: now.Title, Since: Stand{then.Position, then.AsOf}, Now: Stand{now.Position, now.AsOf},
		From: now.From, To: now.To, Zone: now.Zone, Numbers: []Change{},
	}
	c.number(&then, &now)
	if len(c.Numbers) == 0 {
		return c, nil
	}
	before, after := picks{}, picks{}
	for i := range min(len(c.Numbers), mostChanges) {
		if n := &c.Numbers[i]; n.Opens {
			before[n.Ref()], after[n.Ref()] = &picked{}, &picked{}
		}
	}
	c.Left = max(len(c.Numbers)-mostChanges, 0)
	if _, _, err = was.report(name, q, before); err == nil {
		_, _, err = f.report(name, later, after)
	}
	for i := range min(len(c.Numbers), mostChanges) {
		if n := &c.Numbers[i]; n.Opens {
			n.cases(was, f, before[n.Ref()].cases, after[n.Ref()].cases)
		}
	}
	return c, err
}

// number lists the numbers of two reports that differ, in the order of the later.
func (c *Changes) number(then, now *Report) {
	type place struct {
		cell *Cell
		used bool
	}
	old := map[Ref]*place{}
	for i := range then.Tables {
		t := &then.Tables[i]
		for k := range t.Rows {
			for n := range t.Columns {
				old[Ref{t.Name, t.Rows[k].Label, t.Columns[n].Name}] = &place{cell: &t.Rows[k].Cells[n]}
			}
		}
	}
	add := func(t *Table, row string, n int, was, is *Cell) {
		c.Numbers = append(c.Numbers, Change{
			Table: t.Name, Row: row, Column: t.Columns[n].Name, Title: t.Title + ", " + t.Columns[n].Title, Titled: [2]string{t.Title, t.Columns[n].Title}, Unit: t.Columns[n].Unit,
			Was: was, Now: is, Opens: t.Opens,
		})
	}
	for i := range now.Tables {
		t := &now.Tables[i]
		for k := range t.Rows {
			for n := range t.Columns {
				is := &t.Rows[k].Cells[n]
				was := old[Ref{t.Name, t.Rows[k].Label, t.Columns[n].Name}]
				switch {
				case was == nil && is.Value != nil && *is.Value != 0:
					add(t, t.Rows[k].Label, n, nil, is)
				case was != nil:
					if was.used = true; is.same(was.cell) {
						c.Same++
					} else {
						add(t, t.Rows[k].Label, n, was.cell, is)
					}
				}
			}
		}
	}
	for i := range then.Tables {
		t := &then.Tables[i]
		for k := range t.Rows {
			for n := range t.Columns {
				if p := old[Ref{t.Name, t.Rows[k].Label, t.Columns[n].Name}]; !p.used && p.cell.Value != nil && *p.cell.Value != 0 {
					add(t, t.Rows[k].Label, n, p.cell, nil)
				}
			}
		}
	}
}

// same says that a cell reads the same.
func (c *Cell) same(o *Cell) bool {
	eq := func(a, b *float64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	return c.N == o.N && c.Why == o.Why && eq(c.Value, o.Value) && eq(c.Low, o.Low) && eq(c.High, o.High)
}

// cases sorts out which cases came into a number, which went, and which of those
// that stayed are others now.
func (n *Change) cases(was, now *Fold, before, after []uint32) {
	had, has := was.idsOf(before), now.idsOf(after)
	var came, went, corrected []change
	for id := range has {
		is := now.byID[id]
		old, known := was.byID[id]
		switch {
		case !had[id] && (!known || was.cases[old].hidden):
			came = append(came, change{id, now.cases[is].number, []string{"opened since"}})
		case !had[id]:
			came = append(came, change{id, now.cases[is].number, differs(was, now, old, is)})
		default:
			if what := differs(was, now, old, is); len(what) > 0 {
				corrected = append(corrected, change{id, now.cases[is].number, what})
			}
		}
	}
	for id := range had {
		if !has[id] {
			is := now.byID[id]
			went = append(went, change{id, now.cases[is].number, differs(was, now, was.byID[id], is)})
		}
	}
	n.Came, n.Went, n.Corrected = told(came), told(went), told(corrected)
	n.Time = n.Came.N+n.Went.N+n.Corrected.N == 0
}

func (f *Fold) idsOf(cases []uint32) map[care.CaseID]bool {
	ids := make(map[care.CaseID]bool, len(cases))
	for _, c := range cases {
		ids[f.ids[c]] = true
	}
	return ids
}

// A change is a case, and what happened to it.
type change struct {
	id     care.CaseID
	number uint64
	what   []string
}

func told(all []change) (c CasesWhy) {
	slices.SortFunc(all, func(a, b change) int { return int(int64(a.number) - int64(b.number)) })
	count := map[string]int{}
	for i, o := range all {
		if i < mostListed {
			c.Cases = append(c.Cases, o.id)
		}
		if len(o.what) == 0 {
			count["as time passed"]++
		}
		for _, w := range o.what {
			count[w]++
		}
	}
	c.N = len(all)
	for _, w := range slices.Sorted(maps.Keys(count)) {
		c.Why = append(c.Why, Reason{w, count[w]})
	}
	slices.SortStableFunc(c.Why, func(a, b Reason) int { return b.N - a.N })
	return c
}

// differs says in words what is otherwise with a case between two folds of one
// log. Names are compared as names: a word's number is its fold's own.
func differs(was, now *Fold, old, is uint32) (what []string) {
	a, b := &was.cases[old], &now.cases[is]
	say := func(differs bool, words string) {
		if differs {
			what = append(what, words)
		}
	}
	named := func(x, y word) bool { return was.words.name(x) != now.words.name(y) }
	switch {
	case a.state == b.state && a.reopens == b.reopens:
	case b.state == merged:
		say(true, "merged into another")
	case b.state == dismissed && a.state != dismissed:
		say(true, "dismissed since")
	case b.state == resolved && (a.state != resolved || a.reopens != b.reopens):
		say(true, "resolved since")
	case a.over():
		say(true, "taken up again")
	case a.assignee == 0 && b.assignee != 0:
		say(true, "claimed since")
	}
	say(a.replied == 0 && b.replied != 0, "answered since")
	say(a.replied != 0 && a.replied != b.replied, "whose first answer counts from another time")
	say(a.withdrawn == 0 && b.withdrawn != 0, "taken back by the customer")
	say(a.began != b.began || a.seen != b.seen, "with an earlier post that came late")
	say(a.late != b.late, "of another age when first seen")
	say(named(a.queue, b.queue), "moved to another queue")
	say(named(a.topic, b.topic) || named(a.language, b.language) || a.severity != b.severity || named(a.lists, b.lists), "labelled otherwise")
	say(named(a.issues, b.issues), "tied to another known issue")
	say(a.over() && b.over() && named(a.disposition, b.disposition), "ended for another reason")
	say(was.reviewsOf(old) != now.reviewsOf(is), "reviewed by a person")
	say(was.sumOf(old) != now.sumOf(is), "with something written, answered, promised or due since")
	if len(what) > 1 && was.sumOf(old) != now.sumOf(is) { // it says less than the others
		what = slices.DeleteFunc(what, func(w string) bool { return strings.HasPrefix(w, "with something") })
	}
	return what
}

// reviewsOf is how a case's mentions were reviewed.
func (f *Fold) reviewsOf(n uint32) (sum uint64) {
	for m := range f.mentionsOf(n) {
		if m.review != 0 {
			sum += m.id ^ uint64(f.acts[m.review-1].kind)*1099511628211
		}
	}
	return sum
}

// sumOf tells two stands of what a case holds apart: its mentions, replies,
// waits, targets and promises.
func (f *Fold) sumOf(n uint32) (sum uint64) {
	add := func(vs ...moment) {
		for _, v := range vs {
			sum = (sum ^ uint64(v)) * 1099511628211
		}
	}
	c := &f.cases[n]
	for m := range f.mentionsOf(n) {
		add(m.posted, m.edited, m.deleted)
	}
	for r := range f.repliesOf(n) {
		add(r.visible)
	}
	for i := c.targets; i != 0; i = f.targets[i-1].prev {
		t := &f.targets[i-1]
		add(t.due, t.done, moment(t.state), moment(t.how))
	}
	for i := c.promises; i != 0; i = f.promises[i-1].prev {
		p := &f.promises[i-1]
		add(p.until, p.done)
	}
	return sum
}

// Write writes the changes as table, csv or json.
func (c *Changes) Write(w io.Writer, form string) error {
	switch form {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(c)
	case "csv":
		return c.writeCSV(w)
	case "table":
		return c.writeText(w)
	}
	return &care.Error{Code: care.Invalid, Field: "as", Msg: "What changed can be had as table, csv or json."}
}

// Whole says that a row is about all of its table.
func (c *Change) Whole() bool { return c.Row == all }

// Text is one side of a change.
func (c *Change) text(cell *Cell) string {
	if cell == nil {
		return "no such row"
	}
	return cell.Text(c.Unit)
}

// Texts are both sides of a change, as people read them. Where the value is the
// same, it is made of others: then each says of how many.
func (c *Change) Texts() (was, now string) {
	if was, now = c.text(c.Was), c.text(c.Now); was == now && c.Was != nil && c.Now != nil {
		return fmt.Sprintf("%s of %d", was, c.Was.N), fmt.Sprintf("%s of %d", now, c.Now.N)
	}
	return was, now
}

func (c *Changes) writeText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: WHAT CHANGED SINCE RECORD %d\n", strings.ToUpper(c.Title), c.Since.Position)
	fmt.Fprintf(&b, "%s; then as of %s, now as of %s, record %d\n", (&Report{From: c.From, To: c.To, Zone: c.Zone}).Span(),
		c.Since.AsOf.Format(time.RFC3339), c.Now.AsOf.Format(time.RFC3339), c.Now.Position)
	fmt.Fprintf(&b, "%d numbers are others, %d as they were\n", len(c.Numbers), c.Same)
	for i := range c.Numbers {
		n := &c.Numbers[i]
		was, now := n.Texts()
		name := n.Title
		if n.Row != all {
			name += ", " + plainText(n.Row)
		}
		fmt.Fprintf(&b, "\n%s\n  was %s, is %s\n", name, was, now)
		for _, part := range n.Parts() {
			fmt.Fprintf(&b, "  %s\n", part.Text)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// A Part of a change's explanation: a sentence, and the cases it is about.
type Part struct {
	Text  string
	What  string // what became of so many cases; empty: Text is all there is to say
	Of    CasesWhy
	Cases []care.CaseID
	More  int // of them, that are not named
}

// Parts explain a change.
func (c *Change) Parts() (parts []Part) {
	for _, p := range []struct {
		what string
		of   *CasesWhy
	}{{"came in", &c.Came}, {"went out", &c.Went}, {"stayed and are others now", &c.Corrected}} {
		if p.of.N > 0 {
			parts = append(parts, Part{fmt.Sprintf("%d %s: %s", p.of.N, p.what, p.of.Text()), p.what, *p.of, p.of.Cases, p.of.N - len(p.of.Cases)})
		}
	}
	switch {
	case !c.Opens:
		parts = append(parts, Part{Text: "It counts mentions, most of which are in no case."})
	case c.Time:
		parts = append(parts, Part{Text: "The same cases: only time has passed."})
	case len(parts) == 0:
		parts = append(parts, Part{Text: "So much has changed that its cases are not told here."})
	}
	return parts
}

func (c *Changes) writeCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"report", "table", "row", "figure", "unit", "was", "now", "n_was", "n_now", "came", "went", "corrected", "why", "since", "position"}
	if err := out.Write(head); err != nil {
		return err
	}
	for i := range c.Numbers {
		n := &c.Numbers[i]
		value := func(cell *Cell) (v, of string) {
			if cell == nil {
				return "", ""
			}
			return plainNumber(cell.Value), strconv.Itoa(cell.N)
		}
		was, ofWas := value(n.Was)
		now, ofNow := value(n.Now)
		var why []string
		for _, p := range n.Parts() {
			why = append(why, p.Text)
		}
		line := []string{
			c.Name, n.Table, neutral(n.Row), n.Column, string(n.Unit), was, now, ofWas, ofNow, strconv.Itoa(n.Came.N), strconv.Itoa(n.Went.N), strconv.Itoa(n.Corrected.N),
			strings.Join(why, "; "), strconv.FormatUint(c.Since.Position, 10), strconv.FormatUint(c.Now.Position, 10),
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

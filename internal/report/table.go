package report

import (
	"math"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Report is one page of figures: the same value for the console, the command
// line and the API.
type Report struct {
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Position uint64    `json:"position"` // of the log; with the same query it gives the same bytes
	AsOf     time.Time `json:"as_of"`    // when what is open was measured
	From     time.Time `json:"from"`
	To       time.Time `json:"to"` // excluded
	Zone     string    `json:"zone"`
	By       Dimension `json:"by,omitempty"`
	Clock    string    `json:"clock"`            // customer | desk
	Time     string    `json:"time"`             // wall | working
	Before   *Span     `json:"before,omitempty"` // that it is compared with
	LeftOut  LeftOut   `json:"left_out"`
	Tables   []Table   `json:"tables"`
	Notes    []string  `json:"notes,omitempty"`
	Marked   []Marked  `json:"marked,omitempty"` // what the team noted of the span
}

// A Span of time, its end excluded.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// LeftOut counts the cases of the span that no figure has in it.
type LeftOut struct {
	Imported int `json:"imported"`
	Late     int `json:"late"`
	Demo     int `json:"demo"`
}

// A Table is one figure, or several that belong together, with its definition.
type Table struct {
	Name       string   `json:"name"` // unique within the report
	Title      string   `json:"title"`
	Definition string   `json:"definition"`
	Dates      Dates    `json:"dates"`
	Opens      bool     `json:"opens"` // its numbers open the cases they are made of
	Columns    []Column `json:"columns"`
	Rows       []Row    `json:"rows"` // the whole first, then each part

	// Words gives what a chart says in English in another language; nil: English.
	Words func(english string) string `json:"-"`

	// Href is where the cases behind a number are shown; nil: nowhere.
	Href func(row, column string) string `json:"-"`

	grid  bool    // the hours of a week
	waits lengths // of the first row, ended; none where the table is of no waits
}

// say is what a chart says, in the table's language.
func (t *Table) say(english string) string {
	if t.Words == nil {
		return english
	}
	return t.Words(english)
}

// value is a value as the table's language writes it.
func (t *Table) value(u Unit, v *float64) string {
	return strings.ReplaceAll(u.Text(v), ".", t.say("."))
}

// cell is the same with its interval.
func (t *Table) cell(c *Cell, u Unit) string {
	return strings.NewReplacer(".", t.say("."), " to ", t.say(" to "), " or more", t.say(" or more")).Replace(c.Text(u))
}

// Curve is the share of waits that last longer than a time, for the first row.
// Its N is 0 where the table is of no waits.
func (t *Table) Curve() Curve { return curveOf(&t.waits) }

// closed marks a table of what is no case.
func (t Table) closed() Table {
	t.Opens = false
	return t
}

// Dates says by what a table counts a case into the span.
type Dates string

// The dates.
const (
	CaseDate  Dates = "case date"  // when the case's clock began
	EventDate Dates = "event date" // when the thing itself happened
	AtPresent Dates = "at present" // as of the report; the span plays no part
)

// A Column is one figure.
type Column struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Unit  Unit   `json:"unit"`
}

// A Unit says how a value is to be read.
type Unit string

// The units.
const (
	Count   Unit = "count"
	Seconds Unit = "seconds"
	Share   Unit = "share"  // 0 to 1
	Points  Unit = "points" // −100 to +100
	Score   Unit = "score"
	Dollars Unit = "dollars" // of the United States
)

// A Row is one part of what the table is about.
type Row struct {
	Label string `json:"label"`
	Cells []Cell `json:"cells"`
}

// A Cell is one number, and what it stands on.
type Cell struct {
	Value *float64 `json:"value"` // nil: it can't be told; see Why
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
	N     int      `json:"n"`                                                                // of how many it is made
	Thin  bool     `json:"thin,omitempty"`                                                   // n < 5: to be hatched, not coloured
	Was   *float64 `json:"was,omitempty"`                                                    // in the span before
	Trend Trend    `json:"trend,omitempty" enum:"rose,fell,no clear change,too few to tell"` // since then
	Why   string   `json:"why,omitempty"`                                                    // it has no value, or no upper end
}

// thin is the n below which a cell is hatched.
const thin = 5

// A Ref names one number of a report.
type Ref struct {
	Table, Row, Column string
}

// Opened is what a number is made of.
type Opened struct {
	Cases  []care.CaseID  // each once, oldest number first
	N      int            // of the cell: more than cases where one has several events
	Pieces []Piece        // the same cases, each with what it gives to the number
	Unit   Unit           // of what they give; empty where each is only one of them
	Zone   *time.Location // of the report's days and hours

	// What was opened; empty for what was left out.
	Table  string // its title
	Column Column
	Cell   Cell
}

func number(v float64) *float64 {
	v = math.Round(v*1e6) / 1e6
	if v == 0 {
		v = 0 // never −0
	}
	return &v
}

// picks are the numbers whose cases somebody wants to know.
type picks map[Ref]*picked

// picked is what one of them is made of.
type picked struct {
	cases []uint32
	n     int // the number's own
	unit  Unit
	given []given
}

func (p picks) row(table, label string) bool {
	for r := range p {
		if r.Table == table && r.Row == label {
			return true
		}
	}
	return false
}

func (p picks) column(table, column string) bool {
	for r := range p {
		if r.Table == table && r.Column == column {
			return true
		}
	}
	return false
}

// slots is how many things a group can count.
const slots = 14

// A group is what is counted for one row.
type group struct {
	key     int64
	label   string
	keep    bool // somebody wants to know the cases
	half    bool // of its waits only the median is read
	n       [slots]int
	cases   [slots][]uint32
	last    uint32 // case that was counted, where they are kept
	given   [2][]given
	waits   [3]lengths
	q       [3][]Quantile // the median and the ninth decile of those
	sum     [2]float64    // of whole numbers, so that their order is the same to it
	persons set           // the authors
	whose   int           // slot of the persons
}

func (g *group) hit(slot int, c uint32) {
	g.n[slot]++
	if g.keep {
		g.last, g.cases[slot] = c, append(g.cases[slot], c)
	}
}

// wait takes a length of time in, and counts its case in a slot.
func (g *group) wait(which, slot int, c uint32, d duration) {
	g.hit(slot, c)
	g.measure(which, d)
}

// measure takes a length of time in, of the case that was just counted.
func (g *group) measure(which int, d duration) {
	g.waits[which].add(d)
	g.gives(which, float64(d.seconds()), !d.over())
}

// person counts an author once.
func (g *group) person(slot int, author, c uint32) {
	if g.keep {
		g.cases[slot] = append(g.cases[slot], c)
	}
	if g.whose = slot; g.persons.add(author) {
		g.n[slot]++
	}
}

// goes takes in that a case waits, since a moment, for as long as it is.
func (g *group) goes(e *eval, which int, c *fact, since moment) {
	g.waits[which].going = append(g.waits[which].going, going{since, c.calendar})
	if g.keep {
		g.gives(which, float64(e.since(c.calendar, since, e.asOf, false).seconds()), true)
	}
}

// waited takes in a wait of the case that was just counted, which goes on or not.
func (g *group) waited(e *eval, which int, c *fact, since moment, d duration, on bool) {
	if on {
		g.goes(e, which, c, since)
	} else {
		g.measure(which, d)
	}
}

// end measures what lasts and reads the waits.
func (g *group) end(e *eval) {
	for i := range g.waits {
		g.waits[i].measure(e)
		g.waits[i].end()
		if g.waits[i].n > 0 {
			if g.half {
				g.q[i] = g.waits[i].quantiles(0.5)
			} else {
				g.q[i] = g.waits[i].quantiles(0.5, 0.9)
			}
		}
	}
}

// rest makes the waits ready to be stood upon; what lasts is left to be measured.
func (g *group) rest() {
	for i := range g.waits {
		g.waits[i].end()
	}
}

// join adds what another group counted.
func (g *group) join(o *group) {
	g.count(o)
	for i := range o.waits {
		g.waits[i].join(&o.waits[i])
	}
}

// stand puts a group upon one that is kept.
func (g *group) stand(on *group) {
	g.count(on)
	for i := range on.waits {
		g.waits[i].on = &on.waits[i]
	}
}

func (g *group) count(o *group) {
	for slot := range o.n {
		g.n[slot] += o.n[slot]
		g.cases[slot] = append(g.cases[slot], o.cases[slot]...)
	}
	for i := range o.given {
		g.given[i] = append(g.given[i], o.given[i]...)
	}
	for i := range o.sum {
		g.sum[i] += o.sum[i]
	}
	if len(o.persons) > 0 { // who is in both counts once
		g.whose = o.whose
		g.n[g.whose] = g.persons.join(o.persons)
	}
}

// A column says how a cell is made of a group, and of which slots.
type column struct {
	Column
	of   []int
	cell func(g *group) Cell
	// What a case gives to it: of a share, whether it is in one of some slots; or what
	// the group was given, in a unit.
	some  []int
	which *int
	unit  Unit
}

// given says that what a group was given is what cases give to a column.
func (c column) given(which int, unit Unit) column {
	c.which, c.unit = &which, unit
	return c
}

// total is how many a group counted in slots.
func (g *group) total(of []int) (n int) {
	for _, s := range of {
		n += g.n[s]
	}
	return n
}

func counted(name, title string, of ...int) column {
	return column{Column: Column{name, title, Count}, of: of, cell: func(g *group) Cell {
		n := g.total(of)
		return Cell{Value: number(float64(n)), N: n}
	}}
}

// shared is the share of some slots in all of a list that holds them too.
func shared(name, title string, some []int, all ...int) column {
	return column{Column: Column{name, title, Share}, of: all, some: some, cell: func(g *group) Cell {
		return shareCell(g.total(some), g.total(all))
	}}
}

func shareCell(k, n int) Cell {
	if n == 0 {
		return Cell{Why: "there was nothing to count", Thin: true}
	}
	lo, hi := Wilson(k, n)
	return Cell{Value: number(float64(k) / float64(n)), Low: number(lo), High: number(hi), N: n, Thin: n < thin}
}

// lasted is the median or the ninth decile of a group's waits. of are the slots
// of those waits.
func lasted(name, title string, which int, p float64, of ...int) column {
	return column{Column: Column{name, title, Seconds}, of: of, cell: func(g *group) Cell {
		n := g.waits[which].n
		if n == 0 {
			return quantileCell(Quantile{}, 0)
		}
		if p == 0.5 {
			return quantileCell(g.q[which][0], n)
		}
		return quantileCell(g.q[which][1], n)
	}}.given(which, Seconds)
}

func quantileCell(q Quantile, n int) Cell {
	cell := Cell{N: n, Thin: n < thin}
	switch {
	case n == 0:
		cell.Why = "there was nothing to measure"
		return cell
	case q.Reached:
		cell.Value = number(float64(q.Seconds))
	default:
		cell.Why = "not reached: too many still wait"
	}
	if q.LowKnown {
		cell.Low = number(float64(q.Low))
	}
	if q.HighKnown {
		cell.High = number(float64(q.High))
	} else if q.Reached {
		cell.Why = "the interval has no upper end"
	}
	return cell
}

// ParseRef reads table/row/column. A row may hold slashes.
func ParseRef(s string) (Ref, error) {
	table, rest, ok := strings.Cut(s, "/")
	i := strings.LastIndexByte(rest, '/')
	if !ok || i < 0 {
		return Ref{}, &care.Error{Code: care.Invalid, Field: "open", Msg: "Name the number as table/row/column, as first/all/median."}
	}
	return Ref{Table: table, Row: rest[:i], Column: rest[i+1:]}, nil
}

func (r Ref) String() string { return r.Table + "/" + r.Row + "/" + r.Column }

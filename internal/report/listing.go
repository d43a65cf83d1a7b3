package report

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Listing is a table of facts for other programs: what figures are made of,
// row by row. It names no person of the team, and no customer.
type Listing struct {
	Name       string
	Definition string
	Fields     []Field

	count  func(*extract) int
	holds  func(x *extract, i int) bool // whether a place has a row
	values []func(x *extract, i int) Value
}

// A Field is a column of a Listing. One whose Name is case_number leads to the
// listing of cases.
type Field struct {
	Name       string
	Kind       FieldKind
	Definition string
}

// A FieldKind says what a field holds.
type FieldKind byte

// The kinds.
const (
	Text    FieldKind = iota + 1 // a name or a code, never what somebody wrote
	Integer                      // a number of things or of seconds
	Truth                        // 0 or 1
	Instant                      // milliseconds since 1970
)

// A Value is one field of one row. The zero Value says that there is none.
type Value struct {
	Kind   FieldKind // 0: none
	Number int64     // of all kinds but Text
	Text   string
}

// instantForm is how instants are written: of one length, so that they sort.
const instantForm = "2006-01-02T15:04:05.000Z"

// Written is a value as text: instants in UTC as ISO 8601, truths as true and
// false, nothing as the empty text.
func (v Value) Written() string {
	switch v.Kind {
	case Text:
		return v.Text
	case Integer:
		return strconv.FormatInt(v.Number, 10)
	case Truth:
		return strconv.FormatBool(v.Number != 0)
	case Instant:
		return time.UnixMilli(v.Number).UTC().Format(instantForm)
	}
	return ""
}

// Neutral is Written, kept from being taken for a formula by a spreadsheet.
func (v Value) Neutral() string {
	if v.Kind == Text {
		return neutral(v.Text)
	}
	return v.Written()
}

func instant(m moment) Value {
	if m == 0 {
		return Value{}
	}
	return Value{Kind: Instant, Number: int64(m)}
}

func text(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{Kind: Text, Text: s}
}

func whole[T int | int8 | uint8 | uint32 | uint64](n T) Value {
	return Value{Kind: Integer, Number: int64(n)}
}

func truth(is bool) Value { return Value{Kind: Truth, Number: int64(one(is))} }

// An extract is one reading of the facts for listings, as of the last record.
type extract struct {
	f    *Fold
	span Span
	// As figures are made: by the customer's clock and the desk's, in wall time and
	// in working time.
	wall, desk, work, deskWork *eval
	issues                     []int  // the places of known issues among what happened
	links                      []link // by issue and case
}

// A link is a case of a known issue.
type link struct {
	issue uint64
	of    uint32
	at    moment
}

// Listings are the tables there are, in the order in which they are written.
func Listings() []*Listing {
	return []*Listing{
		aboutListing(), caseListing(), mentionListing(), replyListing(), waitListing(), targetListing(), promiseListing(),
		surveyListing(), changeListing(), issueListing(), linkListing(), readingListing(),
	}
}

// List gives every row of listings to row, in the order of the log; a row is
// valid until the next. A span keeps the cases whose clock began in it with all
// that belongs to them, and what belongs to no case by its own date; the zero
// span keeps all. The error is a *care.Error, or row's.
func (f *Fold) List(listings []*Listing, span Span, row func(l int, values []Value) error) error {
	if !span.From.IsZero() && !span.To.IsZero() && !span.From.Before(span.To) {
		return &care.Error{Code: care.Invalid, Field: "to", Msg: "The span ends before it begins."}
	}
	x := f.extract(span)
	for n, l := range listings {
		values := make([]Value, len(l.values))
		for i := range l.count(x) {
			if !l.holds(x, i) {
				continue
			}
			for k, value := range l.values {
				values[k] = value(x, i)
			}
			if err := row(n, values); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Fold) extract(span Span) *extract {
	at := func(clock string, working bool) *eval {
		return f.eval(Query{Clock: clock, Working: working, AsOf: f.at.time(), Zone: time.UTC}, nil)
	}
	x := &extract{
		f: f, span: span,
		wall: at(customerClock, false), desk: at(deskClock, false), work: at(customerClock, true), deskWork: at(deskClock, true),
	}
	for i := range f.happened {
		if h := &f.happened[i]; h.issue != 0 {
			x.issues = append(x.issues, i)
		}
	}
	slices.SortFunc(x.issues, func(a, b int) int { return cmp.Compare(f.happened[a].issue, f.happened[b].issue) })
	for _, i := range x.issues {
		from := len(x.links)
		for id, at := range f.happened[i].linked {
			if n, ok := f.byID[id]; ok {
				x.links = append(x.links, link{f.happened[i].issue, n, at})
			}
		}
		slices.SortFunc(x.links[from:], func(a, b link) int { return cmp.Compare(a.of, b.of) })
	}
	return x
}

// within says whether an instant lies in the span that is asked for.
func (x *extract) within(m moment) bool {
	return (x.span.From.IsZero() || m >= momentOf(x.span.From)) && (x.span.To.IsZero() || m < momentOf(x.span.To))
}

// has says whether a case is listed.
func (x *extract) has(n uint32) bool {
	c := &x.f.cases[n]
	return !c.hidden && x.within(c.began)
}

func (x *extract) word(w word) Value { return text(x.f.words.name(w)) }

// number is what people call a case.
func (x *extract) number(n uint32) Value { return whole(x.f.cases[n].number) }

// made puts a listing together from its columns.
func (l Listing) made(columns ...listed) *Listing {
	for _, c := range columns {
		l.Fields = append(l.Fields, c.Field)
		l.values = append(l.values, c.value)
	}
	return &l
}

// A listed is a column of a listing, and where its values come from.
type listed struct {
	Field
	value func(x *extract, i int) Value
}

// listedOf makes columns of what stands in an array.
func listedOf[T any](array func(*Fold) []T) func(name string, kind FieldKind, definition string, value func(x *extract, v *T) Value) listed {
	return func(name string, kind FieldKind, definition string, value func(x *extract, v *T) Value) listed {
		return listed{Field{name, kind, definition}, func(x *extract, i int) Value { return value(x, &array(x.f)[i]) }}
	}
}

// placed is a row's own number: where it stands in the log's order.
func placed(name, definition string) listed {
	return listed{Field{name, Integer, definition}, func(_ *extract, i int) Value { return whole(i + 1) }}
}

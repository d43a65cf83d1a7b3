package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Dimension is by what a table is divided into rows.
type Dimension string

// The dimensions. Day, week and month are of the date that the table counts
// by, hour and weekday too, all in the query's zone.
const (
	ByNothing  Dimension = ""
	ByQueue    Dimension = "queue"
	ByNetwork  Dimension = "network"
	ByLanguage Dimension = "language"
	ByTopic    Dimension = "topic"
	BySeverity Dimension = "severity"
	ByLane     Dimension = "lane"
	ByPolicy   Dimension = "policy"
	ByList     Dimension = "list" // author lists: a customer's tier
	ByIssue    Dimension = "issue"
	BySource   Dimension = "source"
	ByHour     Dimension = "hour"
	ByWeekday  Dimension = "weekday"
	ByDay      Dimension = "day"
	ByWeek     Dimension = "week"
	ByMonth    Dimension = "month"
)

// Dimensions lists all there are.
func Dimensions() []Dimension {
	return []Dimension{
		ByQueue, ByNetwork, ByLanguage, ByTopic, BySeverity, ByLane, ByPolicy, ByList, ByIssue, BySource, ByHour, ByWeekday, ByDay, ByWeek, ByMonth,
	}
}

// A Query says which cases a report is about and how they are shown. The zero
// Query is the last 28 days in UTC, by the customer's clock in wall time.
type Query struct {
	From time.Time // included; zero: Days before To
	To   time.Time // excluded; zero: the end of AsOf's day in Zone
	Days int       // length of the span where From is zero; 0: 28
	// AsOf is the instant at which what is open is measured. Zero, and anything
	// before it: that of the last record, so that a position gives the same bytes
	// for ever.
	AsOf     time.Time
	Zone     *time.Location // of days and hours; nil: UTC
	By       Dimension
	Only     map[Dimension]string // rows of other dimensions to keep; "" is what has no value
	Clock    string               // customer (default) | desk
	Working  bool                 // working time in place of wall time
	Imported bool                 // take in what was imported,
	Late     bool                 // what was old when we first saw it,
	Demo     bool                 // and what the demo made up
	Beyond   []string             // dispositions of what could not be resolved, for the net figure of FCR
	Against  string               // what it is compared with: [AgainstBefore] (default), [AgainstYear] or [AgainstNothing]
}

// With what a span is compared.
const (
	AgainstBefore  = "before" // the span of the same length before it
	AgainstYear    = "year"   // the same weekdays 52 weeks before
	AgainstNothing = "none"
)

// The sources whose cases are left out unless they are asked for.
const (
	importedSource = "import"
	demoSource     = "demo"
)

// defaultSpan is what a report covers unless it is told, and maxDays what it
// covers at most without a first day.
const (
	defaultSpan = 28
	maxDays     = 3660
)

// Validate says what is wrong with a query, as a *care.Error.
func (q *Query) Validate() error {
	wrong := func(field string, msg care.Phrase, with ...any) error {
		return &care.Error{Code: care.Invalid, Field: field, Msg: msg, With: with}
	}
	switch {
	case q.By != ByNothing && !slices.Contains(Dimensions(), q.By):
		return wrong("by", "There is no dimension \"{name}\"; there are {known}.", "name", q.By, "known", Dimensions())
	case q.Clock != "" && q.Clock != customerClock && q.Clock != deskClock:
		return wrong("clock", "The clock is customer (from when they posted) or desk (from when we saw it).")
	case q.Against != "" && q.Against != AgainstBefore && q.Against != AgainstYear && q.Against != AgainstNothing:
		return wrong("against", "A span is compared with the one before it (before), with the same weekdays a year before (year), or with nothing (none).")
	case q.Days < 0 || q.Days > maxDays:
		return wrong("days", "A span has 1 to {n} days.", "n", maxDays)
	case !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To):
		return wrong("to", "The span ends before it begins.")
	case !q.From.IsZero() && (q.From.Year() < 1970 || q.From.Year() > 9999) || !q.To.IsZero() && (q.To.Year() < 1970 || q.To.Year() > 9999):
		return wrong("from", "A span lies between the years 1970 and 9999.")
	}
	for d := range q.Only {
		if !slices.Contains(Dimensions(), d) {
			return wrong("only", "There is no dimension \"{name}\"; there are {known}.", "name", d, "known", Dimensions())
		}
	}
	return nil
}

const (
	customerClock = "customer"
	deskClock     = "desk"
)

// complete fills in what a query leaves open, as of the fold.
func (q Query) complete(f *Fold) Query {
	if q.Zone == nil {
		q.Zone = time.UTC
	}
	q.Clock = cmp.Or(q.Clock, customerClock)
	if last := f.at.time(); q.AsOf.Before(last) {
		q.AsOf = last
	}
	if q.To.IsZero() {
		y, m, d := q.AsOf.In(q.Zone).Date()
		if q.To = time.Date(y, m, d+1, 0, 0, 0, 0, q.Zone); !q.From.IsZero() && !q.To.After(q.From) {
			q.To = q.From.AddDate(0, 0, 1)
		}
	}
	if q.From.IsZero() {
		q.From = q.To.In(q.Zone).AddDate(0, 0, -cmp.Or(q.Days, defaultSpan))
	}
	return q
}

// compared is q over the span that it is compared with; ok is false where there
// is none.
func (q Query) compared() (was Query, ok bool) {
	if q.Against == AgainstYear {
		was = q
		was.From, was.To = q.From.In(q.Zone).AddDate(0, 0, -52*7), q.To.In(q.Zone).AddDate(0, 0, -52*7)
		return was, true
	}
	return q.before(), q.Against != AgainstNothing
}

// before is the span of the same length that ends where q begins. Whole days
// stay whole days, also where a clock changed in between.
func (q Query) before() Query {
	from, to := q.From.In(q.Zone), q.To.In(q.Zone)
	days := int(to.Sub(from).Hours()/24 + 0.5)
	was := q
	if was.To = q.From; days > 0 && from.AddDate(0, 0, days).Equal(to) {
		was.From = from.AddDate(0, 0, -days)
	} else {
		was.From = from.Add(-to.Sub(from))
	}
	return was
}

// A face is the wall clock of a zone, made for asking often.
type face struct {
	zone *time.Location
	// The offset that was right last, and the moments between which it is.
	from, to moment
	east     int64
}

// local is a moment's time on the wall, in milliseconds as if it were UTC.
func (c *face) local(m moment) int64 {
	if m < c.from || m >= c.to {
		t := m.time().In(c.zone)
		_, east := t.Zone()
		c.east = int64(east) * 1000
		start, end := t.ZoneBounds()
		c.from, c.to = -1<<62, 1<<62
		if !start.IsZero() {
			c.from = momentOf(start)
		}
		if !end.IsZero() {
			c.to = momentOf(end)
		}
	}
	return int64(m) + c.east
}

const msPerDay = 24 * 60 * 60 * 1000

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// day counts from 1970-01-01, on the wall.
func (c *face) day(m moment) int64 { return floorDiv(c.local(m), msPerDay) }

func (c *face) hour(m moment) int64 {
	return floorDiv(c.local(m)-c.day(m)*msPerDay, 60*60*1000)
}

// weekday is 0 for Monday.
func (c *face) weekday(m moment) int64 { d := (c.day(m) + 3) % 7; return (d + 7) % 7 }

// monday is the first day of the week, as day counts.
func (c *face) monday(m moment) int64 { return c.day(m) - c.weekday(m) }

func dateOf(day int64) time.Time { return time.Unix(day*msPerDay/1000, 0).UTC() }

// start is the moment at which a day begins on the wall.
func (c *face) start(day int64) moment {
	y, m, d := dateOf(day).Date()
	return momentOf(time.Date(y, m, d, 0, 0, 0, 0, c.zone))
}

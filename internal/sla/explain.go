package sla

import "time"

// maxSteps bounds an explanation; what lies between is summed up in one step.
const maxSteps = 60

// An Explanation is the arithmetic of a deadline, step by step. Its instants
// are in the calendar's zone, ready to be shown.
type Explanation struct {
	Calendar string        `json:"calendar"`
	Zone     string        `json:"zone"`
	From     time.Time     `json:"from"`
	Want     time.Duration `json:"want"`             // working time, nanoseconds
	Due      time.Time     `json:"due"`              // [Never] if the working time does not exist
	Target   *Told         `json:"target,omitempty"` // nil for a deadline without a policy
	Steps    []Step        `json:"steps"`
}

// Told is what an explanation says of the target that a deadline belongs to.
type Told struct {
	Kind    Kind          `json:"kind"`
	Policy  string        `json:"policy"`
	Clock   Clock         `json:"clock"`
	Promise time.Duration `json:"promise"` // the whole of it; more than Want after a pause
	AtRisk  time.Time     `json:"at_risk"`
	Margin  Margin        `json:"margin"`
}

// A Why says what a step does with its days.
type Why string

// The steps of an explanation.
const (
	Counted      Why = "counted"       // From to To is working time
	ClosedDay    Why = "closed"        // a weekday without hours
	ClosedByDate Why = "exception"     // an exceptional day without hours
	OnHoliday    Why = "holiday"       // a holiday; Name says which
	AfterHours   Why = "after_hours"   // the day had hours, and they were over at the start
	LostHours    Why = "lost_hours"    // the day's hours are those that the clock skips, or count as another day's
	ClockForward Why = "clock_forward" // the wall clock skips Shift at From
	ClockBack    Why = "clock_back"    // the wall clock shows Shift again at From
	SummedUp     Why = "summed_up"     // further working time between From and To, not told day by day
)

// A Step is one part of the arithmetic.
type Step struct {
	Why     Why           `json:"why"`
	Day     Date          `json:"day"`               // on which the span starts
	Until   Date          `json:"until,omitzero"`    // the last of several days that are alike
	Name    string        `json:"name,omitempty"`    // of the holiday or exception
	From    time.Time     `json:"from,omitzero"`     // what counts starts here
	To      time.Time     `json:"to,omitzero"`       // and ends here
	Counted time.Duration `json:"counted,omitempty"` // working time of this step
	Left    time.Duration `json:"left"`              // working time still wanted after it
	Shift   time.Duration `json:"shift,omitempty"`   // of the clock
}

// Explain tells how [Calendar.Deadline] comes to its answer.
func (c *Calendar) Explain(from time.Time, d time.Duration) Explanation {
	e := explainer{c: c, left: max(0, int64(d))}
	start := nanos(from)
	e.out = Explanation{
		Zone: c.Location().String(),
		From: e.local(start),
		Want: time.Duration(e.left),
		Due:  c.Deadline(from, d).In(c.Location()),
	}
	if c != nil {
		e.out.Calendar = c.table.Name
	}
	e.first = dayOfWall(e.out.From)
	e.told = e.first - 1
	for w := c.walk(start); e.left > 0 && w.next(); {
		e.skip(w.day)
		e.clockChange(&w)
		if len(e.out.Steps) >= maxSteps {
			e.sumUp(&w)
			break
		}
		e.count(&w)
	}
	return e.out
}

// Explain tells the whole arithmetic of a target that this policy set, by
// [Policy.Target] or [Policy.Resume].
func (p *Policy) Explain(t Target, c *Calendar) Explanation {
	e := c.Explain(t.Start, c.Elapsed(t.Start, t.Due))
	n := p.Normal()
	e.Target = &Told{
		Kind: t.Kind, Policy: n.Name, Clock: n.Clock, Promise: n.Length(t.Kind),
		AtRisk: t.AtRisk.In(c.Location()), Margin: n.AtRisk,
	}
	return e
}

// An explainer adds steps while it walks.
type explainer struct {
	c      *Calendar
	out    Explanation
	left   int64     // working time still wanted
	first  dayNumber // the day of the start
	told   dayNumber // every day up to this one has been told of
	last   int64     // the end of the last span; 0 before the first
	offset int       // in which it was
}

func (e *explainer) local(n int64) time.Time { return time.Unix(0, n).In(e.c.Location()) }

func dayOfWall(t time.Time) dayNumber { return dateOf(t).number() }

// count adds the next span, or as much of it as is wanted.
func (e *explainer) count(w *walk) {
	n := min(w.to-w.from, e.left)
	e.left -= n
	e.out.Steps = append(e.out.Steps, Step{
		Why: Counted, Day: w.day.date(), Name: w.name(),
		From: e.local(w.from), To: e.local(w.from + n),
		Counted: time.Duration(n), Left: time.Duration(e.left),
	})
	e.told, e.last, e.offset = max(e.told, w.day), w.to, w.at
}

// skip tells of the days before the one whose span comes next, on which
// nothing counted. Days that are alike are one step.
func (e *explainer) skip(next dayNumber) {
	for d := e.told + 1; d < next; d++ {
		s := Step{Why: ClosedDay, Day: d.date(), Left: time.Duration(e.left)}
		hours, r := e.c.hours(d)
		switch {
		case r != nil && r.holiday:
			s.Why, s.Name = OnHoliday, r.name
		case len(hours) > 0 && d == e.first && e.closed(hours):
			s.Why = AfterHours
		case len(hours) > 0:
			s.Why = LostHours
		case r != nil:
			s.Why, s.Name = ClosedByDate, r.name
		}
		e.told = d
		if last := len(e.out.Steps) - 1; last >= 0 {
			if was := &e.out.Steps[last]; was.Why == s.Why && was.Name == s.Name && s.Why != AfterHours {
				was.Until = s.Day
				continue
			}
		}
		e.out.Steps = append(e.out.Steps, s)
	}
}

// closed reports whether the first day's hours were over when counting began.
func (e *explainer) closed(hours []span) bool {
	_, east := e.out.From.Zone()
	wall := e.out.From.UnixNano() + int64(east)*int64(time.Second)
	return int64(e.first)*int64(day)+hours[len(hours)-1].to <= wall
}

// clockChange tells of a change of the clock in the midst of working time.
func (e *explainer) clockChange(w *walk) {
	if e.last == 0 || w.at == e.offset || e.last != w.from {
		return
	}
	shift := w.c.offsets[w.at].east - w.c.offsets[e.offset].east
	s := Step{Why: ClockForward, Day: w.day.date(), From: e.local(w.from), Shift: time.Duration(shift), Left: time.Duration(e.left)}
	if shift < 0 {
		s.Why, s.Shift = ClockBack, -s.Shift
	}
	e.out.Steps = append(e.out.Steps, s)
}

// sumUp adds all that is still wanted as one step.
func (e *explainer) sumUp(w *walk) {
	s := Step{Why: SummedUp, Day: w.day.date(), From: e.local(w.from), To: e.out.Due, Counted: time.Duration(e.left)}
	s.Until = dateOf(s.To)
	if s.To.Equal(Never()) {
		s.Counted = e.c.Elapsed(s.From, s.To)
		s.Left = time.Duration(e.left) - s.Counted
	}
	e.out.Steps = append(e.out.Steps, s)
	e.left = 0
}

// hours are a day's, and the rule they come from if it is no ordinary day.
func (c *Calendar) hours(d dayNumber) ([]span, *rule) {
	w := walk{c: c, day: d, special: c.specialFrom(d)}
	w.look()
	return w.hours, w.rule
}

// name is that of the exception whose hours the walk is in.
func (w *walk) name() string {
	if w.rule == nil {
		return ""
	}
	return w.rule.name
}

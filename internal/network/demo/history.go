package demo

import (
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// What people write about and in which language: the decks that both the
// history and the live stream are dealt from.
var (
	kindDeck = deck("complaint", 15, "bad review", 3, "sarcasm", 2, "critical", 1,
		"praise", 8, "good review", 3, "question", 9, "mention", 5, "spam", 3, "other", 1)
	pastTongues = deck("en", 17, "de", 8, "fr", 6, "es", 5, "it", 4, "pt", 3, "nl", 3, "tr", 2, "ar", 2)
	liveTongues = deck("en", 5, "de", 3, "fr", 2, "es", 2, "it", 2, "pt", 2, "nl", 2, "tr", 1, "ar", 1)
)

// perDay is how many conversations begin on an ordinary day.
const perDay = 30

// byHour is the rhythm of a day, byWeekday that of a week from Sunday on.
var (
	byHour = [24]float64{.28, .17, .12, .1, .12, .25, .5, .9, 1.2, 1.4, 1.45, 1.4, 1.45, 1.4, 1.3, 1.3, 1.35, 1.5, 1.7,
		1.75, 1.6, 1.3, .9, .52}
	byWeekday = [7]float64{.8, 1.22, 1.06, 1, 1.02, 1.06, .84}
)

// outageDays before the start, in the evening, Greater Manchester goes dark;
// doubleDays before it everybody is charged twice.
const (
	outageDays = 6
	doubleDays = 34
)

// past is the history while it is being made up.
type past struct {
	*writer
	start  time.Time
	days   int
	turn   map[string]int           // how many of each deck are dealt
	before map[string][]care.Author // who was there before, by language and network
	all    []*conversation
}

// arrival is that something will be said.
type arrival struct {
	at   time.Time
	kind string // empty: dealt
	lang string // empty: dealt
}

// history makes up the days before start, oldest first.
func (w *writer) history(start time.Time, days int) []*conversation {
	h := &past{writer: w, start: start, days: days, turn: map[string]int{}, before: map[string][]care.Author{}}
	arrivals := h.ordinary()
	arrivals = append(arrivals, h.busyHours()...)
	arrivals = append(arrivals, h.outage()...)
	arrivals = append(arrivals, h.doubles()...)
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return a.at.Compare(b.at) })
	for i, a := range arrivals {
		h.all = append(h.all, h.conversation(uint64(i), a))
	}
	for _, c := range h.all {
		c.finish(start)
		h.wakeUp(c)
	}
	return h.all
}

// ordinary are the arrivals of ordinary days.
func (h *past) ordinary() []arrival {
	r := chance(h.seed, "rhythm", 0)
	zone := h.c.tongues["de"].zone
	total := 0.0
	for _, f := range byHour {
		total += f
	}
	var all []arrival
	for at := h.start.AddDate(0, 0, -h.days); at.Before(h.start); at = at.Add(time.Hour) {
		local := at.In(zone)
		mean := perDay * byHour[local.Hour()] / total * byWeekday[local.Weekday()]
		for range poisson(r, mean) {
			all = append(all, arrival{at: at.Add(between(r, 0, time.Hour-time.Second))})
		}
	}
	return all
}

// busyHours lead over from the history's pace to that of the live stream, so
// that somebody who starts the demo meets a desk at work.
func (h *past) busyHours() []arrival {
	r := chance(h.seed, "busy", 0)
	var all []arrival
	for i, n := range busy {
		for range n {
			at := time.Duration(i-len(busy)) * time.Hour
			all = append(all, arrival{at: h.start.Add(between(r, at, at+time.Hour-time.Second))})
		}
	}
	return all
}

// outageTimes are from when to when the outage lasted.
func (h *past) outageTimes() (from, to time.Time) {
	day := h.start.In(h.c.tongues["en"].zone).AddDate(0, 0, -outageDays)
	from = time.Date(day.Year(), day.Month(), day.Day(), 18, 20, 0, 0, day.Location()).UTC()
	return from, from.Add(4 * time.Hour)
}

func (h *past) outage() []arrival {
	if h.days <= outageDays {
		return nil
	}
	r := chance(h.seed, "outage", 0)
	from, to := h.outageTimes()
	all := []arrival{{at: from.Add(38 * time.Minute), kind: "surge post", lang: "en"}, {at: to.Add(6 * time.Minute), kind: "surge end", lang: "en"}}
	for range 74 {
		after := time.Duration(r.ExpFloat64()*float64(55*time.Minute)) + between(r, time.Minute, 9*time.Minute)
		if at := from.Add(after.Truncate(time.Second)); at.Before(to) {
			all = append(all, arrival{at: at, kind: "surge", lang: "en"})
		}
	}
	return all
}

func (h *past) doubles() []arrival {
	if h.days <= doubleDays {
		return nil
	}
	r := chance(h.seed, "double", 0)
	day := h.start.AddDate(0, 0, -doubleDays).Truncate(24 * time.Hour)
	var all []arrival
	for d, n := range []int{28, 15, 8, 4} {
		for range n {
			all = append(all, arrival{at: day.AddDate(0, 0, d).Add(6*time.Hour + around(r, 3*time.Hour, 0.7)), kind: "double"})
		}
	}
	return all
}

// next deals from a deck of the history.
func (h *past) next(name string, n int) int {
	i := h.turn[name]
	h.turn[name]++
	return deal(h.seed, "past "+name, i, n)
}

// conversation makes up one conversation, to its end.
func (h *past) conversation(n uint64, a arrival) *conversation {
	if a.lang == "" {
		a.lang = pastTongues[h.next("tongues", len(pastTongues))]
	}
	if a.kind == "" {
		a.kind = kindDeck[h.next("kinds", len(kindDeck))]
		switch n % 120 {
		case 40:
			a.kind, a.lang = "hostile", "en"
		case 90:
			a.kind = "post"
		}
	}
	t := h.c.tongues[a.lang]
	if a.kind == "hostile" {
		t = h.c.hostile
	}
	if a.kind == "post" && t.sections["post"] == nil {
		t, a.lang = h.c.tongues["en"], "en"
	}
	lines := t.lines(a.kind)
	if a.kind == "hostile" {
		lines = slices.Concat(lines, t.lines("zalgo"), t.lines("long")[:1])
	}
	k := casting{class: classPast, n: n, at: a.at, lang: a.lang, kind: a.kind, entry: lines[h.next(a.lang+a.kind, len(lines))]}
	if a.kind == "surge" {
		k.area = t.town()
	}
	switch a.kind {
	case "post", "surge post", "surge end":
		return h.begin(k).announce()
	}
	h.again(&k)
	s := h.begin(k)
	s.hurried = h.start.Sub(a.at) < 80*time.Minute
	if a.kind == "hostile" {
		s.idle()
	} else {
		s.direct()
	}
	who := a.lang + s.c.venue.name
	h.before[who] = append(h.before[who], s.c.author)
	return s.c
}

// again has somebody come who came before, now and then.
func (h *past) again(k *casting) {
	r := chance(h.seed, "again", k.n)
	v := pickVenue(r, k.kind)
	before := h.before[k.lang+v.name]
	if len(before) < 4 || r.IntN(100) >= 14 || v.review || k.kind == "spam" {
		return
	}
	k.venue, k.known = v, &before[r.IntN(len(before))]
}

// announce turns the first post into one of our own account.
func (s *scene) announce() *conversation {
	b, v := &s.c.beats[0], s.c.venue
	p := &b.item.Post
	b.item.Own = true
	p.Author, p.Summoned = us(v), false
	p.Remote = v.remote(b.num, p.Author.ID)
	p.Thread, p.URL = p.Remote, v.url(p.Author.Handle, p.Remote)
	s.c.author = p.Author
	return s.c
}

// order puts the beats in the order of time.
func (c *conversation) order() {
	slices.SortStableFunc(c.beats, func(a, b beat) int { return a.place().compare(b.place()) })
}

// finish puts the beats in order of time, and cuts off what depends on moves
// that would come after start: from then on the team of the demo decides.
func (c *conversation) finish(start time.Time) {
	c.order()
	late, answered := false, false
	for i := range c.beats {
		b := &c.beats[i]
		answered = answered || b.item.Own || b.move.Kind == Reply
		switch {
		case b.at.Before(start):
		case b.item.Kind == "":
			late = true
			b.move.Sent.Remote, b.move.Sent.URL, b.move.Sent.At = "", "", time.Time{}
		case late:
			c.beats = c.beats[:i]
			return
		case !answered && b.item.Kind == network.Seen:
			b.unless = true
		}
	}
}

// wakeUp has the team see to some of what waits at the start within minutes,
// whatever the shifts say: whoever watches a demo at night watches it at work.
// The rest of what nobody would take soon is left to whoever watches.
func (h *past) wakeUp(c *conversation) {
	i := slices.IndexFunc(c.beats, func(b beat) bool { return b.move.Kind != "" && !b.at.Before(h.start) })
	if i < 0 || slices.ContainsFunc(c.beats[:i], func(b beat) bool { return b.move.Kind == Claim }) {
		return
	}
	r := chance(h.seed, "wake up", c.n)
	sooner := c.beats[i].at.Sub(h.start) - between(r, 20*time.Second, 14*time.Minute)
	switch {
	case sooner <= 0:
	case r.IntN(100) < 45 && !slices.ContainsFunc(c.beats, func(b beat) bool { return b.item.Kind == network.Deleted }):
		for j := range c.beats[i:] {
			b := &c.beats[i+j]
			b.at, b.move.At = b.at.Add(-sooner), b.move.At.Add(-sooner)
			b.move.Remote = c.beats[0].item.Post.Remote // a later post may not be there yet
		}
		c.order()
	default:
		c.beats = slices.DeleteFunc(c.beats, func(b beat) bool { return b.move.Kind != "" && !b.at.Before(h.start) })
	}
}

package report

import "time"

const (
	defNow      = "Open cases as of the report, whatever the span. At risk: a target's margin has begun. Overdue: its deadline has passed and the answer is still owed. Late ones are counted apart, for they have no targets."
	defPromise  = "Promises to customers whose time fell into the span. Kept: done by then. Told: the customer heard of another time before the old one had passed. Slipped: neither; also one that is open and overdue now. Kept ÷ due."
	defToCome   = "Promises that are open and not due yet, whatever the span."
	defCases    = "Cases by when their clock began. A customer is an author; several authors of one person count several times."
	defFlow     = "What came in, was finished and came back, when it happened; open is at the end of the span or of the row's part of it. Merged cases count until they were merged."
	defSources  = "Mentions by when we read them, flagged or not. Late: old when first seen. All sources, imports too."
	defReplies  = "Our answers that the customer could see, by when. Each counts, also where one first response was made of two."
	defReviewed = "Mentions that a person confirmed or corrected, by the last word on each. Precision: confirmed ÷ (confirmed + refused). Passed mentions that were looked at tell what is missed: missed ÷ (missed + rightly passed)."
	defOutcome  = "Cases that the classifier opened and that are over: how many were dismissed as no complaint. A person who resolves a case says that it was one. By hand: cases that a person opened, and those whose mention had not been flagged."
	defPeople   = "Open: has it now. Worked: did something to it in the span. Kept: promises that were the person's, done in time. Handed on: passed to somebody else. Helped: worked on while somebody else had it. In the order of names."

	peopleNote = "No speed and no ranking: neither tells who helps customers well."
)

// soon is how far "will break soon" looks ahead.
const soon = 30 * time.Minute

// oneDay is how far promises to come are told apart.
const oneDay = moment(24 * 60 * 60 * 1000)

// Slots of the present.
const (
	nowWaiting = iota
	nowClaimed
	nowAwaiting
	nowFree // nobody has it, and it is ours to act
	nowRisk
	nowOverdue
	nowSoon
	nowLate
	nowWaits // customers without an answer
)

// now is what is to be done.
func (e *eval) now() []Table {
	s := e.sheet("open")
	for i := range e.f.cases {
		c := &e.f.cases[i]
		if c.hidden || c.over() {
			continue
		}
		if c.late && !e.q.Late {
			too := *e
			if too.q.Late = true; too.has(c) {
				s.hit(c, e.date(c), nowLate, uint32(i))
			}
			continue
		}
		if e.has(c) {
			e.open(s, uint32(i), c)
		}
	}
	t := s.table("Open cases", defNow, AtPresent,
		counted("open", "open", nowWaiting, nowClaimed, nowAwaiting), counted("waiting", "in the queue", nowWaiting),
		counted("claimed", "claimed", nowClaimed), counted("awaiting", "the customer has to act", nowAwaiting),
		counted("unassigned", "unassigned", nowFree), counted("unanswered", "without a first answer", nowWaits),
		counted("at_risk", "at risk", nowRisk), counted("soon", "will break within 30 minutes", nowSoon),
		counted("overdue", "overdue", nowOverdue), counted("late", "late, apart", nowLate))
	return []Table{t, e.toCome()}
}

func (e *eval) open(s *sheet, n uint32, c *fact) {
	at := e.date(c)
	s.hit(c, at, [...]int{nowWaiting, nowClaimed, nowAwaiting}[c.state], n)
	if c.assignee == 0 && c.state == waiting {
		s.hit(c, at, nowFree, n)
	}
	if c.replied == 0 && c.withdrawn == 0 {
		s.hit(c, at, nowWaits, n)
	}
	risk, overdue, breaks := e.stands(c)
	if overdue {
		s.hit(c, at, nowOverdue, n)
	}
	if risk {
		s.hit(c, at, nowRisk, n)
	}
	if breaks {
		s.hit(c, at, nowSoon, n)
	}
}

// stands says whether a target of a case is near its deadline, or one has passed
// and the answer is still owed; breaks: one passes within [soon].
func (e *eval) stands(c *fact) (risk, overdue, breaks bool) {
	for i := c.targets; i != 0; i = e.f.targets[i-1].prev {
		t := &e.f.targets[i-1]
		late := t.due <= e.asOf
		switch {
		case t.state == breached && t.owed() || t.state == running && late:
			overdue = true
		case t.state == running:
			risk = risk || t.atRisk <= e.asOf
			breaks = breaks || t.due <= e.asOf+moment(soon.Milliseconds())
		}
	}
	return risk, overdue, breaks
}

// An outcome is what became of a promise.
type outcome int

const (
	promiseToCome outcome = iota
	promiseKept
	promiseTold
	promiseSlipped
	promiseToldOpen // told, and the new time has not come
)

// became says what a promise came to.
func (e *eval) became(p *promise) outcome {
	late := p.done > p.until || p.done == 0 && p.until <= e.asOf
	switch {
	case p.slip || late:
		return promiseSlipped
	case p.told:
		return promiseTold
	case p.done != 0:
		return promiseKept
	}
	return promiseToCome
}

func (e *eval) promised() []Table {
	const (
		slotKept = iota
		slotTold
		slotSlipped
		slotOpen // slipped, and still to be done
	)
	s := e.sheet("promises")
	for i := range e.f.promises {
		p := &e.f.promises[i]
		if p.void || !e.within(p.due) || p.due > e.asOf {
			continue
		}
		c := &e.f.cases[p.of]
		if !e.has(c) {
			continue
		}
		switch e.became(p) {
		case promiseKept:
			s.hit(c, p.due, slotKept, p.of)
		case promiseTold:
			s.hit(c, p.due, slotTold, p.of)
		case promiseSlipped:
			s.hit(c, p.due, slotSlipped, p.of)
			if p.done == 0 {
				s.hit(c, p.due, slotOpen, p.of)
			}
		}
	}
	due := []int{slotKept, slotTold, slotSlipped}
	t := s.table("Promises", defPromise, EventDate,
		counted("due", "due", due...), counted("kept", "kept on time", slotKept), counted("told", "told before it slipped", slotTold),
		counted("slipped", "slipped", slotSlipped), counted("owed", "slipped and still to be done", slotOpen),
		shared("kept_share", "share kept on time", []int{slotKept}, due...), shared("slipped_share", "share slipped", []int{slotSlipped}, due...))
	return []Table{t, e.toCome()}
}

// toCome are the promises that are still to be kept.
func (e *eval) toCome() Table {
	s := e.sheet("to_come")
	for i := range e.f.promises {
		p := &e.f.promises[i]
		if p.void || p.done != 0 || p.until <= e.asOf || !e.has(&e.f.cases[p.of]) {
			continue
		}
		slot := 0
		if p.until <= e.asOf+oneDay {
			slot = 1
		}
		s.hit(&e.f.cases[p.of], p.until, slot, p.of)
	}
	return s.table("Promises to come", defToCome, AtPresent,
		counted("open", "open", 0, 1), counted("day", "due within 24 hours", 1))
}

// Slots of the cases of a span.
const (
	volReal = iota // not dismissed
	volNoComplaint
	volNotUs
	volSpam
	volDuplicate
	volElse
	volPersons
	volByHand
	volReopened
)

func (e *eval) volume() []Table {
	s := e.sheet("cases")
	why := map[word]int{
		e.f.words.of["not_a_complaint"]: volNoComplaint, e.f.words.of["not_about_us"]: volNotUs,
		e.f.words.of["spam"]: volSpam, e.f.words.of["duplicate"]: volDuplicate,
	}
	delete(why, 0)
	e.ofSpan(func(n uint32, c *fact, at moment) {
		slot := volReal
		if c.state == dismissed {
			var known bool
			if slot, known = why[c.disposition]; !known {
				slot = volElse
			}
		}
		for _, g := range s.of(c, at) {
			if g == nil {
				continue
			}
			g.hit(slot, n)
			g.person(volPersons, c.author, n)
			if c.byHand {
				g.hit(volByHand, n)
			}
			if c.reopens > 0 {
				g.hit(volReopened, n)
			}
		}
	})
	t := s.table("Cases", defCases, CaseDate,
		counted("cases", "cases", volReal, volNoComplaint, volNotUs, volSpam, volDuplicate, volElse), counted("customers", "customers", volPersons),
		counted("complaints", "not dismissed", volReal), counted("no_complaint", "no complaint", volNoComplaint), counted("not_us", "not about us", volNotUs),
		counted("spam", "spam", volSpam), counted("duplicate", "duplicate", volDuplicate),
		counted("by_hand", "opened by a person", volByHand), counted("reopened", "reopened", volReopened))
	return []Table{t, e.flow(), e.surged(), e.replies(), e.sources(), e.cost()}
}

// flow is what came and went, and the backlog.
func (e *eval) flow() Table {
	const (
		slotIn = iota
		slotOut
		slotBack
		slotStays // +1 or −1 for each change up to the end: only summed
	)
	by := e.q.By
	if !timely(by) || by == ByHour || by == ByWeekday {
		if by = ByDay; e.q.By != ByNothing && !timely(e.q.By) {
			by = e.q.By
		}
	}
	s := e.sheetBy("flow", by)
	calendar := timely(by)
	before := 0 // open when the span begins, of rows that are parts of time
	for i := range e.f.acts {
		a := &e.f.acts[i]
		slot, change := slotIn, 1
		switch a.kind {
		case actOpened:
		case actClosed:
			slot, change = slotOut, -1
		case actReopened:
			slot = slotBack
		default:
			continue
		}
		c := &e.f.cases[a.of]
		if a.at >= e.to || !e.has(c) {
			continue
		}
		inside := a.at >= e.from
		s.total.n[slotStays] += change
		switch {
		case !calendar:
			s.at(s.row(c, a.at)).n[slotStays] += change
		case inside:
			s.at(s.row(c, a.at)).n[slotStays] += change
		default:
			before += change
		}
		if inside {
			s.hit(c, a.at, slot, a.of)
		}
	}
	open := column{Column{"open", "open at the end", Count}, []int{slotStays}, func(g *group) Cell {
		return Cell{Value: number(float64(g.n[slotStays])), N: g.n[slotStays]}
	}}
	if calendar {
		s.fill()
		s.accumulate(slotStays, before)
	}
	if s.e.picks.column(s.name, "open") {
		e.stood(s, calendar, slotStays)
	}
	return s.table("Flow and backlog", defFlow, EventDate,
		counted("opened", "came in", slotIn), counted("closed", "finished", slotOut), counted("reopened", "came back", slotBack), open)
}

// stood lists the cases that were open at the end of the rows that are kept.
func (e *eval) stood(s *sheet, calendar bool, slot int) {
	for _, g := range append([]*group{s.total}, s.list...) {
		if !g.keep {
			continue
		}
		until := e.to
		if calendar && g != s.total {
			until = min(until, e.ends(s.by, g.key))
		}
		open := map[uint32]int{}
		for i := range e.f.acts {
			a := &e.f.acts[i]
			c := &e.f.cases[a.of]
			if a.at >= until || !e.has(c) || !calendar && g != s.total && s.row(c, a.at) != g.key {
				continue
			}
			switch a.kind {
			case actOpened, actReopened:
				open[a.of]++
			case actClosed:
				open[a.of]--
			}
		}
		for n, times := range open {
			for range times {
				g.cases[slot] = append(g.cases[slot], n)
			}
		}
	}
}

// ends is the moment at which a row's part of time is over.
func (e *eval) ends(by Dimension, key int64) moment {
	switch by {
	case ByWeek:
		return e.face.start(key + 7)
	case ByMonth:
		return momentOf(time.Date(int(key/12), time.Month(key%12+2), 1, 0, 0, 0, 0, e.q.Zone))
	}
	return e.face.start(key + 1)
}

// accumulate makes a slot of rows that follow each other in time a running sum.
func (s *sheet) accumulate(slot, from int) {
	sortByKey(s.list)
	for _, g := range s.list {
		from += g.n[slot]
		g.n[slot] = from
	}
}

// replies are our answers, each for itself: two within a second are two.
func (e *eval) replies() Table {
	s := e.sheet("replies")
	for i := range e.f.when.replies.within(len(e.f.replies), e.from, e.to) {
		r := &e.f.replies[i]
		if c := &e.f.cases[r.of]; e.within(r.visible) && !r.told && e.has(c) {
			s.hit(c, r.visible, 0, r.of)
		}
	}
	return s.table("Replies", defReplies, EventDate, counted("replies", "replies", 0))
}

// readings adds what was read in the span to its source and to the whole.
func (e *eval) readings(s *sheet, add func(*group, *reading)) {
	for i := range e.f.readings {
		if r := &e.f.readings[i]; e.within(r.at) {
			add(s.total, r)
			add(s.at(int64(r.source)), r)
		}
	}
}

func (e *eval) sources() Table {
	const (
		slotRead = iota
		slotFlagged
		slotLate
	)
	s := e.sheetBy("sources", BySource)
	e.readings(s, func(g *group, r *reading) {
		g.n[slotRead] += int(r.read)
		g.n[slotFlagged] += int(r.flagged)
		g.n[slotLate] += int(r.late)
	})
	return s.table("Mentions by source", defSources, EventDate,
		counted("mentions", "mentions", slotRead), counted("flagged", "flagged", slotFlagged),
		shared("flagged_share", "share flagged", []int{slotFlagged}, slotRead), counted("late", "late", slotLate)).closed()
}

func (e *eval) quality() []Table {
	const (
		slotConfirmed = iota
		slotRefused
		slotMissed
		slotPassed
	)
	s := e.sheet("reviews")
	for i := range e.f.when.acts.within(len(e.f.acts), e.from, e.to) {
		a := &e.f.acts[i]
		c := &e.f.cases[a.of]
		if a.kind < actConfirmed || a.kind == actVoid || !e.within(a.at) || !e.has(c) {
			continue
		}
		s.hit(c, a.at, int(a.kind-actConfirmed), a.of)
	}
	reviews := s.table("Reviews", defReviewed, EventDate,
		counted("confirmed", "confirmed", slotConfirmed), counted("refused", "refused", slotRefused),
		shared("precision", "precision", []int{slotConfirmed}, slotConfirmed, slotRefused),
		counted("missed", "missed", slotMissed), counted("passed", "rightly passed", slotPassed),
		shared("missed_share", "missed, of those looked at", []int{slotMissed}, slotMissed, slotPassed))
	return []Table{reviews, e.judged()}
}

// judged is what became of the cases that the classifier opened.
func (e *eval) judged() Table {
	const (
		slotReal = iota
		slotFalse
		slotElse // dismissed for a reason that is not about the verdict
		slotOpen
		slotByHand
		slotMissed
	)
	s := e.sheet("outcome")
	false1 := e.f.words.of["not_a_complaint"]
	e.ofSpan(func(n uint32, c *fact, at moment) {
		switch {
		case c.byHand:
			if s.hit(c, at, slotByHand, n); c.missed {
				s.hit(c, at, slotMissed, n)
			}
		case c.state == resolved:
			s.hit(c, at, slotReal, n)
		case c.state == dismissed && c.disposition == false1 && false1 != 0:
			s.hit(c, at, slotFalse, n)
		case c.state == dismissed:
			s.hit(c, at, slotElse, n)
		default:
			s.hit(c, at, slotOpen, n)
		}
	})
	return s.table("What flagged cases came to", defOutcome, CaseDate,
		counted("resolved", "resolved", slotReal), counted("no_complaint", "no complaint", slotFalse), counted("else", "dismissed otherwise", slotElse),
		counted("open", "open", slotOpen), shared("precision", "were complaints", []int{slotReal}, slotReal, slotFalse),
		counted("by_hand", "opened by a person", slotByHand), counted("missed", "of those not flagged", slotMissed))
}

// people is the balance of work, in the order of names.
func (e *eval) people() []Table {
	const (
		slotOpen = iota
		slotWorked
		slotKept
		slotHandedOn
		slotHelped
	)
	s := e.sheetBy("people", ByNothing)
	s.label = func(key int64) string { return e.f.words.name(word(key)) }
	once := make([]*[slotHelped + 1][]uint64, len(e.f.words.list)+1) // by person: a bit for each case
	hit := func(who word, slot int, n uint32) {
		did := once[min(int(who), len(once)-1)]
		if did == nil {
			did = new([slotHelped + 1][]uint64)
			once[min(int(who), len(once)-1)] = did
		}
		if did[slot] == nil {
			did[slot] = make([]uint64, len(e.f.cases)/64+1)
		}
		if bit := uint64(1) << (n & 63); did[slot][n>>6]&bit == 0 {
			did[slot][n>>6] |= bit
			s.at(int64(who)).hit(slot, n)
		}
	}
	for i := range e.f.cases {
		if c := &e.f.cases[i]; c.assignee != 0 && !c.over() && e.has(c) {
			hit(c.assignee, slotOpen, uint32(i))
		}
	}
	for i := range e.f.when.acts.within(len(e.f.acts), e.from, e.to) {
		a := &e.f.acts[i]
		if a.by == 0 || !e.within(a.at) || !e.has(&e.f.cases[a.of]) {
			continue
		}
		hit(a.by, slotWorked, a.of)
		if a.kind == actHandedOn {
			hit(a.by, slotHandedOn, a.of)
		}
		if a.helping {
			hit(a.by, slotHelped, a.of)
		}
	}
	for i := range e.f.promises {
		p := &e.f.promises[i]
		if !p.void && p.owner != 0 && p.done != 0 && e.within(p.done) && e.became(p) == promiseKept && e.has(&e.f.cases[p.of]) {
			s.at(int64(p.owner)).hit(slotKept, p.of)
		}
	}
	t := s.table("People", defPeople, EventDate,
		counted("open", "open", slotOpen), counted("worked", "cases worked", slotWorked), counted("kept", "promises kept", slotKept),
		counted("handed_on", "handed on", slotHandedOn), counted("helped", "helped with", slotHelped))
	t.Rows = t.Rows[1:] // the team as a whole is on the other pages
	return []Table{t}
}

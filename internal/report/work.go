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
	s, toCome := e.sheet("open"), e.sheet("to_come")
	e.sweep(func(e *eval, s []*sheet) {
		late := *e
		late.q.Late = true
		for n, c := range e.stillOpen() {
			switch {
			case e.has(c):
				e.open(s[0].of(c, e.date(c)), n, c)
			case c.late && late.has(c):
				s[0].hit(c, e.date(c), nowLate, n)
			}
		}
		e.toCome(s[1])
	}, s, toCome)
	t := s.table("Open cases", defNow, AtPresent,
		counted("open", "open", nowWaiting, nowClaimed, nowAwaiting), counted("waiting", "in the queue", nowWaiting),
		counted("claimed", "claimed", nowClaimed), counted("awaiting", "the customer has to act", nowAwaiting),
		counted("unassigned", "unassigned", nowFree), counted("unanswered", "without a first answer", nowWaits),
		counted("at_risk", "at risk", nowRisk), counted("soon", "will break within 30 minutes", nowSoon),
		counted("overdue", "overdue", nowOverdue), counted("late", "late, apart", nowLate))
	return []Table{t, toComeTable(toCome)}
}

func (e *eval) open(g *group, n uint32, c *fact) {
	g.hit([...]int{nowWaiting, nowClaimed, nowAwaiting}[c.state], n)
	if c.assignee == 0 && c.state == waiting {
		g.hit(nowFree, n)
	}
	if c.replied == 0 && c.withdrawn == 0 {
		g.hit(nowWaits, n)
	}
	risk, overdue, breaks := e.stands(c)
	if overdue {
		g.hit(nowOverdue, n)
	}
	if risk {
		g.hit(nowRisk, n)
	}
	if breaks {
		g.hit(nowSoon, n)
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
	s, toCome := e.sheet("promises"), e.sheet("to_come")
	e.sweep(func(e *eval, s []*sheet) {
		for _, p := range each(e, e.f.promises) {
			c := &e.f.cases[p.of]
			if p.void || !e.within(p.due) || p.due > e.asOf || !e.has(c) {
				continue
			}
			switch e.became(p) {
			case promiseKept:
				s[0].hit(c, p.due, slotKept, p.of)
			case promiseTold:
				s[0].hit(c, p.due, slotTold, p.of)
			case promiseSlipped:
				s[0].hit(c, p.due, slotSlipped, p.of)
				if p.done == 0 {
					s[0].hit(c, p.due, slotOpen, p.of)
				}
			}
		}
		e.toCome(s[1])
	}, s, toCome)
	due := []int{slotKept, slotTold, slotSlipped}
	t := s.table("Promises", defPromise, EventDate,
		counted("due", "due", due...), counted("kept", "kept on time", slotKept), counted("told", "told before it slipped", slotTold),
		counted("slipped", "slipped", slotSlipped), counted("owed", "slipped and still to be done", slotOpen),
		shared("kept_share", "share kept on time", []int{slotKept}, due...), shared("slipped_share", "share slipped", []int{slotSlipped}, due...))
	return []Table{t, toComeTable(toCome)}
}

// toCome counts the promises that are still to be kept.
func (e *eval) toCome(s *sheet) {
	for _, p := range each(e, e.f.promises) {
		if p.void || p.done != 0 || p.until <= e.asOf || !e.has(&e.f.cases[p.of]) {
			continue
		}
		slot := 0
		if p.until <= e.asOf+oneDay {
			slot = 1
		}
		s.hit(&e.f.cases[p.of], p.until, slot, p.of)
	}
}

func toComeTable(s *sheet) Table {
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
	by := e.q.By // of the flow: parts of time, unless something else is asked for
	if by == ByNothing || by == ByHour || by == ByWeekday {
		by = ByDay
	}
	s, flow, replies, sources, cost := e.sheet("cases"), e.sheetBy("flow", by), e.sheet("replies"), e.sheetBy("sources", BySource), e.sheetBy("cost", BySource)
	hours := e.grid("hours")
	e.resweep(e.f.everything(), func(e *eval, s []*sheet) {
		e.came(s[0], s[5])
		e.flow(s[1])
		e.replies(s[2])
		e.read(s[3], s[4])
	}, s, flow, replies, sources, cost, hours)
	t := s.table("Cases", defCases, CaseDate,
		counted("cases", "cases", volReal, volNoComplaint, volNotUs, volSpam, volDuplicate, volElse), counted("customers", "customers", volPersons),
		counted("complaints", "not dismissed", volReal), counted("no_complaint", "no complaint", volNoComplaint), counted("not_us", "not about us", volNotUs),
		counted("spam", "spam", volSpam), counted("duplicate", "duplicate", volDuplicate),
		counted("by_hand", "opened by a person", volByHand), counted("reopened", "reopened", volReopened))
	return []Table{
		t, flowTable(flow), hours.gridTable("When people write", defHours, func(name, title string) column { return counted(name, title, 0) }), e.surged(),
		replies.table("Replies", defReplies, EventDate, counted("replies", "replies", 0)),
		sourcesTable(sources), costTable(cost),
	}
}

// came counts the cases of the span, and those of each hour of the week.
func (e *eval) came(s, hours *sheet) {
	why := map[word]int{
		e.f.words.of["not_a_complaint"]: volNoComplaint, e.f.words.of["not_about_us"]: volNotUs,
		e.f.words.of["spam"]: volSpam, e.f.words.of["duplicate"]: volDuplicate,
	}
	delete(why, 0)
	for n, c := range e.ofSpan() {
		slot := volReal
		if c.state == dismissed {
			var known bool
			if slot, known = why[c.disposition]; !known {
				slot = volElse
			}
		}
		g := s.of(c, e.date(c))
		g.hit(slot, n)
		for _, hour := range hours.hours(e.date(c)) {
			hour.hit(0, n)
		}
		g.person(volPersons, c.author, n)
		if c.byHand {
			g.hit(volByHand, n)
		}
		if c.reopens > 0 {
			g.hit(volReopened, n)
		}
	}
}

// Slots of the flow.
const (
	flowIn = iota
	flowOut
	flowBack
	flowStays  // +1 or −1 for each change up to the end: only summed
	flowBefore // the same up to the beginning, where rows are parts of time: of the whole
)

// flow counts what came and went.
func (e *eval) flow(s *sheet) {
	calendar := timely(s.by)
	for _, acts := range blocks(e, e.f.acts, &e.f.when.acts, -1<<62, e.to) {
		for i := range acts {
			a := &acts[i]
			slot, change := flowIn, 1
			switch a.kind {
			case actOpened:
			case actClosed:
				slot, change = flowOut, -1
			case actReopened:
				slot = flowBack
			default:
				continue
			}
			c := &e.f.cases[a.of]
			if a.at >= e.to || !e.has(c) {
				continue
			}
			inside := a.at >= e.from
			if calendar && !inside {
				s.total.n[flowBefore] += change
				continue
			}
			g := s.of(c, a.at)
			if g.n[flowStays] += change; inside {
				g.hit(slot, a.of)
			}
		}
	}
}

// flowTable is what came and went, and the backlog.
func flowTable(s *sheet) Table {
	open := column{Column: Column{"open", "open at the end", Count}, of: []int{flowStays}, cell: func(g *group) Cell {
		return Cell{Value: number(float64(g.n[flowStays])), N: g.n[flowStays]}
	}}
	calendar := timely(s.by)
	if calendar {
		s.fill()
		s.accumulate(flowStays, s.total.n[flowBefore])
		s.total.n[flowStays] += s.total.n[flowBefore]
	}
	if s.e.picks.column(s.name, "open") {
		s.e.stood(s, calendar, flowStays)
	}
	return s.table("Flow and backlog", defFlow, EventDate,
		counted("opened", "came in", flowIn), counted("closed", "finished", flowOut), counted("reopened", "came back", flowBack), open)
}

// stood lists the cases that were open at the end of the rows that are kept.
func (e *eval) stood(s *sheet, calendar bool, slot int) {
	for _, g := range append([]*group{s.total}, s.list...) {
		if !e.picks.row(s.name, g.label) {
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

// replies counts our answers, each for itself: two within a second are two.
func (e *eval) replies(s *sheet) {
	for _, r := range inSpan(e, e.f.replies, &e.f.when.replies) {
		if c := &e.f.cases[r.of]; e.within(r.visible) && !r.told && e.has(c) {
			s.hit(c, r.visible, 0, r.of)
		}
	}
}

// Slots of what sources read.
const (
	readAll = iota
	readFlagged
	readLate
)

// read counts what was read in the span, and what it cost.
func (e *eval) read(sources, cost *sheet) {
	for _, r := range each(e, e.f.readings) {
		if !e.within(r.at) {
			continue
		}
		for _, s := range []*sheet{sources, cost} {
			g := s.at(int64(r.source))
			g.n[readAll] += int(r.read)
			g.n[readFlagged] += int(r.flagged)
			g.n[readLate] += int(r.late)
			g.sum[0] += float64(r.micros)
		}
	}
}

func sourcesTable(s *sheet) Table {
	return s.table("Mentions by source", defSources, EventDate,
		counted("mentions", "mentions", readAll), counted("flagged", "flagged", readFlagged),
		shared("flagged_share", "share flagged", []int{readFlagged}, readAll), counted("late", "late", readLate)).closed()
}

// Slots of reviews.
const (
	reviewConfirmed = iota
	reviewRefused
	reviewMissed
	reviewPassed
)

func (e *eval) quality() []Table {
	s, outcome := e.sheet("reviews"), e.sheet("outcome")
	e.resweep(e.f.everything(), func(e *eval, s []*sheet) {
		for _, a := range inSpan(e, e.f.acts, &e.f.when.acts) {
			if a.kind < actConfirmed || a.kind == actVoid || !e.within(a.at) {
				continue
			}
			if c := &e.f.cases[a.of]; e.has(c) {
				s[0].hit(c, a.at, int(a.kind-actConfirmed), a.of)
			}
		}
		e.judged(s[1])
	}, s, outcome)
	return []Table{
		s.table("Reviews", defReviewed, EventDate,
			counted("confirmed", "confirmed", reviewConfirmed), counted("refused", "refused", reviewRefused),
			shared("precision", "precision", []int{reviewConfirmed}, reviewConfirmed, reviewRefused),
			counted("missed", "missed", reviewMissed), counted("passed", "rightly passed", reviewPassed),
			shared("missed_share", "missed, of those looked at", []int{reviewMissed}, reviewMissed, reviewPassed)),
		outcomeTable(outcome),
	}
}

// Slots of what became of flagged cases.
const (
	judgedReal = iota
	judgedFalse
	judgedElse // dismissed for a reason that is not about the verdict
	judgedOpen
	judgedByHand
	judgedMissed
)

// judged counts what became of the cases that the classifier opened.
func (e *eval) judged(s *sheet) {
	false1 := e.f.words.of["not_a_complaint"]
	for n, c := range e.ofSpan() {
		g := s.of(c, e.date(c))
		switch {
		case c.byHand:
			if g.hit(judgedByHand, n); c.missed {
				g.hit(judgedMissed, n)
			}
		case c.state == resolved:
			g.hit(judgedReal, n)
		case c.state == dismissed && c.disposition == false1 && false1 != 0:
			g.hit(judgedFalse, n)
		case c.state == dismissed:
			g.hit(judgedElse, n)
		default:
			g.hit(judgedOpen, n)
		}
	}
}

func outcomeTable(s *sheet) Table {
	return s.table("What flagged cases came to", defOutcome, CaseDate,
		counted("resolved", "resolved", judgedReal), counted("no_complaint", "no complaint", judgedFalse), counted("else", "dismissed otherwise", judgedElse),
		counted("open", "open", judgedOpen), shared("precision", "were complaints", []int{judgedReal}, judgedReal, judgedFalse),
		counted("by_hand", "opened by a person", judgedByHand), counted("missed", "of those not flagged", judgedMissed))
}

// Slots of people.
const (
	didOpen = iota
	didWork
	didKeep
	didHandOn
	didHelp
)

// people is the balance of work, in the order of names.
func (e *eval) people() []Table {
	s := e.sheetBy("people", ByNothing)
	s.label = func(key int64) string { return e.f.words.name(word(key)) }
	e.resweep(e.f.everything(), func(e *eval, s []*sheet) { e.balance(s[0]) }, s)
	t := s.table("People", defPeople, EventDate,
		counted("open", "open", didOpen), counted("worked", "cases worked", didWork), counted("kept", "promises kept", didKeep),
		counted("handed_on", "handed on", didHandOn), counted("helped", "helped with", didHelp))
	t.Rows = t.Rows[1:] // the team as a whole is on the other pages
	return []Table{t}
}

// balance counts what people did. A case counts once for each of them: by the
// first such act in the span.
func (e *eval) balance(s *sheet) {
	for n, c := range e.stillOpen() {
		if c.assignee != 0 && e.has(c) {
			s.at(int64(c.assignee)).hit(didOpen, n)
		}
	}
	for _, a := range inSpan(e, e.f.acts, &e.f.when.acts) {
		if a.by == 0 || !e.within(a.at) || !e.has(&e.f.cases[a.of]) {
			continue
		}
		g := s.at(int64(a.by))
		if e.firstOf(a, func(*act) bool { return true }) {
			g.hit(didWork, a.of)
		}
		if a.kind == actHandedOn && e.firstOf(a, func(b *act) bool { return b.kind == actHandedOn }) {
			g.hit(didHandOn, a.of)
		}
		if a.helping && e.firstOf(a, func(b *act) bool { return b.helping }) {
			g.hit(didHelp, a.of)
		}
	}
	for _, p := range each(e, e.f.promises) {
		if !p.void && p.owner != 0 && p.done != 0 && e.within(p.done) && e.became(p) == promiseKept && e.has(&e.f.cases[p.of]) {
			s.at(int64(p.owner)).hit(didKeep, p.of)
		}
	}
}

// firstOf says whether an act is the first of its person, in its case and in the
// span, that is of a kind.
func (e *eval) firstOf(a *act, is func(*act) bool) bool {
	for i := a.prev; i != 0; {
		b := &e.f.acts[i-1]
		if b.at < e.from {
			return true
		}
		if b.by == a.by && is(b) {
			return false
		}
		i = b.prev
	}
	return true
}

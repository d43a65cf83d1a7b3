package report

// The definitions, as they stand under the figures. docs/metrics.md has them
// at length.
const (
	defFirst = "First human reply that the customer could see, minus the start of the clock. Cases without one count for as long as they waited (Kaplan–Meier); one that was closed without an answer waits on. Dismissed cases are left out."
	defNext  = "Our reply, minus the oldest mention of the customer that had no answer, once a first answer was given. What was closed without an answer counts until then; thanks don't wait."
	defClaim = "First claim or assignment, minus the opening of the case. Unclaimed cases count for as long as they waited. Dismissed cases are left out."
	defSolve = "Resolved, minus the start of the clock: for the first time, and as it stands, where a case that was reopened counts on. Dismissed cases are left out; one that the customer took back counts until then."
	defRate  = "Cases with a human reply, of those worth one. Dismissed cases and those that the customer took back before an answer are not worth one, and are counted apart."
	defSLA   = "Targets met, of those whose deadline fell into the span and has passed: met ÷ (met + missed). Missed is what was breached, what is open and overdue now, and what was closed without the answer that was promised. Dismissed, merged and withdrawn ones are left out."
	defSeen  = "When we saw a mention, minus when it was posted. Mentions that are in a case, late ones left out."
)

// response is the page of response times.
func (e *eval) response() []Table {
	first, rate, claim, solve := e.sheet("first"), e.sheet("rate"), e.sheet("claim"), e.sheet("resolution")
	e.ofSpan(func(n uint32, c *fact, at moment) {
		e.firstReply(first, n, c, at)
		e.rate(rate, n, c, at)
		e.solve(solve, n, c, at)
	})
	e.claims(claim)
	tables := []Table{
		e.firstTable(first),
		e.nextResponse(),
		rate.table("Response rate", defRate, CaseDate,
			counted("cases", "cases", rateAnswered, rateOpen, rateShut, rateDismissed, rateWithdrawn),
			counted("answered", "answered", rateAnswered), counted("waiting", "waiting", rateOpen), counted("unanswered", "closed without an answer", rateShut),
			shared("rate", "response rate", []int{rateAnswered}, rateAnswered, rateOpen, rateShut),
			counted("dismissed", "dismissed", rateDismissed), counted("withdrawn", "taken back", rateWithdrawn)),
		solve.table("Resolution", defSolve, CaseDate, solveColumns()...),
		claim.table("Time to claim", defClaim, EventDate,
			counted("cases", "cases", claimDone, claimOpen, claimNever), counted("waiting", "unclaimed", claimOpen),
			lasted("median", "median", 0, 0.5, claimDone, claimOpen, claimNever), lasted("p90", "p90", 0, 0.9, claimDone, claimOpen, claimNever)),
	}
	return append(append(tables, e.attainment()...), e.detection())
}

// Slots of the first response.
const (
	firstAnswered = iota
	firstWaiting
	firstShut
	firstWithdrawn
	firstMet
	firstMissed
	firstRunning
)

func (e *eval) firstReply(s *sheet, n uint32, c *fact, at moment) {
	slot, d := e.firstWait(c, at)
	if slot < 0 {
		return
	}
	s.wait(c, at, 0, slot, n, d)
	if c.response == 0 {
		return
	}
	switch t := &e.f.targets[c.response-1]; e.outcome(t) {
	case met:
		s.hit(c, at, firstMet, n)
	case breached:
		s.hit(c, at, firstMissed, n)
	case running:
		s.hit(c, at, firstRunning, n)
	}
}

// firstWait is how long the customer waited for a first answer; slot < 0: the
// case is none that is worth an answer.
func (e *eval) firstWait(c *fact, start moment) (slot int, d duration) {
	switch {
	case c.state == dismissed:
		return -1, 0
	case c.replied != 0:
		length := seconds(start, c.replied)
		if e.q.Working {
			if length = c.workCustomer; e.desk {
				length = c.workDesk
			}
		}
		return firstAnswered, durationOf(length, true)
	case c.withdrawn != 0:
		return firstWithdrawn, e.length(c, start, c.withdrawn, false)
	case c.over():
		return firstShut, e.length(c, start, e.asOf, false)
	}
	return firstWaiting, e.length(c, start, e.asOf, false)
}

// length is a time by the query's clock.
func (e *eval) length(c *fact, from, to moment, over bool) duration {
	if !e.q.Working {
		return durationOf(seconds(from, to), over)
	}
	return durationOf(work(e.f.calendar(c.calendar), from, to), over)
}

func (e *eval) firstTable(s *sheet) Table {
	of := []int{firstAnswered, firstWaiting, firstShut, firstWithdrawn}
	return s.table("First response", defFirst, CaseDate,
		counted("cases", "cases", of...), counted("answered", "answered", firstAnswered), counted("waiting", "still waiting", firstWaiting),
		counted("unanswered", "closed without an answer", firstShut),
		lasted("median", "median", 0, 0.5, of...), lasted("p90", "p90", 0, 0.9, of...),
		shared("within", "within target", []int{firstMet}, firstMet, firstMissed), counted("undecided", "not due yet", firstRunning))
}

// outcome is where a target stands as of the report: running, met, breached, or
// ended where it counts for nothing.
func (e *eval) outcome(t *target) targetState {
	switch t.state {
	case met, breached:
		return t.state
	case running:
		if t.due <= e.asOf {
			return breached
		}
		return running
	case paused:
		return running
	}
	if t.how == unanswered {
		return breached
	}
	return ended
}

// Slots of the next response.
const (
	nextAnswered = iota
	nextWaiting
	nextShut
)

func (e *eval) nextResponse() Table {
	s := e.sheet("next")
	for i := range e.f.when.waits.within(len(e.f.waits), e.from, e.to) {
		w := &e.f.waits[i]
		start := w.start
		if e.desk {
			start = w.seen
		}
		c := &e.f.cases[w.of]
		if w.how == void || !e.within(start) || !e.counts(c) || c.state == dismissed {
			continue
		}
		slot, d := e.nextWait(c, w, start)
		s.wait(c, start, 0, slot, w.of, d)
	}
	of := []int{nextAnswered, nextWaiting, nextShut}
	return s.table("Next response", defNext, EventDate,
		counted("waits", "waits", of...), counted("answered", "answered", nextAnswered), counted("waiting", "still waiting", nextWaiting),
		counted("closed", "closed without an answer", nextShut),
		lasted("median", "median", 0, 0.5, of...), lasted("p90", "p90", 0, 0.9, of...))
}

// nextWait is how long the customer waited for a further answer.
func (e *eval) nextWait(c *fact, w *wait, start moment) (slot int, d duration) {
	switch w.how {
	case lasts:
		return nextWaiting, e.length(c, start, e.asOf, false)
	case closed:
		return nextShut, durationOf(e.worked(w, start), false)
	}
	return nextAnswered, durationOf(e.worked(w, start), true)
}

func (e *eval) worked(w *wait, start moment) uint32 {
	switch {
	case !e.q.Working:
		return seconds(start, w.end)
	case e.desk:
		return w.workDk
	}
	return w.work
}

// Slots of the response rate.
const (
	rateAnswered = iota
	rateOpen
	rateShut
	rateDismissed
	rateWithdrawn
)

func (e *eval) rate(s *sheet, n uint32, c *fact, at moment) {
	slot := rateOpen
	switch {
	case c.state == dismissed:
		slot = rateDismissed
	case c.replied != 0:
		slot = rateAnswered
	case c.withdrawn != 0:
		slot = rateWithdrawn
	case c.over():
		slot = rateShut
	}
	s.hit(c, at, slot, n)
}

// Slots of the resolution.
const (
	solveDone    = iota // resolved now
	solveAgain          // resolved once, and open again
	solveOpen           // never resolved
	solveTaken          // taken back, and never resolved
	solveReopen         // reopened at least once
	solvePersons        // authors
	solveTimes          // reopenings
)

func (e *eval) solve(s *sheet, n uint32, c *fact, at moment) {
	if c.state == dismissed {
		return
	}
	slot, first, full := e.solved(c, at)
	for _, g := range s.of(c, at) {
		if g == nil {
			continue
		}
		g.wait(0, slot, n, full)
		g.measure(1, first)
		g.person(solvePersons, c.author, n)
		if c.reopens > 0 {
			g.hit(solveReopen, n)
		}
		for range c.reopens {
			g.hit(solveTimes, n)
		}
	}
}

// solved is how long it took to resolve a case that is not dismissed: for the
// first time, and as it stands.
func (e *eval) solved(c *fact, at moment) (slot int, first, full duration) {
	slot, first = solveOpen, e.length(c, at, e.asOf, false)
	full = first
	if c.resolved != 0 {
		first = e.length(c, at, c.resolved, true)
	}
	switch {
	case c.state == resolved:
		slot, full = solveDone, e.length(c, at, c.ended, true)
	case c.resolved != 0:
		slot = solveAgain
	case c.withdrawn != 0:
		slot = solveTaken
		first = e.length(c, at, c.withdrawn, false)
		full = first
	}
	return slot, first, full
}

func solveColumns() []column {
	of := []int{solveDone, solveAgain, solveOpen, solveTaken}
	return []column{
		counted("cases", "cases", of...), counted("customers", "customers", solvePersons), counted("resolved", "resolved", solveDone),
		counted("open", "open", solveAgain, solveOpen),
		lasted("first_median", "first, median", 1, 0.5, of...), lasted("first_p90", "first, p90", 1, 0.9, of...),
		lasted("full_median", "full, median", 0, 0.5, of...), lasted("full_p90", "full, p90", 0, 0.9, of...),
		counted("reopened", "reopened cases", solveReopen), counted("reopenings", "reopenings", solveTimes),
	}
}

// Slots of the time to claim.
const (
	claimDone = iota
	claimOpen
	claimNever // over, or taken back, before anybody took it
)

func (e *eval) claims(s *sheet) {
	for i := range e.f.when.cases.within(len(e.f.cases), e.from, e.to) {
		c := &e.f.cases[i]
		if !e.within(c.opened) || !e.counts(c) || c.state == dismissed {
			continue
		}
		slot, d := e.firstClaim(c)
		s.wait(c, c.opened, 0, slot, uint32(i), d)
	}
}

// firstClaim is how long a case that is not dismissed had nobody.
func (e *eval) firstClaim(c *fact) (slot int, d duration) {
	switch {
	case c.claimed != 0:
		return claimDone, e.length(c, c.opened, c.claimed, true)
	case c.withdrawn != 0:
		return claimNever, e.length(c, c.opened, c.withdrawn, false)
	case c.over():
		return claimNever, e.length(c, c.opened, c.ended, false)
	}
	return claimOpen, e.length(c, c.opened, e.asOf, false)
}

// attainment has a table for each kind of target.
func (e *eval) attainment() []Table {
	const (
		slotMet = iota
		slotMissed
	)
	sheets := [targetKinds]*sheet{e.sheet("sla_first_response"), e.sheet("sla_next_response"), e.sheet("sla_resolution")}
	for i := range e.f.when.targets.within(len(e.f.targets), e.from, e.to) {
		t := &e.f.targets[i]
		if !e.within(t.due) || t.due > e.asOf {
			continue
		}
		c := &e.f.cases[t.of]
		if !e.counts(c) || c.state == dismissed {
			continue
		}
		s := sheets[t.kind]
		switch e.outcome(t) {
		case met:
			s.hit(c, t.due, slotMet, t.of)
		case breached:
			s.hit(c, t.due, slotMissed, t.of)
		}
	}
	var tables []Table
	for k, title := range []string{"Promised first responses kept", "Promised next responses kept", "Promised resolutions kept"} {
		tables = append(tables, sheets[k].table(title, defSLA, EventDate,
			counted("due", "due", slotMet, slotMissed), counted("met", "met", slotMet), counted("missed", "missed", slotMissed),
			shared("attainment", "attainment", []int{slotMet}, slotMet, slotMissed)))
	}
	return tables
}

// detection is how soon we see what is posted, by source whatever the query says.
func (e *eval) detection() Table {
	s := e.sheetBy("detection", BySource)
	for i := range e.f.when.mentions.within(len(e.f.mentions), e.from, e.to) {
		m := &e.f.mentions[i]
		if m.late || m.foreign || m.gone || !e.within(m.seen) { // what moved is counted once
			continue
		}
		c := &e.f.cases[m.of]
		if !e.has(c) {
			continue
		}
		d := durationOf(seconds(m.posted, m.seen), true)
		s.total.wait(0, 0, m.of, d)
		s.at(int64(m.source)).wait(0, 0, m.of, d)
	}
	return s.table("Detection", defSeen, EventDate,
		counted("mentions", "mentions", 0), lasted("median", "median", 0, 0.5, 0), lasted("p90", "p90", 0, 0.9, 0))
}

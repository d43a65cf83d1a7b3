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
	first, rate, claim, solve, next, seen := e.sheet("first"), e.sheet("rate"), e.sheet("claim"), e.sheet("resolution"), e.sheet("next"), e.sheetBy("detection", BySource)
	hours := e.grid("first_hours")
	kept := [targetKinds]*sheet{e.sheet("sla_first_response"), e.sheet("sla_next_response"), e.sheet("sla_resolution")}
	e.resweep(e.f.everything(), func(e *eval, s []*sheet) {
		e.answers(s[0], s[1], s[2], s[3], s[6])
		e.nextResponses(s[4])
		e.detected(s[5])
		e.attained(s[7:])
	}, append([]*sheet{first, rate, solve, claim, next, seen, hours}, kept[:]...)...)
	tables := []Table{
		firstTable(first),
		hours.gridTable("When people wait longest", defFirstHours, func(name, title string) column { return lasted(name, title, 0, 0.5, 0) }),
		nextTable(next),
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
	for k, title := range []string{"Promised first responses kept", "Promised next responses kept", "Promised resolutions kept"} {
		tables = append(tables, kept[k].table(title, defSLA, EventDate,
			counted("due", "due", slaMet, slaMissed), counted("met", "met", slaMet), counted("missed", "missed", slaMissed),
			shared("attainment", "attainment", []int{slaMet}, slaMet, slaMissed)))
	}
	return append(tables, seen.table("Detection", defSeen, EventDate,
		counted("mentions", "mentions", 0), lasted("median", "median", 0, 0.5, 0), lasted("p90", "p90", 0, 0.9, 0)))
}

// answers counts what became of each case: its first response, whether it got
// one, its resolution and its claim; and its first response by the hour of the week.
func (e *eval) answers(first, rate, solve, claim, hours *sheet) {
	for n, c := range inSpan(e, e.f.cases, &e.f.when.cases) {
		if !e.counts(c) {
			continue
		}
		if at := e.date(c); e.within(at) {
			key := e.key(c, at)
			rate.on(key).hit(rateOf(c), n)
			if c.state != dismissed {
				slot, d := e.firstReply(first.on(key), n, c, at)
				for _, hour := range hours.hours(at) {
					hour.hit(0, n)
					hour.waited(e, 0, c, at, d, slot == firstWaiting || slot == firstShut)
				}
				e.solve(solve.on(key), n, c, at)
			}
		}
		if c.state != dismissed && e.within(c.opened) {
			slot, d := e.firstClaim(c)
			g := claim.of(c, c.opened)
			if g.hit(slot, n); slot == claimOpen {
				g.goes(e, 0, c, c.opened)
			} else {
				g.measure(0, d)
			}
		}
	}
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

// firstReply counts the first response of a case that is not dismissed, and says how
// long it took.
func (e *eval) firstReply(g *group, n uint32, c *fact, at moment) (slot int, d duration) {
	slot, d = e.firstWait(c, at)
	g.hit(slot, n)
	g.waited(e, 0, c, at, d, slot == firstWaiting || slot == firstShut)
	if c.response == 0 {
		return slot, d
	}
	t := &e.f.targets[c.response-1]
	switch e.outcome(t) {
	case met:
		g.hit(firstMet, n)
	case breached:
		g.hit(firstMissed, n)
	case running:
		g.hit(firstRunning, n)
		if t.state == running {
			e.changes(t.due)
		}
	}
	return slot, d
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
	return e.since(c.calendar, from, to, over)
}

func (e *eval) since(calendar word, from, to moment, over bool) duration {
	if !e.q.Working {
		return durationOf(seconds(from, to), over)
	}
	return durationOf(work(e.f.calendar(calendar), from, to), over)
}

func firstTable(s *sheet) Table {
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

func (e *eval) nextResponses(s *sheet) {
	for _, w := range inSpan(e, e.f.waits, &e.f.when.waits) {
		start := w.start
		if e.desk {
			start = w.seen
		}
		c := &e.f.cases[w.of]
		if w.how == void || !e.within(start) || !e.counts(c) || c.state == dismissed {
			continue
		}
		slot, d := e.nextWait(c, w, start)
		g := s.of(c, start)
		if g.hit(slot, w.of); slot == nextWaiting {
			g.goes(e, 0, c, start)
		} else {
			g.measure(0, d)
		}
	}
}

func nextTable(s *sheet) Table {
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

func rateOf(c *fact) (slot int) {
	switch {
	case c.state == dismissed:
		return rateDismissed
	case c.replied != 0:
		return rateAnswered
	case c.withdrawn != 0:
		return rateWithdrawn
	case c.over():
		return rateShut
	}
	return rateOpen
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

// solve counts the resolution of a case that is not dismissed.
func (e *eval) solve(g *group, n uint32, c *fact, at moment) {
	slot, first, full := e.solved(c, at)
	g.hit(slot, n)
	if open := slot == solveOpen || slot == solveAgain; open {
		g.goes(e, 0, c, at)
	} else {
		g.measure(0, full)
	}
	if slot == solveOpen {
		g.goes(e, 1, c, at)
	} else {
		g.measure(1, first)
	}
	g.person(solvePersons, c.author, n)
	if c.reopens > 0 {
		g.hit(solveReopen, n)
	}
	for range c.reopens {
		g.hit(solveTimes, n)
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

// Slots of the promises of an SLA policy.
const (
	slaMet = iota
	slaMissed
)

// attained counts targets, on a sheet for each kind.
func (e *eval) attained(sheets []*sheet) {
	for _, t := range inSpan(e, e.f.targets, &e.f.when.targets) {
		if !e.within(t.due) {
			continue
		}
		if t.due > e.asOf {
			e.changes(t.due)
			continue
		}
		c := &e.f.cases[t.of]
		if !e.counts(c) || c.state == dismissed {
			continue
		}
		switch e.outcome(t) {
		case met:
			sheets[t.kind].hit(c, t.due, slaMet, t.of)
		case breached:
			sheets[t.kind].hit(c, t.due, slaMissed, t.of)
		}
	}
}

// detected counts how soon we see what is posted, by source whatever the query says.
func (e *eval) detected(s *sheet) {
	for _, m := range inSpan(e, e.f.mentions, &e.f.when.mentions) {
		if m.late || m.foreign || m.gone || !e.within(m.seen) || !e.has(&e.f.cases[m.of]) { // what moved is counted once
			continue
		}
		s.at(int64(m.source)).wait(0, 0, m.of, durationOf(seconds(m.posted, m.seen), true))
	}
}

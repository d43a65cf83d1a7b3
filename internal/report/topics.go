package report

const (
	defTopics = "Cases by when their clock began, by what they are about. Answered, waits and targets as on the page of response times; dismissed cases are in cases only."
	defIssues = "The same by known issue. A case of several is in a row of theirs together, one of none in the row none."
)

// topics is what customers complain about.
func (e *eval) topics() []Table {
	return []Table{e.about("topics", "Topics", defTopics, ByTopic), e.about("issues", "Known issues", defIssues, ByIssue)}
}

// about has a row for each matter, whatever the query says.
func (e *eval) about(name, title, definition string, by Dimension) Table {
	const (
		slotPersons = iota + firstRunning + 1
		slotAll
		slotHigh
		slotOpen
	)
	s := e.sheetBy(name, by)
	e.ofSpan(func(n uint32, c *fact, at moment) {
		s.hit(c, at, slotAll, n)
		for _, g := range s.of(c, at) {
			g.person(slotPersons, c.author, n)
		}
		if c.severity == high {
			s.hit(c, at, slotHigh, n)
		}
		if !c.over() {
			s.hit(c, at, slotOpen, n)
		}
		e.firstReply(s, n, c, at)
	})
	of := []int{firstAnswered, firstWaiting, firstShut, firstWithdrawn}
	return s.table(title, definition, CaseDate,
		counted("cases", "cases", slotAll), counted("customers", "customers", slotPersons), counted("severe", "severe", slotHigh),
		counted("open", "open", slotOpen), counted("answered", "answered", firstAnswered),
		lasted("median", "first response, median", 0, 0.5, of...), lasted("p90", "first response, p90", 0, 0.9, of...),
		shared("within", "within target", []int{firstMet}, firstMet, firstMissed))
}

package report

const (
	defTopics = "Cases by when their clock began, by what they are about. Answered, waits and targets as on the page of response times; dismissed cases are in cases only."
	defIssues = "The same by known issue. A case of several is in a row of theirs together, one of none in the row none."
)

// topics is what customers complain about.
func (e *eval) topics() []Table {
	topics, issues := e.sheetBy("topics", ByTopic), e.sheetBy("issues", ByIssue)
	e.resweep(e.f.everything(), func(e *eval, s []*sheet) {
		for n, c := range e.ofSpan() {
			e.about(s[0].at(int64(c.topic)), n, c)
			e.about(s[1].at(int64(c.issues)), n, c)
		}
	}, topics, issues)
	return []Table{aboutTable(topics, "Topics", defTopics), aboutTable(issues, "Known issues", defIssues)}
}

// Slots of a matter, besides those of the first response.
const (
	aboutPersons = iota + firstRunning + 1
	aboutAll
	aboutHigh
	aboutOpen
)

func (e *eval) about(g *group, n uint32, c *fact) {
	g.hit(aboutAll, n)
	g.person(aboutPersons, c.author, n)
	if c.severity == high {
		g.hit(aboutHigh, n)
	}
	if !c.over() {
		g.hit(aboutOpen, n)
	}
	if c.state != dismissed {
		e.firstReply(g, n, c, e.date(c))
	}
}

// aboutTable has a row for each matter, whatever the query says.
func aboutTable(s *sheet, title, definition string) Table {
	of := []int{firstAnswered, firstWaiting, firstShut, firstWithdrawn}
	return s.table(title, definition, CaseDate,
		counted("cases", "cases", aboutAll), counted("customers", "customers", aboutPersons), counted("severe", "severe", aboutHigh),
		counted("open", "open", aboutOpen), counted("answered", "answered", firstAnswered),
		lasted("median", "first response, median", 0, 0.5, of...), lasted("p90", "first response, p90", 0, 0.9, of...),
		shared("within", "within target", []int{firstMet}, firstMet, firstMissed))
}

package report

import (
	"github.com/amends-care/amends/internal/care"
)

// ListingsVersion counts up when a listing loses a field, or one comes to mean
// something else.
const ListingsVersion = 1

func aboutListing() *Listing {
	return Listing{
		Name: "about", Definition: "One row: what these tables are of.",
		count: func(*extract) int { return 1 }, holds: func(*extract, int) bool { return true },
	}.made(
		listed{Field{"tables_version", Integer, "Counts up when a column goes, or comes to mean something else."}, func(*extract, int) Value { return whole(ListingsVersion) }},
		listed{Field{"position", Integer, "The last record of the log that they tell of. With `--at` it gives the same rows again."}, func(x *extract, _ int) Value { return whole(x.f.position) }},
		listed{Field{"as_of", Instant, "When that record was written. What is still open is measured up to then."}, func(x *extract, _ int) Value { return instant(x.f.at) }},
		listed{Field{"from_at", Instant, "Where the span begins, if one was asked for."}, func(x *extract, _ int) Value { return instant(momentOf(x.span.From)) }},
		listed{Field{"to_at", Instant, "Where it ends, excluded."}, func(x *extract, _ int) Value { return instant(momentOf(x.span.To)) }},
	)
}

// caseListing is a row for each case, with what figures by case say of it.
func caseListing() *Listing {
	of := listedOf(func(f *Fold) []fact { return f.cases })
	name := func(name, definition string, w func(c *fact) word) listed {
		return of(name, Text, definition, func(x *extract, c *fact) Value { return x.word(w(c)) })
	}
	is := func(name, definition string, is func(x *extract, c *fact) bool) listed {
		return of(name, Truth, definition, func(x *extract, c *fact) Value { return truth(is(x, c)) })
	}
	when := func(name, definition string, m func(c *fact) moment) listed {
		return of(name, Instant, definition, func(_ *extract, c *fact) Value { return instant(m(c)) })
	}
	columns := []listed{
		of("case_number", Integer, "What people call the case, and what the other tables name it by.", func(_ *extract, c *fact) Value { return whole(c.number) }),
		{Field{"case_id", Text, "Its id, as in the API and in the console's addresses."}, func(x *extract, i int) Value { return text(string(x.f.ids[i])) }},
		of("customer", Integer, "Counts authors in the order of their first cases. It leads to nobody, here or elsewhere, and stays when the author is erased.", func(_ *extract, c *fact) Value {
			if c.author == 0 {
				return Value{}
			}
			return whole(c.author)
		}),
		of("state", Text, "`waiting`, `claimed`, `awaiting` (the customer), `resolved`, `dismissed` or `merged`.", func(_ *extract, c *fact) Value { return text(c.state.name()) }),
		name("queue", "The queue that it was routed to last.", func(c *fact) word { return c.queue }),
		of("lane", Text, "`ordinary` or `critical`.", func(x *extract, c *fact) Value { return text(x.wall.label(ByLane, int64(one(c.critical)))) }),
		name("network", "Where the customer wrote.", func(c *fact) word { return c.network }),
		name("language", "Of the first mention, as `en`.", func(c *fact) word { return c.language }),
		name("topic", "Of the first mention.", func(c *fact) word { return c.topic }),
		of("severity", Text, "`low` or `high`; nothing where it was not judged.", func(x *extract, c *fact) Value {
			if c.severity == unjudged {
				return Value{}
			}
			return text(x.wall.label(BySeverity, int64(c.severity)))
		}),
		name("lists", "The author lists that the customer is on, joined by `+`.", func(c *fact) word { return c.lists }),
		name("policy", "The SLA policy that it was routed to.", func(c *fact) word { return c.policy }),
		name("source", "The source that brought its first mention.", func(c *fact) word { return c.source }),
		name("issues", "The known issues that it is linked to, as `issue 12 + issue 15`.", func(c *fact) word { return c.issues }),
		name("disposition", "Why it was resolved or dismissed, as a code.", func(c *fact) word { return c.disposition }),
		is("counted", "A figure by case counts it: it is not merged, late, imported or of the demo.", func(x *extract, c *fact) bool { return x.wall.counts(c) }),
		is("late", "It was old when we first saw it.", func(_ *extract, c *fact) bool { return c.late }),
		is("imported", "It came from a file.", func(x *extract, c *fact) bool { return int32(c.source) == x.wall.imported }),
		is("demo", "The demo made it up.", func(x *extract, c *fact) bool { return int32(c.source) == x.wall.demo }),
		is("by_hand", "A person opened it.", func(_ *extract, c *fact) bool { return c.byHand }),
		is("missed", "A person opened it, and its mention was not flagged.", func(_ *extract, c *fact) bool { return c.missed }),
		when("began_at", "The customer's clock: when the mention was posted with which the wait began.", func(c *fact) moment { return c.began }),
		when("seen_at", "The desk's clock: when we saw that mention.", func(c *fact) moment { return c.seen }),
		when("opened_at", "When the case was opened.", func(c *fact) moment { return c.opened }),
		when("claimed_at", "When somebody first had it.", func(c *fact) moment { return c.claimed }),
		when("replied_at", "The first human reply that the customer could see.", func(c *fact) moment { return c.replied }),
		when("resolved_at", "When it was resolved for the first time.", func(c *fact) moment { return c.resolved }),
		when("ended_at", "When it was last resolved, dismissed or merged; nothing while there is work.", func(c *fact) moment { return c.ended }),
		when("withdrawn_at", "When the customer had taken everything back.", func(c *fact) moment { return c.withdrawn }),
		of("reopens", Integer, "How often it was reopened.", func(_ *extract, c *fact) Value { return whole(c.reopens) }),
	}
	return Listing{
		Name: "cases", Definition: "A row for each case.",
		count: func(x *extract) int { return len(x.f.cases) }, holds: func(x *extract, i int) bool { return x.has(uint32(i)) },
	}.made(append(append(columns, firstColumns()...), endColumns()...)...)
}

// name is a state as people read it.
func (s state) name() string {
	return string([...]care.State{care.StateWaiting, care.StateClaimed, care.StateAwaiting, care.StateResolved, care.StateDismissed, care.StateMerged}[s])
}

// firstColumns are of the first answer of a case. They hold nothing for
// dismissed ones.
func firstColumns() []listed {
	of := listedOf(func(f *Fold) []fact { return f.cases })
	wait := func(name, definition string, by func(*extract) *eval) listed {
		return of(name, Integer, definition, func(x *extract, c *fact) Value {
			e := by(x)
			slot, d := e.firstWait(c, e.date(c))
			if slot < 0 {
				return Value{}
			}
			return whole(d.seconds())
		})
	}
	return []listed{
		of("first_outcome", Text, "Of the first response: `answered`, `waiting`, `unanswered` (closed without an answer) or `withdrawn`. All but the first are censored: the customer waited at least that long. Nothing for dismissed cases, here and in all columns below.", func(x *extract, c *fact) Value {
			slot, _ := x.wall.firstWait(c, c.began)
			if slot < 0 {
				return Value{}
			}
			return text([...]string{firstAnswered: "answered", firstWaiting: "waiting", firstShut: "unanswered", firstWithdrawn: "withdrawn"}[slot])
		}),
		wait("first_seconds", "How long the customer waited for it, or has waited: customer's clock, wall time.", func(x *extract) *eval { return x.wall }),
		wait("first_desk_seconds", "The same by the desk's clock.", func(x *extract) *eval { return x.desk }),
		wait("first_work_seconds", "By the customer's clock, in working time.", func(x *extract) *eval { return x.work }),
		wait("first_desk_work_seconds", "By the desk's clock, in working time.", func(x *extract) *eval { return x.deskWork }),
		of("first_target", Text, "What was promised of it: `met`, `missed` or `running` (not due yet); nothing where nothing was promised, or it ended otherwise.", func(x *extract, c *fact) Value {
			if c.response == 0 || c.state == dismissed {
				return Value{}
			}
			return text(targetOutcome(x.wall.outcome(&x.f.targets[c.response-1])))
		}),
	}
}

// targetOutcome is how a target stands, as figures count it.
func targetOutcome(s targetState) string {
	switch s {
	case met:
		return "met"
	case breached:
		return "missed"
	case running, paused:
		return "running"
	}
	return ""
}

// endColumns are of the claim and the resolution of a case.
func endColumns() []listed {
	of := listedOf(func(f *Fold) []fact { return f.cases })
	unlessDismissed := func(name string, kind FieldKind, definition string, value func(x *extract, c *fact) Value) listed {
		return of(name, kind, definition, func(x *extract, c *fact) Value {
			if c.state == dismissed {
				return Value{}
			}
			return value(x, c)
		})
	}
	claim := func(name, definition string, by func(*extract) *eval) listed {
		return unlessDismissed(name, Integer, definition, func(x *extract, c *fact) Value {
			_, d := by(x).firstClaim(c)
			return whole(d.seconds())
		})
	}
	solve := func(name, definition string, by func(*extract) *eval, which func(first, full duration) duration) listed {
		return unlessDismissed(name, Integer, definition, func(x *extract, c *fact) Value {
			_, first, full := by(x).solved(c, c.began)
			return whole(which(first, full).seconds())
		})
	}
	first := func(first, _ duration) duration { return first }
	full := func(_, full duration) duration { return full }
	wall, work := func(x *extract) *eval { return x.wall }, func(x *extract) *eval { return x.work }
	return []listed{
		unlessDismissed("claim_outcome", Text, "`claimed`, `waiting`, or `never` (over, or taken back, before anybody took it).", func(x *extract, c *fact) Value {
			slot, _ := x.wall.firstClaim(c)
			return text([...]string{claimDone: "claimed", claimOpen: "waiting", claimNever: "never"}[slot])
		}),
		claim("claim_seconds", "From the opening to the first claim, or how long nobody has had it.", wall),
		claim("claim_work_seconds", "The same in working time.", work),
		unlessDismissed("resolution_outcome", Text, "`resolved`, `again` (resolved once, and open again), `open`, or `withdrawn`.", func(x *extract, c *fact) Value {
			slot, _, _ := x.wall.solved(c, c.began)
			return text([...]string{solveDone: "resolved", solveAgain: "again", solveOpen: "open", solveTaken: "withdrawn"}[slot])
		}),
		solve("resolution_first_seconds", "From the customer's clock to the first resolution. Censored where `resolved_at` has nothing.", wall, first),
		solve("resolution_first_work_seconds", "The same in working time.", work, first),
		solve("resolution_seconds", "As it stands: to the last resolution. Censored unless the outcome is `resolved`.", wall, full),
		solve("resolution_work_seconds", "The same in working time.", work, full),
	}
}

// ofCase are listings of what belongs to a case: which case, and whether it is
// listed.
func ofCase[T any](array func(*Fold) []T, of func(*T) uint32, kept func(*T) bool) (number listed, l Listing) {
	number = listedOf(array)("case_number", Integer, "The case.", func(x *extract, v *T) Value { return x.number(of(v)) })
	l.count = func(x *extract) int { return len(array(x.f)) }
	l.holds = func(x *extract, i int) bool { v := &array(x.f)[i]; return kept(v) && x.has(of(v)) }
	return number, l
}

func readingListing() *Listing {
	of := listedOf(func(f *Fold) []reading { return f.readings })
	return Listing{
		Name: "readings", Definition: "A row for each page that a source brought, whether its mentions are in a case or not.",
		count: func(x *extract) int { return len(x.f.readings) }, holds: func(x *extract, i int) bool { return x.within(x.f.readings[i].at) },
	}.made(
		of("read_at", Instant, "When it was read.", func(_ *extract, r *reading) Value { return instant(r.at) }),
		of("source", Text, "The source.", func(x *extract, r *reading) Value { return x.word(r.source) }),
		of("mentions", Integer, "New mentions.", func(_ *extract, r *reading) Value { return whole(r.read) }),
		of("flagged", Integer, "Of those, flagged as complaints.", func(_ *extract, r *reading) Value { return whole(r.flagged) }),
		of("late", Integer, "Of those, old when first seen.", func(_ *extract, r *reading) Value { return whole(r.late) }),
	)
}

func issueListing() *Listing {
	of := func(name string, kind FieldKind, definition string, value func(x *extract, h *happening) Value) listed {
		return listed{Field{name, kind, definition}, func(x *extract, i int) Value { return value(x, &x.f.happened[x.issues[i]]) }}
	}
	return Listing{
		Name: "known_issues", Definition: "A row for each known issue.",
		count: func(x *extract) int { return len(x.issues) }, holds: func(x *extract, i int) bool { return x.within(x.f.happened[x.issues[i]].from) },
	}.made(
		of("issue_number", Integer, "What people call it.", func(_ *extract, h *happening) Value { return whole(h.issue) }),
		of("opened_at", Instant, "When it was opened.", func(_ *extract, h *happening) Value { return instant(h.from) }),
		of("topic", Text, "What it is about, as a code.", func(_ *extract, h *happening) Value { return text(h.topic) }),
		of("cases", Integer, "How many cases are linked to it, whatever the span.", func(_ *extract, h *happening) Value { return whole(len(h.linked)) }),
	)
}

func linkListing() *Listing {
	of := func(name string, kind FieldKind, definition string, value func(x *extract, l *link) Value) listed {
		return listed{Field{name, kind, definition}, func(x *extract, i int) Value { return value(x, &x.links[i]) }}
	}
	return Listing{
		Name: "issue_cases", Definition: "A row for each case that is linked to a known issue.",
		count: func(x *extract) int { return len(x.links) }, holds: func(x *extract, i int) bool { return x.has(x.links[i].of) },
	}.made(
		of("case_number", Integer, "The case.", func(x *extract, l *link) Value { return x.number(l.of) }),
		of("issue_number", Integer, "The known issue.", func(_ *extract, l *link) Value { return whole(l.issue) }),
		of("linked_at", Instant, "Since when.", func(_ *extract, l *link) Value { return instant(l.at) }),
	)
}

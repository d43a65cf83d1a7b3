package report

func mentionListing() *Listing {
	array := func(f *Fold) []mention { return f.mentions }
	of := listedOf(array)
	number, l := ofCase(array, func(m *mention) uint32 { return m.of }, func(*mention) bool { return true })
	is := func(name, definition string, is func(m *mention) bool) listed {
		return of(name, Truth, definition, func(_ *extract, m *mention) Value { return truth(is(m)) })
	}
	when := func(name, definition string, at func(m *mention) moment) listed {
		return of(name, Instant, definition, func(_ *extract, m *mention) Value { return instant(at(m)) })
	}
	l.Name, l.Definition = "mentions", "A row for each of the customer's mentions in a case, without what it says. One that moved to another case is there twice."
	return l.made(placed("mention", "Counts them in the order of the log."), number,
		when("posted_at", "When the customer posted it.", func(m *mention) moment { return m.posted }),
		when("seen_at", "When we saw it.", func(m *mention) moment { return m.seen }),
		of("detection_seconds", Integer, "From the one to the other; a network's clock that runs ahead gives 0.", func(_ *extract, m *mention) Value { return whole(seconds(m.posted, m.seen)) }),
		when("edited_at", "When the customer last changed it.", func(m *mention) moment { return m.edited }),
		when("deleted_at", "When we learnt that the customer took it back.", func(m *mention) moment { return m.deleted }),
		of("source", Text, "The source that brought it.", func(x *extract, m *mention) Value { return x.word(m.source) }),
		of("topic", Text, "What it is about, as a code.", func(x *extract, m *mention) Value { return x.word(m.topic) }),
		is("flagged", "It was flagged as a complaint.", func(m *mention) bool { return m.flagged }),
		is("praise", "It said thanks.", func(m *mention) bool { return m.praise }),
		is("late", "It was old when we first saw it.", func(m *mention) bool { return m.late }),
		is("moved_in", "It came with a case that was merged into this one.", func(m *mention) bool { return m.foreign }),
		is("moved_out", "It went to another case.", func(m *mention) bool { return m.gone }),
		of("review", Text, "A person's last word on the verdict: `confirmed`, `refused`, `missed` (a complaint that was passed) or `passed` (rightly).", func(x *extract, m *mention) Value {
			if m.review == 0 {
				return Value{}
			}
			return text(x.f.acts[m.review-1].kind.name())
		}),
	)
}

// name is a change or a review as people read it; "" for what is neither.
func (k actKind) name() string {
	switch k {
	case actOpened:
		return "opened"
	case actClosed:
		return "closed"
	case actReopened:
		return "reopened"
	case actConfirmed:
		return "confirmed"
	case actRefused:
		return "refused"
	case actMissed:
		return "missed"
	case actPassed:
		return "passed"
	}
	return ""
}

func changeListing() *Listing {
	array := func(f *Fold) []act { return f.acts }
	of := listedOf(array)
	number, l := ofCase(array, func(a *act) uint32 { return a.of }, func(a *act) bool { return a.kind.name() != "" })
	l.Name, l.Definition = "changes", "A row for each time that a case came in, was finished or came back, and for each review of a verdict that still stands."
	return l.made(number,
		of("changed_at", Instant, "When.", func(_ *extract, a *act) Value { return instant(a.at) }),
		of("what", Text, "`opened`, `closed` or `reopened`; `confirmed`, `refused`, `missed` or `passed`.", func(_ *extract, a *act) Value { return text(a.kind.name()) }),
	)
}

func replyListing() *Listing {
	array := func(f *Fold) []reply { return f.replies }
	of := listedOf(array)
	number, l := ofCase(array, func(r *reply) uint32 { return r.of }, func(*reply) bool { return true })
	l.Name, l.Definition = "replies", "A row for each human reply, without what it says or who wrote it."
	return l.made(placed("reply", "Counts them in the order of the log."), number,
		of("requested_at", Instant, "When it was asked for.", func(_ *extract, r *reply) Value { return instant(r.requested) }),
		of("visible_at", Instant, "From when the customer could see it; nothing: it can't be seen, or not yet.", func(_ *extract, r *reply) Value { return instant(r.visible) }),
		of("elsewhere", Truth, "It was given in a case that was merged into this one, and is counted there.", func(_ *extract, r *reply) Value { return truth(r.told) }),
	)
}

func waitListing() *Listing {
	array := func(f *Fold) []wait { return f.waits }
	of := listedOf(array)
	number, l := ofCase(array, func(w *wait) uint32 { return w.of }, func(w *wait) bool { return w.how != void })
	lasting := func(name, definition string, by func(*extract) *eval) listed {
		return of(name, Integer, definition, func(x *extract, w *wait) Value {
			e, start := by(x), w.start
			if e.desk {
				start = w.seen
			}
			_, d := e.nextWait(&x.f.cases[w.of], w, start)
			return whole(d.seconds())
		})
	}
	l.Name, l.Definition = "waits", "A row for each wait for a further answer: from the customer's oldest unanswered mention, once a first answer was given."
	return l.made(number,
		of("began_at", Instant, "When that mention was posted.", func(_ *extract, w *wait) Value { return instant(w.start) }),
		of("seen_at", Instant, "When we saw it.", func(_ *extract, w *wait) Value { return instant(w.seen) }),
		of("ended_at", Instant, "When it was answered, or the case was over; nothing while it lasts.", func(_ *extract, w *wait) Value { return instant(w.end) }),
		of("outcome", Text, "`answered`, `waiting`, or `closed` (without an answer). All but the first are censored.", func(x *extract, w *wait) Value {
			slot, _ := x.wall.nextWait(&x.f.cases[w.of], w, w.start)
			return text([...]string{nextAnswered: "answered", nextWaiting: "waiting", nextShut: "closed"}[slot])
		}),
		lasting("seconds", "How long: customer's clock, wall time.", func(x *extract) *eval { return x.wall }),
		lasting("desk_seconds", "The same by the desk's clock.", func(x *extract) *eval { return x.desk }),
		lasting("work_seconds", "By the customer's clock, in working time.", func(x *extract) *eval { return x.work }),
		lasting("desk_work_seconds", "By the desk's clock, in working time.", func(x *extract) *eval { return x.deskWork }),
	)
}

func targetListing() *Listing {
	array := func(f *Fold) []target { return f.targets }
	of := listedOf(array)
	number, l := ofCase(array, func(t *target) uint32 { return t.of }, func(*target) bool { return true })
	l.Name, l.Definition = "targets", "A row for each target of an SLA policy, as it was last set."
	return l.made(placed("target", "Counts them in the order of the log."), number,
		of("kind", Text, "`first_response`, `next_response` or `resolution`.", func(_ *extract, t *target) Value {
			return text([...]string{firstResponse: "first_response", nextResponse: "next_response", resolution: "resolution"}[t.kind])
		}),
		of("policy", Text, "The policy that promises it.", func(x *extract, t *target) Value { return x.word(t.policy) }),
		of("at_risk_at", Instant, "From when it is at risk.", func(_ *extract, t *target) Value { return instant(t.atRisk) }),
		of("due_at", Instant, "Its deadline.", func(_ *extract, t *target) Value { return instant(t.due) }),
		of("done_at", Instant, "When it was done, in time or late.", func(_ *extract, t *target) Value { return instant(t.done) }),
		of("outcome", Text, "`met`, `missed` (also: open and overdue, or closed without the answer), `running` (not due yet) or `ended` (counts for nothing).", func(x *extract, t *target) Value {
			if o := targetOutcome(x.wall.outcome(t)); o != "" {
				return text(o)
			}
			return text("ended")
		}),
		of("ended_as", Text, "What ended it before it was met: `unanswered`, `dismissed`, `merged` or `withdrawn`.", func(_ *extract, t *target) Value {
			return text([...]string{notEnded: "", unanswered: "unanswered", asDismissed: "dismissed", asMerged: "merged", asWithdrawn: "withdrawn"}[t.how])
		}),
	)
}

func promiseListing() *Listing {
	array := func(f *Fold) []promise { return f.promises }
	of := listedOf(array)
	number, l := ofCase(array, func(p *promise) uint32 { return p.of }, func(p *promise) bool { return !p.void })
	l.Name, l.Definition = "promises", "A row for each promise to a customer, without what was promised or by whom."
	return l.made(placed("promise", "Counts them in the order of the log."), number,
		of("made_at", Instant, "When it was made.", func(_ *extract, p *promise) Value { return instant(p.made) }),
		of("due_at", Instant, "What the customer was told first.", func(_ *extract, p *promise) Value { return instant(p.due) }),
		of("told_at", Instant, "What the customer was told last.", func(_ *extract, p *promise) Value { return instant(p.until) }),
		of("done_at", Instant, "When it was done; nothing: not yet.", func(_ *extract, p *promise) Value { return instant(p.done) }),
		of("outcome", Text, "`kept` (on time), `told` (of another time before the old one had passed), `slipped`, or `open` (not due yet).", func(x *extract, p *promise) Value {
			return text([...]string{promiseToCome: "open", promiseKept: "kept", promiseTold: "told", promiseSlipped: "slipped"}[x.wall.became(p)])
		}),
	)
}

func surveyListing() *Listing {
	array := func(f *Fold) []survey { return f.surveys }
	of := listedOf(array)
	number, l := ofCase(array, func(s *survey) uint32 { return s.of }, func(*survey) bool { return true })
	l.Name, l.Definition = "surveys", "A row for each question that a customer was asked, with the last answer."
	return l.made(placed("survey", "Counts them in the order of the log."), number,
		of("kind", Text, "`csat`, `nps` or `ces`.", func(_ *extract, s *survey) Value { return text(string(s.kind)) }),
		of("sent_at", Instant, "When the reply that carried it was; nothing: not yet.", func(_ *extract, s *survey) Value { return instant(s.sent) }),
		of("answered", Truth, "Whether the customer answered.", func(_ *extract, s *survey) Value { return truth(s.answered) }),
		of("score", Integer, "The answer; nothing without one.", func(_ *extract, s *survey) Value {
			if !s.answered {
				return Value{}
			}
			return whole(s.score)
		}),
	)
}

package care_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestRequestReply(t *testing.T) {
	request := func(change func(*care.ReplyRequested)) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) {
			r := care.ReplyRequested{Reply: c.NextText(), To: "m1", Key: "new", NotBefore: minute(30), Then: care.ThenAwait}
			change(&r)
			return c.RequestReply("ada", r)
		}
	}
	plain := func(*care.ReplyRequested) {}
	asks := func(n int) []care.Event {
		return []care.Event{care.ReplyRequested{Reply: n, To: "m1", Key: "new", NotBefore: minute(30), Then: care.ThenAwait}}
	}
	claims := func(n int) []care.Event {
		return append([]care.Event{care.Assigned{To: "ada", Why: "reply"}}, asks(n)...)
	}
	second := on(8, care.ByIntake, care.MentionAdded{MentionRef: mention("m2", 8)})
	decide(t, []decision{
		{"nobody's case: taken by the way", []step{opened()}, request(plain), claims(1), ""},
		{"own case", []step{opened(), adaHas}, request(plain), asks(1), ""},
		{"someone else's case", []step{opened(), bobHas}, request(plain), nil, care.Conflict},
		{"to nothing of the case", []step{opened(), adaHas}, request(func(r *care.ReplyRequested) { r.To = "m9" }), nil, care.NotFound},
		{"to a post that is gone", []step{opened(), adaHas, on(6, care.ByIntake, care.MentionDeleted{Mention: "m1"})}, request(plain), nil, care.Conflict},
		{"and then what", []step{opened(), adaHas}, request(func(r *care.ReplyRequested) { r.Then = "" }), nil, care.Invalid},
		{"and resolve, but how", []step{opened(), adaHas}, request(func(r *care.ReplyRequested) { r.Then = care.ThenResolve }), nil, care.Invalid},
		{"the same request again", []step{opened(), adaHas, asked("keep")}, request(func(r *care.ReplyRequested) { r.Key = "c1/1" }), nil, ""},
		{"one is asked for", []step{opened(), adaHas, asked("keep")}, request(plain), nil, care.Conflict},
		{"one is on its way", []step{opened(), adaHas, asked("keep"), attempted}, request(plain), nil, care.Conflict},
		{"one was put off", []step{opened(), adaHas, asked("keep"), attempted, delayed}, request(plain), nil, care.Conflict},
		{"one may have been sent", []step{opened(), adaHas, asked("keep"), attempted, unknown}, request(plain), nil, care.Conflict},
		{"one was sent", []step{opened(), adaHas, asked("keep"), attempted, sent}, request(plain), asks(2), ""},
		{"one failed", []step{opened(), adaHas, asked("keep"), attempted, failed}, request(plain), asks(2), ""},
		{"one was taken back", []step{opened(), adaHas, asked("keep"), undone}, request(plain), asks(2), ""},
		{"one to another post is on its way", []step{opened(), adaHas, second, on(10, "agent/ada", care.ReplyRequested{Reply: 1, To: "m2", Key: "c1/1", Then: "keep"})}, request(plain), asks(2), ""},
		{"resolved", []step{opened(), resolved}, request(plain), nil, care.Conflict},
		{"no such case", nil, request(plain), nil, care.NotFound},
	})
	c := fold(t, "c1", opened(), adaHas, asked("keep"), undone)
	for name, r := range map[string]care.ReplyRequested{
		"no key":            {Reply: 2, To: "m1", Then: "keep"},
		"a number in use":   {Reply: 1, To: "m1", Then: "keep", Key: "new"},
		"a number below 1":  {Reply: 0, To: "m1", Then: "keep", Key: "new"},
		"an awkward number": {Reply: -1, To: "m1", Then: "keep", Key: "new"},
	} {
		if _, err := c.RequestReply("ada", r); err == nil {
			t.Errorf("a reply with %s is accepted", name)
		}
	}
}

func TestUndoReply(t *testing.T) {
	undo := func(c *care.Case) ([]care.Event, error) { return c.UndoReply("ada", 1) }
	taken := []care.Event{care.ReplyUndone{Reply: 1}}
	decide(t, []decision{
		{"asked for", []step{opened(), adaHas, asked("keep")}, undo, taken, ""},
		{"put off: nothing has left", []step{opened(), adaHas, asked("keep"), attempted, delayed}, undo, taken, ""},
		{"twice", []step{opened(), adaHas, asked("keep"), undone}, undo, nil, ""},
		{"on its way", []step{opened(), adaHas, asked("keep"), attempted}, undo, nil, care.Conflict},
		{"may have been sent", []step{opened(), adaHas, asked("keep"), attempted, unknown}, undo, nil, care.Conflict},
		{"sent", []step{opened(), adaHas, asked("keep"), attempted, sent}, undo, nil, care.Conflict},
		{"someone else's", []step{opened(), on(10, "agent/bob", care.ReplyRequested{Reply: 1, To: "m1", Key: "k"})}, undo, nil, care.Conflict},
		{"a program's", []step{opened(), on(10, "token/crm", care.ReplyRequested{Reply: 1, To: "m1", Key: "k"})}, undo, nil, care.Conflict},
		{"never asked for", []step{opened(), adaHas}, undo, nil, care.NotFound},
	})
}

func TestAttemptReply(t *testing.T) {
	attempt := func(now int) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) {
			return c.AttemptReply(1, minute(now), minute(now+1)), nil
		}
	}
	try := func(n, now int) []care.Event {
		return []care.Event{care.ReplyAttempted{Reply: 1, Try: n, Deadline: minute(now + 1)}}
	}
	decide(t, []decision{
		{"when its time has come", []step{opened(), adaHas, asked("keep")}, attempt(10), try(1, 10), ""},
		{"too early", []step{opened(), adaHas, asked("keep")}, attempt(9), nil, ""},
		{"on its way already", []step{opened(), adaHas, asked("keep"), attempted}, attempt(13), nil, ""},
		{"put off, too early", []step{opened(), adaHas, asked("keep"), attempted, delayed}, attempt(19), nil, ""},
		{"put off, again", []step{opened(), adaHas, asked("keep"), attempted, delayed}, attempt(20), try(2, 20), ""},
		{"may have been sent: never again", []step{opened(), adaHas, asked("keep"), attempted, unknown}, attempt(99), nil, ""},
		{"taken back", []step{opened(), adaHas, asked("keep"), undone}, attempt(99), nil, ""},
		{"failed", []step{opened(), adaHas, asked("keep"), attempted, failed}, attempt(99), nil, ""},
		{"sent", []step{opened(), adaHas, asked("keep"), attempted, sent}, attempt(99), nil, ""},
		{"never asked for", []step{opened(), adaHas}, attempt(99), nil, ""},
	})
}

func TestReplyWasSent(t *testing.T) {
	wasSent := func(now int, visible time.Time) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) {
			return c.ReplyWasSent(1, minute(now), visible, true), nil
		}
	}
	shown := func(at int) care.Event { return care.ReplySent{Reply: 1, VisibleAt: minute(at), Found: true} }
	wrote := func(id care.MentionID, posted, seenAt int, change ...func(*care.MentionRef)) step {
		return on(seenAt, care.ByIntake, care.MentionAdded{MentionRef: mention(id, posted, append(change, seen(seenAt))...)})
	}
	wroteAhead := on(8, care.ByIntake, care.MentionAdded{MentionRef: mention("m2", 30, seen(8))})
	decide(t, []decision{
		{"and keep", []step{opened(), adaHas, asked("keep"), attempted}, wasSent(12, minute(11)), []care.Event{shown(11)}, ""},
		{"and wait", []step{opened(), adaHas, asked("await"), attempted}, wasSent(12, minute(11)), []care.Event{shown(11), care.Awaiting{Reply: 1}}, ""},
		{"and resolve", []step{opened(), adaHas, asked("resolve"), attempted}, wasSent(12, minute(11)), []care.Event{shown(11), care.Resolved{Disposition: "solved", Reply: 1}}, ""},
		{"the network's clock runs behind", []step{opened(), adaHas, asked("keep"), attempted}, wasSent(15, minute(3)), []care.Event{shown(11)}, ""},
		{"the network's clock runs ahead", []step{opened(), adaHas, asked("keep"), attempted}, wasSent(15, minute(99)), []care.Event{shown(15)}, ""},
		{"the network has no clock", []step{opened(), adaHas, asked("keep"), attempted}, wasSent(15, time.Time{}), []care.Event{shown(15)}, ""},
		{"found after all", []step{opened(), adaHas, asked("resolve"), attempted, unknown}, wasSent(60, minute(11)), []care.Event{shown(11), care.Resolved{Disposition: "solved", Reply: 1}}, ""},
		{"found, the case is over", []step{opened(), adaHas, asked("resolve"), attempted, unknown, resolved}, wasSent(60, minute(11)), []care.Event{shown(11)}, ""},
		{"found after a restore, never attempted", []step{opened(), adaHas, asked("keep"), on(50, care.ByOutbox, care.ReplyUnknown{Reply: 1, Why: "restored"})}, wasSent(60, minute(11)), []care.Event{shown(11)}, ""},
		{"the customer wrote since: stays open", []step{opened(), adaHas, asked("resolve"), wrote("m2", 11, 11), attempted}, wasSent(12, minute(12)), []care.Event{shown(12)}, ""},
		{"the customer wrote since: does not wait", []step{opened(), adaHas, asked("await"), wrote("m2", 11, 11), attempted}, wasSent(12, minute(12)), []care.Event{shown(12)}, ""},
		{"the customer wrote before, nobody had read it", []step{opened(), adaHas, asked("resolve"), wrote("m2", 9, 11), attempted}, wasSent(12, minute(12)), []care.Event{shown(12)}, ""},
		{"another mention has a clock that runs ahead", []step{opened(), adaHas, wroteAhead, asked("resolve"), attempted}, wasSent(12, minute(12)), []care.Event{shown(12)}, ""},
		{"what came since was taken back", []step{opened(), adaHas, asked("resolve"), wrote("m2", 11, 11), on(11, care.ByIntake, care.MentionDeleted{Mention: "m2"}), attempted}, wasSent(12, minute(12)), []care.Event{shown(12), care.Resolved{Disposition: "solved", Reply: 1}}, ""},
		{"and keep, while we waited for the customer", []step{opened(), adaHas, awaiting, asked("keep"), attempted}, wasSent(12, minute(11)), []care.Event{shown(11), care.Assigned{To: "ada", Why: "reply"}}, ""},
		{"and keep, while we waited and nobody has it", []step{opened(), awaiting, asked("keep"), attempted}, wasSent(12, minute(11)), []care.Event{shown(11), care.Released{Why: "reply"}}, ""},
		{"twice", []step{opened(), adaHas, asked("resolve"), attempted, sent}, wasSent(13, minute(11)), nil, ""},
		{"failed before", []step{opened(), adaHas, asked("resolve"), attempted, failed}, wasSent(13, minute(11)), nil, ""},
		{"never asked for", []step{opened(), adaHas}, wasSent(13, minute(11)), nil, ""},
	})
}

func TestReplyOutcomes(t *testing.T) {
	fail := func(c *care.Case) ([]care.Event, error) { return c.ReplyDidFail(1, "refused"), nil }
	delay := func(c *care.Case) ([]care.Event, error) { return c.DelayReply(1, minute(20), "limited"), nil }
	maybe := func(c *care.Case) ([]care.Event, error) { return c.ReplyMayBeSent(1, "timeout"), nil }
	sought := func(c *care.Case) ([]care.Event, error) { return c.SoughtReply(1), nil }
	hist := func(more ...step) []step { return append([]step{opened(), adaHas, asked("resolve")}, more...) }
	failedNow := []care.Event{care.ReplyFailed{Reply: 1, Why: "refused"}}
	unknownNow := []care.Event{care.ReplyUnknown{Reply: 1, Why: "timeout"}}
	decide(t, []decision{
		{"refused", hist(attempted), fail, failedNow, ""},
		{"refused before an attempt", hist(), fail, failedNow, ""},
		{"refused when sent", hist(attempted, sent), fail, nil, ""},
		{"refused when taken back", hist(undone), fail, nil, ""},
		{"put off", hist(attempted), delay, []care.Event{care.ReplyDelayed{Reply: 1, Until: minute(20), Why: "limited"}}, ""},
		{"put off, not attempted", hist(), delay, nil, ""},
		{"put off, may have been sent", hist(attempted, unknown), delay, nil, ""},
		{"unknown", hist(attempted), maybe, unknownNow, ""},
		{"unknown after a restore", hist(), maybe, unknownNow, ""},
		{"unknown twice", hist(attempted, unknown), maybe, nil, ""},
		{"unknown when sent", hist(attempted, sent), maybe, nil, ""},
		{"looked for", hist(attempted, unknown), sought, []care.Event{care.ReplySought{Reply: 1, Looks: 1}}, ""},
		{"looked for again", hist(attempted, unknown, on(13, care.ByOutbox, care.ReplySought{Reply: 1, Looks: 1})), sought, []care.Event{care.ReplySought{Reply: 1, Looks: 2}}, ""},
		{"looked for without need", hist(attempted), sought, nil, ""},
		{"never asked for", []step{opened()}, fail, nil, ""},
	})
}

func TestSettleReply(t *testing.T) {
	settle := func(was bool) func(*care.Case) ([]care.Event, error) {
		return func(c *care.Case) ([]care.Event, error) { return c.SettleReply(1, minute(60), was) }
	}
	decide(t, []decision{
		{"it was sent", []step{opened(), adaHas, asked("resolve"), attempted, unknown}, settle(true), []care.Event{
			care.ReplySent{Reply: 1, VisibleAt: minute(11)}, care.Resolved{Disposition: "solved", Reply: 1},
		}, ""},
		{"it was not", []step{opened(), adaHas, asked("resolve"), attempted, unknown}, settle(false), []care.Event{care.ReplyFailed{Reply: 1, Why: "not_there"}}, ""},
		{"known by now", []step{opened(), adaHas, asked("resolve"), attempted, sent}, settle(false), nil, care.Conflict},
		{"still on its way", []step{opened(), adaHas, asked("resolve"), attempted}, settle(true), nil, care.Conflict},
		{"never asked for", []step{opened()}, settle(true), nil, care.NotFound},
	})
}

func TestReplyWasSeen(t *testing.T) {
	see := func(c *care.Case) ([]care.Event, error) {
		return c.ReplyWasSeen(care.ReplySeen{Mention: "own1", To: "m1", VisibleAt: minute(7)}), nil
	}
	event := care.ReplySeen{Mention: "own1", To: "m1", VisibleAt: minute(7)}
	decide(t, []decision{
		{"new", []step{opened()}, see, []care.Event{event}, ""},
		{"counts once", []step{opened(), on(8, care.ByIntake, event)}, see, nil, ""},
		{"another", []step{opened(), on(8, care.ByIntake, care.ReplySeen{Mention: "own2", VisibleAt: minute(7)})}, see, []care.Event{event}, ""},
		{"when all is over", []step{opened(), resolved}, see, []care.Event{event}, ""},
	})
}

// An answer is to what the customer had said when it was written.
func TestWhatAReplyAnswers(t *testing.T) {
	before := on(9, care.ByIntake, care.MentionAdded{MentionRef: mention("m2", 9)})
	since := on(11, care.ByIntake, care.MentionAdded{MentionRef: mention("m3", 10)}, care.MentionAdded{MentionRef: mention("m4", 11)})
	slow := on(50, care.ByOutbox, care.ReplySent{Reply: 1, VisibleAt: minute(40)})
	for name, c := range map[string]*care.Case{
		"mentions first": fold(t, "c1", opened(), adaHas, before, asked("keep"), since, attempted, slow),
		"answer first":   fold(t, "c1", opened(), adaHas, asked("keep"), attempted, slow, since, before),
	} {
		for id, want := range map[care.MentionID]bool{"m1": true, "m2": true, "m3": true, "m4": false} {
			if got := c.Mention(id).Settled; got != want {
				t.Errorf("%s: %s settled: %v, want %v", name, id, got, want)
			}
		}
		expect(t, name+": the oldest without an answer", c.Unanswered().Mention, "m4")
		expect(t, name+": first reply", c.FirstReplyAt, minute(40))
	}
}

// A customer's clock may run ahead of ours: what was answered is answered.
func TestAnswerToAMentionOfTheFuture(t *testing.T) {
	ahead := on(0, care.ByIntake, care.Opened{MentionRef: mention("m1", 30, seen(0))})
	c := fold(t, "c1", ahead, adaHas, asked("keep"), attempted, sent)
	expect(t, "waits", c.Unanswered() == nil, true)
	expect(t, "first reply", c.FirstReplyAt, minute(11))
}

// However a reply is asked for, put off or attempted, the outbox finds it.
func TestRepliesWithoutATimeAreListed(t *testing.T) {
	steps := []step{opened(), adaHas}
	for _, e := range []care.Event{
		care.ReplyRequested{Reply: 1, To: "m1", Key: "k", Then: "keep"}, care.ReplyAttempted{Reply: 1, Try: 1},
		care.ReplyDelayed{Reply: 1}, care.ReplyUnknown{Reply: 1},
	} {
		steps = append(steps, on(10+len(steps), care.ByOutbox, e))
		row := fold(t, "c1", steps...).Row()
		if row.SendAt.Before(minute(10)) {
			t.Errorf("%s: to be looked at %v", e.Kind(), row.SendAt)
		}
	}
}

// What we wrote in a thread before the customer did is no answer to them.
func TestOurOwnPostBeforeIsNoAnswer(t *testing.T) {
	ours := on(20, care.ByIntake, care.ReplySeen{Mention: "own1", VisibleAt: minute(-30)})
	c := fold(t, "c1", opened(), ours)
	expect(t, "first reply", c.FirstReplyAt.IsZero(), true)
	older := on(21, care.ByIntake, care.MentionAdded{MentionRef: mention("m0", -40)})
	for name, c := range map[string]*care.Case{
		"ours first":  fold(t, "c1", opened(), ours, older),
		"older first": fold(t, "c1", opened(), older, ours),
	} {
		expect(t, name, c.FirstReplyAt, minute(-30))
		expect(t, name+": waits with", c.Unanswered().Mention, "m1")
	}
}

func TestNobodyLooksForAnUnknownReplyForever(t *testing.T) {
	steps := []step{opened(), adaHas, asked("keep"), on(50, care.ByOutbox, care.ReplyUnknown{Reply: 1, Why: "restored"})}
	var last time.Time
	for n := range care.MaxLooks {
		c := fold(t, "c1", steps...)
		row := c.Row()
		if !row.SendAt.After(last) || row.SendAt.Before(minute(50)) {
			t.Fatalf("look %d at %v, after %v", n+1, row.SendAt, last)
		}
		last = row.SendAt
		steps = append(steps, on(51+n, care.ByOutbox, c.SoughtReply(1)...))
	}
	c := fold(t, "c1", steps...)
	row := c.Row()
	expect(t, "looks", c.Reply(1).Looks, care.MaxLooks)
	expect(t, "the outbox is done with it", row.SendAt.IsZero(), true)
	expect(t, "a person sees it", row.Reply, care.ReplyIsUnknown)
}

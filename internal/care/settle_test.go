package care_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// These are the vectors of "Figures that can be trusted" that the rules of a
// case decide. Working hours are package sla's; here every minute counts.

func TestFirstResponse(t *testing.T) {
	const resolution = "resolution running 0s–8h0m0s"
	for _, r := range []struct {
		name string
		act  func(*desk)
		want []string
	}{
		{"runs", func(d *desk) { d.at(29).scan() }, []string{"first_response running 0s–30m0s", resolution}},
		{"met by a reply", func(d *desk) { d.at(10).answer("m1", care.ThenKeep) }, []string{"first_response met 0s–30m0s done 10m0s", resolution}},
		{"met by a reply that waits for the customer", func(d *desk) { d.at(10).answer("m1", care.ThenAwait) },
			[]string{"first_response met 0s–30m0s done 10m0s", "resolution paused 7h50m0s left"}},
		{"met by a reply that resolves", func(d *desk) { d.at(10).answer("m1", care.ThenResolve) },
			[]string{"first_response met 0s–30m0s done 10m0s", "resolution met 0s–8h0m0s done 10m0s"}},
		{"met in the last instant", func(d *desk) { d.at(30).answer("m1", care.ThenKeep) }, []string{"first_response met 0s–30m0s done 30m0s", resolution}},
		{"a request alone meets nothing", func(d *desk) { d.at(10).ask("m1", care.ThenKeep); d.at(30).scan() },
			[]string{"first_response breached 0s–30m0s breached 30m0s", resolution}},
		{"nor does a failed reply", func(d *desk) {
			n := d.at(10).ask("m1", care.ThenKeep)
			d.attempt(n).do("c1", care.ByOutbox, d.of("c1").ReplyDidFail(n, "refused")...)
			d.at(30).scan()
		}, []string{"first_response breached 0s–30m0s breached 30m0s", resolution}},
		{"breached at the deadline, scanned an hour late", func(d *desk) { d.at(90).scan() }, []string{"first_response breached 0s–30m0s breached 30m0s", resolution}},
		{"breached, then answered", func(d *desk) { d.at(30).scan(); d.at(45).answer("m1", care.ThenKeep) },
			[]string{"first_response breached 0s–30m0s breached 30m0s done 45m0s", resolution}},
		{"answered late, before the clock looked", func(d *desk) { d.at(45).answer("m1", care.ThenKeep) },
			[]string{"first_response breached 0s–30m0s breached 30m0s done 45m0s", resolution}},
		{"waiting for the customer pauses it not", func(d *desk) {
			d.at(10).must("c1", "agent/ada")(d.of("c1").Await("ada"))
			d.at(30).scan()
		}, []string{"first_response breached 0s–30m0s breached 30m0s", "resolution paused 7h50m0s left"}},
		{"snoozing pauses it not", func(d *desk) {
			d.at(10).must("c1", "agent/ada")(d.of("c1").Snooze("ada", d.now, minute(90)))
			d.at(30).scan()
		}, []string{"first_response breached 0s–30m0s breached 30m0s", resolution}},
		{"survives a handoff", func(d *desk) {
			d.at(1).must("c1", "agent/ada")(d.of("c1").Claim("ada", "claim"))
			d.at(2).must("c1", "agent/ada")(d.of("c1").HandOff("ada", "bob", 1))
			d.at(3).must("c1", "agent/bob")(d.of("c1").Release("bob"))
		}, []string{"first_response running 0s–30m0s", resolution}},
		{"two replies within a second count once", func(d *desk) { d.at(10).theirs("o1", "m1", 10).theirs("o2", "m1", 10) },
			[]string{"first_response met 0s–30m0s done 10m0s", resolution}},
		{"resolved without a reply", func(d *desk) { d.at(10).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "phoned")) },
			[]string{"first_response unanswered", "resolution met 0s–8h0m0s done 10m0s"}},
		{"resolved without a reply, too late", func(d *desk) { d.at(40).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "phoned")) },
			[]string{"first_response breached 0s–30m0s unanswered breached 30m0s", "resolution met 0s–8h0m0s done 40m0s"}},
		{"dismissed", func(d *desk) { d.at(10).must("c1", "agent/ada")(d.of("c1").Dismiss("ada", "spam")) },
			[]string{"first_response dismissed", "resolution dismissed"}},
		{"taken back by the customer", func(d *desk) { d.at(10).do("c1", care.ByIntake, d.of("c1").DeleteMention("m1")...) },
			[]string{"first_response withdrawn", "resolution withdrawn"}},
		{"one of two taken back", func(d *desk) {
			d.at(5).add(mention("m2", 5)).at(10).do("c1", care.ByIntake, d.of("c1").DeleteMention("m1")...)
		}, []string{"first_response running 0s–30m0s", resolution}},
		{"and then the other one", func(d *desk) {
			d.at(5).add(mention("m2", 5)).at(10).do("c1", care.ByIntake, d.of("c1").DeleteMention("m1")...)
			d.at(11).do("c1", care.ByIntake, d.of("c1").DeleteMention("m2")...)
		}, []string{"first_response withdrawn", "resolution withdrawn"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := newDesk(t, normal).open(mention("m1", 0))
			r.act(d)
			d.expect(r.want...)
		})
	}
}

func TestBreachIsRecordedAtTheDeadline(t *testing.T) {
	d := newDesk(t, normal).open(mention("m1", 0))
	expectEvents(t, d.at(90).scan(), []care.Event{care.TargetBreached{Target: care.FirstResponse, At: minute(30)}})
	if again := d.at(91).scan(); again != nil {
		t.Errorf("a second scan adds%s", show(again))
	}
}

// The reply was visible one second before the deadline; we learnt it later.
func TestReplyInTimeSeenLate(t *testing.T) {
	inTime := minute(30).Add(-time.Second)
	seenLate := func(d *desk) []care.Event {
		return d.do("c1", care.ByIntake, d.of("c1").ReplyWasSeen(care.ReplySeen{Mention: "o1", To: "m1", VisibleAt: inTime})...)
	}
	t.Run("before the clock looked", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0))
		expect(t, "events", kindsOf(seenLate(d.at(35))), "reply.seen target.met")
		d.expect("first_response met 0s–30m0s done 29m59s", "resolution running 0s–8h0m0s")
	})
	t.Run("after the breach", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0)).at(30)
		d.scan()
		expect(t, "events", kindsOf(seenLate(d.at(35))), "reply.seen target.corrected")
		d.expect("first_response met 0s–30m0s done 29m59s", "resolution running 0s–8h0m0s")
		_, overdue := d.of("c1").Overdue()
		expect(t, "overdue", overdue, false)
	})
	t.Run("after it was resolved as unanswered", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0)).at(32)
		d.now = inTime.Add(500 * time.Millisecond)
		d.must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
		d.expect("first_response unanswered", "resolution met 0s–8h0m0s done 29m59.5s")
		expect(t, "events", kindsOf(seenLate(d.at(35))), "reply.seen target.corrected")
	})
	t.Run("after it was resolved and taken up again", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0))
		d.now = inTime.Add(500 * time.Millisecond)
		d.must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
		d.at(33).must("c1", "agent/ada")(d.of("c1").Reopen())
		seenLate(d.at(35))
		expect(t, "first", d.of("c1").Target(care.FirstResponse).State, care.TargetIsMet)
	})
	t.Run("after it was resolved: a later answer corrects nothing", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0)).at(10)
		d.must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
		expect(t, "events", kindsOf(seenLate(d.at(35))), "reply.seen")
		d.expect("first_response unanswered", "resolution met 0s–8h0m0s done 10m0s")
	})
	t.Run("ours, clamped between attempt and record", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0))
		n := d.at(28).ask("m1", care.ThenKeep)
		d.at(29).attempt(n).do("c1", care.ByOutbox, d.of("c1").ReplyMayBeSent(n, "timeout")...)
		d.at(30).scan()
		d.at(40).sent(n, 20) // found; the network says minute 20, which is before the attempt
		d.expect("first_response met 0s–30m0s done 29m0s", "resolution running 0s–8h0m0s")
	})
	t.Run("an earlier answer turns up", func(t *testing.T) {
		d := newDesk(t, normal).open(mention("m1", 0)).at(20).answer("m1", care.ThenKeep)
		d.at(25).theirs("o1", "m1", 15)
		d.expect("first_response met 0s–30m0s done 15m0s", "resolution running 0s–8h0m0s")
		expect(t, "first reply", d.of("c1").FirstReplyAt, minute(15))
		expect(t, "replies", len(d.of("c1").Replies), 2)
	})
}

func TestOlderMention(t *testing.T) {
	for _, r := range []struct {
		name string
		tt   promised
		act  func(*desk)
		want string // the first response
	}{
		{"moves an unmet first response back", normal, func(d *desk) { d.at(5).add(mention("m0", -10, seen(5))) }, "first_response running -10m0s–20m0s"},
		{"which may be due by then", normal, func(d *desk) { d.at(5).add(mention("m0", -40, seen(5))) }, "first_response breached -40m0s–-10m0s breached -10m0s"},
		{"and one that is breached", normal, func(d *desk) { d.at(30).scan(); d.at(35).add(mention("m0", -10, seen(35))) }, "first_response breached -10m0s–20m0s breached 20m0s"},
		{"never a met one", normal, func(d *desk) { d.at(5).answer("m1", care.ThenKeep).at(6).add(mention("m0", -10, seen(6))) }, "first_response met 0s–30m0s done 5m0s"},
		{"never one that was answered late", normal, func(d *desk) { d.at(35).answer("m1", care.ThenKeep).at(36).add(mention("m0", -10, seen(36))) }, "first_response breached 0s–30m0s breached 30m0s done 35m0s"},
		{"not a late one", normal, func(d *desk) { d.at(5).add(mention("m0", -10, seen(5), late)) }, "first_response running 0s–30m0s"},
		{"not a younger one", normal, func(d *desk) { d.at(5).add(mention("m2", 4)) }, "first_response running 0s–30m0s"},
		{"not by the desk's clock", promised{first: 30 * time.Minute, clock: "desk"}, func(d *desk) { d.at(5).add(mention("m0", -10, seen(5))) }, "first_response running 0s–30m0s"},
		{"not by what is gone already", normal, func(d *desk) {
			d.at(5).do("c1", care.ByIntake, care.MentionAdded{MentionRef: mention("m0", -10, seen(5))}, care.MentionDeleted{Mention: "m0"})
		}, "first_response running 0s–30m0s"},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := newDesk(t, r.tt).open(mention("m1", 0))
			r.act(d)
			got := d.targets()
			if len(got) < len(r.want) || got[:len(r.want)] != r.want {
				t.Errorf("got %s\nwant %s", got, r.want)
			}
			expect(t, "resolution stays", d.of("c1").Target(care.Resolution) == nil || d.of("c1").Target(care.Resolution).StartAt.Equal(minute(0)), true)
		})
	}
}

func TestNextResponse(t *testing.T) {
	const met = "first_response met 0s–30m0s done 10m0s"
	quick := promised{first: 30 * time.Minute, next: 5 * time.Minute}
	for _, r := range []struct {
		name string
		act  func(*desk)
		want []string
	}{
		{"does not run beside the first, though it is shorter", func(d *desk) { d.at(5).add(mention("m2", 5)).at(29).scan() }, []string{"first_response running 0s–30m0s"}},
		{"nor while the first is overdue", func(d *desk) { d.at(31).add(mention("m2", 31)) }, []string{"first_response breached 0s–30m0s breached 30m0s"}},
		{"starts with what the customer writes next", func(d *desk) { d.at(10).answer("m1", care.ThenKeep).at(12).add(mention("m2", 12)) },
			[]string{met, "next_response running 12m0s–17m0s"}},
		{"runs from the oldest without an answer", func(d *desk) {
			d.at(10).answer("m1", care.ThenKeep).at(12).add(mention("m2", 12)).at(14).add(mention("m3", 14))
		}, []string{met, "next_response running 12m0s–17m0s"}},
		{"also when that is read later", func(d *desk) {
			d.at(10).answer("m1", care.ThenKeep).at(14).add(mention("m3", 14)).at(15).add(mention("m2", 12, seen(15)))
		}, []string{met, "next_response running 12m0s–17m0s"}},
		{"is met", func(d *desk) {
			d.at(10).answer("m1", care.ThenKeep).at(12).add(mention("m2", 12)).at(14).answer("m2", care.ThenKeep)
		}, []string{met, "next_response met 12m0s–17m0s done 14m0s"}},
		{"is breached", func(d *desk) { d.at(10).answer("m1", care.ThenKeep).at(12).add(mention("m2", 12)).at(20).scan() },
			[]string{met, "next_response breached 12m0s–17m0s breached 17m0s"}},
		{"an overdue one is not started again", func(d *desk) {
			d.at(10).answer("m1", care.ThenKeep).at(12).add(mention("m2", 12)).at(20).add(mention("m3", 20))
		}, []string{met, "next_response breached 12m0s–17m0s breached 17m0s"}},
		{"starts again after an answer", func(d *desk) {
			d.at(10).answer("m1", care.ThenKeep).at(12).add(mention("m2", 12)).at(14).answer("m2", care.ThenKeep).at(20).add(mention("m3", 20))
		}, []string{met, "next_response running 20m0s–25m0s"}},
		{"starts with what came while the answer was on its way", func(d *desk) {
			n := d.at(10).ask("m1", care.ThenResolve)
			d.at(11).add(mention("m2", 11)).attempt(n).sent(n, 11)
		}, []string{"first_response met 0s–30m0s done 11m0s", "next_response running 11m0s–16m0s"}},
		{"is met by an answer on the network, read before the question", func(d *desk) {
			d.at(10).answer("m1", care.ThenKeep).at(14).theirs("o1", "", 13).at(15).add(mention("m2", 12, seen(15)))
		}, []string{met}},
		{"is met by an answer on the network, read after the question", func(d *desk) {
			d.at(10).answer("m1", care.ThenKeep).at(14).add(mention("m2", 12, seen(14))).at(15).theirs("o1", "", 13)
		}, []string{met, "next_response met 12m0s–17m0s done 13m0s"}},
		{"is withdrawn with what it waited for", func(d *desk) {
			d.at(10).answer("m1", care.ThenKeep).at(12).add(mention("m2", 12)).at(13).do("c1", care.ByIntake, d.of("c1").DeleteMention("m2")...)
		}, []string{met, "next_response withdrawn"}},
		{"but goes on while another waits", func(d *desk) {
			d.at(10).answer("m1", care.ThenKeep).at(12).add(mention("m2", 12)).at(13).add(mention("m3", 13))
			d.do("c1", care.ByIntake, d.of("c1").DeleteMention("m2")...)
		}, []string{met, "next_response running 12m0s–17m0s"}},
		{"starts after the first was withdrawn", func(d *desk) {
			d.at(5).do("c1", care.ByIntake, d.of("c1").DeleteMention("m1")...)
			d.at(12).add(mention("m2", 12))
		}, []string{"first_response withdrawn", "next_response running 12m0s–17m0s"}},
		{"starts after the first was breached and then taken back", func(d *desk) {
			d.at(35).scan()
			d.do("c1", care.ByIntake, d.of("c1").DeleteMention("m1")...)
			d.at(40).add(mention("m2", 40))
		}, []string{"first_response breached 0s–30m0s withdrawn breached 30m0s", "next_response running 40m0s–45m0s"}},
		{"starts when a resolved case is reopened; the first stays what it was", func(d *desk) {
			d.at(10).answer("m1", care.ThenResolve).at(40).add(mention("m2", 40))
		}, []string{met, "next_response running 40m0s–45m0s"}},
		{"when it is reopened by hand, from then", func(d *desk) {
			d.at(10).answer("m1", care.ThenResolve).at(40).must("c1", "agent/ada")(d.of("c1").Reopen())
		}, []string{met, "next_response running 40m0s–45m0s"}},
		{"reopened by hand, answered", func(d *desk) {
			d.at(10).answer("m1", care.ThenResolve).at(40).must("c1", "agent/ada")(d.of("c1").Reopen())
			d.at(42).answer("m1", care.ThenKeep)
		}, []string{met, "next_response met 40m0s–45m0s done 42m0s"}},
		{"reopened, never answered before", func(d *desk) {
			d.at(10).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "phoned"))
			d.at(40).add(mention("m2", 40))
		}, []string{"first_response unanswered", "next_response running 40m0s–45m0s"}},
		{"reopened, the first was breached and never answered", func(d *desk) {
			d.at(35).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "phoned"))
			d.at(40).add(mention("m2", 40))
		}, []string{"first_response breached 0s–30m0s unanswered breached 30m0s", "next_response running 40m0s–45m0s"}},
		{"reopened, an even older mention turns up: it was settled", func(d *desk) {
			d.at(10).answer("m1", care.ThenResolve).at(40).add(mention("m2", 40)).at(41).add(mention("m0", 5, seen(41)))
		}, []string{met, "next_response running 40m0s–45m0s"}},
		{"the same, resolved without a reply", func(d *desk) {
			d.at(10).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "phoned"))
			d.at(40).add(mention("m2", 40)).at(41).add(mention("m0", 5, seen(41)))
		}, []string{"first_response unanswered", "next_response running 40m0s–45m0s"}},
		{"not by a late mention", func(d *desk) { d.at(10).answer("m1", care.ThenKeep).at(12).add(mention("m2", 11, seen(12), late)) }, []string{met}},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := newDesk(t, quick).open(mention("m1", 0))
			r.act(d)
			d.expect(r.want...)
		})
	}
}

func TestNextResponseByTheDesksClock(t *testing.T) {
	d := newDesk(t, promised{first: 30 * time.Minute, next: 5 * time.Minute, clock: "desk"}).open(mention("m1", 0, seen(2)))
	d.expect("first_response running 2m0s–32m0s")
	d.at(10).answer("m1", care.ThenKeep)
	d.at(15).add(mention("m2", 12, seen(15)))
	d.expect("first_response met 2m0s–32m0s done 10m0s", "next_response running 15m0s–20m0s")
	// A colleague had answered on the network, before we saw the question.
	d.at(16).theirs("o1", "m2", 13)
	d.expect("first_response met 2m0s–32m0s done 10m0s", "next_response met 15m0s–20m0s done 13m0s")
}

func TestResolution(t *testing.T) {
	only := promised{resolution: time.Hour}
	await := func(d *desk) { d.must("c1", "agent/ada")(d.of("c1").Await("ada")) }
	for _, r := range []struct {
		name string
		act  func(*desk)
		want string
	}{
		{"runs", func(d *desk) {}, "resolution running 0s–1h0m0s"},
		{"pauses while the customer has to act", func(d *desk) { await(d.at(10)); d.at(90).scan() }, "resolution paused 50m0s left"},
		{"goes on with what was left", func(d *desk) { await(d.at(10)); d.at(90).add(mention("m2", 90)) }, "resolution running 1h30m0s–2h20m0s"},
		{"and again", func(d *desk) {
			await(d.at(10))
			d.at(90).add(mention("m2", 90)).at(100)
			await(d)
			d.at(200).add(mention("m3", 200))
		}, "resolution running 3h20m0s–4h0m0s"},
		{"is met", func(d *desk) { d.at(60).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved")) }, "resolution met 0s–1h0m0s done 1h0m0s"},
		{"is met from a pause", func(d *desk) {
			await(d.at(10))
			d.at(90).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
		}, "resolution met 0s–1h0m0s done 1h30m0s"},
		{"is breached, then done", func(d *desk) {
			d.at(61).scan()
			d.at(70).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
		}, "resolution breached 0s–1h0m0s breached 1h0m0s done 1h10m0s"},
		{"is breached and done before the clock looked", func(d *desk) { d.at(70).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved")) },
			"resolution breached 0s–1h0m0s breached 1h0m0s done 1h10m0s"},
		{"a breach does not pause", func(d *desk) { d.at(61); await(d) }, "resolution breached 0s–1h0m0s breached 1h0m0s"},
		{"stays what it was when reopened", func(d *desk) {
			d.at(20).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
			d.at(30).add(mention("m2", 30))
		}, "resolution met 0s–1h0m0s done 20m0s"},
		{"a release ends the wait for the customer", func(d *desk) {
			d.must("c1", "agent/ada")(d.of("c1").Claim("ada", "claim"))
			await(d.at(10))
			d.at(20).must("c1", "agent/ada")(d.of("c1").Release("ada"))
		}, "resolution running 20m0s–1h10m0s"},
		{"a colleague who gets it waits on", func(d *desk) {
			await(d.at(10))
			d.at(20).must("c1", "agent/lea")(d.of("c1").Assign("bob"))
		}, "resolution paused 50m0s left"},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := newDesk(t, only).open(mention("m1", 0))
			r.act(d)
			d.expect(r.want)
		})
	}
}

// A policy that changes in mid-case keeps the working time already paused.
func TestPolicyChangesInMidCase(t *testing.T) {
	d := newDesk(t, promised{resolution: time.Hour, version: "1"}).open(mention("m1", 0))
	d.at(10).must("c1", "agent/ada")(d.of("c1").Await("ada"))
	d.tt = promised{resolution: 3 * time.Hour, version: "2"}
	d.at(30).scan()
	d.expect("resolution paused 50m0s left")
	d.at(90).add(mention("m2", 90))
	d.expect("resolution running 1h30m0s–2h20m0s")
	expect(t, "promised", d.of("c1").Target(care.Resolution).Promised, time.Hour)

	d = newDesk(t, promised{first: 30 * time.Minute, version: "1"}).open(mention("m1", 0))
	d.tt = promised{first: 10 * time.Minute, version: "2"}
	d.at(5).scan()
	d.expect("first_response running 0s–30m0s")
	d.tt = promised{first: 90 * time.Minute, version: "3"}
	d.at(6).add(mention("m0", -5, seen(6)))
	d.expect("first_response running 0s–30m0s")
}

// A target that resumes with no time left is breached by the same look.
func TestResumedWithNothingLeft(t *testing.T) {
	d := newDesk(t, nothingLeft{promised{resolution: time.Hour}}).open(mention("m1", 0))
	d.at(10).must("c1", "agent/ada")(d.of("c1").Await("ada"))
	d.at(20).add(mention("m2", 20))
	d.expect("resolution breached 20m0s–20m0s breached 20m0s")
}

type nothingLeft struct{ promised }

func (nothingLeft) Left(care.Target, time.Time) time.Duration { return 0 }

func TestLateCase(t *testing.T) {
	d := newDesk(t, normal).open(mention("m1", -2000, late, seen(0)))
	d.expect("")
	expect(t, "late", d.of("c1").Late, true)
	if _, ok := d.of("c1").NextAlarm(); ok {
		t.Error("a late case rings")
	}
	d.at(5).add(mention("m2", 5))
	d.expect("next_response running 5m0s–25m0s")
}

func TestCaseOpenedAfterItsAnswer(t *testing.T) {
	d := newDesk(t, normal)
	d.at(20).do("c1", care.ByIntake,
		care.Opened{MentionRef: mention("m2", 10, seen(20))},
		care.MentionAdded{MentionRef: mention("m1", 0, unflagged, seen(20))},
		care.ReplySeen{Mention: "o1", To: "m1", VisibleAt: minute(5)},
	)
	d.expect("first_response met 0s–30m0s done 5m0s", "next_response running 10m0s–30m0s", "resolution running 0s–8h0m0s")
}

func TestPolicyThatPromisesNothing(t *testing.T) {
	d := newDesk(t, promised{}).open(mention("m1", 0))
	d.at(5).add(mention("m2", 5)).at(6).answer("m1", care.ThenAwait).at(7).add(mention("m3", 7))
	d.at(8).must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
	d.at(9).must("c1", "agent/ada")(d.of("c1").Reopen())
	d.expect("")

	d = newDesk(t, promised{next: 20 * time.Minute}).open(mention("m1", 0))
	d.at(2).add(mention("m2", 2))
	d.expect("") // no next response before there is a first
	d.at(5).answer("m1", care.ThenKeep).at(6).add(mention("m3", 6))
	d.expect("next_response running 6m0s–26m0s")
}

// An answer in the very instant in which the case is taken up again by hand.
func TestReopenedAndAnsweredAtOnce(t *testing.T) {
	d := newDesk(t, normal).open(mention("m1", 0)).at(10).answer("m1", care.ThenResolve)
	d.at(40).theirs("o1", "", 40)
	before := d.of("c1")
	after := before.Clone()
	apply := func(events ...care.Event) {
		after.Apply(after.Seq, care.Record{At: d.now, By: "agent/ada", Events: events})
	}
	apply(care.Reopened{})
	follows := after.Settle(before, d.now, d.tt)
	expect(t, "events", kindsOf(follows), "target.set target.met")
	apply(follows...)
	if again := after.Settle(before, d.now, d.tt); again != nil {
		t.Errorf("settling again adds%s", show(again))
	}
}

func TestSnoozeEnds(t *testing.T) {
	d := newDesk(t, promised{}).open(mention("m1", 0))
	d.at(1).must("c1", "agent/ada")(d.of("c1").Snooze("ada", d.now, minute(60)))
	at, ok := d.of("c1").NextAlarm()
	expect(t, "alarm", ok && at.Equal(minute(60)), true)
	if e := d.at(59).scan(); e != nil {
		t.Errorf("too early: %s", show(e))
	}
	expectEvents(t, d.at(75).scan(), []care.Event{care.Woken{Why: "time"}})
	expect(t, "sleeps", d.of("c1").SnoozedUntil.IsZero(), true)
}

func TestOverdueAndDue(t *testing.T) {
	d := newDesk(t, normal).open(mention("m1", 0))
	due, ok := d.of("c1").Due()
	expect(t, "due", ok && due.Target == care.FirstResponse, true)
	_, overdue := d.of("c1").Overdue()
	expect(t, "overdue", overdue, false)
	d.at(31).scan()
	late, overdue := d.of("c1").Overdue()
	expect(t, "overdue", overdue && late.Target == care.FirstResponse, true)
	due, _ = d.of("c1").Due()
	expect(t, "due", due.Target, care.Resolution)
	d.at(32).answer("m1", care.ThenKeep)
	_, overdue = d.of("c1").Overdue()
	expect(t, "overdue once answered", overdue, false)
	d.at(600).scan()
	late, _ = d.of("c1").Overdue()
	expect(t, "overdue", late.Target, care.Resolution)
	d.must("c1", "agent/ada")(d.of("c1").Resolve("ada", "solved"))
	_, overdue = d.of("c1").Overdue()
	expect(t, "overdue once resolved", overdue, false)
	d.at(610).must("c1", "agent/ada")(d.of("c1").Reopen())
	_, overdue = d.of("c1").Overdue()
	expect(t, "overdue once reopened", overdue, false)
}

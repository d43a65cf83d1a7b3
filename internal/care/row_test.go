package care_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestOrderOfAQueue(t *testing.T) {
	row := func(id care.CaseID, lane care.Lane, due int, priority int) care.Row {
		r := care.Row{ID: id, Lane: lane, Priority: priority}
		if due != 0 {
			r.DueAt = minute(due)
		}
		return r
	}
	sorted := []care.Row{ // as they are to be worked on
		row("c01", care.Critical, -600, 0),
		row("c02", care.Critical, 20, 0),
		row("c03", care.Critical, 0, 5), // nothing is due
		row("c04", care.Ordinary, -30, -9),
		row("c05", care.Ordinary, 10, 7),
		row("c06", care.Ordinary, 10, 1),
		row("c07", care.Ordinary, 10, 0),
		row("c08", care.Ordinary, 10, 0), // younger
		row("c09", care.Ordinary, 10, -1),
		row("c10", care.Ordinary, 11, 99),
		row("c11", care.Ordinary, 0, 99),
		row("c12", "", 0, 0),
	}
	sorted = slices.Insert(sorted, 3, care.Row{ID: "c13", Lane: care.Ordinary, DueAt: time.Unix(-9, 0)}) // before 1970
	shuffled := slices.Clone(sorted)
	slices.Reverse(shuffled)
	slices.SortFunc(shuffled, func(a, b care.Row) int {
		x, y := a.Order(), b.Order()
		return bytes.Compare(append(x[:], a.ID...), append(y[:], b.ID...))
	})
	for i := range sorted {
		if shuffled[i].ID != sorted[i].ID {
			t.Errorf("place %d: %s, want %s", i, shuffled[i].ID, sorted[i].ID)
		}
	}
}

func TestRowOfACase(t *testing.T) {
	d := newDesk(t, normal).open(mention("m1", 0, labelled("fee")))
	row := d.of("c1").Row()
	expect(t, "due", row.Due, care.FirstResponse)
	expect(t, "due at", row.DueAt, minute(30))
	expect(t, "breached", row.Breached, false)
	expect(t, "waits since", row.WaitsSince, minute(0))
	expect(t, "needs us", row.NeedsUs(), true)
	expect(t, "alarm", row.Alarm, minute(30))
	expect(t, "topic", row.Labels.Topic, "fee")

	d.at(31).scan()
	d.add(mention("m2", 31))
	row = d.of("c1").Row()
	expect(t, "what is overdue comes first", row.Due, care.FirstResponse)
	expect(t, "breached", row.Breached, true)
	expect(t, "mentions", row.Mentions, 2)
	expect(t, "first", row.First, "m1")
	expect(t, "latest", row.Latest, "m2")
	expect(t, "thread", row.Thread, "t1")

	n := d.at(32).ask("m1", care.ThenAwait)
	expect(t, "a reply is to be sent", d.of("c1").Row().SendAt, minute(32))
	d.attempt(n)
	expect(t, "or to be looked after", d.of("c1").Row().SendAt, minute(32).Add(30*time.Second))
	d.sent(n, 32)
	d.must("c1", "agent/ada")(d.of("c1").MakePromise("ada", d.of("c1").NextText(), d.now, minute(90), "call"))
	row = d.of("c1").Row()
	expect(t, "no more", row.SendAt.IsZero(), true)
	expect(t, "reply", row.Reply, care.ReplyIsSent)
	expect(t, "replies", row.Replies, 1)
	expect(t, "nobody waits", row.WaitsSince.IsZero(), true)
	expect(t, "needs us", row.NeedsUs(), false)
	expect(t, "nothing is due", row.Due, "")
	expect(t, "promises", row.Promises, 1)
	expect(t, "promise", row.Promise, minute(90))
	expect(t, "alarm: the warning, with a quarter of the time left", row.Alarm, minute(75).Add(30*time.Second))
	d.at(76).scan()
	expect(t, "then the time itself", d.of("c1").Row().Alarm, minute(90))

	d.at(91).scan()
	d.must("c1", "agent/ada")(d.of("c1").Dismiss("ada", "spam"))
	row = d.of("c1").Row()
	expect(t, "end", row.End, "spam")
	expect(t, "a slipped promise is still listed", row.Promises, 1)
	expect(t, "promise", row.Promise, minute(90))
}

func TestRowOfWhatIsDeletedAndSnoozed(t *testing.T) {
	d := newDesk(t, normal).open(mention("m1", 0)).at(2).add(mention("m2", 2))
	d.do("c1", care.ByIntake, d.of("c1").DeleteMention("m2")...)
	d.must("c1", "agent/ada")(d.of("c1").Snooze("ada", d.now, minute(60)))
	row := d.of("c1").Row()
	expect(t, "latest", row.Latest, "m1")
	expect(t, "needs us", row.NeedsUs(), false)
	expect(t, "lane", row.Lane, care.Ordinary)
}

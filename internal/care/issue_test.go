package care_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func issueSamples() []care.Event {
	return []care.Event{
		care.IssueOpened{Brand: "acme", Topic: "outage", Language: "en", Group: "g1"},
		care.IssueSaid{Title: 1, Know: 2, Doing: 3, NextAt: then(60)},
		care.IssueLinked{Case: "c1", Author: "a1", Why: "alike", Score: 0.75, Mention: "m1"},
		care.IssueUnlinked{Case: "c1"},
		care.IssueDrafted{Step: 1, Final: true, Case: "c1", N: 4, Then: care.ThenResolve, Disposition: "solved"},
		care.IssueApproved{Step: 1, Cases: []care.CaseID{"c1", "c2"}, PerMinute: 20},
		care.IssueWrote{Step: 1, Case: "c1", Reply: 2},
		care.IssueSkipped{Step: 1, Case: "c1", Why: "opted_out"},
		care.IssueTurned{State: care.IssueClosed, Why: "fixed"},
		care.CaseRaised{Lane: care.Critical, Why: "replies", Reach: 10, Shares: 20, PerHour: 30},
		care.IssuePromiseAtRisk{At: then(45)}, care.IssuePromiseSlipped{At: then(60)}, care.IssueEscalated{Why: "promise_slipped", Step: "standard/1/1764000000000/0"}, care.IssuePassed{To: "bob"},
	}
}

// A known issue with some cases, on a clock.
type trouble struct {
	t   *testing.T
	i   *care.Issue
	now time.Time
	seq uint64
}

func newTrouble(t *testing.T, cases ...care.CaseID) *trouble {
	x := &trouble{t: t, i: &care.Issue{ID: "i1"}, now: start}
	x.add(care.OpenIssue(care.IssueOpened{Topic: "outage"}), nil)
	for _, id := range cases {
		x.add(x.i.Link(theCase(id), "hand", 0, ""))
	}
	return x
}

// theCase is one whose customer waits for an answer.
func theCase(id care.CaseID) *care.Case {
	c := &care.Case{ID: id}
	c.Apply(1, care.Record{At: start, By: care.ByIntake, Events: []care.Event{care.Opened{MentionRef: care.MentionRef{
		Mention: care.MentionID("m-" + id), Author: care.AuthorKey("a-" + id), PostedAt: start, SeenAt: start, Flagged: true,
	}}}})
	return c
}

func (x *trouble) add(events []care.Event, err error) error {
	if err == nil && len(events) > 0 {
		x.seq++
		x.i.Apply(x.seq, care.Record{At: x.now, By: "agent/ada", Events: events})
	}
	return err
}

func letters(ids ...care.CaseID) (out []care.Letter) {
	for _, id := range ids {
		out = append(out, care.Letter{Case: id, Person: care.AuthorKey("a-" + id), Body: "for " + string(id)})
	}
	return out
}

func (x *trouble) prepare(step int, final bool, ls []care.Letter) error {
	events, _, err := x.i.Prepare(step, final, care.ThenKeep, "", ls)
	return x.add(events, err)
}

func states(i *care.Issue, step int) string {
	var out []string
	for _, d := range i.Step(step).Drafts {
		out = append(out, fmt.Sprintf("%s %s", d.Case, d.State))
	}
	return strings.Join(out, ", ")
}

func TestSayingMoreIsAPromise(t *testing.T) {
	x := newTrouble(t)
	must(t, x.add(x.i.Say(care.IssueSaid{Know: 2, NextAt: start.Add(time.Hour)}, x.now)))
	x.now = start.Add(30 * time.Minute)
	must(t, x.add(x.i.Say(care.IssueSaid{Doing: 3, NextAt: start.Add(90 * time.Minute)}, x.now)))
	x.now = start.Add(2 * time.Hour)
	if err := x.add(x.i.Say(care.IssueSaid{NextAt: start}, x.now)); err == nil {
		t.Error("promised for the past")
	}
	must(t, x.add(x.i.Say(care.IssueSaid{Know: 4}, x.now)))
	if i := x.i; i.Kept != 1 || i.Late != 1 || i.Said != (care.IssueSaid{Title: 1, Know: 4, Doing: 3}) || i.Owner != "ada" {
		t.Errorf("kept %d, late %d, %+v by %s", i.Kept, i.Late, i.Said, i.Owner)
	}
}

func TestLinkingOnceAndNotAgainByItself(t *testing.T) {
	x := newTrouble(t, "c1")
	if es, err := x.i.Link(theCase("c1"), "alike", 0.9, ""); es != nil || err != nil {
		t.Errorf("twice: %v, %v", es, err)
	}
	must(t, x.add(x.i.Unlink("c1")))
	if es, _ := x.i.Link(theCase("c1"), "alike", 0.9, ""); es != nil {
		t.Error("it came back by itself")
	}
	must(t, x.add(x.i.Link(theCase("c1"), "hand", 0, "")))
	if len(x.i.Cases) != 1 {
		t.Error("a person could not link it again")
	}
	must(t, x.add(x.i.Close("no_issue")))
	if _, err := x.i.Link(theCase("c2"), "alike", 0.9, ""); err == nil {
		t.Error("a closed issue links")
	}
	must(t, x.add(x.i.OpenAgain()))
	must(t, x.add(x.i.Link(theCase("c2"), "alike", 0.9, "m2")))
}

func TestOnePersonGetsOneLetter(t *testing.T) {
	x := newTrouble(t, "c1", "c2", "c3", "c4")
	ls := letters("c1", "c2", "c3")
	ls[1].Person = ls[0].Person
	ls[2].Skip = "opted_out"
	must(t, x.prepare(0, false, ls))
	if got := states(x.i, 1); got != "c1 to_look, c2 skipped, c3 skipped" || x.i.Draft(1, "c2").Why != "same_person" {
		t.Errorf("drafts %s", got)
	}
	late := letters("c1", "c2", "c4")
	late[2].Person = late[0].Person
	must(t, x.prepare(1, false, late))
	if got := states(x.i, 1); got != "c1 to_look, c2 skipped, c3 skipped, c4 skipped" {
		t.Errorf("after one came late: %s", got)
	}
	if err := x.prepare(1, false, late); err == nil {
		t.Error("prepared again")
	}
}

func TestApprovingTakesWhatWasLookedAt(t *testing.T) {
	x := newTrouble(t, "c1", "c2", "c3")
	must(t, x.prepare(0, false, letters("c1", "c2", "c3")))
	if err := x.add(x.i.Approve(1, nil, 2, 10)); err == nil {
		t.Error("approved what nobody looked at")
	}
	must(t, x.add(x.i.Approve(1, []care.CaseID{"c2"}, 0, 10)))
	if got := states(x.i, 1); got != "c1 to_look, c2 approved, c3 to_look" {
		t.Errorf("drafts %s", got)
	}
	must(t, x.add(x.i.Redraft(1, "c2", x.i.NextText())))
	if got := x.i.Draft(1, "c2").State; got != care.DraftToLook {
		t.Errorf("a text that was changed is %s", got)
	}
	must(t, x.add(x.i.Approve(1, nil, 3, 10)))
	for _, pace := range []int{0, 61} {
		if _, err := x.i.Approve(1, nil, 0, pace); err == nil {
			t.Errorf("%d a minute", pace)
		}
	}
}

func TestSendingKeepsThePace(t *testing.T) {
	x := newTrouble(t, "c1", "c2", "c3")
	must(t, x.prepare(0, false, letters("c1", "c2", "c3")))
	if _, ok := x.i.NextSend(); ok {
		t.Error("something is sent that nobody approved")
	}
	must(t, x.add(x.i.Approve(1, nil, 3, 20)))
	var sent []time.Duration
	for at, ok := x.i.NextSend(); ok; at, ok = x.i.NextSend() {
		x.now = at
		d := x.i.Waiting()[0]
		ch := x.i.Write(d, theCase(d.Case), "text", at, at)
		must(t, x.add(ch.Issues[0].Events, nil))
		sent = append(sent, at.Sub(start))
	}
	if want := []time.Duration{0, 3 * time.Second, 6 * time.Second}; !slices.Equal(sent, want) {
		t.Errorf("sent at %v", sent)
	}
}

func TestWriteAsksOnceForEachCase(t *testing.T) {
	x := newTrouble(t, "c1")
	must(t, x.prepare(0, true, letters("c1")))
	must(t, x.add(x.i.Approve(1, nil, 1, 10)))
	d, c := x.i.Waiting()[0], theCase("c1")
	ch := x.i.Write(d, c, "It is back.", start, start)
	r, ok := ch.Cases[0].Events[0].(care.ReplyRequested)
	if !ok || r.Key != "issue/i1/1/c1" || r.To != "m-c1" || ch.Texts[0].Text.Body != "It is back." {
		t.Fatalf("%+v", ch)
	}
	c.Apply(2, care.Record{At: start, By: "agent/ada", Events: ch.Cases[0].Events})
	if again := x.i.Write(d, c, "It is back.", start, start); len(again.Cases) != 0 || len(again.Issues) != 1 {
		t.Errorf("asked twice: %+v", again)
	}
	for name, test := range map[string]struct {
		events []care.Event
		body   string
		want   string // reason it is skipped; "": it has to wait
	}{
		"dismissed":         {[]care.Event{care.Dismissed{Reason: "spam"}}, "x", "dismissed"},
		"merged":            {[]care.Event{care.Merged{Into: "c9"}}, "x", "merged"},
		"taken back":        {[]care.Event{care.MentionDeleted{Mention: "m-c1"}}, "x", "withdrawn"},
		"text erased":       {nil, "", "erased"},
		"another under way": {[]care.Event{care.ReplyRequested{Reply: 1, To: "m-c1", Key: "k"}}, "x", ""},
	} {
		c := theCase("c1")
		c.Apply(2, care.Record{At: start, Events: test.events})
		ch := x.i.Write(d, c, test.body, start, start)
		switch {
		case len(ch.Cases) > 0, test.want == "" && len(ch.Issues) > 0:
			t.Errorf("%s: %+v", name, ch)
		case test.want != "" && (len(ch.Issues) != 1 || ch.Issues[0].Events[0].(care.IssueSkipped).Why != test.want):
			t.Errorf("%s: %+v", name, ch)
		}
	}
	over := theCase("c1")
	over.Apply(2, care.Record{At: start, Events: []care.Event{care.Resolved{Disposition: "explained"}}})
	d.Then, d.Disposition = care.ThenResolve, "solved"
	if r := x.i.Write(d, over, "x", start, start).Cases[0].Events[0].(care.ReplyRequested); r.Then != care.ThenKeep {
		t.Errorf("a case that is over: then %s", r.Then)
	}
}

func TestFixedMeansThatEverybodyWasTold(t *testing.T) {
	x := newTrouble(t, "c1", "c2")
	must(t, x.prepare(0, false, letters("c1", "c2")))
	must(t, x.add(x.i.Approve(1, nil, 2, 60)))
	if err := x.add(x.i.Close("no_issue")); err == nil {
		t.Error("closed while messages are sent")
	}
	for _, id := range []care.CaseID{"c1", "c2"} {
		must(t, x.add([]care.Event{care.IssueWrote{Step: 1, Case: id, Reply: 1}}, nil))
	}
	if err := x.add(x.i.Close("fixed")); err == nil || len(x.i.Untold()) != 2 {
		t.Error("an update counts as the end")
	}
	must(t, x.prepare(0, true, letters("c1", "c2")))
	must(t, x.add(x.i.SkipDraft(2, "c1", "by_hand")))
	must(t, x.add([]care.Event{care.IssueWrote{Step: 2, Case: "c2", Reply: 2}}, nil))
	must(t, x.add(x.i.Close("fixed")))
	if x.i.State != care.IssueClosed || x.i.Why != "fixed" {
		t.Errorf("%s, %s", x.i.State, x.i.Why)
	}
}

func TestViralRaisesOnceForEachReason(t *testing.T) {
	limit := care.ViralLimit{Reach: 1000, Shares: 50, PerHour: 20}
	c := theCase("c1")
	apply := func(s care.Spread) int {
		es := c.Raise(limit, s)
		c.Apply(c.Seq+1, care.Record{At: start, Events: es})
		return len(es)
	}
	if apply(care.Spread{Reach: 999, Shares: 49, PerHour: 19}) != 0 || c.Lane == care.Critical {
		t.Error("raised for nothing")
	}
	if apply(care.Spread{PerHour: 20}) != 1 || c.Lane != care.Critical || !slices.Contains(c.Labels.Urgency, care.Viral) {
		t.Errorf("lane %s, urgency %v", c.Lane, c.Labels.Urgency)
	}
	c.Apply(9, care.Record{At: start, Events: []care.Event{care.Routed{Queue: "care", Lane: care.Ordinary}}})
	if apply(care.Spread{PerHour: 40}) != 0 || c.Lane != care.Ordinary {
		t.Error("who moved it back was overruled")
	}
	c.Apply(10, care.Record{At: start, Events: []care.Event{care.MentionEdited{Mention: "m-c1", Flagged: true}}})
	if !slices.Contains(c.Labels.Urgency, care.Viral) {
		t.Error("an edit makes it less viral")
	}
	if (care.ViralLimit{}).Viral(care.Spread{Reach: 1 << 40, Shares: 1 << 40}) != "" {
		t.Error("no limit is a limit")
	}
}

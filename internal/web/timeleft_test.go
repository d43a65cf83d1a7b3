package web

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestTimeLeft(t *testing.T) {
	now := start
	for _, c := range []struct {
		left                             time.Duration
		text, spoken, class, ring, group string
	}{
		{10*time.Minute + 5*time.Second, "10:05", "10 min left", "warn", "p65", "Due in 15 minutes"},
		{20 * time.Minute, "20 min", "20 min left", "", "p30", "Due within the hour"},
		{-59 * time.Second, "0:59 late", "59 s past our promise", "bad", "p100", "Past promise"},
		{-3 * time.Hour, "3 h 00 late", "3 h past our promise", "bad", "p100", "Past promise"},
		{-16*time.Hour - 7*time.Minute, "16 h late", "16 h 7 min past our promise", "bad", "p100", "Past promise"},
		{50 * time.Hour, "2 days", "2 days 2 h left", "", "p0", "Later"},
		{24 * time.Hour, "1 day", "1 day left", "", "p0", "Later"},
		{0, "0:00", "0 s left", "warn", "p100", "Due in 15 minutes"},
	} {
		d := &Due{Target: care.FirstResponse, StartAt: now.Add(c.left - 30*time.Minute), DueAt: now.Add(c.left)}
		got := leftOf(d, now)
		name, _ := group(&CaseRow{Lane: care.Ordinary, Due: d}, now)
		if got.Text != c.text || got.Spoken != c.spoken || got.Class != c.class || got.Ring != c.ring || name != c.group {
			t.Errorf("%v: %+v in %q, want %+v", c.left, got, name, c)
		}
	}
	if got := leftOf(nil, now); got.Text != "–" || got.Spoken == "" {
		t.Errorf("no promise: %+v", got)
	}
	if name, class := group(&CaseRow{Lane: care.Critical}, now); name != "Critical" || class != "bad" {
		t.Errorf("critical: %s, %s", name, class)
	}
	if ring(now, now, now) != "p100" {
		t.Error("a promise of no time")
	}
}

func TestReach(t *testing.T) {
	for n, want := range map[int]string{0: "–", 7: "7", 999: "999", 1000: "1K", 12400: "12.4K", 99999: "99.9K", 104_000: "104K", 2_350_000: "2.3M"} {
		if got := reach(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// Every event has a sentence; a new one fails here.
func TestEveryEventHasASentence(t *testing.T) {
	unknown := says("clock", care.Unknown{})
	for _, e := range []care.Event{
		care.Opened{}, care.Routed{}, care.MentionAdded{}, care.MentionEdited{}, care.MentionDeleted{}, care.Reviewed{}, care.Assigned{}, care.Released{},
		care.HandedOff{}, care.Awaiting{}, care.Noted{}, care.Tagged{Add: []string{"x"}}, care.Snoozed{}, care.Woken{Why: "time"}, care.Escalated{}, care.Linked{},
		care.Resolved{Disposition: "solved"}, care.Reopened{}, care.Dismissed{Reason: "spam"}, care.Merged{}, care.Absorbed{}, care.Unmerged{}, care.Parted{}, care.SplitOff{},
		care.ReplyRequested{}, care.ReplyUndone{}, care.ReplyAttempted{}, care.ReplySent{}, care.ReplyFailed{}, care.ReplyUnknown{}, care.ReplySought{},
		care.ReplySeen{}, care.ReplyDelayed{}, care.PromiseMade{}, care.PromiseKept{}, care.PromiseSlipped{}, care.PromiseRenegotiated{}, care.TargetSet{},
		care.TargetPaused{}, care.TargetMet{}, care.TargetBreached{}, care.TargetCorrected{}, care.TargetEnded{}, care.NoticeRequested{}, care.NoticeAttempted{},
		care.NoticeSent{}, care.NoticeFailed{}, care.NoticeUnknown{}, care.Erased{}, care.Expired{},
	} {
		if s := says("agent/ada", e); s == unknown || s == "" {
			t.Errorf("%s has no sentence", e.Kind())
		}
	}
}

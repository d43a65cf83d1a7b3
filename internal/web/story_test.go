package web

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// Every event has a sentence; a new one fails here.
func TestEveryEventHasASentence(t *testing.T) {
	unknown := english(t).says("clock", care.Unknown{})
	for _, e := range []care.Event{
		care.Opened{}, care.Routed{}, care.MentionAdded{}, care.MentionEdited{}, care.MentionDeleted{}, care.Reviewed{}, care.Assigned{}, care.Released{},
		care.HandedOff{}, care.Awaiting{}, care.Noted{}, care.Tagged{Add: []string{"x"}}, care.Snoozed{}, care.Woken{Why: "time"}, care.Escalated{}, care.Linked{},
		care.Resolved{Disposition: "solved"}, care.Reopened{}, care.Dismissed{Reason: "spam"}, care.Merged{}, care.Absorbed{}, care.Unmerged{}, care.Parted{}, care.SplitOff{},
		care.ReplyRequested{}, care.ReplyUndone{}, care.ReplyAttempted{}, care.ReplySent{}, care.ReplyFailed{}, care.ReplyUnknown{}, care.ReplySought{},
		care.ReplySeen{}, care.ReplyDelayed{}, care.PromiseMade{}, care.PromiseKept{}, care.PromiseSlipped{}, care.PromiseRenegotiated{}, care.TargetSet{},
		care.TargetPaused{}, care.TargetMet{}, care.TargetBreached{}, care.TargetCorrected{}, care.TargetEnded{}, care.NoticeRequested{}, care.NoticeAttempted{},
		care.NoticeSent{}, care.NoticeFailed{}, care.NoticeUnknown{}, care.Erased{}, care.Expired{},
	} {
		if s := english(t).says("agent/ada", e); s == unknown || s == "" {
			t.Errorf("%s has no sentence", e.Kind())
		}
	}
}

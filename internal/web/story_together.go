package web

import (
	"github.com/amends-care/amends/internal/care"
)

// saysTogether tells what people did about a case together.
func (t teller) saysTogether(who string, e care.Event) string {
	switch e := e.(type) {
	case care.WaitingOn:
		return t.Say("story.waiting_on", "who", who, "on", t.Code(e.On))
	case care.WaitOver:
		return t.because("story.wait_over", e.Why)
	case care.ReplyApproved:
		return t.Say("story.reply_approved", "who", who)
	case care.ReplyRefused:
		return t.Say("story.reply_refused", "who", who)
	case care.GoodwillGiven:
		return t.Say("story.gave_goodwill", "who", who, "amount", t.money(e))
	case care.GoodwillAsked:
		return t.Say("story.asked_goodwill", "who", who, "amount", t.money(e.GoodwillGiven))
	case care.GoodwillDecided:
		if e.Approved {
			return t.Say("story.goodwill_yes", "who", who)
		}
		return t.Say("story.goodwill_no", "who", who)
	case care.InBulk:
		many := t.Say("many_cases")
		if e.Cases > 0 {
			many = t.Say("with_cases", "n", e.Cases)
		}
		if e.Undo {
			return t.Say("story.bulk_undone", "who", who, "cases", many)
		}
		return t.Say("story.bulk", "who", who, "cases", many)
	case care.Undone:
		return t.Say("story.undone")
	case care.Followed:
		return t.Say("story.followed", "who", e.By)
	case care.Unfollowed:
		return t.Say("story.unfollowed", "who", e.By)
	case care.Heard:
		return t.Say("story.heard", "who", e.By)
	case care.Unlinked:
		return t.Say("story.unlinked")
	case care.FrictionMet:
		return t.Say("story.friction", "who", who, "what", t.Code(e.What))
	case care.FrictionMended:
		return t.Say("story.friction_mended", "who", who)
	case care.LegalHold:
		return t.Say("story.hold", "who", who)
	case care.LegalHoldLifted:
		return t.Say("story.hold_lifted")
	case care.ReplyChangeAsked:
		if e.What == care.Mend {
			return t.Say("story.wants_mend", "who", who)
		}
		return t.Say("story.wants_withdraw", "who", who)
	case care.ReplyChangeWent:
		return t.changeWent(who, e)
	case care.ReplyMended:
		return t.Say("story.mended", "who", who)
	case care.ReplyWithdrawn:
		return t.Say("story.withdrawn", "who", who)
	}
	return ""
}

// changeWent tells how far a change of a reply has come.
func (t teller) changeWent(who string, e care.ReplyChangeWent) string {
	switch e.State {
	case care.ReplyIsAttempted:
		return t.Say("story.change_attempted", "try", e.Try)
	case care.ReplyIsRequested:
		return t.Say("story.change_again", "why", t.Code(e.Why))
	case care.ReplyIsUndone:
		return t.Say("story.change_undone", "who", who)
	case care.ReplyIsUnknown:
		if e.Looks > 0 {
			return t.Say("story.change_sought", "try", e.Looks)
		}
		return t.Say("story.change_unknown", "why", t.Code(e.Why))
	}
	return t.Say("story.change_failed", "why", t.Code(e.Why))
}

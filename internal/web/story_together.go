package web

import (
	"fmt"

	"github.com/amends-care/amends/internal/care"
)

// saysTogether tells what people did about a case together.
func saysTogether(who string, e care.Event) string {
	switch e := e.(type) {
	case care.WaitingOn:
		return fmt.Sprintf("%s: waiting on %s.", who, words(e.On))
	case care.WaitOver:
		return "No longer waiting on others" + map[string]string{"time": ": the time has come.", "mention": ": the customer wrote.", "hand": "."}[e.Why]
	case care.ReplyApproved:
		return who + " approved the reply."
	case care.ReplyRefused:
		return who + " did not approve the reply, and said why."
	case care.GoodwillGiven:
		return fmt.Sprintf("%s gave %s, within their own limit: trust used well.", who, money(e))
	case care.GoodwillAsked:
		return fmt.Sprintf("%s would like to give %s: a lead has to say.", who, money(e.GoodwillGiven))
	case care.GoodwillDecided:
		if e.Approved {
			return who + " said yes to the goodwill."
		}
		return who + " said no to the goodwill, and why."
	case care.InBulk:
		many := "many cases"
		if e.Cases > 0 {
			many = plural(e.Cases, "case", "cases")
		}
		if e.Undo {
			return fmt.Sprintf("%s took back what was done to %s at once.", who, many)
		}
		return fmt.Sprintf("%s did this to %s at once.", who, many)
	case care.Undone:
		return "It stands where it stood before."
	case care.Followed:
		return fmt.Sprintf("%s follows this case.", e.By)
	case care.Unfollowed:
		return fmt.Sprintf("%s does not follow it any more.", e.By)
	case care.Heard:
		return fmt.Sprintf("%s read the note.", e.By)
	case care.Unlinked:
		return "No longer linked to the other case."
	case care.FrictionMet:
		return fmt.Sprintf("%s says what stood in the way: %s.", who, words(e.What))
	case care.FrictionMended:
		return who + " mended what stood in the way."
	case care.LegalHold:
		return who + " keeps this case for a court: nothing of it is removed."
	case care.LegalHoldLifted:
		return "The case is not kept for a court any more."
	case care.ReplyMended:
		return who + " changed the reply on the network."
	case care.ReplyWithdrawn:
		return who + " took the reply off the network."
	}
	return ""
}

// money is a sum with its currency.
func money(g care.GoodwillGiven) string {
	return fmt.Sprintf("%d.%02d %s", g.Amount/100, g.Amount%100, cleanLine(g.Currency))
}

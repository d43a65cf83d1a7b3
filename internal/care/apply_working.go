package care

import (
	"slices"
	"time"
)

// applyTogether follows what people do about a case together.
func (c *Case) applyTogether(r Record, e Event) bool {
	switch e := e.(type) {
	case WaitingOn:
		c.WaitsOn, c.WaitsUntil = e.On, e.Until
	case WaitOver:
		c.WaitsOn, c.WaitsUntil = "", time.Time{}
	case Followed:
		if !slices.Contains(c.Followers, e.By) {
			c.Followers = append(c.Followers, e.By)
		}
	case Unfollowed:
		c.Followers = without(c.Followers, e.By)
	case Heard:
		c.Called = without(c.Called, e.By)
	case Unlinked:
		c.Links = without(c.Links, e.To)
	case FrictionMet:
		c.Texts = max(c.Texts, e.Friction)
		c.Frictions = append(c.Frictions, Friction{N: e.Friction, What: e.What, By: r.By.Agent(), At: r.At})
	case FrictionMended:
		for i := range c.Frictions {
			if f := &c.Frictions[i]; f.N == e.Friction && f.MendedAt.IsZero() {
				f.MendedAt = r.At
			}
		}
	case LegalHold:
		c.Texts, c.OnHold = max(c.Texts, e.Note), true
	case LegalHoldLifted:
		c.OnHold = false
	case GoodwillGiven:
		c.goodwill(r, e, GoodwillIsGiven)
	case GoodwillAsked:
		c.goodwill(r, e.GoodwillGiven, GoodwillIsAsked)
	case GoodwillDecided:
		c.Texts = max(c.Texts, e.Note)
		if g := c.Gift(e.Goodwill); g != nil {
			g.State, g.DecidedBy = GoodwillIsRefused, r.By.Agent()
			if e.Approved {
				g.State = GoodwillIsGiven
			}
		}
	case ReplyApproved:
		c.reply(e.Reply, func(p *Reply) { p.Approval = "" })
	case ReplyRefused:
		c.Texts = max(c.Texts, e.Note)
		c.reply(e.Reply, func(p *Reply) { p.State, p.Approval, p.Why = ReplyIsRefused, "", "not_approved" })
	case ReplyMended:
		c.Texts = max(c.Texts, e.Wording)
		c.reply(e.Reply, func(p *Reply) { p.Mended = e.Wording })
	case ReplyWithdrawn:
		c.reply(e.Reply, func(p *Reply) { p.Withdrawn = true })
	case Undone:
		c.undone(e)
	case InBulk:
	default:
		return false
	}
	return true
}

// without is a list less one element, and nil when nothing is left.
func without[T comparable](all []T, one T) []T {
	if all = slices.DeleteFunc(slices.Clone(all), func(t T) bool { return t == one }); len(all) == 0 {
		return nil
	}
	return all
}

func (c *Case) goodwill(r Record, e GoodwillGiven, s GoodwillState) {
	if c.Texts = max(c.Texts, e.Goodwill); c.Gift(e.Goodwill) == nil {
		c.Goodwill = append(c.Goodwill, Goodwill{N: e.Goodwill, State: s, By: r.By.Agent(), Amount: e.Amount, Currency: e.Currency, What: e.What, At: r.At})
	}
}

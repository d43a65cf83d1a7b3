package care

import (
	"slices"
	"time"
)

// GoodwillState is how far a gift has come.
type GoodwillState string

// The states of a gift.
const (
	GoodwillIsGiven   GoodwillState = "given"
	GoodwillIsAsked   GoodwillState = "asked" // above the limit: a lead has to say
	GoodwillIsRefused GoodwillState = "refused"
)

// A Goodwill is something that a customer gets for their trouble.
type Goodwill struct {
	N         int           `json:"n,omitempty"` // text/<case>/<n>: what for
	State     GoodwillState `json:"state,omitempty"`
	By        AgentID       `json:"by,omitempty"`
	Amount    int           `json:"amount,omitempty"` // in hundredths
	Currency  string        `json:"currency,omitempty"`
	What      string        `json:"what,omitempty"` // refund | voucher | replacement | other
	At        time.Time     `json:"at,omitzero"`
	DecidedBy AgentID       `json:"decided_by,omitempty"`
}

// A Limit is what somebody may give in one case without asking anybody.
type Limit struct {
	Amount   int // in hundredths; 0: nothing
	Currency string
	// Customer is what one person may get so in all their cases, in hundredths, over
	// the span Within; 0: whatever the single cases allow.
	Customer int
	Within   time.Duration
}

// recent sums what was given of a currency after an instant, in hundredths.
func recent(all []Goodwill, currency string, after time.Time) (sum int) {
	for _, g := range all {
		if g.State == GoodwillIsGiven && g.Currency == currency && g.At.After(after) {
			sum += g.Amount
		}
	}
	return sum
}

// maxGoodwill bounds one gift, in hundredths: more is a slip of the finger.
const maxGoodwill = 10_000_000

// Gift returns the goodwill with text n, or nil.
func (c *Case) Gift(n int) *Goodwill {
	for i := range c.Goodwill {
		if c.Goodwill[i].N == n {
			return &c.Goodwill[i]
		}
	}
	return nil
}

// GiveGoodwill records what a customer is given. All that the case was given
// counts towards the limit, and what the same person was given lately in their
// other cases towards theirs; what goes beyond either waits for a lead.
func (c *Case) GiveGoodwill(by AgentID, g GoodwillGiven, limit Limit, now time.Time, others ...*Case) ([]Event, error) {
	switch err := c.workable(by); {
	case !c.Exists():
		return nil, err
	case c.State == StateMerged || c.heldByOther(by) != nil:
		return nil, err
	case g.Amount <= 0 || g.Amount > maxGoodwill:
		return nil, invalid("amount", "Write an amount above 0 and up to {max}.", "max", maxGoodwill/100)
	case !currency(g.Currency):
		return nil, invalid("currency", "Write the currency as three letters, such as EUR.")
	}
	person, since := g.Amount, now.Add(-limit.Within)
	for _, o := range append(slices.Clone(others), c) {
		person += recent(o.Goodwill, g.Currency, since)
	}
	here := g.Amount + recent(c.Goodwill, g.Currency, time.Time{})
	if g.Currency == limit.Currency && here <= limit.Amount && (limit.Customer == 0 || person <= limit.Customer) {
		return []Event{g}, nil
	}
	return []Event{GoodwillAsked{g}}, nil
}

func currency(s string) bool {
	return len(s) == 3 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' && s[2] >= 'A' && s[2] <= 'Z'
}

// DecideGoodwill says whether what was asked for may be given. note is the
// reason of a refusal.
func (c *Case) DecideGoodwill(by AgentID, n int, yes bool, note int) ([]Event, error) {
	switch g := c.Gift(n); {
	case g == nil:
		return nil, &Error{Code: NotFound, Msg: "Nobody asked for this."}
	case g.State != GoodwillIsAsked:
		return nil, conflict("This is decided already.")
	case g.By == by:
		return nil, &Error{Code: Denied, Msg: "Somebody else has to decide on what you ask for."}
	case yes:
		return []Event{GoodwillDecided{Goodwill: n, Approved: true}}, nil
	}
	return []Event{GoodwillDecided{Goodwill: n, Note: note}}, nil
}

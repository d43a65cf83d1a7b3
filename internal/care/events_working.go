package care

import "time"

// WaitingOn says that somebody outside the team has to act, and by when we
// look again.
type WaitingOn struct {
	On    string    `json:"on"` // a name of the configuration
	Until time.Time `json:"until"`
}

// WaitOver ends WaitingOn.
type WaitOver struct {
	Why string `json:"why"` // time | mention | hand
}

// ReplyApproved lets a reply leave that waited for a second pair of eyes.
type ReplyApproved struct {
	Reply int `json:"reply"`
}

// ReplyRefused says that a reply must not leave. Note says why: n of
// text/<case>/<n>.
type ReplyRefused struct {
	Reply int `json:"reply"`
	Note  int `json:"note"`
}

// GoodwillGiven is what somebody gave a customer within their own limit.
type GoodwillGiven struct {
	Goodwill int    `json:"goodwill"` // n of text/<case>/<n>: what for
	Amount   int    `json:"amount"`   // in hundredths
	Currency string `json:"currency"` // ISO 4217
	What     string `json:"what,omitempty"`
}

// GoodwillAsked is what somebody would like to give, and that is above the limit.
type GoodwillAsked struct {
	GoodwillGiven
}

// GoodwillDecided says whether it may be given.
type GoodwillDecided struct {
	Goodwill int  `json:"goodwill"`
	Approved bool `json:"approved,omitempty"`
	Note     int  `json:"note,omitempty"` // why not
}

// Followed says that somebody wants to hear of the case, Unfollowed that they
// don't any more.
type Followed struct {
	By AgentID `json:"by"`
}

// Unfollowed ends Followed.
type Unfollowed struct {
	By AgentID `json:"by"`
}

// Heard says that somebody read a note that called them.
type Heard struct {
	By AgentID `json:"by"`
}

// Unlinked takes Linked back.
type Unlinked struct {
	To CaseID `json:"to"`
}

// FrictionMet says that something of ours stood in the way: a rule, a tool.
type FrictionMet struct {
	Friction int    `json:"friction"` // n of text/<case>/<n>
	What     string `json:"what,omitempty"`
}

// FrictionMended says that it does not any more.
type FrictionMended struct {
	Friction int `json:"friction"`
}

// LegalHold keeps the texts of a case whatever their term, LegalHoldLifted ends
// that.
type LegalHold struct {
	Note int `json:"note,omitempty"` // why
}

// LegalHoldLifted ends LegalHold.
type LegalHoldLifted struct{}

// ReplyMended says that we changed our answer on the network. Wording is the new
// text: n of text/<case>/<n>.
type ReplyMended struct {
	Reply   int `json:"reply"`
	Wording int `json:"wording"`
}

// ReplyWithdrawn says that we took our answer off the network.
type ReplyWithdrawn struct {
	Reply int `json:"reply"`
}

// AgentTook says that somebody took a case. Stream agent/<name>: two presses at
// once meet there.
type AgentTook struct {
	Case CaseID `json:"case"`
}

// Kinds of the events of working a case together.
func (WaitingOn) Kind() Kind       { return "case.waiting_on" }
func (WaitOver) Kind() Kind        { return "case.wait_over" }
func (ReplyApproved) Kind() Kind   { return "reply.approved" }
func (ReplyRefused) Kind() Kind    { return "reply.refused" }
func (GoodwillGiven) Kind() Kind   { return "goodwill.given" }
func (GoodwillAsked) Kind() Kind   { return "goodwill.asked" }
func (GoodwillDecided) Kind() Kind { return "goodwill.decided" }
func (Followed) Kind() Kind        { return "case.followed" }
func (Unfollowed) Kind() Kind      { return "case.unfollowed" }
func (Heard) Kind() Kind           { return "case.heard" }
func (Unlinked) Kind() Kind        { return "case.unlinked" }
func (FrictionMet) Kind() Kind     { return "friction.met" }
func (FrictionMended) Kind() Kind  { return "friction.mended" }
func (LegalHold) Kind() Kind       { return "case.legal_hold" }
func (LegalHoldLifted) Kind() Kind { return "case.legal_hold_lifted" }
func (ReplyMended) Kind() Kind     { return "reply.mended" }
func (ReplyWithdrawn) Kind() Kind  { return "reply.withdrawn" }
func (AgentTook) Kind() Kind       { return "agent.took" }

func (e *WaitingOn) fields(c *codec)     { c.text(&e.On); c.time(&e.Until) }
func (e *WaitOver) fields(c *codec)      { c.text(&e.Why) }
func (e *ReplyApproved) fields(c *codec) { c.int(&e.Reply) }
func (e *ReplyRefused) fields(c *codec)  { c.int(&e.Reply); c.int(&e.Note) }
func (e *GoodwillGiven) fields(c *codec) {
	c.int(&e.Goodwill)
	c.int(&e.Amount)
	c.text(&e.Currency)
	c.text(&e.What)
}
func (e *GoodwillAsked) fields(c *codec)   { c.block(e.GoodwillGiven.fields) }
func (e *GoodwillDecided) fields(c *codec) { c.int(&e.Goodwill); c.bool(&e.Approved); c.int(&e.Note) }
func (e *Followed) fields(c *codec)        { str(c, &e.By) }
func (e *Unfollowed) fields(c *codec)      { str(c, &e.By) }
func (e *Heard) fields(c *codec)           { str(c, &e.By) }
func (e *Unlinked) fields(c *codec)        { str(c, &e.To) }
func (e *FrictionMet) fields(c *codec)     { c.int(&e.Friction); c.text(&e.What) }
func (e *FrictionMended) fields(c *codec)  { c.int(&e.Friction) }
func (e *LegalHold) fields(c *codec)       { c.int(&e.Note) }
func (*LegalHoldLifted) fields(*codec)     {}
func (e *ReplyMended) fields(c *codec)     { c.int(&e.Reply); c.int(&e.Wording) }
func (e *ReplyWithdrawn) fields(c *codec)  { c.int(&e.Reply) }
func (e *AgentTook) fields(c *codec)       { str(c, &e.Case) }

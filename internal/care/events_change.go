package care

import "time"

// ReplyChangeAsked asks the outbox to change a sent reply on the network, or to
// take it off. [ReplyMended] or [ReplyWithdrawn] says that it is done.
type ReplyChangeAsked struct {
	Reply     int        `json:"reply"`
	What      ChangeKind `json:"what"`
	Wording   int        `json:"wording,omitempty"` // of a mended one: n of text/<case>/<n>
	NotBefore time.Time  `json:"not_before"`        // until then it can be undone
}

// ReplyChangeWent says how far a change has come, unless it is done.
type ReplyChangeWent struct {
	Reply int        `json:"reply"`
	State ReplyState `json:"state"`           // attempted | requested, again | failed | unknown | undone
	Try   int        `json:"try,omitempty"`   // of an attempt
	Until time.Time  `json:"until,omitzero"`  // the call has ended by then, or when it is tried again
	Looks int        `json:"looks,omitempty"` // how often an unknown one was looked for
	Why   string     `json:"why,omitempty"`   // a class, never the network's own words
}

// Kinds of the events of changing what was sent.
func (ReplyChangeAsked) Kind() Kind { return "reply.change_asked" }
func (ReplyChangeWent) Kind() Kind  { return "reply.change_went" }

func (e *ReplyChangeAsked) fields(c *codec) {
	c.int(&e.Reply)
	str(c, &e.What)
	c.int(&e.Wording)
	c.time(&e.NotBefore)
}
func (e *ReplyChangeWent) fields(c *codec) {
	c.int(&e.Reply)
	str(c, &e.State)
	c.int(&e.Try)
	c.time(&e.Until)
	c.int(&e.Looks)
	c.text(&e.Why)
}

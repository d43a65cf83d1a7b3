package care

import "time"

// ReplyRequested asks the outbox to answer a mention.
type ReplyRequested struct {
	Reply       int       `json:"reply"` // n of text/<case>/<n>
	To          MentionID `json:"to"`
	Key         string    `json:"key"` // unique for ever; the network's idempotency comes from it
	Direct      bool      `json:"direct,omitempty"`
	As          string    `json:"as,omitempty"`          // which of our accounts
	NotBefore   time.Time `json:"not_before"`            // until then it can be undone
	Then        string    `json:"then,omitempty"`        // once sent: await | resolve | keep
	Disposition string    `json:"disposition,omitempty"` // with which to resolve
	Approval    string    `json:"approval,omitempty"`    // the rule by which somebody has to approve it first
	Details     int       `json:"details,omitempty"`     // told with the disposition: n of text/<case>/<n>
	Automatic   bool      `json:"automatic,omitempty"`   // no person wrote it
}

// ReplyUndone takes a requested reply back before it was attempted.
type ReplyUndone struct {
	Reply int `json:"reply"`
}

// ReplyAttempted is written before any byte leaves.
type ReplyAttempted struct {
	Reply    int       `json:"reply"`
	Try      int       `json:"try"`      // 1 for the first
	Deadline time.Time `json:"deadline"` // the call has ended by then
}

// ReplySent says the answer is on the network.
type ReplySent struct {
	Reply     int       `json:"reply"`
	VisibleAt time.Time `json:"visible_at"` // the network's instant, between attempted and recorded
	Found     bool      `json:"found,omitempty"`
}

// ReplyFailed says the network refused for certain: nothing was posted.
type ReplyFailed struct {
	Reply int    `json:"reply"`
	Why   string `json:"why"` // a class, never the network's own words
}

// ReplyDelayed says an attempt provably sent nothing, and when to try again.
type ReplyDelayed struct {
	Reply int       `json:"reply"`
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
}

// ReplyUnknown says the answer may or may not be there. It is never sent again
// on its own.
type ReplyUnknown struct {
	Reply int    `json:"reply"`
	Why   string `json:"why"`
}

// ReplySought says we looked for an unknown reply and did not find it.
type ReplySought struct {
	Reply int `json:"reply"`
	Looks int `json:"looks"` // so far
}

// ReplySeen is a human reply that somebody wrote on the network itself.
type ReplySeen struct {
	Mention   MentionID `json:"mention"`      // our own post, as a mention
	To        MentionID `json:"to,omitempty"` // what it answers, if known
	VisibleAt time.Time `json:"visible_at"`
}

// Kinds of the events of a reply's life.
func (ReplyRequested) Kind() Kind { return "reply.requested" }
func (ReplyUndone) Kind() Kind    { return "reply.undone" }
func (ReplyAttempted) Kind() Kind { return "reply.attempted" }
func (ReplySent) Kind() Kind      { return "reply.sent" }
func (ReplyFailed) Kind() Kind    { return "reply.failed" }
func (ReplyDelayed) Kind() Kind   { return "reply.delayed" }
func (ReplyUnknown) Kind() Kind   { return "reply.unknown" }
func (ReplySought) Kind() Kind    { return "reply.sought" }
func (ReplySeen) Kind() Kind      { return "reply.seen" }

func (e *ReplyRequested) fields(c *codec) {
	c.int(&e.Reply)
	str(c, &e.To)
	c.text(&e.Key)
	c.bool(&e.Direct)
	c.text(&e.As)
	c.time(&e.NotBefore)
	c.text(&e.Then)
	c.text(&e.Disposition)
	c.text(&e.Approval)
	c.int(&e.Details)
	c.bool(&e.Automatic)
}
func (e *ReplyUndone) fields(c *codec)    { c.int(&e.Reply) }
func (e *ReplyAttempted) fields(c *codec) { c.int(&e.Reply); c.int(&e.Try); c.time(&e.Deadline) }
func (e *ReplySent) fields(c *codec)      { c.int(&e.Reply); c.time(&e.VisibleAt); c.bool(&e.Found) }
func (e *ReplyFailed) fields(c *codec)    { c.int(&e.Reply); c.text(&e.Why) }
func (e *ReplyDelayed) fields(c *codec)   { c.int(&e.Reply); c.time(&e.Until); c.text(&e.Why) }
func (e *ReplyUnknown) fields(c *codec)   { c.int(&e.Reply); c.text(&e.Why) }
func (e *ReplySought) fields(c *codec)    { c.int(&e.Reply); c.int(&e.Looks) }
func (e *ReplySeen) fields(c *codec)      { str(c, &e.Mention); str(c, &e.To); c.time(&e.VisibleAt) }

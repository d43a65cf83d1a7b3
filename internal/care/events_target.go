package care

import "time"

// A TargetKind is what an SLA policy promises.
type TargetKind string

// The targets.
const (
	FirstResponse TargetKind = "first_response"
	NextResponse  TargetKind = "next_response"
	Resolution    TargetKind = "resolution"
)

// An Ending is why a target ended without being met or breached.
type Ending string

// The endings.
const (
	Unanswered   Ending = "unanswered" // resolved without a reply
	EndDismissed Ending = "dismissed"
	EndMerged    Ending = "merged"
	Withdrawn    Ending = "withdrawn" // the customer deleted what we were to answer
)

// TargetSet starts or restarts a target. The instants are fixed here; replay
// never reads the configuration.
type TargetSet struct {
	Target   TargetKind    `json:"target"`
	Clock    string        `json:"clock"` // customer | desk
	StartAt  time.Time     `json:"start_at"`
	AtRiskAt time.Time     `json:"at_risk_at"`
	DueAt    time.Time     `json:"due_at"`
	Promised time.Duration `json:"promised_ns"` // working time
	Policy   string        `json:"policy"`      // name
	Version  string        `json:"version"`     // of the policy
	Calendar string        `json:"calendar"`    // version of the calendar
	// Mention is what the wait began with. Empty: a case taken up again by hand.
	Mention MentionID `json:"mention,omitempty"`
}

// TargetPaused stops a target while the customer has to act.
type TargetPaused struct {
	Target TargetKind    `json:"target"`
	Left   time.Duration `json:"left_ns"` // working time; negative: already over
}

// TargetMet says we kept it.
type TargetMet struct {
	Target TargetKind `json:"target"`
	At     time.Time  `json:"at"` // when the customer could see it
}

// TargetBreached says its deadline passed. At is the deadline itself, not when
// it was noticed.
type TargetBreached struct {
	Target TargetKind `json:"target"`
	At     time.Time  `json:"at"`
}

// TargetCorrected takes a breach back: a reply was visible in time after all.
type TargetCorrected struct {
	Target TargetKind `json:"target"`
	At     time.Time  `json:"at"`
}

// TargetEnded says the target has no more meaning.
type TargetEnded struct {
	Target TargetKind `json:"target"`
	How    Ending     `json:"how"`
}

// PromiseMade is what an agent told a customer would happen, by when.
type PromiseMade struct {
	Promise int       `json:"promise"` // n of text/<case>/<n>
	DueAt   time.Time `json:"due_at"`
	Owner   AgentID   `json:"owner,omitempty"`
	What    string    `json:"what,omitempty"`  // call | write | refund | repair | other
	Reply   int       `json:"reply,omitempty"` // that says it: never sent, it is never made; 0: told otherwise
}

// PromiseKept says it was done.
type PromiseKept struct {
	Promise int `json:"promise"`
}

// PromiseSlipped says its time passed without word. At is the due time itself.
type PromiseSlipped struct {
	Promise int       `json:"promise"`
	At      time.Time `json:"at"`
}

// PromiseAtRisk says that the time of a promise is near and it is not kept. At is
// the instant of the warning, not when it was noticed.
type PromiseAtRisk struct {
	Promise int       `json:"promise"`
	At      time.Time `json:"at"`
}

// PromisePassed gives a promise to another owner, where the work does not move
// with it: the case is over, or somebody else's.
type PromisePassed struct {
	Promise int     `json:"promise"`
	To      AgentID `json:"to"`
}

// PromiseRenegotiated gives a promise a new due time.
type PromiseRenegotiated struct {
	Promise int       `json:"promise"`
	DueAt   time.Time `json:"due_at"`
	Told    bool      `json:"told,omitempty"` // the customer was told before the old time
}

// Kinds of the events of targets and promises.
func (TargetSet) Kind() Kind           { return "target.set" }
func (TargetPaused) Kind() Kind        { return "target.paused" }
func (TargetMet) Kind() Kind           { return "target.met" }
func (TargetBreached) Kind() Kind      { return "target.breached" }
func (TargetCorrected) Kind() Kind     { return "target.corrected" }
func (TargetEnded) Kind() Kind         { return "target.ended" }
func (PromiseMade) Kind() Kind         { return "promise.made" }
func (PromiseKept) Kind() Kind         { return "promise.kept" }
func (PromiseSlipped) Kind() Kind      { return "promise.slipped" }
func (PromiseAtRisk) Kind() Kind       { return "promise.at_risk" }
func (PromisePassed) Kind() Kind       { return "promise.passed" }
func (PromiseRenegotiated) Kind() Kind { return "promise.renegotiated" }

func (e *TargetSet) fields(c *codec) {
	enum(c, &e.Target, targetKinds)
	c.text(&e.Clock)
	c.time(&e.StartAt)
	c.time(&e.AtRiskAt)
	c.time(&e.DueAt)
	c.duration(&e.Promised)
	c.text(&e.Policy)
	c.text(&e.Version)
	c.text(&e.Calendar)
	str(c, &e.Mention)
}
func (e *TargetPaused) fields(c *codec)    { enum(c, &e.Target, targetKinds); c.duration(&e.Left) }
func (e *TargetMet) fields(c *codec)       { enum(c, &e.Target, targetKinds); c.time(&e.At) }
func (e *TargetBreached) fields(c *codec)  { enum(c, &e.Target, targetKinds); c.time(&e.At) }
func (e *TargetCorrected) fields(c *codec) { enum(c, &e.Target, targetKinds); c.time(&e.At) }
func (e *TargetEnded) fields(c *codec) {
	enum(c, &e.Target, targetKinds)
	enum(c, &e.How, endings)
}
func (e *PromiseMade) fields(c *codec) {
	c.int(&e.Promise)
	c.time(&e.DueAt)
	str(c, &e.Owner)
	c.text(&e.What)
	c.int(&e.Reply)
}
func (e *PromiseKept) fields(c *codec)         { c.int(&e.Promise) }
func (e *PromiseSlipped) fields(c *codec)      { c.int(&e.Promise); c.time(&e.At) }
func (e *PromiseAtRisk) fields(c *codec)       { c.int(&e.Promise); c.time(&e.At) }
func (e *PromisePassed) fields(c *codec)       { c.int(&e.Promise); str(c, &e.To) }
func (e *PromiseRenegotiated) fields(c *codec) { c.int(&e.Promise); c.time(&e.DueAt); c.bool(&e.Told) }

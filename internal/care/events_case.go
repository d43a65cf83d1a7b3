package care

import "time"

// A MentionRef is what the log keeps of a mention: ids, instants and labels,
// nothing that tells who or what.
type MentionRef struct {
	Mention  MentionID `json:"mention"`
	Author   AuthorKey `json:"author"`
	Thread   ThreadKey `json:"thread"`
	PostedAt time.Time `json:"posted_at"`
	SeenAt   time.Time `json:"seen_at"`
	Flagged  bool      `json:"flagged,omitempty"` // judged a complaint
	Late     bool      `json:"late,omitempty"`    // older than late_after when first seen
	Source   string    `json:"source,omitempty"`
	Wants    string    `json:"wants,omitempty"`
	Labels   Labels    `json:"labels,omitzero"`
}

func (m *MentionRef) fields(c *codec) {
	str(c, &m.Mention)
	str(c, &m.Author)
	str(c, &m.Thread)
	c.time(&m.PostedAt)
	c.time(&m.SeenAt)
	c.bool(&m.Flagged)
	c.bool(&m.Late)
	c.text(&m.Source)
	c.text(&m.Wants)
	c.block(m.Labels.fields)
}

// Opened starts a case with its first mention.
type Opened struct {
	MentionRef
	Probability float64 `json:"probability,omitempty"` // of a complaint, 0–1
	Model       string  `json:"model,omitempty"`
	ByHand      bool    `json:"by_hand,omitempty"`  // a person opened it
	Previous    CaseID  `json:"previous,omitempty"` // the author's earlier case that is over
}

// MentionAdded puts another mention of the author into the case.
type MentionAdded struct {
	MentionRef
}

// MentionEdited says the author changed the text; the document has the new one.
type MentionEdited struct {
	Mention MentionID `json:"mention"`
	At      time.Time `json:"at"` // when it was edited, by the network
	Flagged bool      `json:"flagged,omitempty"`
	Labels  Labels    `json:"labels,omitzero"`
}

// MentionDeleted says the author took the post back; its text is gone.
type MentionDeleted struct {
	Mention MentionID `json:"mention"`
}

// Reviewed is a person's correction or confirmation of a verdict.
type Reviewed struct {
	Mention   MentionID `json:"mention"`
	Complaint bool      `json:"complaint"`
	Why       string    `json:"why,omitempty"` // a dismissal's reason, where it came from one
}

// Routed says where the case waits and what is promised there.
type Routed struct {
	Queue    string   `json:"queue"`
	Lane     Lane     `json:"lane"`
	Priority int      `json:"priority,omitempty"`
	Policy   string   `json:"policy,omitempty"`
	Tree     string   `json:"tree,omitempty"` // version of the routing tree; empty: by hand
	Path     []string `json:"path,omitempty"` // the nodes that matched
}

// Assigned gives the case to a person.
type Assigned struct {
	To  AgentID `json:"to"`
	Why string  `json:"why,omitempty"` // claim | next | assign | rule
}

// Released puts the case back into its queue.
type Released struct {
	Why string `json:"why,omitempty"`
}

// HandedOff passes the case on with a note: to a person, or back to a queue.
type HandedOff struct {
	To    AgentID `json:"to,omitempty"`
	Queue string  `json:"queue,omitempty"`
	Note  int     `json:"note"` // text/<case>/<n>
}

// Awaiting says that the customer has to act next.
type Awaiting struct {
	Reply int `json:"reply,omitempty"` // the reply that asked
}

// Noted adds an internal remark.
type Noted struct {
	Note int       `json:"note"`          // text/<case>/<n>
	For  []AgentID `json:"for,omitempty"` // colleagues whom it calls
}

// Tagged changes the tags.
type Tagged struct {
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
}

// Snoozed hides the case until a time or a new mention.
type Snoozed struct {
	Until time.Time `json:"until"`
}

// Woken ends a snooze.
type Woken struct {
	Why string `json:"why"` // time | mention | hand
}

// Escalated raises the case to the next level.
type Escalated struct {
	Level int     `json:"level,omitempty"` // 0: it stays what it is
	To    AgentID `json:"to,omitempty"`
	Queue string  `json:"queue,omitempty"`
	Why   string  `json:"why,omitempty"`  // a person's words, or the trigger of the step
	Step  string  `json:"step,omitempty"` // key of the policy's step; empty: by hand
}

// Unmatched says why a rule gave the case to nobody.
type Unmatched struct {
	Why string `json:"why"`
}

// Acknowledged says that somebody knows of an escalation.
type Acknowledged struct{}

// Planned notes when time will change something about the case that no target,
// promise or snooze tells: a step of its escalation policy, or a claim that
// lapses. Zero: nothing will.
type Planned struct {
	At time.Time `json:"at,omitzero"`
}

// AuthorBlocked says that the author of a mention can't address our account on
// the network any more, or can again.
type AuthorBlocked struct {
	Mention MentionID `json:"mention"`
	Blocked bool      `json:"blocked"`
}

// Linked ties two cases that belong together.
type Linked struct {
	To  CaseID `json:"to"`
	Why string `json:"why,omitempty"`
}

// Resolved finishes the case.
type Resolved struct {
	Disposition string `json:"disposition"`
	Reply       int    `json:"reply,omitempty"`   // the reply that carried it: send and resolve
	Details     int    `json:"details,omitempty"` // what was told with it: n of text/<case>/<n>
}

// Reopened takes a resolved case back to work.
type Reopened struct {
	Mention MentionID `json:"mention,omitempty"` // that did it; empty: a person
}

// Dismissed says the case is no complaint of ours.
type Dismissed struct {
	Reason string `json:"reason"`
}

// Merged says the case goes on in another one.
type Merged struct {
	Into CaseID `json:"into"`
}

// Absorbed is the other side of Merged: what the winner takes over.
type Absorbed struct {
	From     CaseID       `json:"from"`
	Mentions []MentionRef `json:"mentions"`
	Had      []TargetSet  `json:"had,omitempty"`      // open here before an earlier one was taken over
	Answered []MentionID  `json:"answered,omitempty"` // those that wait for nothing any more
	Deleted  []MentionID  `json:"deleted,omitempty"`  // those that the customer took back
	Took     []TargetKind `json:"took,omitempty"`     // whose deadlines are those of From from now on
}

// Unmerged gives the loser of a merge its life back.
type Unmerged struct {
	From  CaseID `json:"from"`            // the winner
	State State  `json:"state,omitempty"` // what it was before the merge
	// What happened to its mentions while they were over there.
	Replied []time.Time `json:"replied,omitempty"` // when answers to them were visible
	Deleted []MentionID `json:"deleted,omitempty"` // those that the customer took back
}

// Parted is the other side of Unmerged and SplitOff: what leaves the case.
type Parted struct {
	To       CaseID      `json:"to"`
	Mentions []MentionID `json:"mentions"`
}

// SplitOff opens a case with mentions of another one.
type SplitOff struct {
	From     CaseID       `json:"from"`
	Mentions []MentionRef `json:"mentions"`
	Answered []MentionID  `json:"answered,omitempty"` // those that wait for nothing any more
	Deleted  []MentionID  `json:"deleted,omitempty"`  // those that the customer took back
}

// Kinds of the events of a case's life.
func (Opened) Kind() Kind         { return "case.opened" }
func (MentionAdded) Kind() Kind   { return "mention.added" }
func (MentionEdited) Kind() Kind  { return "mention.edited" }
func (MentionDeleted) Kind() Kind { return "mention.deleted" }
func (Reviewed) Kind() Kind       { return "verdict.reviewed" }
func (Routed) Kind() Kind         { return "case.routed" }
func (Assigned) Kind() Kind       { return "case.assigned" }
func (Released) Kind() Kind       { return "case.released" }
func (HandedOff) Kind() Kind      { return "case.handed_off" }
func (Awaiting) Kind() Kind       { return "case.awaiting" }
func (Noted) Kind() Kind          { return "case.noted" }
func (Tagged) Kind() Kind         { return "case.tagged" }
func (Snoozed) Kind() Kind        { return "case.snoozed" }
func (Woken) Kind() Kind          { return "case.woken" }
func (Escalated) Kind() Kind      { return "case.escalated" }
func (Unmatched) Kind() Kind      { return "case.unmatched" }
func (Acknowledged) Kind() Kind   { return "case.acknowledged" }
func (Planned) Kind() Kind        { return "case.planned" }
func (AuthorBlocked) Kind() Kind  { return "case.author_blocked" }
func (Linked) Kind() Kind         { return "case.linked" }
func (Resolved) Kind() Kind       { return "case.resolved" }
func (Reopened) Kind() Kind       { return "case.reopened" }
func (Dismissed) Kind() Kind      { return "case.dismissed" }
func (Merged) Kind() Kind         { return "case.merged" }
func (Absorbed) Kind() Kind       { return "case.absorbed" }
func (Unmerged) Kind() Kind       { return "case.unmerged" }
func (Parted) Kind() Kind         { return "case.parted" }
func (SplitOff) Kind() Kind       { return "case.split_off" }

func (e *Opened) fields(c *codec) {
	c.block(e.MentionRef.fields)
	c.float(&e.Probability)
	c.text(&e.Model)
	c.bool(&e.ByHand)
	str(c, &e.Previous)
}
func (e *MentionAdded) fields(c *codec) { c.block(e.MentionRef.fields) }
func (e *MentionEdited) fields(c *codec) {
	str(c, &e.Mention)
	c.time(&e.At)
	c.bool(&e.Flagged)
	c.block(e.Labels.fields)
}
func (e *MentionDeleted) fields(c *codec) { str(c, &e.Mention) }
func (e *Reviewed) fields(c *codec) {
	str(c, &e.Mention)
	c.bool(&e.Complaint)
	c.text(&e.Why)
}
func (e *Routed) fields(c *codec) {
	c.text(&e.Queue)
	enum(c, &e.Lane, lanes)
	c.int(&e.Priority)
	c.text(&e.Policy)
	c.text(&e.Tree)
	texts(c, &e.Path)
}
func (e *Assigned) fields(c *codec)  { str(c, &e.To); c.text(&e.Why) }
func (e *Released) fields(c *codec)  { c.text(&e.Why) }
func (e *HandedOff) fields(c *codec) { str(c, &e.To); c.text(&e.Queue); c.int(&e.Note) }
func (e *Awaiting) fields(c *codec)  { c.int(&e.Reply) }
func (e *Noted) fields(c *codec)     { c.int(&e.Note); list(c, &e.For, str[AgentID]) }
func (e *Tagged) fields(c *codec)    { texts(c, &e.Add); texts(c, &e.Remove) }
func (e *Snoozed) fields(c *codec)   { c.time(&e.Until) }
func (e *Woken) fields(c *codec)     { c.text(&e.Why) }
func (e *Escalated) fields(c *codec) {
	c.int(&e.Level)
	str(c, &e.To)
	c.text(&e.Queue)
	c.text(&e.Why)
	c.text(&e.Step)
}
func (e *Unmatched) fields(c *codec)     { c.text(&e.Why) }
func (*Acknowledged) fields(*codec)      {}
func (e *Planned) fields(c *codec)       { c.time(&e.At) }
func (e *AuthorBlocked) fields(c *codec) { str(c, &e.Mention); c.bool(&e.Blocked) }
func (e *Linked) fields(c *codec)        { str(c, &e.To); c.text(&e.Why) }
func (e *Resolved) fields(c *codec)      { c.text(&e.Disposition); c.int(&e.Reply); c.int(&e.Details) }
func (e *Reopened) fields(c *codec)      { str(c, &e.Mention) }
func (e *Dismissed) fields(c *codec)     { c.text(&e.Reason) }
func (e *Merged) fields(c *codec)        { str(c, &e.Into) }
func (e *Absorbed) fields(c *codec) {
	str(c, &e.From)
	blocks(c, &e.Mentions)
	blocks(c, &e.Had)
	list(c, &e.Answered, str[MentionID])
	list(c, &e.Deleted, str[MentionID])
	list(c, &e.Took, func(c *codec, k *TargetKind) { enum(c, k, targetKinds) })
}
func (e *Unmerged) fields(c *codec) {
	str(c, &e.From)
	str(c, &e.State)
	list(c, &e.Replied, func(c *codec, t *time.Time) { c.time(t) })
	list(c, &e.Deleted, str[MentionID])
}
func (e *Parted) fields(c *codec) { str(c, &e.To); list(c, &e.Mentions, str[MentionID]) }
func (e *SplitOff) fields(c *codec) {
	str(c, &e.From)
	blocks(c, &e.Mentions)
	list(c, &e.Answered, str[MentionID])
	list(c, &e.Deleted, str[MentionID])
}

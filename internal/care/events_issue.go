package care

import "time"

// IssueOpened begins a known issue: the shared cause of many cases. Its words
// are in issue/<id>/<n>.
type IssueOpened struct {
	Brand    string `json:"brand,omitempty"`
	Topic    string `json:"topic,omitempty"`
	Language string `json:"language,omitempty"`
	Group    string `json:"group,omitempty"` // that it was proposed as; empty: by hand
}

// IssueSaid is what we say of the issue, in texts of ours. A number of 0 leaves
// what was said before.
type IssueSaid struct {
	Title  int       `json:"title,omitempty"`
	Know   int       `json:"know,omitempty"`
	Doing  int       `json:"doing,omitempty"`
	NextAt time.Time `json:"next_at,omitzero"` // when we say more: a promise
}

// IssueLinked ties a case to the issue.
type IssueLinked struct {
	Case    CaseID    `json:"case"`
	Author  AuthorKey `json:"author"`
	Why     string    `json:"why"`               // hand | group | alike | merge | split
	Score   float64   `json:"score,omitempty"`   // of the likeness, 0–1
	Mention MentionID `json:"mention,omitempty"` // that was alike
}

// IssueUnlinked takes a case out. It does not link itself again.
type IssueUnlinked struct {
	Case CaseID `json:"case"`
}

// IssueDrafted is a personal text for the customer of a case, to be looked at.
type IssueDrafted struct {
	Step        int    `json:"step"`
	Final       bool   `json:"final,omitempty"` // it says that the matter is over
	Case        CaseID `json:"case"`
	N           int    `json:"n,omitempty"` // issue/<id>/<n>; 0: nothing is to be written
	Then        string `json:"then,omitempty"`
	Disposition string `json:"disposition,omitempty"`
}

// IssueApproved lets drafts be sent, some a minute.
type IssueApproved struct {
	Step      int      `json:"step"`
	Cases     []CaseID `json:"cases"`
	PerMinute int      `json:"per_minute"`
}

// IssueWrote says that the answer was asked for. It stands in the commit that
// asks for it.
type IssueWrote struct {
	Step  int    `json:"step"`
	Case  CaseID `json:"case"`
	Reply int    `json:"reply"`
}

// IssueSkipped says that a customer is not written to, and why.
type IssueSkipped struct {
	Step int    `json:"step"`
	Case CaseID `json:"case"`
	Why  string `json:"why"`
}

// IssueTurned changes whether the issue is open.
type IssueTurned struct {
	State IssueState `json:"state"`
	Why   string     `json:"why,omitempty"` // fixed | no_issue | again
}

// IssuePromiseAtRisk warns that we said when we would say more, and that this is near.
type IssuePromiseAtRisk struct {
	At time.Time `json:"at"` // when it began to be near
}

// IssuePromiseSlipped says that we did not say more when we had said we would.
type IssuePromiseSlipped struct {
	At time.Time `json:"at"` // when it was due
}

// IssueEscalated is a step of an escalation policy that was done for an issue.
type IssueEscalated struct {
	Why  string `json:"why"`
	Step string `json:"step"` // one for each promise, step and repeat
}

// IssuePassed gives what we promised about an issue to another person of the team.
type IssuePassed struct {
	To AgentID `json:"to"`
}

// CaseRaised takes a case into another lane for what goes on around it.
type CaseRaised struct {
	Lane    Lane   `json:"lane"`
	Why     string `json:"why"` // reach | shares | replies
	Reach   int    `json:"reach,omitempty"`
	Shares  int    `json:"shares,omitempty"`
	PerHour int    `json:"per_hour,omitempty"` // replies in the thread
}

// Kinds of the events of a known issue.
func (IssueOpened) Kind() Kind   { return "issue.opened" }
func (IssueSaid) Kind() Kind     { return "issue.said" }
func (IssueLinked) Kind() Kind   { return "issue.linked" }
func (IssueUnlinked) Kind() Kind { return "issue.unlinked" }
func (IssueDrafted) Kind() Kind  { return "issue.drafted" }
func (IssueApproved) Kind() Kind { return "issue.approved" }
func (IssueWrote) Kind() Kind    { return "issue.wrote" }
func (IssueSkipped) Kind() Kind  { return "issue.skipped" }
func (IssueTurned) Kind() Kind   { return "issue.turned" }
func (CaseRaised) Kind() Kind    { return "case.raised" }

func (IssuePromiseAtRisk) Kind() Kind  { return "issue.promise_at_risk" }
func (IssuePromiseSlipped) Kind() Kind { return "issue.promise_slipped" }
func (IssueEscalated) Kind() Kind      { return "issue.escalated" }
func (IssuePassed) Kind() Kind         { return "issue.passed" }

func (e *IssueOpened) fields(c *codec) {
	c.text(&e.Brand)
	c.text(&e.Topic)
	c.text(&e.Language)
	c.text(&e.Group)
}
func (e *IssueSaid) fields(c *codec) {
	c.int(&e.Title)
	c.int(&e.Know)
	c.int(&e.Doing)
	c.time(&e.NextAt)
}
func (e *IssueLinked) fields(c *codec) {
	str(c, &e.Case)
	str(c, &e.Author)
	c.text(&e.Why)
	c.float(&e.Score)
	str(c, &e.Mention)
}
func (e *IssueUnlinked) fields(c *codec) { str(c, &e.Case) }
func (e *IssueDrafted) fields(c *codec) {
	c.int(&e.Step)
	c.bool(&e.Final)
	str(c, &e.Case)
	c.int(&e.N)
	c.text(&e.Then)
	c.text(&e.Disposition)
}
func (e *IssueApproved) fields(c *codec) {
	c.int(&e.Step)
	list(c, &e.Cases, str[CaseID])
	c.int(&e.PerMinute)
}
func (e *IssueWrote) fields(c *codec)          { c.int(&e.Step); str(c, &e.Case); c.int(&e.Reply) }
func (e *IssueSkipped) fields(c *codec)        { c.int(&e.Step); str(c, &e.Case); c.text(&e.Why) }
func (e *IssueTurned) fields(c *codec)         { str(c, &e.State); c.text(&e.Why) }
func (e *IssuePromiseAtRisk) fields(c *codec)  { c.time(&e.At) }
func (e *IssuePromiseSlipped) fields(c *codec) { c.time(&e.At) }
func (e *IssueEscalated) fields(c *codec)      { c.text(&e.Why); c.text(&e.Step) }
func (e *IssuePassed) fields(c *codec)         { str(c, &e.To) }
func (e *CaseRaised) fields(c *codec) {
	enum(c, &e.Lane, lanes)
	c.text(&e.Why)
	c.int(&e.Reach)
	c.int(&e.Shares)
	c.int(&e.PerHour)
}

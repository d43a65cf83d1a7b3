package care

import (
	"encoding/json"
	"slices"
	"time"
)

// State is where a case stands. Snoozed is a flag beside it.
type State string

// The states.
const (
	StateWaiting   State = "waiting"   // in its queue
	StateClaimed   State = "claimed"   // a person has it
	StateAwaiting  State = "awaiting"  // the customer has to act
	StateResolved  State = "resolved"  // finished
	StateDismissed State = "dismissed" // no complaint of ours
	StateMerged    State = "merged"    // goes on in another case
)

// Over says that no work is left in this state.
func (s State) Over() bool {
	return s == StateResolved || s == StateDismissed || s == StateMerged
}

// A Case is one customer's matter, as its records tell it. It holds nothing
// personal. The slices belong to the case: callers read them only.
type Case struct {
	ID     CaseID `json:"id,omitempty"`
	Number uint64 `json:"number,omitempty"` // the sequence of the opening record: what people call it
	Seq    uint64 `json:"seq,omitempty"`    // of the last record applied; 0: there is no such case

	State     State     `json:"state,omitempty"`
	Queue     string    `json:"queue,omitempty"`
	Lane      Lane      `json:"lane,omitempty"`
	Priority  int       `json:"priority,omitempty"`
	Policy    string    `json:"policy,omitempty"`
	Path      []string  `json:"path,omitempty"` // the routing nodes that matched
	Assignee  AgentID   `json:"assignee,omitempty"`
	Given     string    `json:"given,omitempty"`     // why the assignee has it: claim, next, assign, escalation
	Unmatched string    `json:"unmatched,omitempty"` // why a rule gave it to nobody
	Labels    Labels    `json:"labels,omitzero"`     // of the first mention, as last judged
	Author    AuthorKey `json:"author,omitempty"`
	Source    string    `json:"source,omitempty"`

	OpenedAt   time.Time `json:"opened_at,omitzero"`   // the desk's clock
	LastAt     time.Time `json:"last_at,omitzero"`     // of the last record
	QueuedAt   time.Time `json:"queued_at,omitzero"`   // since when it waits in its queue; zero while it does not
	ResolvedAt time.Time `json:"resolved_at,omitzero"` // last, or dismissed; zero when reopened
	ClosedAt   time.Time `json:"closed_at,omitzero"`   // the same, and kept when reopened
	ByHand     bool      `json:"by_hand,omitempty"`
	Blocked    bool      `json:"blocked,omitempty"` // its author can't address our account
	Late       bool      `json:"late,omitempty"`    // opened by a mention that was late
	Previous   CaseID    `json:"previous,omitempty"`

	SnoozedUntil time.Time    `json:"snoozed_until,omitzero"`
	WaitsOn      string       `json:"waits_on,omitempty"` // who outside the team has to act; empty: nobody
	WaitsUntil   time.Time    `json:"waits_until,omitzero"`
	Level        int          `json:"level,omitempty"`     // of escalation
	Steps        []string     `json:"steps,omitempty"`     // of the escalation policy that were done
	SteppedAt    time.Time    `json:"stepped_at,omitzero"` // when the latest was
	AckedAt      time.Time    `json:"acked_at,omitzero"`   // when somebody last said that they know
	LookAt       time.Time    `json:"look_at,omitzero"`    // when time changes something that no target tells
	TouchedAt    time.Time    `json:"touched_at,omitzero"` // when whoever has it last did something, or was given it
	HandledAt    time.Time    `json:"handled_at,omitzero"` // when a person last did something about it while somebody had it
	Raised       []string     `json:"raised,omitempty"`    // what took it into the critical lane: reach, shares, replies
	Tags         []string     `json:"tags,omitempty"`
	Disposition  string       `json:"disposition,omitempty"`
	Reason       string       `json:"reason,omitempty"` // of the dismissal
	MergedInto   CaseID       `json:"merged_into,omitempty"`
	BeforeMerge  State        `json:"before_merge,omitempty"`
	Interrupted  []TargetKind `json:"interrupted,omitempty"` // the targets that the merge ended
	Absorbed     []TakenOver  `json:"absorbed,omitempty"`
	Links        []CaseID     `json:"links,omitempty"`

	Mentions  []CaseMention `json:"mentions,omitempty"`
	Replies   []Reply       `json:"replies,omitempty"`
	Elsewhere []time.Time   `json:"elsewhere,omitempty"` // when answers were visible that were given in a case it was merged into
	Promises  []Promise     `json:"promises,omitempty"`
	Targets   []Target      `json:"targets,omitempty"`
	Notices   []Notice      `json:"notices,omitempty"`
	Notes     []int         `json:"notes,omitempty"`
	Goodwill  []Goodwill    `json:"goodwill,omitempty"`
	Frictions []Friction    `json:"frictions,omitempty"`
	Followers []AgentID     `json:"followers,omitempty"`
	Called    []AgentID     `json:"called,omitempty"`  // by a note that they have not read
	OnHold    bool          `json:"on_hold,omitempty"` // kept whatever its term is
	Surveys   []Survey      `json:"surveys,omitempty"` // that the customer was sent
	Survey    SurveyPlanned `json:"survey,omitzero"`   // that is still to be sent; zero: none
	Details   int           `json:"details,omitempty"` // what was told with the disposition: n of text/<case>/<n>
	Texts     int           `json:"texts,omitempty"`   // the highest n of text/<case>/<n> in use

	FirstReplyAt time.Time `json:"first_reply_at,omitzero"` // first human reply the customer could see

	last *marked // the decision about many cases that was the last thing to happen; nil: something else was
}

// A CaseMention is a customer's mention within a case.
type CaseMention struct {
	MentionRef
	From     CaseID    `json:"from,omitempty"`    // the merged case it came with; else empty
	Settled  bool      `json:"settled,omitempty"` // it was answered, or the case was over, after it was posted
	Deleted  bool      `json:"deleted,omitempty"`
	Edited   bool      `json:"edited,omitempty"`
	EditedAt time.Time `json:"edited_at,omitzero"` // last, by the network
}

// A TakenOver is a case that goes on in this one, the targets that it brought,
// and those that ran here before it came.
type TakenOver struct {
	Case    CaseID       `json:"case,omitempty"`
	Had     []TargetSet  `json:"had,omitempty"`
	Took    []TargetKind `json:"took,omitempty"`
	Replies int          `json:"replies,omitempty"` // how many there were here before it came
}

// ReplyState is how far a reply has come.
type ReplyState string

// The states of a reply.
const (
	ReplyIsRequested ReplyState = "requested"
	ReplyIsAttempted ReplyState = "attempted"
	ReplyIsSent      ReplyState = "sent"
	ReplyIsFailed    ReplyState = "failed"
	ReplyIsUnknown   ReplyState = "unknown"
	ReplyIsUndone    ReplyState = "undone"
	ReplyIsSeen      ReplyState = "seen"    // written on the network itself
	ReplyIsRefused   ReplyState = "refused" // by whoever had to approve it
)

// A Reply is one answer of ours, or one that was seen on the network.
type Reply struct {
	N           int         `json:"n,omitempty"` // text/<case>/<n>; 0 for a reply that was seen
	State       ReplyState  `json:"state,omitempty"`
	By          Actor       `json:"by,omitempty"`
	To          MentionID   `json:"to,omitempty"`
	Key         string      `json:"key,omitempty"`
	Direct      bool        `json:"direct,omitempty"`
	As          string      `json:"as,omitempty"`
	Then        string      `json:"then,omitempty"`        // once sent: await | resolve | keep
	Disposition string      `json:"disposition,omitempty"` // with which to resolve
	Mention     MentionID   `json:"mention,omitempty"`     // of a seen reply: our own post
	RequestedAt time.Time   `json:"requested_at,omitzero"`
	NotBefore   time.Time   `json:"not_before,omitzero"`
	AttemptedAt time.Time   `json:"attempted_at,omitzero"` // first
	Deadline    time.Time   `json:"deadline,omitzero"`     // of the last attempt
	Tries       int         `json:"tries,omitempty"`
	Looks       int         `json:"looks,omitempty"`
	VisibleAt   time.Time   `json:"visible_at,omitzero"`
	Why         string      `json:"why,omitempty"`
	Approval    string      `json:"approval,omitempty"`  // the rule by which somebody has to approve it; empty: it may leave
	Automatic   bool        `json:"automatic,omitempty"` // no person wrote it: it answers nothing
	Details     int         `json:"details,omitempty"`   // told with the disposition: n of text/<case>/<n>
	Mended      int         `json:"mended,omitempty"`    // its wording now, where we changed it: n of text/<case>/<n>
	Withdrawn   bool        `json:"withdrawn,omitempty"` // we took it off the network
	Change      ReplyChange `json:"change,omitzero"`     // the latest of those
}

// Settled says that nothing more will happen to the reply by itself.
func (r *Reply) Settled() bool {
	switch r.State {
	case ReplyIsSent, ReplyIsFailed, ReplyIsUndone, ReplyIsSeen, ReplyIsRefused:
		return true
	}
	return false
}

// PromiseState is how far a promise has come.
type PromiseState string

// The states of a promise.
const (
	PromiseOpen      PromiseState = "open"
	PromiseIsKept    PromiseState = "kept"
	PromiseHasSlid   PromiseState = "slipped" // still to be done
	PromiseWasToldOf PromiseState = "told"    // kept late, but the customer was told before
)

// A Promise is what an agent told the customer would happen.
type Promise struct {
	N       int          `json:"n,omitempty"`
	State   PromiseState `json:"state,omitempty"`
	Owner   AgentID      `json:"owner,omitempty"`
	What    string       `json:"what,omitempty"`
	MadeAt  time.Time    `json:"made_at,omitzero"`
	DueAt   time.Time    `json:"due_at,omitzero"`
	DoneAt  time.Time    `json:"done_at,omitzero"`
	Told    bool         `json:"told,omitempty"`    // before it slipped
	Slipped bool         `json:"slipped,omitempty"` // ever
	TimedAt time.Time    `json:"timed_at,omitzero"` // when DueAt was last agreed on
	Warned  bool         `json:"warned,omitempty"`  // that DueAt is near
	Reply   int          `json:"reply,omitempty"`   // that says it; 0: the customer knows otherwise
}

// Outstanding says that it is still to be done, in time or not.
func (p *Promise) Outstanding() bool { return p.State == PromiseOpen || p.State == PromiseHasSlid }

// AtRiskAt is when the team is warned that a promise is due: with a quarter of
// its time left, a day before at the earliest.
func (p *Promise) AtRiskAt() time.Time { return warnAt(p.TimedAt, p.DueAt) }

func warnAt(from, due time.Time) time.Time {
	left := min(max(0, due.Sub(from)/4), 24*time.Hour)
	return due.Add(-left).Truncate(time.Millisecond)
}

// TargetState is where a target stands.
type TargetState string

// The states of a target.
const (
	TargetRunning  TargetState = "running"
	TargetIsPaused TargetState = "paused"
	TargetIsMet    TargetState = "met"
	TargetIsBroken TargetState = "breached"
	TargetIsEnded  TargetState = "ended"
)

// A Target is one promise of the SLA policy, as it stands now.
type Target struct {
	TargetSet
	State      TargetState   `json:"state,omitempty"`
	Left       time.Duration `json:"left,omitzero"` // while paused: working time
	DoneAt     time.Time     `json:"done_at,omitzero"`
	BreachedAt time.Time     `json:"breached_at,omitzero"`
	How        Ending        `json:"how,omitempty"` // why it ended; of a breached one: why it is not to be answered any more
}

// Open says that the target is still to be kept.
func (t *Target) Open() bool { return t.State == TargetRunning || t.State == TargetIsPaused }

// A Notice is a message to the team that was asked for.
type Notice struct {
	Key     string     `json:"key,omitempty"`
	Channel string     `json:"channel,omitempty"`
	To      AgentID    `json:"to,omitempty"`
	State   ReplyState `json:"state,omitempty"`
	Tries   int        `json:"tries,omitempty"`
	Why     string     `json:"why,omitempty"` // the trigger of the step that asked for it
	// AskedAt is when it was asked for, TriedAt when it was last tried, NotBefore
	// when it may be tried again.
	AskedAt   time.Time `json:"asked_at,omitzero"`
	TriedAt   time.Time `json:"tried_at,omitzero"`
	NotBefore time.Time `json:"not_before,omitzero"`
	Incident  string    `json:"incident,omitempty"` // what its receiver keeps open; empty: nothing
	Told      Standing  `json:"told,omitempty"`     // what that receiver was told of it since
}

// Open says that something is still to be done about it.
func (n *Notice) Open() bool { return n.State == ReplyIsRequested || n.State == ReplyIsAttempted }

// Fold builds a case from its records, oldest first.
func Fold(id CaseID, records []SeqRecord) *Case {
	c := &Case{ID: id}
	for _, r := range records {
		c.Apply(r.Seq, r.Record)
	}
	return c
}

// A SeqRecord is a record with its place in the log.
type SeqRecord struct {
	Seq uint64 `json:"seq,omitempty"`
	Record
}

// MarshalJSON gives the printed form with its place: {"seq":…,"record":{…}}.
func (r SeqRecord) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Seq    uint64 `json:"seq"`
		Record Record `json:"record"`
	}{r.Seq, r.Record})
}

// UnmarshalJSON reads what MarshalJSON gave.
func (r *SeqRecord) UnmarshalJSON(b []byte) error {
	var p struct {
		Seq    uint64 `json:"seq"`
		Record Record `json:"record"`
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	r.Seq, r.Record = p.Seq, p.Record
	return nil
}

// Exists says whether the case was ever opened.
func (c *Case) Exists() bool { return c.Number != 0 }

// Clone is a copy that records can be applied to without touching c. What the
// two still share is never written.
func (c *Case) Clone() *Case {
	d := *c
	d.Path = slices.Clone(c.Path)
	d.Tags = slices.Clone(c.Tags)
	d.Interrupted = slices.Clone(c.Interrupted)
	d.Absorbed = slices.Clone(c.Absorbed)
	d.Links = slices.Clone(c.Links)
	d.Mentions = slices.Clone(c.Mentions)
	d.Replies = slices.Clone(c.Replies)
	d.Elsewhere = slices.Clone(c.Elsewhere)
	d.Promises = slices.Clone(c.Promises)
	d.Targets = slices.Clone(c.Targets)
	d.Notices = slices.Clone(c.Notices)
	d.Steps = slices.Clone(c.Steps)
	d.Notes = slices.Clone(c.Notes)
	d.Goodwill = slices.Clone(c.Goodwill)
	d.Frictions = slices.Clone(c.Frictions)
	d.Surveys = slices.Clone(c.Surveys)
	d.Followers = slices.Clone(c.Followers)
	d.Called = slices.Clone(c.Called)
	return &d
}

// Target returns the target of a kind, or nil when it was never set.
func (c *Case) Target(k TargetKind) *Target {
	for i := range c.Targets {
		if c.Targets[i].Target == k {
			return &c.Targets[i]
		}
	}
	return nil
}

// Reply returns the reply with text n, or nil.
func (c *Case) Reply(n int) *Reply {
	for i := range c.Replies {
		if n != 0 && c.Replies[i].N == n {
			return &c.Replies[i]
		}
	}
	return nil
}

// Promise returns the promise with text n, or nil.
func (c *Case) Promise(n int) *Promise {
	for i := range c.Promises {
		if c.Promises[i].N == n {
			return &c.Promises[i]
		}
	}
	return nil
}

// Mention returns the mention of the case with this id, or nil.
func (c *Case) Mention(id MentionID) *CaseMention {
	for i := range c.Mentions {
		if c.Mentions[i].Mention == id {
			return &c.Mentions[i]
		}
	}
	return nil
}

// Unanswered returns the oldest mention that the customer waits on an answer
// to, or nil. Late mentions start no clock, so they are not among them.
func (c *Case) Unanswered() *CaseMention {
	return c.oldest(func(m *CaseMention) bool { return !m.Settled })
}

// oldest is the oldest of the mentions that can start a clock and that ok
// accepts, or nil.
func (c *Case) oldest(ok func(*CaseMention) bool) *CaseMention {
	var oldest *CaseMention
	for i := range c.Mentions {
		m := &c.Mentions[i]
		if !m.Deleted && !m.Late && (oldest == nil || m.PostedAt.Before(oldest.PostedAt)) && ok(m) {
			oldest = m
		}
	}
	return oldest
}

// Due is the earliest deadline that still has to be kept and its target. ok is
// false when nothing runs.
func (c *Case) Due() (t Target, ok bool) {
	for _, x := range c.Targets {
		if x.State == TargetRunning && (!ok || x.DueAt.Before(t.DueAt)) {
			t, ok = x, true
		}
	}
	return t, ok
}

// Overdue is the target that was breached first and is still not answered. ok
// is false when there is none.
func (c *Case) Overdue() (t Target, ok bool) {
	if c.State.Over() {
		return t, false
	}
	for _, x := range c.Targets {
		if x.State == TargetIsBroken && x.owed() && (!ok || x.DueAt.Before(t.DueAt)) {
			t, ok = x, true
		}
	}
	return t, ok
}

// owed says that what a target is about is still to be done, in time or not.
// The end of the case ends a wait too, and so does a customer who takes all
// back that waited.
func (t *Target) owed() bool {
	return t != nil && (t.Open() || t.State == TargetIsBroken && t.DoneAt.IsZero() && t.How == "")
}

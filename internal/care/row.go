package care

import (
	"math"
	"slices"
	"time"
)

// A Row is what lists show of a case and are ordered by: a summary that can be
// made again from the case at any time. Like the case it holds nothing personal.
type Row struct {
	ID       CaseID
	Number   uint64
	Seq      uint64 // of the record it was made after
	State    State
	Queue    string
	Lane     Lane
	Priority int
	Assignee AgentID
	Source   string
	Author   AuthorKey
	Thread   ThreadKey // of the first mention
	First    MentionID // the mention that opened it
	Latest   MentionID // the customer's newest
	Labels   Labels
	Late     bool
	ByHand   bool
	Level    int
	Tags     []string

	OpenedAt     time.Time
	LastAt       time.Time
	ResolvedAt   time.Time
	FirstReplyAt time.Time
	SnoozedUntil time.Time
	WaitsSince   time.Time // posting of the oldest mention without an answer; zero: nobody waits
	End          string    // disposition or reason, once it is over

	Due      TargetKind // the target whose deadline counts now; empty: none
	StartAt  time.Time
	AtRiskAt time.Time
	DueAt    time.Time
	Breached bool // DueAt has passed and the answer is still owed

	Mentions int
	Replies  int        // that the customer could see
	Reply    ReplyState // of the newest reply by a person; empty: none
	Promises int        // open or slipped
	Promise  time.Time  // when the first of them is due

	WaitsOn    string    // who outside the team has to act; empty: nobody
	WaitsUntil time.Time // when we look again

	ToApprove bool      // a reply or goodwill waits for somebody who may say yes
	Friction  int       // not mended yet
	For       []AgentID // who follows it, or was called by a note
	OnHold    bool      // kept whatever its term is
	Automatic bool      // it was acknowledged by no person

	AskAt time.Time // when the customer is to be asked how it went; zero: not

	Alarm  time.Time // see Case.NextAlarm; zero: none
	SendAt time.Time // when the outbox has to look at a reply next; zero: no reply under way
	Notice time.Time // when the outbox has to look at a notice next; zero: none is open
	Paged  bool      // somebody's pager keeps it open
}

// Row summarises the case.
func (c *Case) Row() Row {
	r := Row{
		ID: c.ID, Number: c.Number, Seq: c.Seq, State: c.State, Queue: c.Queue, Lane: c.Lane, Priority: c.Priority,
		Assignee: c.Assignee, Source: c.Source, Author: c.Author, Labels: c.Labels, Late: c.Late, ByHand: c.ByHand,
		Level: c.Level, Tags: slices.Clone(c.Tags), OpenedAt: c.OpenedAt, LastAt: c.LastAt, ResolvedAt: c.ResolvedAt,
		FirstReplyAt: c.FirstReplyAt, SnoozedUntil: c.SnoozedUntil, WaitsOn: c.WaitsOn, WaitsUntil: c.WaitsUntil, End: c.Disposition, Mentions: len(c.Mentions),
	}
	if r.Lane == "" {
		r.Lane = Ordinary
	}
	if c.Reason != "" {
		r.End = c.Reason
	}
	if u := c.Unanswered(); u != nil {
		r.WaitsSince = u.PostedAt
	}
	r.mentions(c)
	r.deadline(c)
	r.replies(c)
	for _, p := range c.Promises {
		if p.Outstanding() {
			if r.Promises++; r.Promise.IsZero() || p.DueAt.Before(r.Promise) {
				r.Promise = p.DueAt
			}
		}
	}
	r.together(c)
	r.Alarm, _ = c.NextAlarm()
	r.AskAt = c.Survey.At
	for i := range c.Notices {
		n := &c.Notices[i]
		at := n.AskedAt
		if n.NotBefore.After(at) {
			at = n.NotBefore
		}
		r.Paged = r.Paged || n.Paged()
		if n.Open() && (r.Notice.IsZero() || at.Before(r.Notice)) {
			r.Notice = at
		}
	}
	return r
}

func (r *Row) together(c *Case) {
	r.OnHold, r.For = c.OnHold, slices.Clone(c.Followers)
	for _, a := range c.Called {
		if !slices.Contains(r.For, a) {
			r.For = append(r.For, a)
		}
	}
	for _, f := range c.Frictions {
		if f.MendedAt.IsZero() {
			r.Friction++
		}
	}
	r.ToApprove = slices.ContainsFunc(c.Goodwill, func(g Goodwill) bool { return g.State == GoodwillIsAsked })
	for i := range c.Replies {
		r.ToApprove = r.ToApprove || c.Replies[i].Waits()
		r.Automatic = r.Automatic || c.Replies[i].Automatic
	}
}

func (r *Row) mentions(c *Case) {
	var newest time.Time
	for i, m := range c.Mentions {
		if i == 0 {
			r.First, r.Thread = m.Mention, m.Thread
		}
		if !m.Deleted && !m.PostedAt.Before(newest) {
			newest, r.Latest = m.PostedAt, m.Mention
		}
	}
}

func (r *Row) deadline(c *Case) {
	t, ok := c.Overdue()
	if r.Breached = ok; !ok {
		if t, ok = c.Due(); !ok {
			return
		}
	}
	r.Due, r.StartAt, r.AtRiskAt, r.DueAt = t.Target, t.StartAt, t.AtRiskAt, t.DueAt
}

func (r *Row) replies(c *Case) {
	for i := range c.Replies {
		p := &c.Replies[i]
		if !p.Automatic {
			r.Reply = p.State
			if !p.VisibleAt.IsZero() {
				r.Replies++
			}
		}
		for _, nextAt := range []func() (time.Time, bool){p.NextAt, p.Change.NextAt} {
			if next, ok := nextAt(); ok && (r.SendAt.IsZero() || next.Before(r.SendAt)) {
				r.SendAt = next
			}
		}
	}
}

// NeedsUs says that the case waits for something that we have to do now.
func (r *Row) NeedsUs() bool {
	return (r.State == StateWaiting || r.State == StateClaimed) && r.SnoozedUntil.IsZero() && r.WaitsOn == ""
}

// Order sorts a queue: the critical lane first, then the earliest deadline,
// then priority, then the oldest case. It is compared bytewise with the case id
// behind it.
func (r *Row) Order() [17]byte {
	var k [17]byte
	if r.Lane != Critical {
		k[0] = 1
	}
	due := uint64(math.MaxUint64)
	if !r.DueAt.IsZero() {
		due = uint64(max(r.DueAt.UnixMilli(), 0))
	}
	big(k[1:9], due)
	big(k[9:17], ^(uint64(r.Priority) ^ 1<<63)) // the higher comes first, negative ones last
	return k
}

func big(b []byte, v uint64) {
	for i := range b {
		b[i] = byte(v >> (8 * (len(b) - 1 - i)))
	}
}

const rowVersion = 1

// Encode gives the bytes that a view keeps.
func (r *Row) Encode() []byte { return encode(rowVersion, 320, r.fields) }

// DecodeRow reads what Encode wrote.
func DecodeRow(b []byte) (Row, error) {
	var r Row
	err := decode(b, rowVersion, "row", r.fields)
	return r, err
}

func (r *Row) fields(c *codec) {
	str(c, &r.ID)
	c.uint(&r.Number)
	c.uint(&r.Seq)
	enum(c, &r.State, states)
	c.text(&r.Queue)
	enum(c, &r.Lane, lanes)
	c.int(&r.Priority)
	str(c, &r.Assignee)
	c.text(&r.Source)
	str(c, &r.Author)
	str(c, &r.Thread)
	str(c, &r.First)
	str(c, &r.Latest)
	c.block(r.Labels.fields)
	c.bool(&r.Late)
	c.bool(&r.ByHand)
	c.int(&r.Level)
	texts(c, &r.Tags)
	for _, t := range []*time.Time{&r.OpenedAt, &r.LastAt, &r.ResolvedAt, &r.FirstReplyAt, &r.SnoozedUntil, &r.WaitsSince,
		&r.StartAt, &r.AtRiskAt, &r.DueAt, &r.Promise, &r.Alarm, &r.SendAt, &r.Notice} {
		c.time(t)
	}
	c.text(&r.End)
	enum(c, &r.Due, targetKinds)
	c.bool(&r.Breached)
	c.int(&r.Mentions)
	c.int(&r.Replies)
	str(c, &r.Reply)
	c.int(&r.Promises)
	c.text(&r.WaitsOn)
	c.time(&r.WaitsUntil)
	c.bool(&r.ToApprove)
	c.int(&r.Friction)
	list(c, &r.For, str[AgentID])
	c.bool(&r.OnHold)
	c.bool(&r.Automatic)
	c.time(&r.AskAt)
	c.bool(&r.Paged)
}

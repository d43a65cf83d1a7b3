package care

import (
	"slices"
	"time"
)

// A Bulletin is what a stream tells that is about no single case: a digest of
// figures, or a figure that is watched. Its notices live as those of a case do.
type Bulletin struct {
	Name    string    `json:"name"` // digest/<name> or alert/<name>: the stream
	Seq     uint64    `json:"seq,omitempty"`
	LastAt  time.Time `json:"last_at,omitzero"`
	NextAt  time.Time `json:"next_at,omitzero"`  // of a digest: its next point
	Point   time.Time `json:"point,omitzero"`    // of the latest digest
	Began   time.Time `json:"began,omitzero"`    // of an alert: since when it holds; zero: it does not
	Notices []Notice  `json:"notices,omitempty"` // the open ones, and what became of some before
}

// Apply adds one record. It never fails.
func (b *Bulletin) Apply(seq uint64, r Record) {
	for _, e := range r.Events {
		switch e := e.(type) {
		case Planned:
			b.NextAt = e.At
		case DigestIssued:
			b.Point = e.Point
		case AlertBegan:
			b.Began = r.At
		case AlertEnded:
			b.Began = time.Time{}
		default:
			b.notice(r.At, e)
		}
	}
	b.Seq, b.LastAt = seq, r.At
}

// notice follows notices on their way, and keeps some that have gone it.
func (b *Bulletin) notice(at time.Time, e Event) {
	if _, asked := e.(NoticeRequested); asked {
		b.forget()
	}
	b.Notices = noticed(b.Notices, at, e)
}

// maxSettled is how many notices are kept that nothing more happens to.
const maxSettled = 50

func (b *Bulletin) forget() {
	if len(b.Notices) < maxSettled {
		return
	}
	if i := slices.IndexFunc(b.Notices, func(n Notice) bool { return !n.Open() }); i >= 0 {
		b.Notices = slices.Delete(b.Notices, i, i+1)
	}
}

// Clone is a copy that records can be applied to without touching b.
func (b *Bulletin) Clone() *Bulletin {
	d := *b
	d.Notices = slices.Clone(b.Notices)
	return &d
}

// Issue tells channels of what holds at a point: item names it, one for ever.
// What of earlier items was not told yet is not told any more.
func (b *Bulletin) Issue(item, why string, channels []string, event Event) []Event {
	events := b.Withdraw("overtaken")
	events = append(events, event)
	for _, channel := range channels {
		events = append(events, NoticeRequested{Key: item + "/" + channel, Channel: channel, Why: why})
	}
	return events
}

// Withdraw ends the notices that were not tried yet.
func (b *Bulletin) Withdraw(why string) (events []Event) {
	for _, n := range b.Notices {
		if n.State == ReplyIsRequested {
			events = append(events, NoticeFailed{Key: n.Key, Why: why})
		}
	}
	return events
}

// noticed follows notices on their way to a channel.
func noticed(all []Notice, at time.Time, e Event) []Notice {
	set := func(key string, change func(*Notice)) []Notice {
		if i := slices.IndexFunc(all, func(n Notice) bool { return n.Key == key }); i >= 0 {
			change(&all[i])
		}
		return all
	}
	switch e := e.(type) {
	case NoticeRequested:
		if slices.ContainsFunc(all, func(n Notice) bool { return n.Key == e.Key }) {
			break
		}
		return append(all, Notice{Key: e.Key, Channel: e.Channel, To: e.To, State: ReplyIsRequested, Why: e.Why, AskedAt: at})
	case NoticeAttempted:
		return set(e.Key, func(n *Notice) { n.State, n.Tries, n.TriedAt, n.Incident = ReplyIsAttempted, e.Try, at, e.Incident })
	case NoticeDelayed:
		return set(e.Key, func(n *Notice) { n.State, n.NotBefore = ReplyIsRequested, e.Until })
	case NoticeSent:
		return set(e.Key, func(n *Notice) { n.State = ReplyIsSent })
	case NoticeFailed:
		return set(e.Key, func(n *Notice) { n.State = ReplyIsFailed })
	case NoticeUnknown:
		return set(e.Key, func(n *Notice) { n.State = ReplyIsUnknown })
	case NoticeStands:
		return set(e.Key, func(n *Notice) {
			if n.Told = e.Standing; n.State == ReplyIsRequested {
				n.State = ReplyIsUndone
			}
		})
	}
	return all
}

// Told says that the latest notice of a channel has left, or may have.
func (b *Bulletin) Told(channel string) bool {
	for i := len(b.Notices) - 1; i >= 0; i-- {
		if n := &b.Notices[i]; n.Channel == channel {
			return n.State == ReplyIsSent || n.State == ReplyIsUnknown || n.State == ReplyIsAttempted
		}
	}
	return false
}

// A Watch is a limit for a figure. It ends at Clear, which is well on this side of
// Limit, so that a figure near the limit does not ring all day.
type Watch struct {
	Above        bool // else below
	Limit, Clear float64
	Least        int // of how many the figure has to be made to ring
}

// Turn is what a new value of the figure changes: it begins, it ends, or nothing.
// value is nil where there is nothing to measure.
func (w Watch) Turn(b *Bulletin, value *float64, n int, position uint64) Event {
	switch {
	case b.Began.IsZero() && (value == nil || n < w.Least || !w.past(*value, w.Limit)):
		return nil
	case b.Began.IsZero():
		return AlertBegan{Value: *value, Limit: w.Limit, N: n, Position: position}
	case value == nil:
		return AlertEnded{N: n, Why: "nothing", Position: position}
	case w.past(*value, w.Clear):
		return nil
	}
	return AlertEnded{Value: *value, N: n, Why: "over", Position: position}
}

func (w Watch) past(v, limit float64) bool {
	if w.Above {
		return v > limit
	}
	return v < limit
}

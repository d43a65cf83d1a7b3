package care

import (
	"slices"
	"time"
)

// applyReply follows our answers on their way to the network.
func (c *Case) applyReply(r Record, e Event) bool {
	switch e := e.(type) {
	case ReplyRequested:
		if c.Texts = max(c.Texts, e.Reply); c.Reply(e.Reply) != nil {
			break
		}
		c.Replies = append(c.Replies, Reply{
			N: e.Reply, State: ReplyIsRequested, By: r.By, To: e.To, Key: e.Key, Direct: e.Direct, As: e.As,
			Then: e.Then, Disposition: e.Disposition, RequestedAt: r.At, NotBefore: e.NotBefore,
		})
	case ReplyUndone:
		c.reply(e.Reply, func(p *Reply) { p.State = ReplyIsUndone })
	case ReplyAttempted:
		c.reply(e.Reply, func(p *Reply) {
			p.State, p.Tries, p.Deadline = ReplyIsAttempted, e.Try, e.Deadline
			if p.AttemptedAt.IsZero() {
				p.AttemptedAt = r.At
			}
		})
	case ReplySent:
		c.reply(e.Reply, func(p *Reply) { p.State, p.VisibleAt, p.Why = ReplyIsSent, e.VisibleAt, "" })
		c.visible()
	case ReplyFailed:
		c.reply(e.Reply, func(p *Reply) { p.State, p.Why = ReplyIsFailed, e.Why })
	case ReplyDelayed:
		c.reply(e.Reply, func(p *Reply) { p.State, p.NotBefore, p.Why = ReplyIsRequested, e.Until, e.Why })
	case ReplyUnknown:
		c.reply(e.Reply, func(p *Reply) {
			if p.State, p.Why = ReplyIsUnknown, e.Why; p.Deadline.IsZero() {
				p.Deadline = r.At // never attempted, as far as we know: a restored backup
			}
		})
	case ReplySought:
		c.reply(e.Reply, func(p *Reply) { p.Looks = e.Looks })
	case ReplySeen:
		c.Replies = append(c.Replies, Reply{
			State: ReplyIsSeen, By: r.By, To: e.To, Mention: e.Mention, VisibleAt: e.VisibleAt, RequestedAt: e.VisibleAt,
		})
		c.visible()
	default:
		return false
	}
	return true
}

func (c *Case) reply(n int, set func(*Reply)) {
	if p := c.Reply(n); p != nil {
		set(p)
	}
}

// answers says whether a mention got its answer by this reply: what it was
// written to, and all that the customer had posted by the time it was written.
func (r *Reply) answers(m *CaseMention) bool {
	return !r.VisibleAt.IsZero() && (r.To == m.Mention && m.Mention != "" || !r.RequestedAt.Before(m.PostedAt))
}

// answerTo is when the first answer to a mention was visible.
func (c *Case) answerTo(m *CaseMention) (at time.Time, ok bool) {
	for i := range c.Replies {
		if r := &c.Replies[i]; r.answers(m) && (!ok || r.VisibleAt.Before(at)) {
			at, ok = r.VisibleAt, true
		}
	}
	for _, t := range c.Elsewhere {
		if !t.Before(m.PostedAt) && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok
}

// answeredAt is the instant at which the wait that a target measures came to
// its end.
func (c *Case) answeredAt(t *Target) (at time.Time, ok bool) {
	if t.Target == Resolution {
		return c.ResolvedAt, c.State == StateResolved
	}
	m := c.Mention(t.Mention)
	switch {
	case m != nil:
		return c.answerTo(m)
	case t.Mention != "":
		return at, false // it left, and its wait with it
	}
	return c.answerTo(&CaseMention{MentionRef: MentionRef{PostedAt: t.StartAt}}) // taken up by hand
}

// firstReply finds the first answer that the customer could see. What we wrote
// before the customer's first mention, and to nothing of the case, is none.
func (c *Case) firstReply() {
	first := func(at time.Time) {
		if !at.IsZero() && (c.FirstReplyAt.IsZero() || at.Before(c.FirstReplyAt)) {
			c.FirstReplyAt = at
		}
	}
	for i := range c.Replies {
		r := &c.Replies[i]
		if r.N != 0 || slices.ContainsFunc(c.Mentions, func(m CaseMention) bool { return r.answers(&m) }) {
			first(r.VisibleAt)
		}
	}
	for _, at := range c.Elsewhere {
		first(at)
	}
}

// visible follows an answer that the customer can see: it ends waits, and may
// turn out to be earlier than the one that ended them.
func (c *Case) visible() {
	c.firstReply()
	for i := range c.Mentions {
		if _, ok := c.answerTo(&c.Mentions[i]); ok {
			c.Mentions[i].Settled = true
		}
	}
	for i := range c.Targets {
		t := &c.Targets[i]
		if t.Target == Resolution || t.State != TargetIsBroken && t.State != TargetIsMet {
			continue
		}
		if at, ok := c.answeredAt(t); ok && (t.DoneAt.IsZero() || at.Before(t.DoneAt)) {
			t.DoneAt = at // a breach stays one
		}
	}
}

func (c *Case) applyTarget(e Event) bool {
	switch e := e.(type) {
	case TargetSet:
		if t := c.Target(e.Target); t != nil {
			*t = Target{TargetSet: e, State: TargetRunning}
			break
		}
		c.Targets = append(c.Targets, Target{TargetSet: e, State: TargetRunning})
	case TargetPaused:
		c.target(e.Target, func(t *Target) { t.State, t.Left = TargetIsPaused, e.Left })
	case TargetMet:
		c.target(e.Target, func(t *Target) { t.State, t.DoneAt = TargetIsMet, e.At })
	case TargetBreached:
		c.target(e.Target, func(t *Target) {
			t.State, t.BreachedAt = TargetIsBroken, e.At
			if answered, ok := c.answeredAt(t); ok {
				t.DoneAt = answered
			}
		})
		c.leave()
	case TargetCorrected:
		c.target(e.Target, func(t *Target) { t.State, t.DoneAt, t.BreachedAt, t.How = TargetIsMet, e.At, time.Time{}, "" })
	case TargetEnded:
		c.target(e.Target, func(t *Target) { t.State, t.How = TargetIsEnded, e.How })
	default:
		return false
	}
	return true
}

func (c *Case) target(k TargetKind, set func(*Target)) {
	if t := c.Target(k); t != nil {
		set(t)
	}
}

func (c *Case) applyPromise(r Record, e Event) bool {
	switch e := e.(type) {
	case PromiseMade:
		if c.Texts = max(c.Texts, e.Promise); c.Promise(e.Promise) != nil {
			break
		}
		c.Promises = append(c.Promises, Promise{N: e.Promise, State: PromiseOpen, Owner: e.Owner, What: e.What, MadeAt: r.At, DueAt: e.DueAt})
	case PromiseKept:
		c.promise(e.Promise, func(p *Promise) {
			if p.DoneAt, p.State = r.At, PromiseIsKept; p.Told {
				p.State = PromiseWasToldOf
			}
		})
	case PromiseSlipped:
		c.promise(e.Promise, func(p *Promise) {
			if p.Slipped = true; p.State == PromiseOpen {
				p.State = PromiseHasSlid
			}
		})
	case PromiseRenegotiated:
		c.promise(e.Promise, func(p *Promise) { p.State, p.DueAt, p.Told = PromiseOpen, e.DueAt, p.Told || e.Told })
	default:
		return false
	}
	return true
}

func (c *Case) promise(n int, set func(*Promise)) {
	if p := c.Promise(n); p != nil {
		set(p)
	}
}

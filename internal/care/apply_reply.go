package care

import "time"

// applyReply follows our answers on their way to the network.
func (c *Case) applyReply(r Record, e Event) bool {
	switch e := e.(type) {
	case ReplyRequested:
		c.Texts = max(c.Texts, e.Reply)
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
		c.visible(e.VisibleAt)
	case ReplyFailed:
		c.reply(e.Reply, func(p *Reply) { p.State, p.Why = ReplyIsFailed, e.Why })
	case ReplyDelayed:
		c.reply(e.Reply, func(p *Reply) { p.State, p.NotBefore, p.Why = ReplyIsRequested, e.Until, e.Why })
	case ReplyUnknown:
		c.reply(e.Reply, func(p *Reply) { p.State, p.Why = ReplyIsUnknown, e.Why })
	case ReplySought:
		c.reply(e.Reply, func(p *Reply) { p.Looks = e.Looks })
	case ReplySeen:
		c.Replies = append(c.Replies, Reply{
			State: ReplyIsSeen, By: r.By, To: e.To, Mention: e.Mention, VisibleAt: e.VisibleAt, RequestedAt: e.VisibleAt,
		})
		c.visible(e.VisibleAt)
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

// visible notes that the customer could read an answer from an instant on.
func (c *Case) visible(at time.Time) {
	if c.FirstReplyAt.IsZero() || at.Before(c.FirstReplyAt) {
		c.FirstReplyAt = at
	}
	c.settle(at)
	for i := range c.Targets {
		t := &c.Targets[i]
		if t.State != TargetIsBroken || !t.DoneAt.IsZero() || t.Target == Resolution {
			continue
		}
		if answered, ok := c.answeredAt(t); ok {
			t.DoneAt = answered // the wait is over; the breach stays
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
	case TargetCorrected:
		c.target(e.Target, func(t *Target) { t.State, t.DoneAt, t.BreachedAt = TargetIsMet, e.At, time.Time{} })
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
		c.Texts = max(c.Texts, e.Promise)
		c.Promises = append(c.Promises, Promise{N: e.Promise, State: PromiseOpen, Owner: e.Owner, What: e.What, MadeAt: r.At, DueAt: e.DueAt})
	case PromiseKept:
		c.promise(e.Promise, func(p *Promise) {
			if p.DoneAt, p.State = r.At, PromiseIsKept; p.Told {
				p.State = PromiseWasToldOf
			}
		})
	case PromiseSlipped:
		c.promise(e.Promise, func(p *Promise) { p.State, p.Slipped = PromiseHasSlid, true })
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

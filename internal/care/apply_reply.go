package care

import "time"

// applyReply follows our answers on their way to the network.
func (c *Case) applyReply(r Record, e Event) bool {
	switch e := e.(type) {
	case ReplyRequested:
		if c.Texts = max(c.Texts, e.Reply, e.Details); c.Reply(e.Reply) != nil {
			break
		}
		if e.NotBefore.IsZero() {
			e.NotBefore = r.At
		}
		c.Replies = append(c.Replies, Reply{
			N: e.Reply, State: ReplyIsRequested, By: r.By, To: e.To, Key: e.Key, Direct: e.Direct, As: e.As,
			Then: e.Then, Disposition: e.Disposition, RequestedAt: r.At, NotBefore: e.NotBefore,
			Approval: e.Approval, Details: e.Details, Automatic: e.Automatic,
		})
	case ReplyUndone:
		c.reply(e.Reply, func(p *Reply) { p.State = ReplyIsUndone })
	case ReplyAttempted:
		c.reply(e.Reply, func(p *Reply) {
			if p.State, p.Tries, p.Deadline = ReplyIsAttempted, e.Try, e.Deadline; p.Deadline.IsZero() {
				p.Deadline = r.At
			}
			if p.AttemptedAt.IsZero() {
				p.AttemptedAt = r.At
			}
		})
	case ReplySent:
		c.reply(e.Reply, func(p *Reply) {
			p.State, p.VisibleAt, p.Why = ReplyIsSent, e.VisibleAt, ""
			c.visible(p)
		})
	case ReplyFailed:
		c.reply(e.Reply, func(p *Reply) { p.State, p.Why = ReplyIsFailed, e.Why })
	case ReplyDelayed:
		c.reply(e.Reply, func(p *Reply) {
			if p.State, p.NotBefore, p.Why = ReplyIsRequested, e.Until, e.Why; p.NotBefore.IsZero() {
				p.NotBefore = r.At
			}
		})
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
		c.visible(&c.Replies[len(c.Replies)-1])
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
	return !r.VisibleAt.IsZero() && !r.Automatic && (r.To == m.Mention && m.Mention != "" || !r.RequestedAt.Before(m.PostedAt))
}

// answerTo is when the first answer to a mention was visible.
func (c *Case) answerTo(m *CaseMention) (at time.Time, ok bool) {
	for i := range c.Replies {
		if r := &c.Replies[i]; r.answers(m) && earlier(r.VisibleAt, at) {
			at = r.VisibleAt
		}
	}
	for _, t := range c.Elsewhere {
		if !t.Before(m.PostedAt) && earlier(t, at) {
			at = t
		}
	}
	return at, !at.IsZero()
}

// byHand says that the wait began when somebody took the case up again, with
// nothing that the customer wrote.
func (t *Target) byHand() bool { return t.Mention == "" && t.Target != Resolution }

// answeredAt is the instant at which the wait that a target measures came to
// its end.
func (c *Case) answeredAt(t *Target) (at time.Time, ok bool) {
	if t.Target == Resolution {
		return c.ResolvedAt, c.State == StateResolved
	}
	if t.byHand() {
		return c.answerTo(&CaseMention{MentionRef: MentionRef{PostedAt: t.StartAt}})
	}
	if m := c.Mention(t.Mention); m != nil {
		return c.answerTo(m)
	}
	return at, false // it left, and its wait with it
}

// visible follows an answer that the customer can see: it ends waits, and may
// turn out to be earlier than the one that ended them.
func (c *Case) visible(r *Reply) {
	if r.Automatic {
		return
	}
	reply := r.N != 0 // what was seen before the customer wrote, and is to nothing of the case, is none
	for i := range c.Mentions {
		if m := &c.Mentions[i]; r.answers(m) {
			m.Settled = true
			reply = reply || m.From == ""
		}
	}
	if reply {
		c.replied(r.VisibleAt)
	}
	for i := range c.Targets {
		t := &c.Targets[i]
		if t.Target == Resolution || t.State != TargetIsBroken && t.State != TargetIsMet {
			continue
		}
		m := c.Mention(t.Mention)
		if ended := m != nil && r.answers(m) || t.byHand() && !r.RequestedAt.Before(t.StartAt); ended && earlier(r.VisibleAt, t.DoneAt) {
			t.DoneAt = r.VisibleAt // a breach stays one
		}
	}
}

// replied keeps the instant of the first answer that the customer could see.
func (c *Case) replied(at time.Time) {
	if earlier(at, c.FirstReplyAt) {
		c.FirstReplyAt = at
	}
}

// earlier says whether an instant is before another one that may not be known.
func earlier(at, than time.Time) bool {
	return !at.IsZero() && (than.IsZero() || at.Before(than))
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
		c.Promises = append(c.Promises, Promise{N: e.Promise, State: PromiseOpen, Owner: e.Owner, What: e.What, MadeAt: r.At, DueAt: e.DueAt, TimedAt: r.At, Reply: e.Reply})
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
	case PromiseAtRisk:
		c.promise(e.Promise, func(p *Promise) { p.Warned = true })
	case PromisePassed:
		c.promise(e.Promise, func(p *Promise) { p.Owner = e.To })
	case PromiseRenegotiated:
		c.promise(e.Promise, func(p *Promise) {
			p.State, p.DueAt, p.Told, p.TimedAt, p.Warned = PromiseOpen, e.DueAt, p.Told || e.Told, r.At, false
			if e.Told {
				p.Reply = 0 // the customer knows, whatever becomes of the reply
			}
		})
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

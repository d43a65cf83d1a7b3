package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A change of what was sent goes the way of a reply. It may be done twice, since
// that is as good as once; but not when it was taken back meanwhile, or somebody
// else changed it, so what is not known is looked at before anybody asks again.

// change brings the change of a reply as far as it can come now.
func (b *Outbox) change(ctx context.Context, c *care.Case, r care.Reply) error {
	switch at, ok := r.Change.NextAt(); {
	case !ok || at.After(b.o.Now()):
		return nil
	case r.Change.State == care.ReplyIsRequested:
		return b.makeChange(ctx, c, r)
	case r.Change.State == care.ReplyIsUnknown:
		return b.seekChange(ctx, c, r)
	}
	return b.decide(ctx, c.ID, func(c *care.Case, _ time.Time) []care.Event { return c.ChangeMayBeMade(r.N, "interrupted") })
}

// makeChange makes one attempt.
func (b *Outbox) makeChange(ctx context.Context, c *care.Case, r care.Reply) error {
	b.o.Point("outbox.change.due")
	call, why, err := b.changeCall(ctx, c, r)
	if err != nil {
		return err
	}
	if why != "" {
		return b.decide(ctx, c.ID, func(c *care.Case, _ time.Time) []care.Event { return c.ChangeDidFail(r.N, why) })
	}
	ours, end := false, time.Time{}
	err = b.decide(ctx, c.ID, func(c *care.Case, now time.Time) []care.Event {
		end = now.Add(b.o.Timeout)
		events := c.AttemptChange(r.N, now, end.Add(grace))
		ours = len(events) > 0
		return events
	})
	if err != nil || !ours {
		return err // taken back, or another node's
	}
	b.o.Point("outbox.change.attempted")
	after := context.WithoutCancel(ctx)
	timed, cancel := context.WithTimeout(after, end.Sub(b.o.Now()))
	defer cancel()
	err = call(timed)
	b.o.Point("outbox.change.made")
	return b.decide(after, c.ID, func(c *care.Case, now time.Time) []care.Event { return b.changed(c, r.N, now, err) })
}

// changed is what an attempt came to.
func (b *Outbox) changed(c *care.Case, n int, now time.Time, err error) []care.Event {
	r := c.Reply(n)
	if err == nil || r == nil {
		return c.ChangeIsMade(n)
	}
	ne, ok := errors.AsType[*network.Error](err)
	if !ok {
		ne = &network.Error{Fault: network.Transient}
	}
	b.o.Log.Warn("a reply was not changed", "case", c.ID, "fault", ne.Fault, "unsent", ne.Unsent, "err", err)
	switch {
	case ne.Unsent && passing(ne.Fault) && r.Change.Tries < retries:
		wait := max(ne.After, network.Backoff(r.Change.Tries-1, rand.Int64N))
		return c.DelayChange(n, now.Add(wait), string(ne.Fault))
	case ne.Settled():
		return c.ChangeDidFail(n, string(ne.Fault))
	}
	return c.ChangeMayBeMade(n, string(ne.Fault))
}

// A sentReply is one of ours on its network, and the account it stands on.
type sentReply struct {
	account network.Account
	at      care.Remote
	wording string
}

// sent reads where a reply stands, and what it is to say. why is set when it
// can't be changed.
func (b *Outbox) sent(ctx context.Context, c *care.Case, r care.Reply) (s sentReply, why string, err error) {
	text := func(n int) string { return fmt.Sprintf("text/%s/%d", c.ID, n) }
	docs, err := b.o.Store.Get(ctx, text(r.N), text(r.Change.Wording))
	if err != nil {
		return s, "", fmt.Errorf("read what is to be changed: %w", err)
	}
	if docs[0].Rev == 0 || r.Change.What == care.Mend && docs[1].Rev == 0 {
		return s, "erased", nil
	}
	was, err := care.DecodeText(docs[0].Data)
	if err != nil {
		return s, "", err
	}
	if was.Sent == "" {
		return s, "not_found", nil
	}
	if docs[1].Rev != 0 {
		now, err := care.DecodeText(docs[1].Data)
		if err != nil {
			return s, "", err
		}
		s.wording = now.Body
	}
	source := c.Source
	if m := c.Mention(r.To); m != nil {
		source = m.Source
	}
	s.at, s.account = was.Sent, b.o.Account(source, r.As)
	return s, "", nil
}

// changeCall is the call that makes the change. why is set when there is none.
func (b *Outbox) changeCall(ctx context.Context, c *care.Case, r care.Reply) (call func(context.Context) error, why string, err error) {
	s, why, err := b.sent(ctx, c, r)
	if err != nil || why != "" {
		return nil, why, err
	}
	if r.Change.What == care.Withdraw {
		w, can := s.account.(network.Withdrawer)
		if !can {
			return nil, "not_allowed", nil
		}
		return func(ctx context.Context) error { return w.Withdraw(ctx, s.at) }, "", nil
	}
	m, can := s.account.(network.Mender)
	if !can {
		return nil, "not_allowed", nil
	}
	// Another text is another answer: it may go where an answer may.
	l, why, err := b.letter(ctx, c, r)
	if err == nil && why == "" {
		why, err = b.allowed(ctx, &l)
	}
	if err != nil || why != "" && why != targetGone {
		return nil, why, err
	}
	return func(ctx context.Context) error { return m.Mend(ctx, s.at, s.wording) }, "", nil
}

// seekChange looks at the network whether a change came about. Where it can't be
// looked at, a person has to.
func (b *Outbox) seekChange(ctx context.Context, c *care.Case, r care.Reply) error {
	s, why, err := b.sent(ctx, c, r)
	if err != nil {
		return err
	}
	made := false
	if looker, can := s.account.(network.Looker); can && why == "" {
		call, cancel := context.WithTimeout(ctx, b.o.Timeout)
		defer cancel()
		items, err := looker.Look(call, []care.Remote{s.at})
		if err != nil {
			return fmt.Errorf("look at a reply: %w", err)
		}
		for _, it := range items {
			switch gone := it.Kind == network.Deleted; {
			case r.Change.What == care.Withdraw:
				made = gone
			case gone:
				why = "gone"
			default:
				made = care.SameWords(it.Post.Text, s.wording)
			}
		}
	}
	b.o.Point("outbox.change.sought")
	return b.decide(ctx, c.ID, func(c *care.Case, _ time.Time) []care.Event {
		switch {
		case why != "":
			return c.ChangeDidFail(r.N, why)
		case made:
			return c.ChangeIsMade(r.N)
		}
		return c.SoughtChange(r.N)
	})
}

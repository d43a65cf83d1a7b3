// Package outbox carries out what was asked for: replies to customers, and
// notices to the team. All retrying towards the outside lives here.
//
// An attempt is recorded before any byte leaves, and an answer whose arrival is
// not certain is never sent again on its own: it is looked for at the network,
// and if that can't settle it, a person is asked. So a customer never gets one
// answer twice, whatever crashes. The outbox owns no document; what it knows is
// in the log.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/store"
)

// decider is the desk's door for decisions.
type decider interface {
	Do(ctx context.Context, by care.Actor, op string, ids []care.CaseID,
		decide func(now time.Time, cs []*care.Case) (care.Change, error)) (store.Seq, error)
}

// Pending knows which cases have a reply to look at. What it says is a hint,
// checked again in the commit.
type Pending interface {
	Unsent(now time.Time, n int) ([]care.CaseID, error)
}

// Options of an Outbox.
type Options struct {
	Desk    decider
	Store   store.Store // to read texts and mentions
	Pending Pending
	// Account is the account of a source that answers for it; nil: none does.
	Account func(source, as string) network.Account
	// Told says whether the customer of a case hears from us by a known issue, so
	// that nothing need be said by itself; nil: nobody does.
	Told func(id care.CaseID) (bool, error)
	// Silent says whether a mention's author asked us not to write; nil: nobody did.
	Silent  func(ctx context.Context, m *care.Mention) (bool, error)
	Log     *slog.Logger
	Now     func() time.Time   // nil: time.Now
	Timeout time.Duration      // of one call; 0: 20 s
	Point   func(point string) // told at named steps, so that a test can stop the process there; may be nil
}

// An Outbox sends.
type Outbox struct {
	o    Options
	mu   sync.Mutex
	busy map[care.CaseID]bool      // being worked on
	rest map[care.CaseID]time.Time // left alone until then, after a failure of our own
}

// New returns an outbox; Run sends.
func New(o Options) *Outbox {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	if o.Point == nil {
		o.Point = func(string) {}
	}
	if o.Silent == nil {
		o.Silent = func(context.Context, *care.Mention) (bool, error) { return false, nil }
	}
	return &Outbox{o: o, busy: map[care.CaseID]bool{}, rest: map[care.CaseID]time.Time{}}
}

// grace is how long after the end of a call its attempt's deadline lies.
const grace = 10 * time.Second

// pace is how often the outbox looks for work, and atOnce how many cases it
// works on at the same time.
const (
	pace   = 250 * time.Millisecond
	atOnce = 16
)

// Run carries out replies until ctx ends, and waits for those under way. Only
// one node at a time may run it: a lease sees to that, and the commits to the rest.
func (b *Outbox) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		ids, err := b.due()
		if err != nil {
			b.o.Log.Error("replies could not be listed; trying again", "err", err)
		}
		for _, id := range ids {
			wg.Go(func() { b.work(ctx, id) })
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// due reserves cases to work on.
func (b *Outbox) due() ([]care.CaseID, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.busy) >= atOnce {
		return nil, nil
	}
	now := b.o.Now()
	maps.DeleteFunc(b.rest, func(_ care.CaseID, until time.Time) bool { return !now.Before(until) })
	ids, err := b.o.Pending.Unsent(now, 4*atOnce+len(b.rest))
	if err != nil {
		return nil, err
	}
	var due []care.CaseID
	for _, id := range ids {
		if _, rests := b.rest[id]; !rests && !b.busy[id] && len(b.busy) < atOnce {
			b.busy[id] = true
			due = append(due, id)
		}
	}
	return due, nil
}

func (b *Outbox) work(ctx context.Context, id care.CaseID) {
	err := b.One(ctx, id)
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.busy, id)
	switch {
	case err == nil:
		// The hints may be behind what was just written.
		b.rest[id] = b.o.Now().Add(pace)
	case ctx.Err() == nil:
		b.o.Log.Error("a reply could not be carried on", "case", id, "err", err)
		b.rest[id] = b.o.Now().Add(network.Backoff(1, rand.Int64N))
	}
}

// One brings every reply of a case as far as it can come now.
func (b *Outbox) One(ctx context.Context, id care.CaseID) error {
	var c *care.Case
	// Asking without deciding gives the case as it is.
	_, err := b.o.Desk.Do(ctx, care.ByOutbox, "", []care.CaseID{id}, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		c = cs[0]
		return care.Change{}, nil
	})
	if err != nil {
		return err
	}
	now := b.o.Now()
	var errs []error
	for _, r := range c.Replies {
		errs = append(errs, b.change(ctx, c, r))
		at, ok := r.NextAt()
		if !ok || at.After(now) {
			continue
		}
		switch r.State {
		case care.ReplyIsRequested:
			errs = append(errs, b.send(ctx, c, r))
		case care.ReplyIsAttempted:
			// Whoever made the attempt is gone: what became of it is not known.
			errs = append(errs, b.decide(ctx, id, func(c *care.Case, _ time.Time) []care.Event {
				return c.ReplyMayBeSent(r.N, "interrupted")
			}))
		case care.ReplyIsUnknown:
			errs = append(errs, b.seek(ctx, c, r))
		}
	}
	return errors.Join(errs...)
}

// decide commits what the outbox decides about a case.
func (b *Outbox) decide(ctx context.Context, id care.CaseID, do func(*care.Case, time.Time) []care.Event, texts ...care.KeptText) error {
	_, err := b.o.Desk.Do(ctx, care.ByOutbox, "", []care.CaseID{id}, func(now time.Time, cs []*care.Case) (care.Change, error) {
		return care.One(id, do(cs[0], now), nil, texts...)
	})
	return err
}

// A letter is a reply with its documents and the account that carries it.
type letter struct {
	answer  care.Answer
	text    care.Text
	replier network.Replier
	looker  network.Looker // nil: the network can't be asked
	to      care.Mention
}

// letter reads what a reply says and whom it answers. why is set when it can't
// be sent; with targetGone it can still be looked for.
func (b *Outbox) letter(ctx context.Context, c *care.Case, r care.Reply) (l letter, why string, err error) {
	docs, err := b.o.Store.Get(ctx, fmt.Sprintf("text/%s/%d", c.ID, r.N), "mention/"+string(r.To))
	switch {
	case err != nil:
		return l, "", fmt.Errorf("read reply: %w", err)
	case docs[0].Rev == 0 || docs[1].Rev == 0:
		return l, "erased", nil
	}
	if l.text, err = care.DecodeText(docs[0].Data); err != nil {
		return l, "", err
	}
	m, err := care.DecodeMention(docs[1].Data)
	if err != nil {
		return l, "", err
	}
	account := b.o.Account(m.Source, r.As)
	var can bool
	if l.replier, can = account.(network.Replier); !can {
		return l, "no_account", nil
	}
	l.to = m
	l.looker, _ = account.(network.Looker)
	l.answer = care.Answer{To: m.Post, Text: l.text.Body, Direct: r.Direct, Key: r.Key, As: r.As, At: r.RequestedAt, Pictures: l.text.Pictures}
	if m.Deleted {
		why = targetGone
	}
	return l, why, nil
}

// targetGone says that the customer took back what was to be answered.
const targetGone = "target_gone"

// send makes one attempt.
func (b *Outbox) send(ctx context.Context, c *care.Case, r care.Reply) error {
	b.o.Point("outbox.due")
	l, why, err := b.letter(ctx, c, r)
	if err != nil {
		return err
	}
	if why == "" {
		if why, err = b.check(ctx, &l); err != nil {
			return err
		}
	}
	if why == "" && r.Automatic && b.o.Told != nil {
		told, err := b.o.Told(c.ID)
		if err != nil {
			return fmt.Errorf("ask for known issues: %w", err)
		}
		if told {
			why = "known_issue"
		}
	}
	if why != "" {
		return b.decide(ctx, c.ID, func(c *care.Case, _ time.Time) []care.Event {
			if r.Automatic { // nobody misses it
				return c.DropReply(r.N)
			}
			return c.ReplyDidFail(r.N, why)
		})
	}
	b.o.Point("outbox.checked")
	ours, end := false, time.Time{}
	err = b.decide(ctx, c.ID, func(c *care.Case, now time.Time) []care.Event {
		if end = now.Add(b.o.Timeout); r.Automatic && !c.Asks(r.N) && !c.StillUnheard(r.N) {
			return c.DropReply(r.N)
		}
		events := c.AttemptReply(r.N, now, end.Add(grace))
		ours = len(events) > 0
		return events
	})
	if err != nil || !ours {
		return err // taken back, or another node's
	}
	b.o.Point("outbox.attempted")
	// A shutdown lets the call end, so that its outcome is known. However long
	// the commit took, or this process was stopped, it ends before the attempt's
	// deadline, when others may begin to look for the answer.
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), end.Sub(b.o.Now()))
	defer cancel()
	sent, err := l.replier.Send(call, l.answer)
	b.o.Point("outbox.sent")
	after := context.WithoutCancel(ctx)
	if err != nil {
		err = b.notSent(after, c, r, err)
	} else {
		err = b.wasSent(after, c, r, &l, sent, false)
	}
	if err == nil {
		b.o.Point("outbox.recorded")
	}
	return err
}

// allowed asks once more whether the customer wants to hear from us, and whether
// the post may be answered. why is empty when nothing stands against it.
func (b *Outbox) allowed(ctx context.Context, l *letter) (why string, err error) {
	switch silent, err := b.o.Silent(ctx, &l.to); {
	case err != nil:
		return "", fmt.Errorf("ask for an opt-out: %w", err)
	case silent:
		return optedOut, nil
	}
	if p := l.replier.May(l.answer.To, b.o.Now()); p.How != care.ByAPI {
		return "not_allowed", nil
	}
	return "", nil
}

// check is allowed, and asks whether the post is still there.
func (b *Outbox) check(ctx context.Context, l *letter) (why string, err error) {
	if why, err = b.allowed(ctx, l); err != nil || why != "" || l.looker == nil {
		return why, err
	}
	ctx, cancel := context.WithTimeout(ctx, b.o.Timeout)
	defer cancel()
	items, err := l.looker.Look(ctx, []care.Remote{l.answer.To.Remote})
	if err == nil && len(items) == 1 && items[0].Kind == network.Deleted {
		return targetGone, nil
	}
	return "", nil // not knowing is no reason to be silent
}

// optedOut says that the customer asked us not to write.
const optedOut = "opted_out"

// retries is how often an attempt that provably sent nothing is made again.
const retries = 8

// notSent sorts a failure: to be tried again only when no byte can have
// arrived, failed only when the network refused for certain.
func (b *Outbox) notSent(ctx context.Context, c *care.Case, r care.Reply, err error) error {
	var ne *network.Error
	if !errors.As(err, &ne) {
		ne = &network.Error{Fault: network.Transient}
	}
	b.o.Log.Warn("reply not sent", "case", c.ID, "fault", ne.Fault, "unsent", ne.Unsent, "err", err)
	return b.decide(ctx, c.ID, func(c *care.Case, now time.Time) []care.Event {
		p := c.Reply(r.N)
		switch {
		case p == nil:
			return nil
		case ne.Unsent && passing(ne.Fault) && p.Tries < retries:
			wait := max(ne.After, network.Backoff(p.Tries-1, rand.Int64N))
			return c.DelayReply(r.N, now.Add(wait), string(ne.Fault))
		case ne.Settled():
			return c.ReplyDidFail(r.N, string(ne.Fault))
		}
		return c.ReplyMayBeSent(r.N, string(ne.Fault))
	})
}

// passing says that a fault may be over soon.
func passing(f network.Fault) bool { return f == network.Transient || f == network.Limited }

func (b *Outbox) wasSent(ctx context.Context, c *care.Case, r care.Reply, l *letter, s network.Sent, found bool) error {
	t := l.text
	t.Sent, t.URL = s.Remote, s.URL
	return b.decide(ctx, c.ID, func(c *care.Case, now time.Time) []care.Event {
		return c.ReplyWasSent(r.N, now, s.At, found)
	}, care.KeptText{Case: c.ID, N: r.N, Text: t})
}

// seek looks for an answer at its network. A look that fails is none.
func (b *Outbox) seek(ctx context.Context, c *care.Case, r care.Reply) error {
	l, why, err := b.letter(ctx, c, r)
	switch {
	case err != nil:
		return err
	case why != "" && why != targetGone: // nothing to look with: a person has to say
		return b.decide(ctx, c.ID, func(c *care.Case, _ time.Time) []care.Event { return c.SoughtReply(r.N) })
	}
	call, cancel := context.WithTimeout(ctx, b.o.Timeout)
	defer cancel()
	sent, found, err := l.replier.Find(call, l.answer)
	switch {
	case err != nil:
		return fmt.Errorf("look for a reply: %w", err)
	case found:
		return b.wasSent(ctx, c, r, &l, sent, true)
	}
	b.o.Point("outbox.sought")
	return b.decide(ctx, c.ID, func(c *care.Case, _ time.Time) []care.Event { return c.SoughtReply(r.N) })
}

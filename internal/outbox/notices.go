package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
)

// Unnoticed knows which cases have a notice to look at. What it says is a hint,
// checked again in the commit.
type Unnoticed interface {
	Notices(now time.Time, n int) ([]care.CaseID, error)
	// Paged are all cases that somebody's pager keeps open.
	Paged() ([]care.CaseID, error)
}

// A Way is a channel that is set up, and whom it tells.
type Way struct {
	Channel notify.Channel
	To      string
}

// NoticeOptions of Notices.
type NoticeOptions struct {
	Desk    decider
	Pending Unnoticed
	// Ways are the channels by name, Policy and Silences how notices are grouped:
	// asked at each look, so that a reload counts at once.
	Ways func() (ways map[string]Way, p notify.Policy, s []notify.Silence)
	Link func(path string) string // an address of the console; "" where it has none
	Log  *slog.Logger
	Now  func() time.Time
	// Point is told at named steps, so that a test can stop the process there.
	Point func(string)
}

// Notices tells the team what cases ask for, several of a kind in one message.
// Each notice has a life of its own in its case's records: it is attempted
// before a byte leaves, and one of which nobody knows whether it arrived is not
// sent again; the next step of the escalation is. What was sent lately is kept
// in memory only, so after a restart a group's next message may come sooner.
type Notices struct {
	o    NoticeOptions
	mu   sync.Mutex
	sent map[string][]notify.Message // by channel

	again map[string]retry // of incidents
	look  time.Time        // when pagers are thought of next; both are Tick's alone
}

// NewNotices returns them; Run tells.
func NewNotices(o NoticeOptions) *Notices {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Point == nil {
		o.Point = func(string) {}
	}
	return &Notices{o: o, sent: map[string][]notify.Message{}, again: map[string]retry{}}
}

const (
	noticesAtOnce = 1000             // cases that are looked at together
	noticeTimeout = 20 * time.Second // of one call
	noticeKept    = 24 * time.Hour   // how long a message is remembered
	noticeTries   = 8
)

// Run tells until ctx ends. Only one node at a time should run it.
func (n *Notices) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := n.Tick(ctx); err != nil && ctx.Err() == nil {
			n.o.Log.Error("notices could not be carried on; trying again", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// An ask is one case's notice.
type ask struct {
	id     care.CaseID
	notice care.Notice
}

// Tick tells what is due by now.
func (n *Notices) Tick(ctx context.Context) error {
	now := n.o.Now()
	ids, err := n.o.Pending.Notices(now, noticesAtOnce)
	if err != nil {
		return err
	}
	paged, err := n.o.Pending.Paged()
	if err != nil || len(ids)+len(paged) == 0 {
		return err
	}
	ways, policy, silences := n.o.Ways()
	errs := []error{n.keepPagers(ctx, paged, ways, now)}
	pending, asks, err := n.read(ctx, ids, ways, now)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for channel, all := range pending {
		due, _ := notify.Due(policy, all, silences, n.recent(channel, now), now)
		for _, g := range due {
			errs = append(errs, n.tell(ctx, channel, ways[channel], g, asks))
		}
	}
	return errors.Join(errs...)
}

// read folds the cases, settles what was left by a crash or has no channel, and
// returns what waits to be told, by channel and by key.
func (n *Notices) read(ctx context.Context, ids []care.CaseID, ways map[string]Way, now time.Time) (map[string][]notify.Pending, map[string]ask, error) {
	pending, asks := map[string][]notify.Pending{}, map[string]ask{}
	_, err := n.o.Desk.Do(ctx, care.ByOutbox, "", ids, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		clear(pending)
		clear(asks)
		var change care.Change
		for _, c := range cs {
			var events []care.Event
			for _, no := range c.Notices {
				_, there := ways[no.Channel]
				switch {
				case !no.Open():
				case no.State == care.ReplyIsAttempted && now.Sub(no.TriedAt) > 2*noticeTimeout:
					events = append(events, care.NoticeUnknown{Key: no.Key}) // whoever made the attempt is gone
				case c.Unsaid(&no):
					events = append(events, care.NoticeStands{Key: no.Key, Standing: care.StandsOver})
				case no.State == care.ReplyIsAttempted || no.NotBefore.After(now):
				case !there:
					events = append(events, care.NoticeFailed{Key: no.Key, Why: "no_channel"})
				default:
					key := string(c.ID) + "/" + no.Key
					asks[key] = ask{c.ID, no}
					pending[no.Channel] = append(pending[no.Channel], n.pending(c, no, key))
				}
			}
			if len(events) > 0 {
				change.Cases = append(change.Cases, care.CaseEvents{Case: c.ID, Events: events})
			}
		}
		return change, nil
	})
	return pending, asks, err
}

// reasons are the triggers in words for a title.
var reasons = map[string]string{
	string(care.WhenAtRisk): "a deadline is near", string(care.WhenBreached): "a deadline has passed",
	string(care.WhenUnclaimed): "nobody has taken it", string(care.WhenSevere): "it got worse",
	string(care.WhenAngrier): "the customer got angrier", string(care.WhenViral): "it is spreading",
	care.BadScore: "the customer was not satisfied",
}

// pending is a notice in the words of notify. It names the case and what is
// wrong, and nothing that the customer wrote: notices are read on locked screens.
func (n *Notices) pending(c *care.Case, no care.Notice, key string) notify.Pending {
	why := reasons[no.Why]
	if why == "" {
		why = strings.ReplaceAll(no.Why, "_", " ")
	}
	severity := notify.Warning
	if c.Lane == care.Critical || no.Why == string(care.WhenBreached) {
		severity = notify.Critical
	}
	body := "Queue " + c.Queue
	if c.Assignee != "" {
		body += ", with " + string(c.Assignee)
	}
	if t, ok := c.Due(); ok {
		body += fmt.Sprintf(". %s due %s", strings.ReplaceAll(string(t.Target), "_", " "), t.DueAt.UTC().Format("2 Jan 15:04 UTC"))
	}
	return notify.Pending{
		Notice: notify.Notice{
			Key: key, Title: fmt.Sprintf("Case %d: %s", c.Number, why), Body: body + ".",
			Link: n.o.Link("/cases/" + string(c.ID)), Severity: severity, At: no.AskedAt,
		},
		Labels: map[string]string{"why": no.Why, "queue": c.Queue, "case": string(c.ID)},
		Since:  no.AskedAt,
	}
}

// recent are the messages of a channel that are not forgotten yet.
func (n *Notices) recent(channel string, now time.Time) []notify.Message {
	n.mu.Lock()
	defer n.mu.Unlock()
	kept := n.sent[channel][:0]
	for _, m := range n.sent[channel] {
		if now.Sub(m.At) < noticeKept {
			kept = append(kept, m)
		}
	}
	n.sent[channel] = kept
	return append([]notify.Message(nil), kept...)
}

// said remembers a message.
func (n *Notices) said(channel string, g notify.Group) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent[channel] = append(n.sent[channel], notify.Message{Group: g.Name, At: n.o.Now(), Keys: g.Keys()})
}

// tell sends one message, and records in each case what became of it.
func (n *Notices) tell(ctx context.Context, channel string, way Way, g notify.Group, asks map[string]ask) error {
	var mine []ask
	for _, p := range g.Notices {
		if a, ok := asks[p.Notice.Key]; ok {
			mine = append(mine, a)
		}
	}
	incident := incidentOf(way, mine)
	ours, err := n.each(ctx, mine, func(no *care.Notice) care.Event {
		return care.NoticeAttempted{Key: no.Key, Try: no.Tries + 1, Incident: incident}
	}, care.ReplyIsRequested)
	if err != nil || ours == 0 {
		return err // another node's
	}
	n.o.Point("notice.attempted")
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), noticeTimeout)
	defer cancel()
	told := g.Notice(n.o.Link("/queue"), n.o.Now()).Clean()
	told.About = incident
	err = way.Channel.Send(call, way.To, told)
	n.o.Point("notice.sent")
	after := context.WithoutCancel(ctx)
	if err == nil {
		n.said(channel, g)
		_, err = n.each(after, mine, func(no *care.Notice) care.Event { return care.NoticeSent{Key: no.Key} }, care.ReplyIsAttempted)
		return err
	}
	n.o.Log.Warn("a notice was not sent", "source", channel, "err", err)
	_, failed := n.each(after, mine, func(no *care.Notice) care.Event { return notSentNotice(no, n.o.Now(), err) }, care.ReplyIsAttempted)
	return failed
}

// notSentNotice sorts a failure: to be tried again only when no byte can have
// arrived, failed only when the channel refused for certain.
func notSentNotice(no *care.Notice, now time.Time, err error) care.Event {
	ne, ok := errors.AsType[*network.Error](err)
	switch {
	case !ok:
		return care.NoticeUnknown{Key: no.Key}
	case ne.Unsent && passing(ne.Fault) && no.Tries < noticeTries:
		wait := max(ne.After, network.Backoff(max(0, no.Tries-1), rand.Int64N))
		return care.NoticeDelayed{Key: no.Key, Until: now.Add(wait), Why: string(ne.Fault)}
	case ne.Settled():
		return care.NoticeFailed{Key: no.Key, Why: string(ne.Fault)}
	}
	return care.NoticeUnknown{Key: no.Key}
}

// each adds an event for every one of these notices that still is in a state; empty:
// in any. It returns how many it added.
func (n *Notices) each(ctx context.Context, asks []ask, event func(*care.Notice) care.Event, in care.ReplyState) (added int, err error) {
	var ids []care.CaseID
	keys := map[care.CaseID]map[string]bool{}
	for _, a := range asks {
		if keys[a.id] == nil {
			ids, keys[a.id] = append(ids, a.id), map[string]bool{}
		}
		keys[a.id][a.notice.Key] = true
	}
	_, err = n.o.Desk.Do(ctx, care.ByOutbox, "", ids, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		var change care.Change
		added = 0
		for _, c := range cs {
			var events []care.Event
			for i := range c.Notices {
				if no := &c.Notices[i]; keys[c.ID][no.Key] && (no.State == in || in == "") {
					events = append(events, event(no))
				}
			}
			if added += len(events); len(events) > 0 {
				change.Cases = append(change.Cases, care.CaseEvents{Case: c.ID, Events: events})
			}
		}
		return change, nil
	})
	return added, err
}

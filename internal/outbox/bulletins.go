package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/store"
)

// A Letter is what a digest or an alert tells. It is of figures alone: nothing in
// it is about a person.
type Letter struct {
	Title    string            `json:"title"`
	Body     string            `json:"body"`
	HTML     string            `json:"html,omitempty"`
	Link     string            `json:"link,omitempty"`
	Severity notify.Severity   `json:"severity"`
	Detail   json.RawMessage   `json:"detail,omitempty"`
	About    string            `json:"about,omitempty"` // what begins with it, and is Over by another
	Over     bool              `json:"over,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"` // by which it is grouped; none: it is a message of its own
}

// KeepLetter adds what an item tells to what is kept of a bulletin, and leaves out
// what is not to be sent any more.
func KeepLetter(b *care.Bulletin, kept []byte, item string, l Letter) ([]byte, error) {
	letters, err := readLetters(kept)
	if err != nil {
		return nil, err
	}
	open := map[string]bool{}
	for _, n := range b.Notices {
		if n.Open() {
			open[ItemOf(n.Key)] = true
		}
	}
	for name := range letters {
		if !open[name] {
			delete(letters, name)
		}
	}
	letters[item] = l
	return json.Marshal(letters)
}

func readLetters(kept []byte) (map[string]Letter, error) {
	letters := map[string]Letter{}
	if len(kept) == 0 {
		return letters, nil
	}
	err := json.Unmarshal(kept, &letters)
	return letters, err
}

// ItemOf is what a notice tells; behind it stands the channel.
func ItemOf(key string) string { return key[:max(strings.LastIndexByte(key, '/'), 0)] }

// bulletiner is the desk's door for what is about no case.
type bulletiner interface {
	Bulletin(ctx context.Context, by care.Actor, name string, decide func(b *care.Bulletin, kept []byte) ([]care.Event, []byte, error)) (store.Seq, error)
}

// Bulletins tells digests and alerts. Their notices live as those of cases do: one
// of which nobody knows whether it arrived is not sent again.
type Bulletins struct {
	desk bulletiner
	n    *Notices // for what both know: channels, groups, what was sent lately
}

// NewBulletins returns them. Of the options, Pending is not asked.
func NewBulletins(desk bulletiner, o NoticeOptions) *Bulletins {
	return &Bulletins{desk, NewNotices(o)}
}

// A bulletinAsk is one notice of a bulletin, with what it tells.
type bulletinAsk struct {
	name   string
	notice care.Notice
	letter Letter
}

// Tick tells what is due by now of these bulletins.
func (b *Bulletins) Tick(ctx context.Context, names []string) error {
	now := b.n.o.Now()
	ways, policy, silences := b.n.o.Ways()
	pending, asks := map[string][]notify.Pending{}, map[string]bulletinAsk{}
	var errs []error
	for _, name := range names {
		due, err := b.read(ctx, name, ways, now)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		for _, a := range due {
			no := notify.Notice{Key: a.notice.Key, Title: a.letter.Title, Body: a.letter.Body, HTML: a.letter.HTML, Link: a.letter.Link, Severity: a.letter.Severity, Detail: a.letter.Detail, At: a.notice.AskedAt, About: a.letter.About, Over: a.letter.Over}
			if len(a.letter.Labels) == 0 {
				errs = append(errs, b.tell(ctx, ways[a.notice.Channel], no, []bulletinAsk{a}))
				continue
			}
			asks[a.notice.Key] = a
			pending[a.notice.Channel] = append(pending[a.notice.Channel], notify.Pending{Notice: no, Labels: a.letter.Labels, Since: a.notice.AskedAt})
		}
	}
	for channel, all := range pending {
		groups, _ := notify.Due(policy, all, silences, b.n.recent(channel, now), now)
		for _, g := range groups {
			var mine []bulletinAsk
			for _, p := range g.Notices {
				if a, ok := asks[p.Notice.Key]; ok {
					mine = append(mine, a)
				}
			}
			if err := b.tell(ctx, ways[channel], g.Notice(b.n.o.Link("/reports"), now), mine); err != nil {
				errs = append(errs, err)
				continue
			}
			b.n.said(channel, g)
		}
	}
	return errors.Join(errs...)
}

// read settles what was left by a crash or has no channel, and returns what is to
// be told.
func (b *Bulletins) read(ctx context.Context, name string, ways map[string]Way, now time.Time) (due []bulletinAsk, err error) {
	_, err = b.desk.Bulletin(ctx, care.ByOutbox, name, func(bull *care.Bulletin, kept []byte) ([]care.Event, []byte, error) {
		due = nil
		letters, err := readLetters(kept)
		if err != nil {
			return nil, nil, fmt.Errorf("what it tells: %w", err)
		}
		var events []care.Event
		for _, no := range bull.Notices {
			letter, there := letters[ItemOf(no.Key)]
			_, way := ways[no.Channel]
			switch {
			case no.State == care.ReplyIsAttempted && now.Sub(no.TriedAt) > 2*noticeTimeout:
				events = append(events, care.NoticeUnknown{Key: no.Key}) // whoever made the attempt is gone
			case no.State != care.ReplyIsRequested || no.NotBefore.After(now):
			case !way:
				events = append(events, care.NoticeFailed{Key: no.Key, Why: "no_channel"})
			case !there:
				events = append(events, care.NoticeFailed{Key: no.Key, Why: "gone"})
			default:
				due = append(due, bulletinAsk{name, no, letter})
			}
		}
		return events, nil, nil
	})
	return due, err
}

// tell sends one message, and records what became of it.
func (b *Bulletins) tell(ctx context.Context, way Way, no notify.Notice, asks []bulletinAsk) error {
	ours, err := b.each(ctx, asks, care.ReplyIsRequested, func(n *care.Notice) care.Event {
		return care.NoticeAttempted{Key: n.Key, Try: n.Tries + 1}
	})
	if err != nil || !ours {
		return err // another node's
	}
	b.n.o.Point("bulletin.attempted")
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), noticeTimeout)
	defer cancel()
	sent := way.Channel.Send(call, way.To, no.Clean())
	b.n.o.Point("bulletin.sent")
	if sent != nil {
		b.n.o.Log.Warn("figures could not be told", "source", asks[0].notice.Channel, "err", sent)
	}
	_, err = b.each(context.WithoutCancel(ctx), asks, care.ReplyIsAttempted, func(n *care.Notice) care.Event {
		if sent == nil {
			return care.NoticeSent{Key: n.Key}
		}
		return notSentNotice(n, b.n.o.Now(), sent)
	})
	return err
}

// each adds an event for every one of these notices that still is in a state; some
// says that there was one.
func (b *Bulletins) each(ctx context.Context, asks []bulletinAsk, in care.ReplyState, event func(*care.Notice) care.Event) (some bool, err error) {
	for _, a := range asks {
		_, err := b.desk.Bulletin(ctx, care.ByOutbox, a.name, func(bull *care.Bulletin, _ []byte) ([]care.Event, []byte, error) {
			for i := range bull.Notices {
				if n := &bull.Notices[i]; n.Key == a.notice.Key && n.State == in {
					some = true
					return []care.Event{event(n)}, nil, nil
				}
			}
			return nil, nil, nil
		})
		if err != nil {
			return some, err
		}
	}
	return some, nil
}

package outbox_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/outbox"
)

// A room takes notices, or fails.
type room struct {
	mu    sync.Mutex
	said  []notify.Notice
	fails []error
}

func (r *room) Send(_ context.Context, _ string, n notify.Notice) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.fails) > 0 {
		err := r.fails[0]
		r.fails = r.fails[1:]
		return err
	}
	r.said = append(r.said, n)
	return nil
}

// tellers starts notices to a room; killAt says at which named step they die.
func (b *bench) tellers(r notify.Channel, killAt string) *process {
	p := &process{killAt: func(_ int, point string) bool { return point == killAt }}
	ctx, stop := context.WithCancel(b.Context())
	p.stop = stop
	n := outbox.NewNotices(outbox.NoticeOptions{
		Desk: b.newDesk(p.point), Pending: b.view, Point: p.point,
		Link: func(path string) string { return "https://care.example" + path },
		Ways: func() (map[string]outbox.Way, notify.Policy, []notify.Silence) {
			return map[string]outbox.Way{"leads": {Channel: r, To: "leads"}}, notify.Policy{By: []string{"why"}, Wait: 30 * time.Second, Interval: 5 * time.Minute}, nil
		},
	})
	p.wg.Go(func() { _ = n.Run(ctx) })
	b.alive = append(b.alive, p)
	return p
}

// ask makes a case ask for a notice.
func (b *bench) ask(channel string) care.CaseID {
	b.Helper()
	id, _ := b.complaint()
	if err := b.act(id, func(time.Time, *care.Case) ([]care.Event, error) {
		return []care.Event{care.NoticeRequested{Key: "standard/1/x/0/" + channel, Channel: channel, Why: "unclaimed"}}, nil
	}); err != nil {
		b.Fatal(err)
	}
	return id
}

// fate is what became of a case's notice.
func (b *bench) fate(id care.CaseID) care.ReplyState {
	b.Helper()
	c, _ := b.story(id)
	if len(c.Notices) != 1 {
		b.Fatalf("%d notices", len(c.Notices))
	}
	return c.Notices[0].State
}

// A surge is one message, and then one every so often: never one a case.
func TestNoticesAreGrouped(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		r := &room{}
		b.tellers(r, "")
		var ids []care.CaseID
		for range 40 {
			ids = append(ids, b.ask("leads"))
			b.pass(10 * time.Second)
		}
		b.pass(10 * time.Minute)
		if n := len(r.said); n < 2 || n > 3 {
			b.Errorf("%d messages about 40 cases in seven minutes", n)
		}
		for _, id := range ids {
			if s := b.fate(id); s != care.ReplyIsSent {
				b.Errorf("a notice is %s", s)
			}
		}
		if len(r.said) > 0 && (r.said[0].Link == "" || r.said[0].Severity != notify.Warning) {
			b.Errorf("%+v", r.said[0])
		}
	})
}

// A channel that fails is tried again only where that can't say it twice.
func TestNoticeThatFails(t *testing.T) {
	unsent := &network.Error{Fault: network.Transient, Unsent: true, Err: network.Explain("connection refused")}
	for _, c := range []struct {
		name  string
		fails []error
		want  care.ReplyState
		said  int
	}{
		{"twice unsent, then taken", []error{unsent, unsent}, care.ReplyIsSent, 1},
		{"refused for certain", []error{&network.Error{Fault: network.Refused, Status: 403}}, care.ReplyIsFailed, 0},
		{"nobody knows", []error{&network.Error{Fault: network.Transient}}, care.ReplyIsUnknown, 0},
		{"limited, so later", []error{&network.Error{Fault: network.Limited, Unsent: true, After: time.Hour}}, care.ReplyIsSent, 1},
		{"always unsent: given up at last", slices.Repeat([]error{unsent}, 50), care.ReplyIsFailed, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				r := &room{fails: c.fails}
				b.tellers(r, "")
				id := b.ask("leads")
				b.pass(6 * time.Hour)
				if s := b.fate(id); s != c.want || len(r.said) != c.said {
					b.Errorf("%s, said %d times; want %s, %d", s, len(r.said), c.want, c.said)
				}
			})
		})
	}
}

// A process that dies between any two steps says nothing twice.
func TestNoticeThroughAKill(t *testing.T) {
	for _, at := range []string{"notice.attempted", "notice.sent"} {
		t.Run(at, func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				r := &room{}
				dead := b.tellers(r, at)
				id := b.ask("leads")
				b.pass(time.Minute)
				dead.end()
				b.tellers(r, "")
				b.pass(time.Hour)
				if s := b.fate(id); s != care.ReplyIsUnknown || len(r.said) > 1 {
					b.Errorf("%s, said %d times", s, len(r.said))
				}
			})
		})
	}
}

// A notice by a channel that is not set up fails visibly.
func TestNoticeWithoutAChannel(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.tellers(&room{}, "")
		id := b.ask("nobody")
		b.pass(time.Minute)
		if s := b.fate(id); s != care.ReplyIsFailed {
			b.Error(fmt.Sprint(s))
		}
	})
}

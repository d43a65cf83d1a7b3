package outbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/outbox"
)

// heralds start a process that tells bulletins to rooms.
func (b *bench) heralds(rooms map[string]*room, killAt string) *process {
	p := &process{killAt: func(_ int, point string) bool { return point == killAt }}
	ctx, stop := context.WithCancel(b.Context())
	p.stop = stop
	out := outbox.NewBulletins(b.newDesk(p.point), outbox.NoticeOptions{
		Point: p.point, Link: func(path string) string { return "https://care.example" + path },
		Ways: func() (map[string]outbox.Way, notify.Policy, []notify.Silence) {
			ways := map[string]outbox.Way{}
			for name, r := range rooms {
				ways[name] = outbox.Way{Channel: r, To: name}
			}
			return ways, notify.Policy{By: []string{"why"}, Wait: 30 * time.Second, Interval: 5 * time.Minute}, nil
		},
	})
	p.wg.Go(func() {
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for {
			_ = out.Tick(ctx, []string{"digest/weekly", "alert/slow"})
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	b.alive = append(b.alive, p)
	return p
}

// issue lets a bulletin tell something.
func (b *bench) issue(name, item string, l outbox.Letter, e care.Event, channels ...string) {
	b.Helper()
	_, err := b.agent.Bulletin(b.Context(), care.ByClock, name, func(bull *care.Bulletin, kept []byte) ([]care.Event, []byte, error) {
		keep, err := outbox.KeepLetter(bull, kept, item, l)
		return bull.Issue(item, "digest", channels, e), keep, err
	})
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) bulletin(name string) *care.Bulletin {
	b.Helper()
	bull := &care.Bulletin{Name: name}
	for r := range caretest.Records(b, b.st.Stream(b.Context(), name, 0)) {
		bull.Apply(r.Seq, r.Record)
	}
	return bull
}

func aDigest(n int) outbox.Letter {
	return outbox.Letter{Title: fmt.Sprint("Week ", n), Body: "Figures.", HTML: "<p>Figures.</p>", Severity: notify.Note, Detail: json.RawMessage(`{"position":1}`)}
}

// Every receiver gets each digest once, whole, and a channel that is down does not
// keep it from the others.
func TestDigestsAreTold(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	in(t, networktest.FakeOptions{}, func(b *bench) {
		unsent := &network.Error{Fault: network.Transient, Unsent: true, Err: network.Explain("connection refused")}
		mail, hook := &room{fails: []error{unsent, unsent}}, &room{}
		b.heralds(map[string]*room{"mail": mail, "hook": hook}, "")
		for week := range 3 {
			b.issue("digest/weekly", fmt.Sprint("digest/weekly/", week), aDigest(week), care.DigestIssued{Point: time.Now(), Position: 1}, "mail", "hook", "gone")
			b.pass(24 * time.Hour)
		}
		for name, r := range map[string]*room{"mail": mail, "hook": hook} {
			if len(r.said) != 3 {
				b.Fatalf("%s heard %d digests", name, len(r.said))
			}
			if got := r.said[2]; got.Title != "Week 2" || got.HTML == "" || len(got.Detail) == 0 || got.Key != "digest/weekly/2/"+name {
				b.Errorf("%+v", got)
			}
		}
		for _, n := range b.bulletin("digest/weekly").Notices {
			if want := map[string]care.ReplyState{"mail": care.ReplyIsSent, "hook": care.ReplyIsSent, "gone": care.ReplyIsFailed}[n.Channel]; n.State != want {
				b.Errorf("%s is %s", n.Key, n.State)
			}
		}
	})
}

// A digest that could not be told is not told any more once there is a newer one.
func TestAnOldDigestIsOvertaken(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.issue("digest/weekly", "digest/weekly/1", aDigest(1), care.DigestIssued{Point: time.Now()}, "mail")
		b.pass(7 * 24 * time.Hour) // nothing ran
		b.issue("digest/weekly", "digest/weekly/2", aDigest(2), care.DigestIssued{Point: time.Now()}, "mail")
		mail := &room{}
		b.heralds(map[string]*room{"mail": mail}, "")
		b.pass(time.Hour)
		if len(mail.said) != 1 || mail.said[0].Title != "Week 2" {
			b.Errorf("%+v", mail.said)
		}
	})
}

// A process that dies between any two steps says nothing twice.
func TestBulletinThroughAKill(t *testing.T) {
	for _, at := range []string{"desk.outbox.commit", "desk.outbox.committed", "bulletin.attempted", "bulletin.sent"} {
		t.Run(at, func(t *testing.T) {
			in(t, networktest.FakeOptions{}, func(b *bench) {
				mail := &room{}
				b.issue("digest/weekly", "digest/weekly/1", aDigest(1), care.DigestIssued{Point: time.Now()}, "mail")
				dead := b.heralds(map[string]*room{"mail": mail}, at)
				b.pass(time.Minute)
				if !dead.killed() {
					b.Fatal("it was never killed")
				}
				dead.end()
				b.heralds(map[string]*room{"mail": mail}, "")
				b.pass(time.Hour)
				n := b.bulletin("digest/weekly").Notices[0]
				if len(mail.said) > 1 || n.Open() {
					b.Errorf("said %d times, %s", len(mail.said), n.State)
				}
				if at == "desk.outbox.commit" && len(mail.said) != 1 {
					b.Error("nothing had left, and it was not said after")
				}
			})
		})
	}
}

// Alerts that ring together are one message; what ends before it was told is not
// told at all.
func TestAlertsAreGrouped(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		leads := &room{}
		b.heralds(map[string]*room{"leads": leads}, "")
		rings := outbox.Letter{Title: "slow went past its limit", Severity: notify.Warning, Labels: map[string]string{"why": "threshold"}}
		b.issue("alert/slow", "alert/slow/1", rings, care.AlertBegan{Value: 2, Limit: 1}, "leads")
		b.pass(10 * time.Second)
		if len(leads.said) != 0 {
			b.Error("it did not wait for more")
		}
		b.issue("alert/slow", "alert/slow/2", rings, care.AlertEnded{Why: "over"}) // told to nobody: nobody heard that it began
		b.pass(time.Hour)
		if len(leads.said) != 0 {
			b.Errorf("told all the same: %+v", leads.said)
		}
		b.issue("alert/slow", "alert/slow/3", rings, care.AlertBegan{Value: 2, Limit: 1}, "leads")
		b.pass(time.Minute)
		if len(leads.said) != 1 || !b.bulletin("alert/slow").Told("leads") {
			b.Errorf("told %d times", len(leads.said))
		}
	})
}

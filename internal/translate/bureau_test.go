package translate

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
)

// A counting service says what it was asked, and fails when it is told to.
type counting struct {
	mu    sync.Mutex
	asked []string
	fails error
	until chan struct{} // it answers once this is closed; nil: at once
}

func (c *counting) Host() string { return "translate.acme.example" }

func (c *counting) Translate(_ context.Context, text, to string) (Translated, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, text)
	if c.until != nil {
		<-c.until
	}
	return Translated{Text: to + ": " + text, From: "sv"}, c.fails
}

func (c *counting) times() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

type office struct {
	*Bureau
	t       *testing.T
	st      store.Store
	service *counting
	now     time.Time
	daily   int
}

func newOffice(t *testing.T) *office {
	st, err := boltstore.Open(filepath.Join(t.TempDir(), "log.db"), boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	o := &office{t: t, st: st, service: &counting{}, now: time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)}
	o.Bureau = NewBureau(st, func() time.Time { return o.now })
	return o
}

func (o *office) ask(id care.MentionID, text, to string) (Translated, error) {
	return o.Translate(o.t.Context(), Office{Service: o.service, Title: "Test", Daily: o.daily}, id, text, to)
}

func (o *office) must(id care.MentionID, text, to string) {
	o.t.Helper()
	if got, err := o.ask(id, text, to); err != nil || got.Text != to+": "+text {
		o.t.Fatalf("%+v %v", got, err)
	}
}

func (o *office) sent(today, month int) {
	o.t.Helper()
	if d, m, err := o.Sent(o.t.Context()); err != nil || d != today || m != month {
		o.t.Errorf("%d today, %d in 30 days (%v), want %d and %d", d, m, err, today, month)
	}
}

func TestWhatWasToldIsRemembered(t *testing.T) {
	o := newOffice(t)
	o.must("m1", "hej", "de")
	o.must("m1", "hej", "de")
	if n := o.service.times(); n != 1 {
		t.Errorf("asked %d times for the same", n)
	}
	o.must("m1", "hej", "fr")    // another language
	o.must("m1", "hej då", "fr") // edited
	o.must("m2", "hej", "de")    // another mention: it can be erased by itself
	if n := o.service.times(); n != 4 {
		t.Errorf("asked %d times", n)
	}
	o.sent(3+3+6+3, 15)
}

func TestWhoAskTogetherShareOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.service.until = make(chan struct{})
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { o.must("m1", "hej", "de") })
		}
		synctest.Wait()
		close(o.service.until)
		all.Wait()
		if n := o.service.times(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestTheDayHasALimit(t *testing.T) {
	o := newOffice(t)
	o.daily = 10
	o.must("m1", "åäöåäö", "de") // six characters, twelve bytes
	_, err := o.ask("m2", "12345", "de")
	if e, ok := errors.AsType[*care.Error](err); !ok || e.Code != care.Conflict || !strings.Contains(e.Error(), "4 are left") {
		t.Errorf("past the limit: %v", err)
	}
	o.must("m1", "åäöåäö", "de") // remembered: nothing leaves
	o.must("m2", "1234", "de")
	o.sent(10, 10)
	o.Bureau = NewBureau(o.st, func() time.Time { return o.now }) // a restart
	if _, err := o.ask("m3", "1", "de"); err == nil {
		t.Error("a restart lifts the limit")
	}
	o.now = o.now.Add(time.Hour) // midnight
	o.must("m3", "12345", "de")
	o.sent(5, 15)
	o.now = o.now.AddDate(0, 0, keptDays)
	o.sent(0, 0)
}

// TestFailuresCount: what certainly never arrived is not counted; what may have
// arrived is.
func TestFailuresCount(t *testing.T) {
	o := newOffice(t)
	o.service.fails = network.Transient.Unsent("nobody is there")
	if _, err := o.ask("m1", "hej", "de"); err == nil {
		t.Error("no error")
	}
	o.sent(0, 0)
	o.service.fails = network.Transient.Because("the connection broke")
	if _, err := o.ask("m1", "hej", "de"); err == nil {
		t.Error("no error")
	}
	o.sent(3, 3)
	o.service.fails = nil
	o.must("m1", "hej", "de") // a failure is not remembered
}

func TestTooLong(t *testing.T) {
	o := newOffice(t)
	_, err := o.ask("m1", strings.Repeat("å", MaxText+1), "de")
	if e, ok := errors.AsType[*care.Error](err); !ok || e.Code != care.Invalid || o.service.times() != 0 {
		t.Errorf("%v", err)
	}
	o.must("m1", strings.Repeat("å", MaxText), "de")
}

// TestErasedIsForgotten: whatever takes a mention's text away takes its
// translation out of memory, also one that is just being made.
func TestErasedIsForgotten(t *testing.T) {
	for name, e := range map[string]care.Event{
		"erased":  care.Erased{Author: "a", Mentions: []care.MentionID{"m1"}},
		"expired": care.Expired{Mentions: []care.MentionID{"m1"}},
		"deleted": care.MentionDeleted{Mention: "m1"},
		"edited":  care.MentionEdited{Mention: "m1"},
		"changed": care.SourceRead{Changed: []care.MentionID{"m1"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t)
				o.must("m1", "hej", "de")
				o.must("m2", "hej", "de")
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- o.Follow(ctx, 0) }()
				o.service.until = make(chan struct{})
				late := make(chan struct{})
				go func() { o.must("m1", "hej", "fr"); close(late) }()
				synctest.Wait()
				r := care.Record{At: o.now, By: "system", Events: []care.Event{e}}
				if _, err := o.st.Commit(t.Context(), store.Batch{Appends: []store.Append{{Stream: "author/a", Data: r.Encode()}}}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				close(o.service.until)
				<-late
				var left []care.MentionID
				for _, k := range o.kept.Keys() {
					left = append(left, k.mention)
				}
				if len(left) != 1 || left[0] != "m2" {
					t.Errorf("left in memory: %v", left)
				}
				stop()
				if err := <-done; !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	b := NewBureau(nil, time.Now)
	for i := range 3 * maxKept {
		b.kept.Add(key{mention: care.MentionID(rune(i))}, Translated{})
	}
	if n := b.kept.Len(); n != maxKept {
		t.Errorf("%d are kept", n)
	}
}

package desk_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
)

// asked is a case as the desk has it in memory.
func (b *bench) asked(d *desk.Desk, id care.CaseID) *care.Case {
	b.t.Helper()
	var c *care.Case
	_, err := d.Do(b.t.Context(), "test", "", []care.CaseID{id}, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		c = cs[0].Clone()
		return care.Change{}, nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// told is a case as its records tell it.
func (b *bench) told(id care.CaseID) *care.Case {
	b.t.Helper()
	p, err := b.view.Case(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return p.Case
}

// What the desk keeps in memory is what the log tells, to the last digit: the
// log keeps milliseconds.
func TestMemoryEqualsTheLog(t *testing.T) {
	b := newBench(t)
	const odd = 123_456 * time.Nanosecond
	b.now = start.Add(odd)
	b.seen(post("ana", "1", "broken", start.Add(odd/2)), post("ana", "2", "hello?", start.Add(odd/3)))
	id := b.only().ID
	for _, decide := range []func(now time.Time, c *care.Case) ([]care.Event, error){
		func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Claim("ada", "claim") },
		func(now time.Time, c *care.Case) ([]care.Event, error) {
			return c.MakePromise("ada", 1, now, now.Add(time.Hour+odd), "call")
		},
		func(now time.Time, c *care.Case) ([]care.Event, error) {
			return c.RequestReply("ada", care.ReplyRequested{Reply: 2, To: c.Mentions[0].Mention, Key: "k", NotBefore: now.Add(odd), Then: care.ThenKeep})
		},
		func(now time.Time, c *care.Case) ([]care.Event, error) {
			return c.AttemptReply(2, now.Add(time.Minute), now.Add(time.Minute+odd)), nil
		},
		func(now time.Time, c *care.Case) ([]care.Event, error) {
			return c.ReplyWasSent(2, now.Add(time.Minute), now.Add(odd), false), nil
		},
		func(now time.Time, c *care.Case) ([]care.Event, error) { return c.Tag(nil, []string{"none"}) },
		func(now time.Time, c *care.Case) ([]care.Event, error) {
			return c.Snooze("ada", now, now.Add(time.Minute+odd))
		},
	} {
		b.now = b.now.Add(time.Second + odd)
		if err := b.do("ada", id, decide); err != nil {
			t.Fatal(err)
		}
		if got, want := b.asked(b.desk, id), b.told(id); !reflect.DeepEqual(got, want) {
			t.Fatalf("in memory\n%+v\nthe log tells\n%+v", got, want)
		}
	}
	// A snooze that ends between two milliseconds ends, and is not asked for again
	// and again.
	until := b.told(id).SnoozedUntil
	for at := until.Add(-2 * time.Millisecond); at.Before(until.Add(2 * time.Millisecond)); at = at.Add(100 * time.Microsecond) {
		b.now = at
		b.advance(0)
	}
	if c := b.only(); !c.SnoozedUntil.IsZero() {
		t.Error("still snoozed")
	}
}

// Two desks on one store: neither refuses anything for what was true once.
func TestRefusalIsOfTheCaseAsItIs(t *testing.T) {
	b := newBench(t)
	other, err := desk.New(b.st, desk.Options{Key: []byte("a key for tests only, 32 bytes ..."), Rules: rules(t), Now: b.clock})
	if err != nil {
		t.Fatal(err)
	}
	b.seen(post("ana", "1", "broken", start))
	id := b.only().ID
	do := func(d *desk.Desk, by care.AgentID, decide func(time.Time, *care.Case) ([]care.Event, error)) error {
		_, err := d.One(t.Context(), care.ByAgent(by), "", id, decide)
		return err
	}
	claim := func(by care.AgentID) func(time.Time, *care.Case) ([]care.Event, error) {
		return func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Claim(by, "claim") }
	}
	if err := do(b.desk, "ada", claim("ada")); err != nil {
		t.Fatal(err)
	}
	if err := do(other, "ada", func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Release("ada") }); err != nil {
		t.Fatal(err)
	}
	if c := b.asked(b.desk, id); c.State != care.StateWaiting {
		t.Errorf("the first desk still has it %s", c.State)
	}
	if err := do(other, "bob", claim("bob")); err != nil {
		t.Fatal(err)
	}
	if err := do(other, "bob", func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.Release("bob") }); err != nil {
		t.Fatal(err)
	}
	if err := do(b.desk, "cleo", claim("cleo")); err != nil {
		t.Errorf("refused for what was true once: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err = b.desk.One(ctx, care.ByAgent("dan"), "", id, claim("dan"))
	if err == nil {
		t.Error("a claim of another's case, with a context that has ended")
	}
}

package intake_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/intake"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// An eye sees posts, and nothing that changes is polled.
type eye struct {
	network.Account
	look  func(context.Context, []care.Remote) ([]network.Item, error)
	calls int
}

func (e *eye) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	e.calls++
	return e.look(ctx, ids)
}

// What its author took back or changed after it was read is found by looking
// again: in the last two days everything, later only what is being worked on.
func TestRecheck(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		e := &eye{Account: b.net.Account()}
		gone, changed := map[care.Remote]bool{}, map[care.Remote]string{}
		e.look = func(_ context.Context, ids []care.Remote) (items []network.Item, err error) {
			for _, id := range ids {
				m := b.kept()[id]
				it := network.Item{Kind: network.Seen, Post: m.Post}
				if gone[id] {
					it = network.Item{Kind: network.Deleted}
				} else if text, ok := changed[id]; ok {
					it.Post.Text, it.Post.EditedAt = text, time.Now()
				}
				items = append(items, it)
			}
			return items, nil
		}
		src := source("kettles", e)
		p := b.boot(settings{}, src)
		open, old := b.says("ana", "broken"), b.says("ben", "a fine day")
		b.pass(72 * time.Hour)
		fresh, other := b.says("cleo", "another fine day"), b.says("dora", "and one more")
		b.pass(every)
		for _, id := range []care.Remote{open, old, fresh} {
			gone[id] = true
		}
		changed[other] = "and one that is broken"
		again := func(s intake.Source) {
			b.Helper()
			v := b.look()
			defer v.Close()
			if err := p.Recheck(b.Context(), s, v); err != nil {
				b.Fatal(err)
			}
		}
		priced := src
		priced.Priced = true
		again(priced)
		if m := b.kept(); !m[open].Deleted || m[fresh].Deleted {
			b.Error("where reading costs money, what is worked on is looked at, and nothing else")
		}
		again(src)
		m := b.kept()
		if !m[fresh].Deleted || m[fresh].Post.Text != "" {
			b.Errorf("the fresh one stands: %+v", m[fresh])
		}
		if m[old].Deleted {
			b.Error("three days later, what is in no case is left alone")
		}
		if m[other].Post.Text != changed[other] || m[other].Case == "" {
			b.Errorf("the edit made no case: %+v", m[other])
		}
		calls := e.calls
		again(src)
		if e.calls == calls {
			b.Error("not looked at again")
		}
	})
}

// A network that fails ends a look; it is tried again a good while later.
func TestRecheckThatFails(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		limited := &network.Error{Fault: network.Limited, After: time.Hour}
		e := &eye{Account: b.net.Account(), look: func(context.Context, []care.Remote) ([]network.Item, error) { return nil, limited }}
		src := source("kettles", e)
		src.Recheck = 24 * time.Hour
		p := b.boot(settings{}, src)
		b.says("ana", "broken")
		b.pass(every)
		v := b.look()
		defer v.Close()
		err := p.Recheck(b.Context(), src, v)
		if !errors.Is(err, limited) {
			b.Fatalf("%v", err)
		}
		for _, c := range []struct {
			err  error
			want time.Duration
		}{{nil, 24 * time.Hour}, {limited, time.Hour}, {errors.New("the store is away"), 15 * time.Minute}} {
			if got := src.Again(c.err); got != c.want {
				b.Errorf("after %v: %v, want %v", c.err, got, c.want)
			}
		}
		if got := intake.Rechecked([]intake.Source{src, source("blind", b.net.Account())}); len(got) != 1 {
			b.Errorf("%d sources are looked at again", len(got))
		}
	})
}

package networktest_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

func TestTheFakePassesTheSuite(t *testing.T) {
	for name, o := range map[string]networktest.FakeOptions{
		"forward":           {Page: 3},
		"forward, overlap":  {Page: 3, Overlap: 2},
		"newest":            {Page: 3, Newest: true},
		"newest, overlap":   {Page: 4, Newest: true, Overlap: 5},
		"keyed, page of 1":  {Page: 1, Keyed: true},
		"newest, page of 1": {Page: 1, Newest: true},
	} {
		t.Run(name, func(t *testing.T) {
			networktest.Run(t, networktest.Fake(o).Traits(), func(*testing.T) networktest.World { return networktest.Fake(o) })
		})
	}
}

func poll(t *testing.T, a network.Account, cursor string) (network.Page, string) {
	t.Helper()
	p, err := a.Poll(t.Context(), cursor)
	if err != nil {
		t.Fatal(err)
	}
	return p, p.Next
}

func TestTheFakeTakesTheTimeItIsToldTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := networktest.Fake(networktest.FakeOptions{})
		id := f.Post(networktest.Post{Text: "where is my order?"})
		a := f.Account().(network.Replier)
		answer := care.Answer{To: care.Post{Remote: id}, Text: "soon", Key: "k"}
		f.Delay(time.Minute)

		start := time.Now()
		if _, err := a.Send(t.Context(), answer); err != nil || time.Since(start) != time.Minute {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		ctx, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		if e := networktest.Failure(t, networktest.ErrOf(a.Send(ctx, answer))); e.Unsent || !errors.Is(e, context.DeadlineExceeded) {
			t.Errorf("got %v, unsent %v", e, e.Unsent)
		}
		if n := len(f.Sent()); n != 1 {
			t.Errorf("%d answers: one that nobody waited for must not appear", n)
		}
		f.Delay(0)
		f.Break(networktest.Stalled)
		ctx, end = context.WithTimeout(t.Context(), time.Second)
		defer end()
		networktest.Failure(t, networktest.ErrOf(a.Send(ctx, answer)))
		if n := len(f.Sent()); n != 2 {
			t.Errorf("%d answers: a stalled one is taken", n)
		}
	})
}

func TestTheFakeFollowsItsScript(t *testing.T) {
	f := networktest.Fake(networktest.FakeOptions{})
	f.Break(networktest.Unauthorised)
	f.Script(networktest.Mended, networktest.LimitedSeconds)
	a := f.Account()
	poll(t, a, "")
	if e := networktest.Failure(t, networktest.ErrOf(a.Poll(t.Context(), ""))); e.Fault != network.Limited || e.After != networktest.Wait {
		t.Errorf("second: %v", e)
	}
	for range 2 {
		if e := networktest.Failure(t, networktest.ErrOf(a.Poll(t.Context(), ""))); e.Fault != network.Refused {
			t.Errorf("then: %v", e)
		}
	}
	if f.CallsOf("poll") != 4 || f.Calls() != 4 {
		t.Errorf("%d calls", f.Calls())
	}
}

func TestTheFakeLies(t *testing.T) {
	f := networktest.Fake(networktest.FakeOptions{})
	id := f.Post(networktest.Post{Text: "where is my order?"})
	a := f.Account().(network.Replier)
	f.BreakWrites(networktest.Denied)
	e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), care.Answer{To: care.Post{Remote: id}, Text: "soon", Key: "k"})))
	if !e.Settled() || len(f.Sent()) != 1 {
		t.Errorf("told %v, %d answers", e, len(f.Sent()))
	}
}

func TestTheFakeShowsPostsLateAndInAnyOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := networktest.Fake(networktest.FakeOptions{Page: 100})
		f.Lag(time.Minute)
		f.Skew(time.Hour)
		var want []care.Remote
		for range 20 {
			want = append(want, f.Post(networktest.Post{Text: "late"}))
		}
		f.Edit(want[0], "edited")
		p, cursor := poll(t, f.Account(), "")
		if len(p.Items) != 0 {
			t.Errorf("%d posts before their time", len(p.Items))
		}
		f.Reorder(rand.New(rand.NewPCG(1, 2)))
		time.Sleep(time.Minute)
		p, _ = poll(t, f.Account(), cursor)
		got := map[care.Remote]int{}
		inOrder := true
		for i, it := range p.Items {
			got[it.Post.Remote]++
			inOrder = inOrder && i < len(want) && it.Post.Remote == want[i]
			if d := time.Until(it.Post.PostedAt); d != 59*time.Minute {
				t.Errorf("posted %v from now", d)
			}
		}
		if len(got) != 20 || got[want[0]] != 2 || inOrder {
			t.Errorf("got %d posts, %d items, in order %v", len(got), len(p.Items), inOrder)
		}
	})
}

func TestTwoSearchesSeeOnePost(t *testing.T) {
	f := networktest.Fake(networktest.FakeOptions{})
	f.Post(networktest.Post{Text: "acme parcel lost"})
	f.Post(networktest.Post{Text: "acme is fine"})
	a, _ := poll(t, f.Search("acme"), "")
	b, _ := poll(t, f.Search("parcel"), "")
	if len(a.Items) != 2 || len(b.Items) != 1 || a.Items[0].Post.Remote != b.Items[0].Post.Remote {
		t.Errorf("%d and %d items", len(a.Items), len(b.Items))
	}
}

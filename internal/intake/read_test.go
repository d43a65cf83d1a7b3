package intake_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/view"
)

// shapes are the ways in which networks page.
var shapes = map[string]networktest.FakeOptions{
	"forward":                {Page: 7},
	"forward, with overlap":  {Page: 7, Overlap: 3},
	"newest first":           {Page: 7, Newest: true},
	"newest first, overlaps": {Page: 7, Newest: true, Overlap: 5},
	"one by one":             {Page: 1, Newest: true, Overlap: 1},
}

// More than a page at once is read at once, page by page.
func TestBurst(t *testing.T) {
	for name, o := range shapes {
		t.Run(name, func(t *testing.T) {
			in(t, o, func(b *bench) {
				p := b.boot(settings{}, source("kettles", b.net.Account()))
				b.pass(every / 2)
				var want []care.Remote
				for round := range 3 {
					for i := range 23 {
						want = append(want, b.says(fmt.Sprint("author", i), fmt.Sprintf("broken again (%d)", round)))
					}
					b.pass(every)
				}
				kept := b.kept()
				for _, r := range want {
					if _, ok := kept[r]; !ok {
						b.Errorf("%s was not taken in", r)
					}
				}
				if len(kept) != len(want) {
					b.Errorf("%d mentions, want %d", len(kept), len(want))
				}
				if cs := b.cases(); len(cs) != 23 || slices.ContainsFunc(cs, func(c *view.CasePage) bool { return len(c.Case.Mentions) != 3 }) {
					b.Errorf("%d cases, want 23 of 3 mentions each", len(cs))
				}
				pages := events[care.SourceRead](b, "source/kettles")
				if least := 3 * ((23 + o.Page - 1) / o.Page); len(pages) != least {
					b.Errorf("%d commits, want one for each of %d pages", len(pages), least)
				}
				if sum := b.totals("kettles"); sum.New != len(want) || sum.Flagged != len(want) || sum.Opened != 23 {
					b.Errorf("the log counts %+v", sum)
				}
				if h := p.Health()["kettles"]; h.State != care.SourceReading || h.Failures != 0 || !h.Newest.Equal(time.Now().Add(-every)) ||
					!h.SucceededAt.Equal(h.TriedAt) || !h.NextAt.Equal(h.TriedAt.Add(every)) || h.Calls != b.net.CallsOf("poll") {
					b.Errorf("health %+v", h)
				}
			})
		})
	}
}

// A quiet source writes nothing, however often it is polled.
func TestQuietSourceWritesNothing(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		b.says("ana", "broken")
		b.boot(settings{}, source("kettles", b.net.Account()))
		b.pass(every)
		before := len(b.log())
		polls := b.net.CallsOf("poll")
		b.pass(24 * time.Hour)
		if n := b.net.CallsOf("poll") - polls; n != 24*60 {
			b.Errorf("%d polls in a day", n)
		}
		if n := len(b.log()); n != before {
			b.Errorf("the log grew from %d to %d", before, n)
		}
	})
}

func TestEditsAndDeletions(t *testing.T) {
	in(t, networktest.FakeOptions{Page: 3}, func(b *bench) {
		b.boot(settings{}, source("kettles", b.net.Account()))
		first, second, fine := b.says("ana", "broken"), b.says("bo", "broken"), b.says("cleo", "lovely")
		b.pass(every)
		b.net.Edit(first, "broken, and it is a gift")
		b.net.Delete(second)
		b.net.Edit(fine, "no: broken")
		b.pass(every)
		kept := b.kept()
		if m := kept[first]; m.Post.Text != "broken, and it is a gift" || m.Post.EditedAt.IsZero() {
			b.Errorf("edited: %+v", m.Post)
		}
		if m := kept[second]; !m.Deleted || m.Post.Text != "" || m.Post.Author != (care.Author{}) {
			b.Errorf("deleted: %+v", m)
		}
		cs := b.cases()
		if len(cs) != 3 {
			b.Fatalf("%d cases, want 3: an edit can make a complaint", len(cs))
		}
		for _, c := range cs {
			switch m := c.Case.Mentions[0]; c.Mentions[m.Mention].Post.Remote {
			case first:
				if !m.Edited {
					b.Error("the case does not know of the edit")
				}
			case second:
				if tg := c.Case.Target(care.FirstResponse); !m.Deleted || tg.State != care.TargetIsEnded || tg.How != care.Withdrawn {
					b.Errorf("deleted: %+v", tg)
				}
			}
		}
		if sum := b.totals("kettles"); sum.Edited != 2 || sum.Deleted != 1 || sum.New != 3 || sum.Opened != 3 {
			b.Errorf("the log counts %+v", sum)
		}
	})
}

// What was edited before we first saw it comes as an edit alone.
func TestEditOfAnUnknownPostIsNew(t *testing.T) {
	in(t, networktest.FakeOptions{Page: 10}, func(b *bench) {
		p := b.says("ana", "borken")
		b.net.Edit(p, "broken")
		b.net.Edit(p, "broken, I say")
		b.boot(settings{}, source("kettles", b.net.Account()))
		b.pass(every)
		c := b.only()
		if m := c.Mentions[c.Case.Mentions[0].Mention]; m.Post.Text != "broken, I say" || len(c.Mentions) != 1 {
			b.Errorf("kept %+v", m.Post)
		}
	})
}

// Our own posts open no case and are not judged; in a thread with a case they
// are answers.
func TestOwnPosts(t *testing.T) {
	in(t, networktest.FakeOptions{Page: 2}, func(b *bench) {
		judge := &keywords{}
		b.boot(settings{judge: judge}, source("kettles", b.net.Account()))
		b.net.Post(networktest.Post{Own: true, Text: "Broken kettle? We repair."})
		q := b.says("ana", "broken")
		b.pass(every)
		asked := judge.asked
		at := time.Now().Add(time.Second)
		b.pass(time.Second)
		b.net.Post(networktest.Post{Own: true, Text: "sorry, a broken one?", InReplyTo: q})
		b.pass(every)
		c := b.only()
		if len(c.Case.Replies) != 1 || c.Case.Replies[0].State != care.ReplyIsSeen || !c.Case.FirstReplyAt.Equal(at) {
			b.Errorf("replies %+v, first at %v", c.Case.Replies, c.Case.FirstReplyAt)
		}
		if judge.asked != asked || asked != 1 {
			b.Errorf("%d texts were judged, want 1", judge.asked)
		}
		if sum := b.totals("kettles"); sum.Own != 2 || sum.Flagged != 1 {
			b.Errorf("the log counts %+v", sum)
		}
	})
}

// Two sources of one network see the same posts.
func TestTwoSourcesSeeTheSamePost(t *testing.T) {
	in(t, networktest.FakeOptions{Page: 4, Newest: true, Overlap: 2}, func(b *bench) {
		b.boot(settings{}, source("mentions", b.net.Account()), source("search", b.net.Search("kettle")))
		for i := range 30 {
			b.says(fmt.Sprint("author", i), "my kettle is broken")
			b.pass(7 * time.Second)
		}
		b.pass(every)
		if n := len(b.kept()); n != 30 {
			b.Errorf("%d mentions, want 30", n)
		}
		if cs := b.cases(); len(cs) != 30 {
			b.Errorf("%d cases, want 30", len(cs))
		}
		if one, two := b.totals("mentions"), b.totals("search"); one.New+two.New != 30 || one.Opened+two.Opened != 30 {
			b.Errorf("new: %d and %d, want 30 together", one.New, two.New)
		}
	})
}

// Two nodes read one source: each page is taken in by one of them.
func TestTwoReadersOfOneSource(t *testing.T) {
	for name, o := range shapes {
		t.Run(name, func(t *testing.T) {
			in(t, o, func(b *bench) {
				b.boot(settings{}, source("kettles", b.net.Account()))
				b.boot(settings{}, source("kettles", b.net.Account()))
				for i := range 40 {
					b.says(fmt.Sprint("author", i), "broken")
					b.pass(11 * time.Second)
				}
				b.pass(3 * every)
				if n := len(b.kept()); n != 40 {
					b.Errorf("%d mentions, want 40", n)
				}
				if cs := b.cases(); len(cs) != 40 {
					b.Errorf("%d cases, want 40", len(cs))
				}
				if sum := b.totals("kettles"); sum.New != 40 {
					b.Errorf("the log counts %d new", sum.New)
				}
			})
		})
	}
}

// A classifier that fails loses nothing: the page is polled again.
func TestClassifierFails(t *testing.T) {
	in(t, networktest.FakeOptions{}, func(b *bench) {
		judge := &keywords{fails: 3}
		b.says("ana", "broken")
		p := b.boot(settings{judge: judge}, source("kettles", b.net.Account()))
		b.pass(time.Millisecond)
		if h := p.Health()["kettles"]; h.State != care.SourceTrying || h.Failures == 0 {
			b.Errorf("health %+v", h)
		}
		b.pass(10 * time.Minute)
		b.only()
		if h := p.Health()["kettles"]; h.State != care.SourceReading || h.Failures != 0 {
			b.Errorf("health %+v", h)
		}
	})
}

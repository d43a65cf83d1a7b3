package x_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/x"
	"github.com/amends-care/amends/internal/network/x/xtest"
)

// A reader polls like intake: it opens the account anew for each page.
type reader struct {
	t      *testing.T
	w      *world
	cursor string
	items  map[care.Remote][]network.Item
	spend  float64
	calls  int
	gaps   []network.Gap
}

func (w *world) reader(t *testing.T) *reader {
	r := &reader{t: t, w: w, items: map[care.Remote][]network.Item{}}
	r.drain()
	return r
}

func (r *reader) drain() {
	r.t.Helper()
	for more := true; more; {
		p, err := r.w.Account().Poll(r.t.Context(), r.cursor)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, it := range p.Items {
			r.items[it.Post.Remote] = append(r.items[it.Post.Remote], it)
		}
		r.spend += p.Meter.Spend
		r.calls += p.Meter.Calls
		r.gaps = append(r.gaps, p.Gaps...)
		r.cursor, more = p.Next, p.More
	}
}

func (r *reader) one(id int64) network.Item {
	r.t.Helper()
	all := r.items[remote(id)]
	if len(all) == 0 {
		r.t.Fatalf("post %d was not told", id)
	}
	return all[len(all)-1]
}

func TestOwnPostsAreTheAccountsAlone(t *testing.T) {
	for _, set := range []*x.Settings{settings(x.Own), older(settings(x.Own)), v1(settings(x.Own))} {
		w := newWorld(t, set, xtest.Options{Page: 3})
		r := w.reader(t)
		theirs := w.net.Post(xtest.Post{Text: "@acme hello?"})
		var ours []int64
		for i := range 8 {
			ours = append(ours, w.net.Post(xtest.Post{Author: xtest.Handle, Text: fmt.Sprint("update ", i), InReplyTo: theirs}))
		}
		w.net.Post(xtest.Post{Author: xtest.Handle, Text: "RT", Repost: theirs})
		r.drain()
		for _, id := range ours {
			if it := r.one(id); !it.Own || it.Post.Summoned || it.Post.InReplyTo != remote(theirs) || it.Post.Thread != remote(theirs) {
				t.Errorf("%s: %+v", set.Mode, it)
			}
		}
		if len(r.items) != len(ours) {
			t.Errorf("%s: %d posts, wrote %d", set.Mode, len(r.items), len(ours))
		}
	}
}

func TestRepostsAreDroppedQuotesAndRepliesAreNot(t *testing.T) {
	for _, set := range []*x.Settings{settings(x.Mentions), older(settings(x.Mentions)), v1(settings(x.Mentions)), settings(x.Search)} {
		w := newWorld(t, set, xtest.Options{})
		r := w.reader(t)
		first := w.net.Post(xtest.Post{Author: xtest.Handle, Text: "Our new kettle is here"})
		reply := w.net.Post(xtest.Post{Author: "ben", Text: "@acme the kettle leaks", InReplyTo: first})
		quote := w.net.Post(xtest.Post{Author: "cleo", Text: "@acme kettle lol", Quote: first})
		repost := w.net.Post(xtest.Post{Author: "dora", Text: "RT @acme kettle", Repost: first})
		r.drain()
		r.one(reply)
		if it := r.one(quote); len(it.Post.Links) != 1 || it.Post.Links[0].Kind != "quote" {
			t.Errorf("%s %s: the quote has %+v", set.What, set.Mode, it.Post.Links)
		}
		if len(r.items[remote(repost)]) != 0 {
			t.Errorf("%s %s: a repost was told", set.What, set.Mode)
		}
	}
}

func TestAQuoteSummonsUsAndAMereWordDoesNot(t *testing.T) {
	for _, set := range []*x.Settings{settings(x.Search), older(settings(x.Search))} {
		w := newWorld(t, set, xtest.Options{})
		r := w.reader(t)
		ours := w.net.Post(xtest.Post{Author: xtest.Handle, Text: "Our new thing"})
		quote := w.net.Post(xtest.Post{Text: "never buy this kettle", Quote: ours})
		about := w.net.Post(xtest.Post{Text: "my acme kettle leaks"})
		r.drain()
		a := w.Account().(network.Replier)
		now := time.Now()
		if may := a.May(r.one(quote).Post, now); may.How != care.ByAPI {
			t.Errorf("a quote of ours: %+v", may)
		}
		may := a.May(r.one(about).Post, now)
		if may.How != care.ByHand || !strings.Contains(string(may.Why), "on X itself") || may.Pictures != 0 {
			t.Errorf("a mere word: %+v", may)
		}
		_, err := a.Send(t.Context(), care.Answer{To: r.one(about).Post, Text: "Sorry!", Key: "k"})
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || !e.Unsent {
			t.Errorf("an answer that X forbids: %v", err)
		}
		if len(w.net.Sent()) != 0 {
			t.Error("it was sent")
		}
	}
}

func TestAnEditKeepsItsFirstID(t *testing.T) {
	w := newWorld(t, settings(x.Mentions), xtest.Options{})
	r := w.reader(t)
	first := w.net.Post(xtest.Post{Text: "@acme my parcel is lost"})
	second := w.net.Edit(first, "@acme my parcel is lost, order 12")
	third := w.net.Edit(first, "@acme my parcel is lost, order 123")
	answer := w.net.Post(xtest.Post{Author: "ben", Text: "@acme mine too", InReplyTo: second})
	r.drain()
	it := r.one(first)
	if it.Kind != network.Edited || it.Post.Revision != remote(third) || !strings.HasSuffix(it.Post.Text, "123") || it.Post.EditedAt.Before(it.Post.PostedAt) {
		t.Errorf("%+v", it)
	}
	if it := r.one(answer); it.Post.InReplyTo != remote(first) || it.Post.Thread != remote(first) {
		t.Errorf("an answer to the second version answers %s in thread %s", it.Post.InReplyTo, it.Post.Thread)
	}
	looked, err := w.Account().(network.Looker).Look(t.Context(), []care.Remote{remote(first)})
	if err != nil || len(looked) != 1 || !strings.HasSuffix(looked[0].Post.Text, "123") {
		t.Errorf("looked: %+v, %v", looked, err)
	}
	sent, err := w.Account().(network.Replier).Send(t.Context(), care.Answer{To: it.Post, Text: "Sorry! We look.", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.net.Sent()[0]; got.To != third || remote(got.ID) != sent.Remote {
		t.Errorf("answered %d, want the newest version", got.To)
	}
}

func TestWhatAPostTells(t *testing.T) {
	for _, set := range []*x.Settings{settings(x.Mentions), older(settings(x.Mentions))} {
		w := newWorld(t, set, xtest.Options{})
		r := w.reader(t)
		id := w.net.Post(xtest.Post{Author: "ana", Text: "@acme <b>broken</b> & sad, see https://shop.example/kettle?x=1", Pictures: []string{"a broken kettle"}})
		r.drain()
		p := r.one(id).Post
		if p.Text != "@acme <b>broken</b> & sad, see https://shop.example/kettle?x=1" {
			t.Errorf("the text is %q", p.Text)
		}
		if len(p.Links) != 2 || p.Links[0].Kind != "image" || p.Links[0].Alt != "a broken kettle" || p.Links[1].URL != "https://shop.example/kettle?x=1" {
			t.Errorf("attached: %+v", p.Links)
		}
		if p.Author.Handle != "ana" || p.Author.Name != "Ana" || p.Author.Followers == 0 || p.Language != "en" || p.Shares != 3 || !p.Summoned {
			t.Errorf("%+v", p)
		}
		if d := time.Since(p.PostedAt); d < 0 || d > time.Minute {
			t.Errorf("posted %v ago", d)
		}
	}
}

func TestSpendIsWhatXAsksFor(t *testing.T) {
	for _, c := range []struct {
		set   *x.Settings
		price float64
	}{{settings(x.Mentions), 0.001}, {older(settings(x.Mentions)), 0.001}, {settings(x.Search), 0.005}, {v1(settings(x.Mentions)), 0}} {
		w := newWorld(t, c.set, xtest.Options{Page: 10})
		r := w.reader(t)
		for range 5 {
			for i := range 12 {
				w.Post(networktest.Post{Text: fmt.Sprint("parcel ", i)})
			}
			r.drain()
			r.drain() // the overlap comes again, and is not paid for again
		}
		want := 60 * c.price
		if math.Abs(r.spend-want) > 1e-9 || c.price > 0 && math.Abs(r.spend-w.net.Spent()) > 1e-9 {
			t.Errorf("%s %s: we count $%.3f, X $%.3f, want $%.3f", c.set.What, c.set.Mode, r.spend, w.net.Spent(), want)
		}
	}
}

func TestWritingIsPaidWithTheNextPage(t *testing.T) {
	w := newWorld(t, settings(x.Mentions), xtest.Options{})
	id := w.Post(networktest.Post{Text: "help"})
	a := w.Account()
	looked, err := a.(network.Looker).Look(t.Context(), []care.Remote{id})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Sorry!", "See https://help.example"} {
		if _, err := a.(network.Replier).Send(t.Context(), care.Answer{To: looked[0].Post, Text: text, Key: text}); err != nil {
			t.Fatal(err)
		}
	}
	p, err := a.Poll(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if want := 0.005 + 0.015 + 0.200; math.Abs(p.Meter.Spend-want) > 1e-9 || math.Abs(w.net.Spent()-want) > 1e-9 {
		t.Errorf("we count $%.3f, X $%.3f, want $%.3f", p.Meter.Spend, w.net.Spent(), want)
	}
}

func TestOutOfCreditStopsTheSource(t *testing.T) {
	w := newWorld(t, settings(x.Search), xtest.Options{})
	r := w.reader(t)
	w.net.Credit(0.01)
	for range 3 {
		w.Post(networktest.Post{Text: "where is it"})
	}
	r.drain()
	_, err := w.Account().Poll(t.Context(), r.cursor)
	e, ok := errors.AsType[*network.Error](err)
	if !ok || e.Fault != network.Unpaid || !strings.Contains(e.Error(), "out of credit") {
		t.Fatalf("%v", err)
	}
	w.net.Credit(-1)
	late := w.Post(networktest.Post{Text: "still nothing"})
	r.drain()
	r.one(number(t, late))
}

// inBubble runs a test in a synctest bubble, in a year in which X exists.
func inBubble(t *testing.T, f func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)))
		f(t)
	})
}

func TestListsThatRepeatDelayAndEnd(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, settings(x.Search), xtest.Options{Page: 4})
		w.net.Repeat(true)
		r := w.reader(t)
		time.Sleep(time.Minute)
		w.net.Lag(100 * time.Second)
		late := w.net.Post(xtest.Post{Text: "@acme kettle, shown late"})
		w.net.Lag(0)
		soon := w.net.Post(xtest.Post{Text: "@acme kettle, shown at once"})
		r.drain()
		r.one(soon)
		if len(r.items[remote(late)]) != 0 {
			t.Fatal("the late one came early")
		}
		time.Sleep(110 * time.Second)
		r.drain()
		r.one(late)

		time.Sleep(8 * 24 * time.Hour) // longer than a search reaches
		after := w.net.Post(xtest.Post{Text: "@acme kettle, a week later"})
		r.drain()
		r.one(after)
		if len(r.gaps) != 1 || r.gaps[0].To.Sub(r.gaps[0].From) < 23*time.Hour {
			t.Errorf("gaps: %+v", r.gaps)
		}
	})
}

func TestMoreMentionsThanXShowsAreAGap(t *testing.T) {
	w := newWorld(t, settings(x.Mentions), xtest.Options{})
	r := w.reader(t)
	var ids []int64
	for i := range 900 {
		ids = append(ids, w.net.Post(xtest.Post{Text: fmt.Sprint("@acme ", i)}))
	}
	r.drain()
	for _, id := range ids[100:] {
		r.one(id)
	}
	if len(r.gaps) != 1 || !strings.Contains(r.gaps[0].Why, "no more than its newest") {
		t.Errorf("gaps: %+v", r.gaps)
	}
}

func TestLimits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(t, settings(x.Mentions), xtest.Options{})
		w.net.Grant("/2/users/:id/mentions", 2)
		r := w.reader(t)
		r.drain()
		_, err := w.Account().Poll(t.Context(), r.cursor)
		e, ok := errors.AsType[*network.Error](err)
		if !ok || e.Fault != network.Limited || e.After < 14*time.Minute || e.After > 16*time.Minute {
			t.Fatalf("%v, wait %v", err, e.After)
		}
		time.Sleep(e.After)
		r.drain()
	})
}

func TestEstimate(t *testing.T) {
	for _, set := range []*x.Settings{settings(x.Search), older(settings(x.Search))} {
		set.BearerToken = xtest.Bearer
		w := newWorld(t, set, xtest.Options{})
		for i := range 70 {
			w.net.Post(xtest.Post{Text: "kettle", At: time.Now().Add(-time.Duration(i) * 2 * time.Hour)})
		}
		got, err := w.Account().(network.Estimator).Estimate(t.Context())
		if err != nil || math.Abs(got.PerDay-10) > 0.01 || math.Abs(got.Spend-0.05) > 1e-4 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	_, err := newWorld(t, settings(x.Search), xtest.Options{}).Account().(network.Estimator).Estimate(context.Background())
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused {
		t.Errorf("without the app's token: %v", err)
	}
}

func TestASilentNetwork(t *testing.T) {
	for _, set := range []*x.Settings{streaming(settings(x.Search)), v1(settings(x.Mentions)), settings(x.Messages)} {
		inBubble(t, func(t *testing.T) {
			w := newWorld(t, set, xtest.Options{})
			id := w.Post(networktest.Post{Text: "where is my order?"})
			items, err := w.Account().(network.Looker).Look(t.Context(), []care.Remote{id})
			if err != nil {
				t.Fatal(err)
			}
			answer := care.Answer{To: items[0].Post, Text: "Sorry!", Key: "k"}
			calls := map[string]func(context.Context, network.Account) error{
				"poll": func(ctx context.Context, a network.Account) error { _, err := a.Poll(ctx, ""); return err },
				"look": func(ctx context.Context, a network.Account) error {
					_, err := a.(network.Looker).Look(ctx, []care.Remote{id})
					return err
				},
				"thread": func(ctx context.Context, a network.Account) error {
					_, err := a.(network.Threader).Thread(ctx, id)
					return err
				},
				"find": func(ctx context.Context, a network.Account) error {
					_, _, err := a.(network.Replier).Find(ctx, answer)
					return err
				},
				"send": func(ctx context.Context, a network.Account) error {
					_, err := a.(network.Replier).Send(ctx, answer)
					return err
				},
				"listen": func(ctx context.Context, a network.Account) error {
					if p, ok := a.(network.Pusher); ok {
						return p.Listen(ctx, func(network.Page) error { return nil })
					}
					return &network.Error{Fault: network.Transient}
				},
			}
			for _, fault := range []networktest.Fault{networktest.Silent, networktest.Stalled} {
				for what, call := range calls {
					w.Break(fault)
					ctx, end := context.WithTimeout(t.Context(), time.Minute)
					err := call(ctx, w.Account())
					end()
					w.Break(networktest.Mended)
					if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Transient || e.Unsent {
						t.Errorf("%s, %s: %v", what, fault, err)
					}
				}
			}
			_, found, err := w.Account().(network.Replier).Find(t.Context(), answer)
			if n := len(w.net.Sent()); err != nil || !found || n != 1 { // the stalled one arrived
				t.Errorf("%d answers stand, found %v, %v", n, found, err)
			}
		})
	}
}

// A day of 10,000 mentions, polled every minute: what the documentation says it
// costs. Midnight lies in it, when X asks for the overlap once more.
func TestADayOfMentions(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		n := xtest.New(t, xtest.Options{})
		w := &world{Wire: networktest.NewWireOver(t, n), t: t, net: n, set: settings(x.Mentions), driver: x.Driver()}
		r := w.reader(t)
		const mentions = 10_000
		next := time.Now().Add(time.Minute)
		for range mentions {
			time.Sleep(24 * time.Hour / mentions)
			n.Post(xtest.Post{Text: "@acme where is it?"})
			if !time.Now().Before(next) {
				next = next.Add(time.Minute)
				r.drain()
			}
		}
		r.drain()
		if len(r.items) != mentions {
			t.Errorf("%d of %d mentions", len(r.items), mentions)
		}
		if r.spend < 10 || r.spend > 10.05 || math.Abs(r.spend-n.Spent()) > 1e-6 {
			t.Errorf("we count $%.3f, X $%.3f", r.spend, n.Spent())
		}
		if r.calls > 24*60+2 {
			t.Errorf("%d calls", r.calls)
		}
		read := 0
		for _, all := range r.items {
			read += len(all)
		}
		if read < 29_000 || read > 31_000 {
			t.Errorf("%d posts read", read)
		}
		t.Logf("$%.3f, %d calls, %d posts read for %d", r.spend, r.calls, read, mentions)
	})
}

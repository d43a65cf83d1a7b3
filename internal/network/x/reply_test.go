package x_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/x"
	"github.com/amends-care/amends/internal/network/x/xtest"
)

// asked is a complaint on a fresh network, and our account there.
func asked(t *testing.T, set *x.Settings) (*world, *x.Account, care.Post) {
	w := newWorld(t, set, xtest.Options{})
	id := w.Post(networktest.Post{Text: "where is my order?"})
	a := w.Account().(*x.Account)
	items, err := a.Look(t.Context(), []care.Remote{id})
	if err != nil {
		t.Fatal(err)
	}
	return w, a, items[0].Post
}

func TestTheSameTextAgainStandsOnce(t *testing.T) {
	for _, set := range []*x.Settings{settings(x.Mentions), v1(settings(x.Mentions))} {
		w, a, to := asked(t, set)
		answer := care.Answer{To: to, Text: "Sorry! Details: https://help.example/ (we look)", Key: "k"}
		one, err := a.Send(t.Context(), answer)
		if err != nil {
			t.Fatal(err)
		}
		two, err := a.Send(t.Context(), answer)
		if err != nil || one.Remote != two.Remote || len(w.net.Sent()) != 1 {
			t.Errorf("%s: %s, then %s, %v; %d stand", set.Mode, one.Remote, two.Remote, err, len(w.net.Sent()))
		}
	}
}

func TestADuplicateThatIsNotOursToFindIsTold(t *testing.T) {
	w, a, to := asked(t, settings(x.Mentions))
	w.net.Post(xtest.Post{Author: xtest.Handle, Text: "@ana Sorry!"}) // not an answer to this post
	_, err := a.Send(t.Context(), care.Answer{To: to, Text: "Sorry!", Key: "k"})
	e, ok := errors.AsType[*network.Error](err)
	if !ok || e.Fault != network.Malformed || !e.Settled() || !strings.Contains(e.Error(), "same text twice") {
		t.Errorf("%v", err)
	}
}

func TestWithdraw(t *testing.T) {
	for _, set := range []*x.Settings{settings(x.Mentions), older(settings(x.Mentions)), v1(settings(x.Mentions))} {
		w, a, to := asked(t, set)
		sent, err := a.Send(t.Context(), care.Answer{To: to, Text: "Sorry!", Key: "k"})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // what is gone already is no error
			if err := a.Withdraw(t.Context(), sent.Remote); err != nil {
				t.Errorf("%s: %v", set.Mode, err)
			}
		}
		if len(w.net.Sent()) != 0 {
			t.Errorf("%s: it still stands", set.Mode)
		}
		err = a.Withdraw(t.Context(), to.Remote)
		if e, ok := errors.AsType[*network.Error](err); set.Mode == x.V2 && (!ok || e.Fault != network.Refused) {
			t.Errorf("somebody else's post: %v", err)
		}
	}
}

func TestPictures(t *testing.T) {
	for _, set := range []*x.Settings{settings(x.Mentions), older(settings(x.Mentions))} {
		w, a, to := asked(t, set)
		png := care.Picture{Type: "image/png", Alt: "the new valve", Bytes: []byte("\x89PNG…")}
		if n := a.May(to, time.Now()).Pictures; n != 4 {
			t.Errorf("%d pictures may go with it", n)
		}
		if _, err := a.Send(t.Context(), care.Answer{To: to, Text: "Like this:", Key: "k", Pictures: []care.Picture{png, {Type: "image/jpeg", Bytes: []byte("jpeg")}}}); err != nil {
			t.Fatal(err)
		}
		if got := w.net.Sent()[0].Pictures; len(got) != 2 || got[0] != "the new valve" || got[1] != "" {
			t.Errorf("with it went %q", got)
		}
		for name, p := range map[string][]care.Picture{
			"too many": {png, png, png, png, png}, "of another kind": {{Type: "image/gif", Bytes: []byte("GIF")}}, "empty": {{Type: "image/png"}},
			"too large": {{Type: "image/png", Bytes: make([]byte, 5<<20+1)}},
		} {
			_, err := a.Send(t.Context(), care.Answer{To: to, Text: name, Key: name, Pictures: p})
			if e, ok := errors.AsType[*network.Error](err); !ok || !e.Unsent {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestMay(t *testing.T) {
	_, a, to := asked(t, settings(x.Mentions))
	_, old, _ := asked(t, v1(settings(x.Mentions)))
	big := settings(x.Mentions)
	big.Plan, big.Length = x.Enterprise, 4000
	_, enterprise, _ := asked(t, big)
	message := care.Post{Network: "x", Kind: care.PostDirect, Remote: "dm-1", Thread: "dm-77", Author: care.Author{ID: "77"}}
	mere := to
	mere.Summoned = false
	own := to
	own.Author.ID = "4242"
	for name, c := range map[string]struct {
		a    *x.Account
		p    care.Post
		want care.Permission
	}{
		"addressed to us":            {a, to, care.Permission{How: care.ByAPI, Length: care.Length{Max: 280, Unit: "weighted"}, Pictures: 4}},
		"over v1.1":                  {old, to, care.Permission{How: care.ByAPI, Length: care.Length{Max: 280, Unit: "weighted"}}},
		"about us":                   {a, mere, care.Permission{How: care.ByHand, Length: care.Length{Max: 280, Unit: "weighted"}}},
		"about us, by contract":      {enterprise, mere, care.Permission{How: care.ByAPI, Length: care.Length{Max: 4000, Unit: "weighted"}, Pictures: 4}},
		"our own":                    {a, own, care.Permission{How: care.ByNone}},
		"a message":                  {a, message, care.Permission{How: care.ByAPI, Direct: true, Length: care.Length{Max: 10_000, Unit: "characters"}}},
		"elsewhere":                  {a, care.Post{Network: "bluesky", Remote: "1"}, care.Permission{How: care.ByNone}},
		"no post":                    {a, care.Post{Network: "x", Remote: "at://"}, care.Permission{How: care.ByNone}},
		"a message without a person": {a, care.Post{Network: "x", Kind: care.PostDirect}, care.Permission{How: care.ByNone}},
	} {
		got := c.a.May(c.p, time.Now())
		if got.Why == "" {
			t.Errorf("%s: no reason", name)
		}
		if got.Why = ""; got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestBlock(t *testing.T) {
	ana := func(w *world) care.Author { return care.Author{ID: string(remote(w.net.User("ana")))} }
	for _, set := range []*x.Settings{v1(settings(x.Mentions)), settings(x.Messages), older(settings(x.Messages))} {
		w := newWorld(t, set, xtest.Options{})
		for _, want := range []bool{true, false} {
			if err := w.Account().(network.Blocker).Block(t.Context(), ana(w), want); err != nil || w.net.Blocked("ana") != want {
				t.Errorf("%s %s: blocked %v, %v", set.What, set.Mode, w.net.Blocked("ana"), err)
			}
		}
	}
	w := newWorld(t, settings(x.Mentions), xtest.Options{})
	err := w.Account().(network.Blocker).Block(t.Context(), ana(w), true)
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || !e.Unsent {
		t.Errorf("in public over v2: %v", err)
	}
}

func TestMessages(t *testing.T) {
	for _, set := range []*x.Settings{settings(x.Messages), older(settings(x.Messages)), v1(settings(x.Messages))} {
		w := newWorld(t, set, xtest.Options{Page: 3})
		r := w.reader(t)
		var ids []int64
		for _, text := range []string{"my card was charged twice", "hello?", "<3 & thanks", "one", "two"} {
			ids = append(ids, w.net.Message("ana", xtest.Handle, text))
		}
		ids = append(ids, w.net.Message("ben", xtest.Handle, "refund please"))
		r.drain()
		for _, id := range ids {
			if len(r.items["dm-"+remote(id)]) == 0 {
				t.Fatalf("%s: message %d was not told", set.Mode, id)
			}
		}
		p := r.items["dm-"+remote(ids[2])][0].Post
		ana := string(remote(w.net.User("ana")))
		if p.Text != "<3 & thanks" || p.Kind != care.PostDirect || p.Author.ID != ana || p.Thread != care.Remote("dm-"+ana) || !p.Summoned {
			t.Errorf("%s: %+v", set.Mode, p)
		}
		if set.Mode == x.V2 && p.Author.Handle != "ana" {
			t.Errorf("%s: by %q", set.Mode, p.Author.Handle)
		}
		a := w.Account().(*x.Account)
		answer := care.Answer{To: p, Text: "We have given it back.", Direct: true, Key: "k"}
		if _, found, err := a.Find(t.Context(), answer); err != nil || found {
			t.Errorf("%s: found before it was sent: %v", set.Mode, err)
		}
		sent, err := a.Send(t.Context(), answer)
		if err != nil {
			t.Fatal(err)
		}
		found, ok, err := a.Find(t.Context(), answer)
		if err != nil || !ok || found.Remote != sent.Remote {
			t.Errorf("%s: sent as %s, found %v as %s: %v", set.Mode, sent.Remote, ok, found.Remote, err)
		}
		r.drain()
		if own := r.items[sent.Remote]; len(own) == 0 || !own[0].Own || own[0].Post.Thread != p.Thread {
			t.Errorf("%s: our message was told as %+v", set.Mode, own)
		}
		items, err := a.Look(t.Context(), []care.Remote{p.Remote, "dm-12", sent.Remote})
		if err != nil || len(items) != 3 || items[0].Post.Text != p.Text || items[1].Kind != network.Deleted || !items[2].Own {
			t.Errorf("%s: looked: %+v, %v", set.Mode, items, err)
		}
		thread, err := a.Thread(t.Context(), p.Remote)
		if err != nil || len(thread) != 6 || thread[0].Remote != care.Remote("dm-"+remote(ids[0])) || thread[5].Remote != sent.Remote {
			t.Errorf("%s: the thread: %d messages, %v", set.Mode, len(thread), err)
		}
		if _, err := a.Thread(t.Context(), "dm-12"); err == nil {
			t.Errorf("%s: a thread of a message that is not there", set.Mode)
		}
		stranger := p
		stranger.Thread = "dm-99"
		_, err = a.Send(t.Context(), care.Answer{To: stranger, Text: "Hello", Direct: true, Key: "k2"})
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused {
			t.Errorf("%s: to somebody who never wrote: %v", set.Mode, err)
		}
	}
}

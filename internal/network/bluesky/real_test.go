package bluesky

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/bluesky/atprototest"
	"github.com/amends-care/amends/internal/network/networktest"
)

// These tests run on the real network, so each says what Bluesky does and what
// becomes of it.

// drain polls until nothing is left, beginning at cursor.
func drain(t *testing.T, a *Account, cursor string) ([]network.Item, string) {
	t.Helper()
	var items []network.Item
	for {
		p, err := a.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Bad) > 0 || len(p.Gaps) > 0 {
			t.Fatalf("bad %v, gaps %v", p.Bad, p.Gaps)
		}
		items, cursor = append(items, p.Items...), p.Next
		if !p.More {
			return items, cursor
		}
	}
}

func find(t *testing.T, items []network.Item, id care.Remote) network.Item {
	t.Helper()
	i := slices.IndexFunc(items, func(it network.Item) bool { return it.Post.Remote == id })
	if i < 0 {
		t.Fatalf("%s is not among %d items", id, len(items))
	}
	return items[i]
}

func TestMentionComesWhole(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana := w.net.Account(t, "ana")
	w.net.Account(t, "fan").Follow(t, ana)
	ours := w.wrote(w.brand, w.brand.Post(t, "Kettles are in stock again."))
	ref := ana.Post(t, "Mine leaks, @"+w.brand.Handle+".", atprototest.Replying(w.refs[ours]),
		ana.Picture(t, "a puddle under a kettle"), atprototest.With("langs", []string{"en-GB"}))
	id := w.wrote(ana, ref)

	items, _ := drain(t, w.account(), "")
	it := find(t, items, id)
	if len(items) != 1 || it.Kind != network.Seen || it.Own {
		t.Errorf("it both answers and mentions us: %d items, the first %s", len(items), it.Kind)
	}
	p := it.Post
	if p.Author != (care.Author{ID: ana.DID, Handle: ana.Handle, Followers: 1}) {
		t.Errorf("author %+v", p.Author)
	}
	if p.InReplyTo != ours || p.Thread != ours || !p.Summoned || p.Language != "en-GB" || string(p.Revision) != ref.CID {
		t.Errorf("post %+v", p)
	}
	if len(p.Links) != 1 || p.Links[0].Alt != "a puddle under a kettle" || p.Links[0].Kind != "image" {
		t.Errorf("links %+v", p.Links)
	}
}

func TestQuotesAndDeepAnswersAreHeard(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana, ben := w.net.Account(t, "ana"), w.net.Account(t, "ben")
	ours := w.brand.Post(t, "Kettles are in stock again.")
	quote := w.wrote(ana, ana.Post(t, "Look who is talking", atprototest.Quoting(ours)))
	one := ana.Post(t, "Not in my shop", atprototest.Replying(ours))
	w.net.Indexed(t, one) // indexed in another order the AppView tells us of one of them only
	two := w.wrote(ben, ben.Post(t, "Nor in mine", atprototest.Replying(one)))
	w.wrote(ben, ben.Post(t, "I like kettles")) // nothing to do with us

	items, _ := drain(t, w.account(), "")
	if len(items) != 3 {
		t.Errorf("%d items", len(items))
	}
	if p := find(t, items, quote).Post; !p.Summoned || len(p.Links) != 1 || p.Links[0].URL != webURL(ours.URI) {
		t.Errorf("quote: %+v", p)
	}
	if p := find(t, items, two).Post; !p.Summoned || p.InReplyTo != care.Remote(one.URI) || p.Thread != care.Remote(ours.URI) {
		t.Errorf("an answer to an answer: %+v", p)
	}
}

func TestOwnPostsWithoutReposts(t *testing.T) {
	w := newWorld(t, Own, 2, new(people))
	ana := w.net.Account(t, "ana")
	theirs := ana.Post(t, "The kettle leaks")
	var want []care.Remote
	for _, text := range []string{"one", "two", "three", "four", "five"} {
		want = append(want, w.wrote(w.brand, w.brand.Post(t, text)))
		w.brand.Repost(t, theirs)
	}
	want = append(want, w.wrote(w.brand, w.brand.Post(t, "We are sorry.", atprototest.Replying(theirs))))
	sent, err := w.account().Send(t.Context(), care.Answer{To: look(t, w.account(), care.Remote(theirs.URI)).Post, Text: "By program.", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, sent.Remote)
	w.Sent() // waits until it shows

	items, _ := drain(t, w.account(), "")
	for _, id := range want {
		if it := find(t, items, id); !it.Own || it.Post.Author.ID != w.brand.DID || it.Post.Summoned {
			t.Errorf("%+v", it)
		}
	}
	for _, it := range items {
		if !slices.Contains(want, it.Post.Remote) {
			t.Errorf("%s is not ours", it.Post.Remote)
		}
	}
}

func TestSearchFindsTheBrandsOwn(t *testing.T) {
	w := newWorld(t, Search, pageSize, new(people))
	theirs := w.Post(networktest.Post{Text: "leaks"})
	ours := w.wrote(w.brand, w.brand.Post(t, w.word+" is on it"))
	named := w.wrote(w.brand, w.people.named(t, w.net, "ana").Post(t, w.word+" @"+w.brand.Handle+" leaks"))
	items, _ := drain(t, w.account(), "")
	if find(t, items, theirs).Own || !find(t, items, ours).Own {
		t.Error("own and other posts are confused")
	}
	if find(t, items, theirs).Post.Summoned || !find(t, items, named).Post.Summoned {
		t.Error("a search summons nobody, a mention in it does")
	}
}

func look(t *testing.T, a *Account, id care.Remote) network.Item {
	t.Helper()
	items, err := a.Look(t.Context(), []care.Remote{id})
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	return items[0]
}

func TestEditIsToldWhileWeRun(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	a := w.account()
	id := w.Post(networktest.Post{Text: "it leaks"})
	other := w.Post(networktest.Post{Text: "me too"})
	_, cursor := drain(t, a, "")
	w.Edit(id, "it leaks and burns")
	for range 2 { // a page that was not kept must tell it again
		items, _ := drain(t, a, cursor)
		it := find(t, items, id)
		if it.Kind != network.Edited || !strings.HasSuffix(it.Post.Text, "it leaks and burns") || it.Post.EditedAt.IsZero() {
			t.Errorf("%s %q, edited at %v", it.Kind, it.Post.Text, it.Post.EditedAt)
		}
		if find(t, items, other).Kind != network.Seen {
			t.Error("an edit that never was")
		}
	}
	before := string(look(t, w.account(), id).Post.Revision)
	w.Edit(id, "all is well")
	if after := look(t, w.account(), id).Post; string(after.Revision) == before || !strings.HasSuffix(after.Text, "all is well") {
		t.Errorf("another account knows the edit by its revision alone: %+v", after)
	}
}

func TestBlockedIsNotDeleted(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana := w.net.Account(t, "ana")
	kept := w.wrote(ana, ana.Post(t, "@"+w.brand.Handle+" it leaks"))
	gone := w.wrote(ana, ana.Post(t, "@"+w.brand.Handle+" still"))
	a := w.account()
	post := look(t, a, kept).Post
	if may := a.May(post, time.Now()); may.How != care.ByAPI || may.Length != (care.Length{Max: 300, Unit: "graphemes"}) {
		t.Errorf("before: %+v", may)
	}
	ana.Block(t, w.brand)
	w.Delete(gone)
	atprototest.Await(t, "the block is known", func() bool {
		found, err := a.views(t.Context(), []care.Remote{kept})
		return err == nil && len(found) == 0
	})
	items, err := a.Look(t.Context(), []care.Remote{gone, kept})
	if err != nil || items[0].Kind != network.Deleted || items[1].Kind == network.Deleted || items[1].Post.Text != post.Text {
		t.Fatalf("%+v, %v", items, err)
	}
	if may := a.May(post, time.Now()); may.How != care.ByNone {
		t.Errorf("after: %+v", may)
	}
	_, err = a.Send(t.Context(), care.Answer{To: post, Text: "Sorry!", Key: "k"})
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || !e.Unsent || len(w.Sent()) != 0 {
		t.Errorf("sent in spite of it: %v", err)
	}
}

func TestClosedThreadTakesNoAnswer(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana := w.net.Account(t, "ana")
	ref := ana.Post(t, "@"+w.brand.Handle+" it leaks, and I want to hear nobody")
	id := w.wrote(ana, ref)
	ana.Close(t, ref)
	a := w.account()
	var post care.Post
	atprototest.Await(t, "the thread is closed", func() bool {
		post = look(t, a, id).Post
		return a.May(post, time.Now()).How == care.ByNone
	})
	_, err := a.Send(t.Context(), care.Answer{To: post, Text: "Sorry!", Key: "k"})
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || !e.Unsent || len(w.Sent()) != 0 {
		t.Errorf("sent in spite of it: %v", err)
	}
}

func TestHiddenByAModerator(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	fine, spam := w.Post(networktest.Post{Text: "it leaks"}), w.Post(networktest.Post{Text: "buy kettles"})
	w.settle()
	w.net.Label(t, string(spam), "!hide")
	a := w.account()
	atprototest.Await(t, "the label shows", func() bool { return look(t, a, spam).Kind == network.Deleted })
	items, _ := drain(t, a, "")
	if find(t, items, fine); len(items) != 1 {
		t.Errorf("%d items", len(items))
	}
}

func TestThreadWithHoles(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana, ben := w.net.Account(t, "ana"), w.net.Account(t, "ben")
	root := ana.Post(t, "where is my kettle?")
	lost := ben.Post(t, "who cares", atprototest.Replying(root))
	under := ana.Post(t, "I do", atprototest.Replying(lost))
	early := ben.Post(t, "my clock is wrong", atprototest.Replying(under), atprototest.Written(time.Now().Add(-time.Hour)))
	rude := w.net.Account(t, "rude")
	blocked := rude.Post(t, "boo", atprototest.Replying(under))
	rude.Block(t, w.brand)
	for _, r := range []atprototest.Ref{root, lost, under, early, blocked} {
		w.wrote(ana, r)
	}
	sent, err := w.account().Send(t.Context(), care.Answer{To: look(t, w.account(), care.Remote(under.URI)).Post, Text: "We do too.", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	w.Sent()
	ben.Delete(t, lost)
	w.net.Vanished(t, lost)
	atprototest.Await(t, "the thread without what is gone", func() bool {
		posts, err := w.account().Thread(t.Context(), care.Remote(under.URI))
		if err != nil {
			t.Fatal(err)
		}
		var got []care.Remote
		for _, p := range posts {
			got = append(got, p.Remote)
		}
		want := []care.Remote{care.Remote(under.URI), care.Remote(early.URI), sent.Remote}
		return slices.Equal(got, want) // what stood above a deleted post is out of reach
	})
	_, err = w.account().Thread(t.Context(), care.Remote(lost.URI))
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Gone {
		t.Errorf("the thread of a deleted post: %v", err)
	}
	if _, err = w.account().Thread(t.Context(), care.Remote(blocked.URI)); err == nil {
		t.Error("a thread of an author who blocked us")
	}
}

func TestAnswerIsRich(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana := w.net.Account(t, "ana")
	ref := ana.Post(t, "@"+w.brand.Handle+" it leaks")
	id := w.wrote(ana, ref)
	before := time.Now().Add(-time.Second)
	text := "Sorry 🫖 @" + ana.Handle + ", see https://acme.example/leaks. @nobody.test #Kettle"
	sent, err := w.account().Send(t.Context(), care.Answer{To: look(t, w.account(), id).Post, Text: text, Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if sent.At.Before(before) || sent.At.After(time.Now().Add(time.Second)) || sent.URL != webURL(string(sent.Remote)) {
		t.Errorf("%+v", sent)
	}
	w.Sent()
	shown := w.net.Replies(t, string(id))
	if len(shown) != 1 || shown[0].URI != string(sent.Remote) || shown[0].Author != w.brand.DID || shown[0].Text != text {
		t.Fatalf("%+v", shown)
	}
	var got []string
	for _, f := range shown[0].Record["facets"].([]any) {
		at := f.(map[string]any)["index"].(map[string]any)
		got = append(got, text[int(at["byteStart"].(float64)):int(at["byteEnd"].(float64))])
	}
	if want := []string{"@" + ana.Handle, "https://acme.example/leaks", "#Kettle"}; !slices.Equal(got, want) {
		t.Errorf("facets %q, want %q", got, want)
	}
	if err := w.account().Withdraw(t.Context(), sent.Remote); err != nil {
		t.Fatal(err)
	}
	if len(w.Sent()) != 0 {
		t.Error("it can't be taken back")
	}
	if err := w.account().Withdraw(t.Context(), sent.Remote); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if err := w.account().Withdraw(t.Context(), id); err == nil {
		t.Error("somebody else's post can be taken back")
	}
}

func TestAnswerKeepsTheThreadsRoot(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana, ben := w.net.Account(t, "ana"), w.net.Account(t, "ben")
	root := ben.Post(t, "which kettle?")
	id := w.wrote(ana, ana.Post(t, "not @"+w.brand.Handle, atprototest.Replying(root)))
	ben.Delete(t, root)
	w.net.Vanished(t, root)
	sent, err := w.account().Send(t.Context(), care.Answer{To: look(t, w.account(), id).Post, Text: "Why not?", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if p := look(t, w.account(), sent.Remote).Post; len(w.Sent()) != 1 || p.InReplyTo != id || p.Thread != care.Remote(root.URI) {
		t.Errorf("%+v", p)
	}
}

func TestAnswerToADeletedPost(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	id := w.Post(networktest.Post{Text: "it leaks"})
	post := look(t, w.account(), id).Post
	w.Delete(id)
	_, err := w.account().Send(t.Context(), care.Answer{To: post, Text: "Sorry!", Key: "k"})
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Gone || !e.Settled() || len(w.Sent()) != 0 {
		t.Errorf("%v", err)
	}
}

// A key stands for one answer: sent to another post, or with other words, it
// neither overwrites what stands nor passes for it.
func TestKeyInUse(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	one := look(t, w.account(), w.Post(networktest.Post{Text: "it leaks"})).Post
	two := look(t, w.account(), w.Post(networktest.Post{Text: "it burns"})).Post
	sent, err := w.account().Send(t.Context(), care.Answer{To: one, Text: "Sorry!", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.account().Send(t.Context(), care.Answer{To: one, Text: "Sorry indeed!", Key: "k"})
	if err != nil || again.Remote != sent.Remote {
		t.Errorf("again: %+v, %v", again, err)
	}
	_, err = w.account().Send(t.Context(), care.Answer{To: two, Text: "Sorry!", Key: "k"})
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Malformed || !e.Settled() {
		t.Errorf("to another post: %v", err)
	}
	if all := w.Sent(); len(all) != 1 || all[0].Text != "Sorry!" || all[0].To.Remote != one.Remote {
		t.Errorf("on the network: %+v", all)
	}
}

// hanging carries calls until a put, which it lets through or not; then it says
// nothing and the caller gives up.
type hanging struct {
	next    http.RoundTripper
	through bool
	giveUp  context.CancelFunc
}

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "putRecord") {
		return h.next.RoundTrip(r)
	}
	if h.through {
		resp, err := h.next.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
		if err != nil {
			return nil, err
		}
		resp.Body.Close()
	}
	h.giveUp()
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestAnswerThatHangs(t *testing.T) {
	for name, through := range map[string]bool{"and never arrives": false, "and arrives": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Mentions, pageSize, new(people))
			answer := care.Answer{To: look(t, w.account(), w.Post(networktest.Post{Text: "it leaks"})).Post, Text: "Sorry!", Key: "k"}
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			a := w.account()
			a.http = network.NewClient(network.Options{Base: hanging{w.Wire, through, giveUp}})
			_, err := a.Send(ctx, answer)
			e, ok := errors.AsType[*network.Error](err)
			if !ok || e.Settled() || !errors.Is(err, context.Canceled) {
				t.Fatalf("it may have arrived, but the error says otherwise: %v", err)
			}
			_, found, err := w.account().Find(t.Context(), answer)
			if err != nil || found != through {
				t.Fatalf("found %v, %v", found, err)
			}
			if _, err := w.account().Send(t.Context(), answer); err != nil || len(w.Sent()) != 1 {
				t.Errorf("sent again: %v, %d stand", err, len(w.Sent()))
			}
		})
	}
}

// A network that was down has lost nothing, and neither have we. It comes back
// with the limits of a public server, so that they are met too.
func TestOutage(t *testing.T) {
	w := newWorld(t, Mentions, 3, new(people))
	a := w.account()
	_, cursor := drain(t, a, "")
	var want []care.Remote
	for range 7 {
		want = append(want, w.Post(networktest.Post{Text: "it leaks"}))
	}
	page, err := a.Poll(t.Context(), cursor)
	if err != nil || !page.More {
		t.Fatalf("more %v, %v", page.More, err)
	}
	w.net.Halt()
	_, err = a.Poll(t.Context(), page.Next)
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Transient {
		t.Errorf("while it is down: %v", err)
	}
	w.net.Resume(t, atprototest.Options{Limited: true})
	defer func() {
		w.net.Halt()
		w.net.Resume(t, atprototest.Options{})
	}()
	w.unsettled = true // the AppView reads everything once more
	for range 4 {
		want = append(want, w.Post(networktest.Post{Text: "it still leaks"}))
	}
	rest, cursor := drain(t, a, page.Next)
	newer, _ := drain(t, a, cursor)
	for _, id := range want {
		find(t, slices.Concat(page.Items, rest, newer), id)
	}
	t.Run("too many sessions", tooManySessions)
}

// garbling puts bytes that are no UTF-8 in place of a word.
type garbling struct{ next http.RoundTripper }

func (g garbling) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	b = bytes.ReplaceAll(b, []byte("garble"), []byte("gar\xffble"))
	b = bytes.ReplaceAll(b, []byte(`"langs":["xx"]`), []byte(`"langs":"xx"`))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	return resp, err
}

func TestOneBadPostSpoilsNoPage(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana := w.people.named(t, w.net, "ana")
	fine := w.Post(networktest.Post{Text: "it leaks"})
	broken := w.Post(networktest.Post{Text: "it garbles"})
	w.wrote(ana, ana.Post(t, "@"+w.brand.Handle+" unreadable", atprototest.With("langs", []string{"xx"})))
	a := w.account()
	a.http = network.NewClient(network.Options{Base: garbling{w.Wire}})
	page, err := a.Poll(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	find(t, page.Items, fine)
	if p := find(t, page.Items, broken).Post; !strings.Contains(p.Text, "gar\ufffdble") || page.Repaired != 1 {
		t.Errorf("%d repaired: %q", page.Repaired, p.Text)
	}
	if len(page.Items) != 2 || len(page.Bad) != 1 || strings.Contains(page.Bad[0].Reason, "unreadable") {
		t.Errorf("%d items, bad %v", len(page.Items), page.Bad)
	}
	if page.Meter.Calls != 3 { // session, list, profiles
		t.Errorf("%d calls", page.Meter.Calls)
	}
}

// refusing refuses the network's own cursors as it does when it forgot them.
type refusing struct {
	next http.RoundTripper
	left *atomic.Int32
}

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Query().Get("cursor") != "" && f.left.Add(-1) >= 0 {
		q := r.URL.Query()
		q.Set("cursor", "forgotten") // the real refusal
		r = r.Clone(r.Context())
		r.URL.RawQuery = q.Encode()
	}
	return f.next.RoundTrip(r)
}

func TestForgottenCursor(t *testing.T) {
	for _, what := range []string{Search, Own} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, what, 3, new(people))
			var want []care.Remote
			for range 8 {
				want = append(want, w.Post(networktest.Post{Text: "it leaks", Own: what == Own}))
			}
			a := w.account()
			refuse := new(atomic.Int32)
			refuse.Store(5) // the server fails three times at one place, then is asked anew from the top, and twice more
			a.http = network.Adapt(network.NewClient(network.Options{Base: refusing{w.Wire, refuse}}), dialect())
			var items []network.Item
			for cursor, more, failed := "", true, 0; more; {
				page, err := a.Poll(t.Context(), cursor)
				if e, ok := errors.AsType[*network.Error](err); ok && e.Fault == network.Transient && failed < 4 {
					failed++
					continue
				}
				if err != nil || len(page.Gaps) > 0 {
					t.Fatal(page.Gaps, err)
				}
				items, cursor, more = append(items, page.Items...), page.Next, page.More
			}
			for _, id := range want {
				find(t, items, id)
			}
			if refuse.Load() >= 0 {
				t.Error("no cursor was refused")
			}
		})
	}
}

func TestAnswerWithPictures(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana := w.net.Account(t, "ana")
	id := w.wrote(ana, ana.Post(t, "@"+w.brand.Handle+" how do I open the lid?"))
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	answer := care.Answer{To: look(t, w.account(), id).Post, Text: "Like this.", Key: "k",
		Pictures: []care.Picture{{Type: "image/png", Alt: "a thumb on the latch", Bytes: picture.Bytes()}}}
	sent, err := w.account().Send(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	w.Sent()
	if links := look(t, w.account(), sent.Remote).Post.Links; len(links) != 1 || links[0].Kind != "image" || links[0].Alt != "a thumb on the latch" {
		t.Errorf("%+v", links)
	}
	answer.Key, answer.Pictures = "k2", slices.Repeat(answer.Pictures, 5)
	if _, err := w.account().Send(t.Context(), answer); err == nil {
		t.Error("five pictures are too many")
	}
}

func TestBlockAndUnblock(t *testing.T) {
	w := newWorld(t, Mentions, pageSize, new(people))
	ana := w.net.Account(t, "ana")
	id := w.wrote(ana, ana.Post(t, "@"+w.brand.Handle+" you again"))
	author := look(t, w.account(), id).Post.Author
	for _, blocked := range []bool{true, true, false, false} {
		a := w.account()
		if err := a.Block(t.Context(), author, blocked); err != nil {
			t.Fatalf("block %v: %v", blocked, err)
		}
		w.net.Settle(t)
		p := look(t, a, id).Post
		if may := a.May(p, time.Now()).How == care.ByAPI; may == blocked {
			t.Errorf("blocked %v, and may answer %v", blocked, may)
		}
	}
	if err := w.account().Block(t.Context(), care.Author{ID: w.brand.DID}, true); err == nil {
		t.Error("we blocked ourselves")
	}
}

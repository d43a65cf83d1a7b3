package atprototest

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const postCollection = "app.bsky.feed.post"

// A Ref is a version of a post.
type Ref struct {
	URI string `json:"uri"` // at://did/collection/rkey
	CID string `json:"cid"` // of this version

	root *Ref // first post of the thread; nil: this one
}

// Root is the first post of the thread.
func (r Ref) Root() Ref {
	if r.root == nil {
		return r
	}
	return *r.root
}

func (r Ref) strong() map[string]any { return map[string]any{"uri": r.URI, "cid": r.CID} }

// rkey is the last part of the URI.
func (r Ref) rkey() string { return r.URI[strings.LastIndexByte(r.URI, '/')+1:] }

// An Option adds to a post.
type Option func(*draft)

type draft struct {
	record map[string]any
	rkey   string
	root   *Ref
}

// Replying makes the post an answer to another.
func Replying(to Ref) Option {
	return func(d *draft) {
		root := to.Root()
		d.root = &root
		d.record["reply"] = map[string]any{"parent": to.strong(), "root": root.strong()}
	}
}

// Quoting embeds another post.
func Quoting(other Ref) Option {
	return With("embed", map[string]any{"$type": "app.bsky.embed.record", "record": other.strong()})
}

// Written says when the author's program claims the post was written.
func Written(at time.Time) Option {
	return With("createdAt", at.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// With sets any field of the record.
func With(field string, value any) Option {
	return func(d *draft) { d.record[field] = value }
}

// Keyed sets the record's key, the last part of its URI.
func Keyed(rkey string) Option {
	return func(d *draft) { d.rkey = rkey }
}

// Post publishes a post. Every @handle in text of an account of this network
// becomes a mention, as an app would make it; the language is English unless
// an option says otherwise.
func (a *Account) Post(t testing.TB, text string, opts ...Option) Ref {
	t.Helper()
	d := draft{record: map[string]any{
		"$type": postCollection, "text": text, "langs": []string{"en"},
		"createdAt": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
	}}
	if facets := a.net.mentions(text); len(facets) > 0 {
		d.record["facets"] = facets
	}
	for _, o := range opts {
		o(&d)
	}
	body := map[string]any{"repo": a.DID, "collection": postCollection, "record": d.record}
	if d.rkey != "" {
		body["rkey"] = d.rkey
	}
	var ref Ref
	a.Call(t, http.MethodPost, "com.atproto.repo.createRecord", nil, body, &ref)
	ref.root = d.root
	return ref
}

// Edit overwrites a post of a's own with another text. Bluesky's app offers no
// such thing, but the protocol does.
func (a *Account) Edit(t testing.TB, ref Ref, text string) Ref {
	t.Helper()
	at := url.Values{"repo": {a.DID}, "collection": {postCollection}, "rkey": {ref.rkey()}}
	var now struct{ Value map[string]any }
	a.Call(t, http.MethodGet, "com.atproto.repo.getRecord", at, nil, &now)
	record := maps.Clone(now.Value)
	record["text"] = text
	delete(record, "facets")
	if facets := a.net.mentions(text); len(facets) > 0 {
		record["facets"] = facets
	}
	edited := Ref{root: ref.root}
	a.Call(t, http.MethodPost, "com.atproto.repo.putRecord", nil,
		map[string]any{"repo": a.DID, "collection": postCollection, "rkey": ref.rkey(), "record": record}, &edited)
	return edited
}

// Delete removes a post of a's own.
func (a *Account) Delete(t testing.TB, ref Ref) {
	t.Helper()
	a.Call(t, http.MethodPost, "com.atproto.repo.deleteRecord", nil,
		map[string]any{"repo": a.DID, "collection": postCollection, "rkey": ref.rkey()}, nil)
}

// Repost shows another's post to a's followers.
func (a *Account) Repost(t testing.TB, ref Ref) {
	t.Helper()
	a.create(t, "app.bsky.feed.repost", map[string]any{"subject": ref.strong()})
}

// Close lets nobody answer a thread that a began.
func (a *Account) Close(t testing.TB, ref Ref) {
	t.Helper()
	a.Call(t, http.MethodPost, "com.atproto.repo.createRecord", nil, map[string]any{
		"repo": a.DID, "collection": "app.bsky.feed.threadgate", "rkey": ref.rkey(),
		"record": map[string]any{"$type": "app.bsky.feed.threadgate", "post": ref.URI, "allow": []any{},
			"createdAt": time.Now().UTC().Format(time.RFC3339)},
	}, nil)
}

// Picture embeds a picture of one grey dot with a description.
func (a *Account) Picture(t testing.TB, alt string) Option {
	t.Helper()
	var dot bytes.Buffer
	if err := png.Encode(&dot, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	var up struct{ Blob any }
	a.Call(t, http.MethodPost, "com.atproto.repo.uploadBlob", nil, blob{"image/png", dot.Bytes()}, &up)
	return With("embed", map[string]any{"$type": "app.bsky.embed.images", "images": []any{map[string]any{"alt": alt, "image": up.Blob}}})
}

func (a *Account) create(t testing.TB, collection string, record map[string]any) {
	t.Helper()
	record["$type"] = collection
	record["createdAt"] = time.Now().UTC().Format(time.RFC3339)
	a.Call(t, http.MethodPost, "com.atproto.repo.createRecord", nil,
		map[string]any{"repo": a.DID, "collection": collection, "record": record}, nil)
}

var handleInText = regexp.MustCompile(`@([a-z0-9]+\.test)\b`)

// mentions are the facets of a text, with offsets in bytes.
func (n *Network) mentions(text string) []any {
	n.mu.Lock()
	defer n.mu.Unlock()
	var facets []any
	for _, m := range handleInText.FindAllStringSubmatchIndex(text, -1) {
		if did := n.people[text[m[2]:m[3]]]; did != "" {
			facets = append(facets, map[string]any{
				"index":    map[string]any{"byteStart": m[0], "byteEnd": m[1]},
				"features": []any{map[string]any{"$type": "app.bsky.richtext.facet#mention", "did": did}},
			})
		}
	}
	return facets
}

// A Shown is a post as a stranger sees it.
type Shown struct {
	Ref
	Author string // DID
	Text   string
	Record map[string]any
}

type postView struct {
	Ref
	Author struct{ DID string }
	Record map[string]any
}

func (p postView) shown() Shown {
	text, _ := p.Record["text"].(string)
	return Shown{Ref: p.Ref, Author: p.Author.DID, Text: text, Record: p.Record}
}

// Look reads a post as a stranger would; false when the AppView does not show
// it, or not yet.
func (n *Network) Look(t testing.TB, uri string) (Shown, bool) {
	t.Helper()
	shown, ok := n.look(t, uri)[uri]
	return shown, ok
}

// look reads at most 25 posts at once.
func (n *Network) look(t testing.TB, uris ...string) map[string]Shown {
	t.Helper()
	var found struct{ Posts []postView }
	if err := n.ask(n.appview(), "app.bsky.feed.getPosts", url.Values{"uris": uris}, &found); err != nil {
		t.Fatalf("getPosts: %v", err)
	}
	shown := map[string]Shown{}
	for _, p := range found.Posts {
		shown[p.URI] = p.shown()
	}
	return shown
}

// Replies are the direct answers to a post as a stranger sees them.
func (n *Network) Replies(t testing.TB, uri string) []Shown {
	t.Helper()
	var found struct {
		Thread struct{ Replies []struct{ Post postView } }
	}
	err := n.ask(n.appview(), "app.bsky.feed.getPostThread", url.Values{"uri": {uri}, "depth": {"1"}}, &found)
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Code == "NotFound" {
		return nil
	}
	if err != nil {
		t.Fatalf("getPostThread: %v", err)
	}
	var shown []Shown
	for _, r := range found.Thread.Replies {
		if r.Post.URI != "" {
			shown = append(shown, r.Post.shown())
		}
	}
	return shown
}

// Indexed waits until the AppView shows these versions.
func (n *Network) Indexed(t testing.TB, refs ...Ref) {
	t.Helper()
	n.Settle(t)
	for some := range slices.Chunk(refs, 25) {
		var uris []string
		for _, r := range some {
			uris = append(uris, r.URI)
		}
		Await(t, fmt.Sprintf("the AppView shows %s", strings.Join(uris, ", ")), func() bool {
			shown := n.look(t, uris...)
			return !slices.ContainsFunc(some, func(r Ref) bool { return shown[r.URI].CID != r.CID })
		})
	}
}

// Vanished waits until the AppView shows a post no longer.
func (n *Network) Vanished(t testing.TB, ref Ref) {
	t.Helper()
	n.Settle(t)
	Await(t, fmt.Sprintf("the AppView forgets %s", ref.URI), func() bool {
		_, ok := n.Look(t, ref.URI)
		return !ok
	})
}

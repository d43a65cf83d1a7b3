package bluesky

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// The network's limits on a post.
const (
	maxGraphemes = 300
	maxBytes     = 3000
	maxPictures  = 4
	maxPicture   = 1_000_000 // bytes
)

// May implements [network.Replier]. On Bluesky everybody may answer everybody
// who did not rule it out; that an author did is known when the network told so
// with one of the posts read since the program started.
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	no := func(why care.Phrase) care.Permission { return care.Permission{How: care.ByNone, Why: why} }
	if _, _, ok := splitURI(string(p.Remote)); !ok || p.Network != name {
		return no("This is not a post on Bluesky.")
	}
	if a.memo.who(p.Author.ID).blocks {
		return no("This author and our account have blocked each other on Bluesky, or one has the other.")
	}
	if a.memo.isClosed(string(p.Remote)) {
		return no("The author lets our account not answer in this thread.")
	}
	return care.Permission{
		How:    care.ByAPI,
		Why:    "Bluesky lets accounts answer any public post.",
		Length: care.Length{Max: maxGraphemes, Unit: "graphemes"}, Pictures: maxPictures,
	}
}

// Send implements [network.Replier]. The answer becomes a record under a key of
// its own, written only where there is none: sent again it stays as it was.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	ctx = network.ForReply(ctx)
	if err := sendable(answer); err != nil {
		return network.Sent{}, err
	}
	us, err := a.session.owner(ctx, &a.client)
	if err != nil {
		return network.Sent{}, err
	}
	to, err := a.target(ctx, answer.To.Remote)
	if err != nil {
		return network.Sent{}, unsent(err)
	}
	post := map[string]any{
		"$type": postType, "text": answer.Text, "reply": to,
		"createdAt": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	if facets := a.facets(ctx, answer.Text); len(facets) > 0 {
		post["facets"] = facets
	}
	if len(answer.Pictures) > 0 {
		if post["embed"], err = a.pictures(ctx, answer.Pictures); err != nil {
			return network.Sent{}, unsent(err)
		}
	}
	key := recordKey(answer.Key)
	var done struct {
		ref
		Commit struct{ Rev string }
	}
	err = a.procedure(ctx, "com.atproto.repo.putRecord", map[string]any{
		"repo": us, "collection": postType, "rkey": key, "record": post, "swapRecord": nil, // nil: there must be none
	}, &done)
	if saidCode(err) == invalidSwap {
		return a.already(ctx, answer)
	}
	if err != nil {
		return network.Sent{}, err
	}
	uri := postURI(us, key)
	if done.URI != uri {
		return network.Sent{}, network.Malformed.Because("the server's answer names another post")
	}
	return network.Sent{Remote: care.Remote(uri), URL: webURL(uri), At: tidTime(done.Commit.Rev)}, nil
}

// pictures brings pictures to the server and makes the part of a post that shows
// them. What no post refers to the server forgets by itself.
func (a *Account) pictures(ctx context.Context, all []care.Picture) (map[string]any, error) {
	images := []any{}
	for _, p := range all {
		var kept struct{ Blob json.RawMessage }
		if err := a.procedure(ctx, "com.atproto.repo.uploadBlob", blobBody{p.Type, p.Bytes}, &kept); err != nil {
			return nil, err
		}
		images = append(images, map[string]any{"image": kept.Blob, "alt": p.Alt})
	}
	return map[string]any{"$type": "app.bsky.embed.images", "images": images}, nil
}

func postURI(did, rkey string) string { return "at://" + did + "/" + postType + "/" + rkey }

// sendable finds what is wrong with an answer before anything is sent.
func sendable(answer care.Answer) error {
	fault, words := network.Malformed, ""
	switch {
	case answer.Direct:
		fault, words = network.Refused, "direct messages on Bluesky are not supported"
	case answer.Key == "":
		words = "the answer has no key"
	case strings.TrimSpace(answer.Text) == "":
		words = "the answer is empty"
	case !utf8.ValidString(answer.Text):
		words = "the answer is not UTF-8"
	case len(answer.Text) > maxBytes || uniseg.GraphemeClusterCount(answer.Text) > maxGraphemes:
		words = "the answer is longer than Bluesky takes: 300 signs, 3,000 bytes"
	case len(answer.Pictures) > maxPictures:
		words = "Bluesky takes no more than four pictures with a post"
	case slices.ContainsFunc(answer.Pictures, func(p care.Picture) bool { return len(p.Bytes) > maxPicture }):
		words = "a picture is larger than Bluesky takes: a million bytes"
	default:
		return nil
	}
	return &network.Error{Fault: fault, Unsent: true, Err: network.Explain(words)}
}

// target reads what is to be answered once more: whether it still stands and
// takes an answer, and which versions of it and of its thread to refer to.
func (a *Account) target(ctx context.Context, id care.Remote) (replyRef, error) {
	found, err := a.views(ctx, []care.Remote{id})
	if err != nil {
		return replyRef{}, err
	}
	r, ok := found[id]
	if !ok {
		if r, ok, err = a.unseen(ctx, id); err != nil {
			return replyRef{}, err
		}
		if !ok {
			return replyRef{}, network.Gone.Because("the post was deleted")
		}
	}
	a.item(r, time.Now()) // for May
	switch {
	case r.blocks:
		return replyRef{}, network.Refused.Because("the author and our account block each other, or one the other")
	case r.closed:
		return replyRef{}, network.Refused.Because("the author does not let our account answer in this thread")
	}
	parent := ref{URI: string(r.post.Remote), CID: string(r.post.Revision)}
	if r.reply != nil && r.reply.Root.URI != "" && r.reply.Root.CID != "" {
		return replyRef{Root: r.reply.Root, Parent: parent}, nil
	}
	return replyRef{Root: parent, Parent: parent}, nil
}

// facets make the addresses, names and tags of a reply work. A name that the
// network does not know stays text.
func (a *Account) facets(ctx context.Context, text string) []facet {
	var all []facet
	for _, s := range spans(text) {
		var f feature
		switch {
		case s.link != "":
			f = feature{Type: linkType, URI: s.link}
		case s.tag != "":
			f = feature{Type: tagType, Tag: s.tag}
		default:
			var who struct{ DID string }
			_, err := a.query(ctx, "com.atproto.identity.resolveHandle", url.Values{"handle": {s.handle}}, &who)
			if err != nil || !didPattern.MatchString(who.DID) {
				continue
			}
			f = feature{Type: mentionType, DID: who.DID}
		}
		at := facet{Features: []feature{f}}
		at.Index.ByteStart, at.Index.ByteEnd = s.from, s.to
		all = append(all, at)
	}
	return all
}

// already tells of an answer whose key is in use: it is there, or a record that
// is not ours to touch.
func (a *Account) already(ctx context.Context, answer care.Answer) (network.Sent, error) {
	sent, ok, err := a.Find(ctx, answer)
	if err != nil {
		return network.Sent{}, err
	}
	if !ok {
		return network.Sent{}, network.Malformed.Unsent("another post is under this answer's key")
	}
	return sent, nil
}

// Find implements [network.Replier]. It asks the account's own server, which
// knows at once, and not those who copy from it.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	ctx = network.ForReply(ctx)
	us, err := a.session.owner(ctx, &a.client)
	if err != nil {
		return network.Sent{}, false, err
	}
	key := recordKey(answer.Key)
	var stored struct {
		ref
		Value record
	}
	_, err = a.query(ctx, "com.atproto.repo.getRecord", url.Values{"repo": {us}, "collection": {postType}, "rkey": {key}}, &stored)
	if saidCode(err) == recordNotFound {
		return network.Sent{}, false, nil
	}
	if err != nil {
		return network.Sent{}, false, err
	}
	uri := postURI(us, key)
	if stored.URI != uri || stored.Value.Type != postType {
		return network.Sent{}, false, network.Malformed.Because("the server's answer names another post")
	}
	if stored.Value.Reply == nil || stored.Value.Reply.Parent.URI != string(answer.To.Remote) {
		return network.Sent{}, false, nil
	}
	at, _ := instant(stored.Value.CreatedAt)
	return network.Sent{Remote: care.Remote(uri), URL: webURL(uri), At: at}, true, nil
}

// Withdraw implements [network.Withdrawer].
func (a *Account) Withdraw(ctx context.Context, id care.Remote) error {
	ctx = network.ForReply(ctx)
	us, err := a.session.owner(ctx, &a.client)
	if err != nil {
		return err
	}
	did, rkey, ok := splitURI(string(id))
	if !ok || did != us {
		return network.Refused.Unsent("the post is not our account's")
	}
	return a.procedure(ctx, "com.atproto.repo.deleteRecord", map[string]any{"repo": us, "collection": postType, "rkey": rkey}, nil)
}

// blockType is the record by which an account blocks another.
const blockType = "app.bsky.graph.block"

// Block implements [network.Blocker]. A block is a record under a key made of the
// author's id, so doing it again changes nothing. One that was made elsewhere has
// another key, which the network tells.
func (a *Account) Block(ctx context.Context, them care.Author, blocked bool) error {
	ctx = network.ForReply(ctx)
	us, err := a.session.owner(ctx, &a.client)
	if err != nil {
		return err
	}
	if !didPattern.MatchString(them.ID) || them.ID == us {
		return network.Refused.Unsent("this is nobody who can be blocked")
	}
	key := recordKey("block " + them.ID)
	if blocked {
		err = a.procedure(ctx, "com.atproto.repo.putRecord", map[string]any{"repo": us, "collection": blockType, "rkey": key, "record": map[string]any{
			"$type": blockType, "subject": them.ID, "createdAt": time.Now().UTC().Format(time.RFC3339),
		}}, nil)
	} else {
		err = a.unblock(ctx, us, them.ID, key)
	}
	if err == nil {
		a.memo.author(them.ID, func(who *author) { who.blocks = blocked })
	}
	return err
}

func (a *Account) unblock(ctx context.Context, us, did, key string) error {
	var who profile
	if _, err := a.query(ctx, "app.bsky.actor.getProfile", url.Values{"actor": {did}}, &who); err != nil {
		return err
	}
	if parts := strings.Split(who.Viewer.Blocking, "/"); len(parts) == 5 && parts[2] == us && parts[3] == blockType {
		key = parts[4]
	}
	return a.procedure(ctx, "com.atproto.repo.deleteRecord", map[string]any{"repo": us, "collection": blockType, "rkey": key}, nil)
}

package bluesky

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Look implements [network.Looker]. A post that the network shows to us no
// longer is asked for a second time in another way: an author who blocked us
// did not delete anything.
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	found, err := a.views(ctx, ids)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	items := make([]network.Item, 0, len(ids))
	for _, id := range ids {
		r, ok := found[id]
		if !ok {
			if r, ok, err = a.unseen(ctx, id); err != nil {
				return nil, err
			}
		}
		if !ok || r.hidden {
			items = append(items, network.Deletion(name, id))
			continue
		}
		items = append(items, a.item(r, now))
	}
	a.introduce(ctx, items)
	return items, nil
}

// views reads posts as they are now; what the network does not show is absent.
func (a *Account) views(ctx context.Context, ids []care.Remote) (map[care.Remote]reading, error) {
	const most = 25 // in one call
	var uris []string
	for _, id := range ids {
		if _, _, ok := splitURI(string(id)); !ok {
			return nil, network.Malformed.Unsent("an id is not a Bluesky post's")
		}
		if !slices.Contains(uris, string(id)) {
			uris = append(uris, string(id))
		}
	}
	found := map[care.Remote]reading{}
	for some := range slices.Chunk(uris, most) {
		var page struct{ Posts []json.RawMessage }
		if _, err := a.query(ctx, "app.bsky.feed.getPosts", url.Values{"uris": some}, &page); err != nil {
			return nil, err
		}
		if page.Posts == nil {
			return nil, network.Malformed.Because("the answer is no list of posts")
		}
		for _, raw := range page.Posts {
			r, err := read(raw, a.session.known())
			if err != nil {
				return nil, &network.Error{Fault: network.Malformed, Err: err}
			}
			found[r.post.Remote] = r
		}
	}
	return found, nil
}

// unseen looks for a post that is not shown to us: ok when it is there
// nevertheless, as from an author who blocked us.
func (a *Account) unseen(ctx context.Context, id care.Remote) (r reading, ok bool, err error) {
	did, rkey, _ := splitURI(string(id))
	var stored struct {
		ref
		Value json.RawMessage
	}
	_, err = a.query(ctx, "com.atproto.repo.getRecord", url.Values{"repo": {did}, "collection": {postType}, "rkey": {rkey}}, &stored)
	switch saidCode(err) {
	case recordNotFound, repoNotFound:
		return reading{}, false, nil
	}
	if err != nil {
		return reading{}, false, err
	}
	who := a.memo.who(did)
	v := view{
		ref:       ref{URI: string(id), CID: stored.CID},
		Author:    profile{DID: did, Handle: who.handle, DisplayName: who.name},
		Record:    stored.Value,
		IndexedAt: time.Now().UTC().Format(time.RFC3339Nano),
	}
	if r, err = v.read(a.session.known()); err != nil {
		return reading{}, false, &network.Error{Fault: network.Malformed, Err: err}
	}
	r.blocks = did != a.session.known()
	return r, true, nil
}

package mastodon

import (
	"context"
	"errors"

	"github.com/mattn/go-mastodon"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Look implements [network.Looker]. A server says of a post that it may not
// show to us the same as of one that was deleted.
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	found := make(map[care.Remote]network.Item, len(ids))
	items := make([]network.Item, 0, len(ids))
	for _, id := range ids {
		it, ok := found[id]
		if !ok {
			var err error
			if it, err = a.look(ctx, id); err != nil {
				return nil, err
			}
			found[id] = it
		}
		items = append(items, it)
	}
	if err := a.thread(ctx, items); err != nil {
		return nil, err
	}
	return items, nil
}

func (a *Account) look(ctx context.Context, id care.Remote) (network.Item, error) {
	st, err := a.status(ctx, id)
	if e, ok := errors.AsType[*network.Error](err); ok && e.Fault == network.Gone {
		return network.Item{Kind: network.Deleted, Post: care.Post{Network: name, Remote: id}}, nil
	}
	if err != nil {
		return network.Item{}, err
	}
	p, err := a.read(st)
	if err != nil {
		return network.Item{}, &network.Error{Fault: network.Malformed, Err: err}
	}
	return a.item(p, string(st.Account.ID)), nil
}

// status reads one post as it is now.
func (a *Account) status(ctx context.Context, id care.Remote) (*mastodon.Status, error) {
	local, ok := a.local(id)
	if !ok {
		return nil, notOfThisServer()
	}
	var c call
	st, err := a.client(&c).GetStatus(ctx, mastodon.ID(local))
	if err != nil {
		return nil, c.typed(err)
	}
	if string(st.ID) != local {
		return nil, &network.Error{Fault: network.Malformed, Err: network.Explain("the answer is another post")}
	}
	return st, nil
}

func notOfThisServer() error {
	return &network.Error{Fault: network.Malformed, Unsent: true, Err: network.Explain("the id is not of a post on this source's server")}
}

// Thread implements [network.Threader]: the posts above, the post, and the
// answers to it, so far as the server has and shows them.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	st, err := a.status(ctx, id)
	if err != nil {
		return nil, err
	}
	var c call
	around, err := a.client(&c).GetStatusContext(ctx, st.ID)
	if err != nil {
		return nil, c.typed(err)
	}
	if around.Ancestors == nil && around.Descendants == nil {
		return nil, &network.Error{Fault: network.Malformed, Err: network.Explain("the answer is no thread")}
	}
	a.around(string(st.ID), answered(st), around)
	return a.tell(append(append(around.Ancestors, st), around.Descendants...)), nil
}

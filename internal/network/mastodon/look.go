package mastodon

import (
	"context"

	"github.com/mattn/go-mastodon"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Look implements [network.Looker]. A server says of a post that it may not
// show to us the same as of one that was deleted.
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	items, err := network.LookEach(name, ids, func(id care.Remote) (network.Item, error) { return a.look(ctx, id) })
	if err == nil {
		err = a.thread(ctx, items)
	}
	return items, err
}

func (a *Account) look(ctx context.Context, id care.Remote) (network.Item, error) {
	st, err := a.status(ctx, id)
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
		return nil, network.Malformed.Because("the answer is another post")
	}
	return st, nil
}

func notOfThisServer() error {
	return network.Malformed.Unsent("the id is not of a post on this source's server")
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
		return nil, network.Malformed.Because("the answer is no thread")
	}
	a.around(string(st.ID), answered(st), around)
	return a.tell(append(append(around.Ancestors, st), around.Descendants...)), nil
}

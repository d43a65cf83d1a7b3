package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

var (
	_ network.Account  = (*Network)(nil)
	_ network.Replier  = (*Network)(nil)
	_ network.Looker   = (*Network)(nil)
	_ network.Threader = (*Network)(nil)
)

// conversationOf finds what a post belongs to, or nil.
func (n *Network) conversationOf(id care.Remote) *conversation {
	num, ok := numberOf(id)
	if !ok {
		return nil
	}
	class, i, _ := numberParts(num)
	switch class {
	case classPast:
		if i < uint64(len(n.past)) {
			return n.past[i]
		}
	case classOpening:
		if i < uint64(len(opening)) && !n.still {
			return n.present(class, i)
		}
	case classLive, classWave:
		if !n.still && i < maxLive {
			return n.present(class, i)
		}
	case classSent, classEcho:
		if i < uint64(len(n.kept.sent)) {
			return n.echo(int(i))
		}
	case classAdded:
		if i < uint64(len(n.added)) {
			return n.added[i]
		}
	}
	return nil
}

// asOf is a post as it stood at an instant; ok is false when it is gone or was
// never there. Of the answers that were sent, the first few count: what a
// reader does to a post after one of them depends on those before it only.
func (n *Network) asOf(id care.Remote, at time.Time, answers int) (now network.Item, ok bool) {
	c := n.conversationOf(id)
	if c == nil {
		return network.Item{}, false
	}
	apply := func(b *beat) {
		if !b.happens() || b.item.Post.Remote != id || b.at.After(at) || b.unless && n.answered(b.item.Post.Thread, b.at) {
			return
		}
		now, ok = b.item, b.item.Kind != network.Deleted
	}
	for i := range c.beats {
		apply(&c.beats[i])
		if m := &c.beats[i].move; m.Sent.Remote == id && !m.Sent.At.After(at) {
			return network.Item{Kind: network.Seen, Own: true, Post: c.scripted(m)}, true
		}
	}
	for _, i := range n.kept.to[id] {
		if i >= answers || n.kept.sent[i].At.After(at) {
			break
		}
		for _, b := range n.echo(i).beats { // who wrote a review changes it
			apply(&b)
		}
	}
	return now, ok
}

// stands is a post as it stands at an instant.
func (n *Network) stands(id care.Remote, at time.Time) (network.Item, bool) {
	return n.asOf(id, at, len(n.kept.sent))
}

// scripted is an answer of the history as a post.
func (c *conversation) scripted(m *Move) care.Post {
	v := c.venue
	return care.Post{Network: v.name, Remote: m.Sent.Remote, Kind: v.kind, Author: us(v), Text: m.Text, PostedAt: m.Sent.At,
		URL: m.Sent.URL, InReplyTo: m.Remote, Thread: c.beats[0].item.Post.Thread}
}

// May implements [network.Replier].
func (n *Network) May(p care.Post, now time.Time) care.Permission {
	v := venueOf(p.Network)
	if v == nil {
		return care.Permission{How: care.ByNone, Why: "This post is not of a network that the demo knows."}
	}
	return v.may(p, now)
}

// Send implements [network.Replier]. The same key again changes nothing.
func (n *Network) Send(ctx context.Context, a care.Answer) (network.Sent, error) {
	unsent := func(f network.Fault, why string) (network.Sent, error) {
		return network.Sent{}, &network.Error{Fault: f, Unsent: true, Err: errors.New(why)}
	}
	if err := ctx.Err(); err != nil {
		return network.Sent{}, &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.kept.read(); err != nil {
		return network.Sent{}, &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	if i, ok := n.kept.byKey[a.Key]; ok && a.Key != "" {
		return n.sent(i), nil
	}
	now := n.now().UTC()
	to, ok := n.stands(a.To.Remote, now)
	v := venueOf(to.Post.Network)
	if !ok || v == nil {
		return unsent(network.Gone, "the post is not there any more")
	}
	switch perm := v.may(to.Post, now); {
	case perm.How != care.ByAPI:
		return unsent(network.Malformed, "an answer through the API is not allowed here")
	case a.Direct && !perm.Direct:
		return unsent(network.Malformed, "a direct message is not possible here")
	case strings.TrimSpace(a.Text) == "":
		return unsent(network.Malformed, "the answer is empty")
	case !v.fits(a.Text):
		return unsent(network.Malformed, fmt.Sprintf("the answer is longer than %d %s", v.length.Max, v.length.Unit))
	}
	if !now.After(n.horizon) { // nothing appears in what was told already
		now = n.horizon.Add(time.Nanosecond)
	}
	s := sentAnswer{Key: a.Key, Network: v.name, To: a.To.Remote, Thread: to.Post.Thread, Text: a.Text, Direct: a.Direct, At: now}
	before := len(n.kept.sent)
	if err := n.kept.add(keptLine{Sent: &s}); err != nil {
		return network.Sent{}, &network.Error{Fault: network.Transient, Err: err}
	}
	i, ok := n.kept.byKey[a.Key]
	if !ok || i < before && a.Key == "" {
		i = before
	}
	return n.sent(i), nil
}

func (n *Network) sent(i int) network.Sent {
	a := n.kept.sent[i]
	v := venueOf(a.Network)
	id := a.remote(i)
	return network.Sent{Remote: id, URL: v.url(us(v).Handle, id), At: a.At}
}

// Find implements [network.Replier]: by key, or among what we wrote without one
// by the post that it answers and its text.
func (n *Network) Find(ctx context.Context, a care.Answer) (network.Sent, bool, error) {
	if err := ctx.Err(); err != nil {
		return network.Sent{}, false, &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.kept.read(); err != nil {
		return network.Sent{}, false, &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	if i, ok := n.kept.byKey[a.Key]; ok && a.Key != "" {
		return n.sent(i), true, nil
	}
	now := n.now().UTC()
	if c := n.conversationOf(a.To.Remote); c != nil {
		for _, p := range n.posts(c, now) {
			if p.InReplyTo == a.To.Remote && p.Author.ID == us(c.venue).ID && squeeze(p.Text) == squeeze(a.Text) && !n.keyed(p.Remote) {
				return network.Sent{Remote: p.Remote, URL: p.URL, At: p.PostedAt}, true, nil
			}
		}
	}
	return network.Sent{}, false, nil
}

// keyed says whether a post is an answer that was sent under a key.
func (n *Network) keyed(id care.Remote) bool {
	num, ok := numberOf(id)
	class, i, _ := numberParts(num)
	return ok && class == classSent && i < uint64(len(n.kept.sent)) && n.kept.sent[i].Key != ""
}

// squeeze makes texts comparable: networks change spaces.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// Look implements [network.Looker].
func (n *Network) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.kept.read(); err != nil {
		return nil, &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	now := n.now().UTC()
	items := make([]network.Item, len(ids))
	for i, id := range ids {
		item, ok := n.stands(id, now)
		if !ok {
			item = network.Item{Kind: network.Deleted, Post: care.Post{Network: n.networkOf(id), Remote: id}}
		}
		items[i] = item
	}
	return items, nil
}

// networkOf is the network that an id is of, as far as that can be known.
func (n *Network) networkOf(id care.Remote) string {
	if c := n.conversationOf(id); c != nil {
		return c.venue.name
	}
	return "demo"
}

// Thread implements [network.Threader].
func (n *Network) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	if err := ctx.Err(); err != nil {
		return nil, &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.kept.read(); err != nil {
		return nil, &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	now := n.now().UTC()
	thread := id
	if item, ok := n.stands(id, now); ok {
		thread = item.Post.Thread
	}
	var all []care.Post
	if c := n.conversationOf(thread); c != nil {
		for _, p := range n.posts(c, now) {
			if p.Thread == thread {
				all = append(all, p)
			}
		}
	}
	if len(all) == 0 {
		return nil, &network.Error{Fault: network.Gone, Err: errors.New("there is no such thread")}
	}
	return all, nil
}

// posts are the posts of a conversation that stand at an instant, oldest first,
// with all that was said in its threads since.
func (n *Network) posts(c *conversation, at time.Time) []care.Post {
	var ids []care.Remote
	threads := map[care.Remote]bool{}
	note := func(beats []beat) {
		for _, b := range beats {
			if b.item.Kind == network.Seen {
				ids = append(ids, b.item.Post.Remote)
				threads[b.item.Post.Thread] = true
			}
			if b.move.Sent.Remote != "" {
				ids = append(ids, b.move.Sent.Remote)
			}
		}
	}
	note(c.beats)
	for thread := range maps.Clone(threads) {
		for _, i := range n.kept.inThread[thread] {
			if c.class != classEcho || c.n != uint64(i) {
				note(n.echo(i).beats)
			}
		}
	}
	for _, other := range n.added {
		if other != c && threads[other.beats[0].item.Post.Thread] {
			note(other.beats)
		}
	}
	var all []care.Post
	for _, id := range ids {
		if item, ok := n.stands(id, at); ok {
			all = append(all, item.Post)
		}
	}
	slices.SortStableFunc(all, func(a, b care.Post) int { return a.PostedAt.Compare(b.PostedAt) })
	return slices.CompactFunc(all, func(a, b care.Post) bool { return a.Remote == b.Remote })
}

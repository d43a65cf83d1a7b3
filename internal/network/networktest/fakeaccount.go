package networktest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A fakeAccount is the driver of a [FakeNetwork]. Like any driver it keeps
// nothing between two calls.
type fakeAccount struct {
	net  *FakeNetwork
	word string
}

// A scan is a fakeAccount's cursor. Places are counted in the network's log.
// Everything before floor was told. While top > floor, what lies between them
// is still to be told, from the top down.
type scan struct{ floor, top, ceil int }

func (a *fakeAccount) Poll(ctx context.Context, cursor string) (network.Page, error) {
	var at scan
	if cursor != "" {
		if n, err := fmt.Sscanf(cursor, "%d.%d.%d", &at.floor, &at.top, &at.ceil); n != 3 || err != nil ||
			cursor != at.String() || at.floor < 0 || at.top < 0 || at.ceil < at.top {
			return network.Page{}, &network.Error{Fault: network.Malformed, Again: true, Err: network.Explain("the cursor can't be read")}
		}
	}
	var page network.Page
	err := a.net.meet(ctx, "poll", func() error {
		a.net.show()
		page = a.net.page(at)
		return nil
	})
	if err != nil {
		return network.Page{}, err
	}
	if a.word != "" {
		page.Items = slices.DeleteFunc(page.Items, func(it network.Item) bool {
			return it.Kind != network.Deleted && !strings.Contains(it.Post.Text, a.word)
		})
	}
	page.Meter.Calls = 1
	return page, nil
}

func (s scan) String() string { return fmt.Sprintf("%d.%d.%d", s.floor, s.top, s.ceil) }

// show moves what is due from pending to the log. It needs the lock.
func (f *FakeNetwork) show() {
	now := time.Now()
	var due, later []fakeEvent
	for _, e := range f.pending {
		if e.visible.After(now) {
			later = append(later, e)
		} else {
			due = append(due, e)
		}
	}
	if f.random != nil {
		f.random.Shuffle(len(due), func(i, j int) { due[i], due[j] = due[j], due[i] })
	}
	f.log, f.pending = append(f.log, due...), later
}

// page tells one page of the log. It needs the lock.
func (f *FakeNetwork) page(at scan) network.Page {
	end := len(f.log)
	at.floor, at.top, at.ceil = min(at.floor, end), min(at.top, end), min(at.ceil, end)
	var from, to int
	var next scan
	if f.opts.Newest {
		if at.top == 0 { // a new scan
			at.top, at.ceil = end, end
			at.floor = max(0, at.floor-f.opts.Overlap)
		}
		from, to = max(at.floor, at.top-f.opts.Page), at.top
		next = scan{at.floor, from, at.ceil}
		if from <= at.floor {
			next = scan{floor: at.ceil}
		}
	} else {
		from = at.floor
		if at.top == 0 {
			from = max(0, from-f.opts.Overlap)
		}
		to = min(end, from+f.opts.Page)
		next = scan{floor: max(to, at.floor)}
		if to < end {
			next = scan{to, 1, 1} // in the middle of a scan: no overlap
		}
	}
	items := make([]network.Item, 0, to-from)
	for _, e := range f.log[from:to] {
		items = append(items, e.item)
	}
	slices.SortStableFunc(items, func(a, b network.Item) int { return a.Post.PostedAt.Compare(b.Post.PostedAt) })
	return network.Page{Items: items, Next: next.String(), More: next.top > 0}
}

func (a *fakeAccount) May(p care.Post, now time.Time) care.Permission {
	return a.net.opts.May(p, now)
}

func (a *fakeAccount) Send(ctx context.Context, ans care.Answer) (network.Sent, error) {
	var sent network.Sent
	err := a.net.meet(ctx, "send", func() error {
		if longest := a.net.opts.May(ans.To, time.Now()).Length.Max; longest > 0 && len([]rune(ans.Text)) > longest {
			return &network.Error{Fault: network.Malformed, Status: 400, Err: network.Explain("the answer is too long")}
		}
		if parent := a.net.posts[ans.To.Remote]; parent == nil || parent.deleted {
			return &network.Error{Fault: network.Gone, Status: 404, Err: network.Explain("the post is gone")}
		}
		if have, ok := a.net.find(ans, func(b care.Answer) bool { return a.net.opts.Keyed && b.Key == ans.Key }); ok {
			sent = have
			return nil
		}
		sent = a.net.accept(ans)
		return nil
	})
	if err != nil {
		return network.Sent{}, err
	}
	return sent, nil
}

// accept puts an answer on the network. It needs the lock.
func (f *FakeNetwork) accept(a care.Answer) network.Sent {
	at := time.Now().Add(f.skew).UTC()
	f.answers = append(f.answers, a)
	id := f.publish(care.Post{Author: care.Author{ID: "id-brand", Handle: "brand", Name: "Brand"},
		Text: a.Text, PostedAt: at, InReplyTo: a.To.Remote}, true)
	return network.Sent{Remote: id, URL: f.posts[id].post.URL, At: at}
}

// find looks for an answer of ours. It needs the lock.
func (f *FakeNetwork) find(a care.Answer, same func(care.Answer) bool) (network.Sent, bool) {
	if !slices.ContainsFunc(f.answers, same) {
		return network.Sent{}, false
	}
	for id, p := range f.posts {
		if p.own && !p.deleted && p.post.InReplyTo == a.To.Remote && p.post.Text == a.Text {
			return network.Sent{Remote: id, URL: p.post.URL, At: p.post.PostedAt}, true
		}
	}
	return network.Sent{}, false
}

func (a *fakeAccount) Find(ctx context.Context, ans care.Answer) (sent network.Sent, found bool, err error) {
	err = a.net.meet(ctx, "find", func() error {
		sent, found = a.net.find(ans, func(b care.Answer) bool { return b.Key == ans.Key })
		return nil
	})
	if err != nil {
		return network.Sent{}, false, err
	}
	return sent, found, nil
}

func (a *fakeAccount) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	var items []network.Item
	err := a.net.meet(ctx, "look", func() error {
		for _, id := range ids {
			p := a.net.posts[id]
			switch {
			case p == nil || p.deleted:
				items = append(items, network.Item{Kind: network.Deleted, Post: care.Post{Network: a.net.opts.Network, Remote: id}})
			case p.post.EditedAt.IsZero():
				items = append(items, network.Item{Kind: network.Seen, Post: p.post, Own: p.own})
			default:
				items = append(items, network.Item{Kind: network.Edited, Post: p.post, Own: p.own})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

func (a *fakeAccount) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	var posts []care.Post
	err := a.net.meet(ctx, "thread", func() error {
		root := a.net.posts[id]
		if root == nil || root.deleted {
			return &network.Error{Fault: network.Gone, Status: 404, Err: network.Explain("the post is gone")}
		}
		for _, p := range a.net.posts {
			if !p.deleted && p.post.Thread == root.post.Thread {
				posts = append(posts, p.post)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(posts, func(a, b care.Post) int {
		if c := a.PostedAt.Compare(b.PostedAt); c != 0 {
			return c
		}
		return strings.Compare(string(a.Remote), string(b.Remote))
	})
	return posts, nil
}

// Mend implements [network.Mender].
func (a *fakeAccount) Mend(ctx context.Context, id care.Remote, text string) error {
	return a.change(ctx, "mend", id, func(p *fakePost) error {
		if p.deleted {
			return &network.Error{Fault: network.Gone, Status: 404, Err: network.Explain("the answer is gone")}
		}
		p.post.Text, p.post.EditedAt = text, time.Now().Add(a.net.skew).UTC()
		a.net.tell(network.Item{Kind: network.Edited, Post: p.post, Own: true})
		return nil
	})
}

// Withdraw implements [network.Withdrawer].
func (a *fakeAccount) Withdraw(ctx context.Context, id care.Remote) error {
	return a.change(ctx, "withdraw", id, func(p *fakePost) error {
		if !p.deleted {
			p.deleted = true
			a.net.tell(network.Item{Kind: network.Deleted, Post: care.Post{Network: a.net.opts.Network, Remote: id}})
		}
		return nil
	})
}

// change does something to an answer of ours.
func (a *fakeAccount) change(ctx context.Context, method string, id care.Remote, do func(*fakePost) error) error {
	return a.net.meet(ctx, method, func() error {
		p := a.net.posts[id]
		if p == nil || !p.own {
			return &network.Error{Fault: network.Refused, Status: 403, Err: network.Explain("this is no post of ours")}
		}
		return do(p)
	})
}

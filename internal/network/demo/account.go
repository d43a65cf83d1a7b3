package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

const (
	pageSize = 50
	// awake is how long nobody may have asked before the network falls asleep,
	// markEvery how often it is noted that somebody does.
	awake     = 15 * time.Minute
	markEvery = 5 * time.Minute
	// stride is how much of the stream is looked at in one go.
	stride = 30 * time.Minute
	// maxLive bounds the numbers of live conversations: of years.
	maxLive = 1 << 24
	// maxRecent bounds how many live conversations are kept made up.
	maxRecent = 4000
)

// last is a number beyond that of any post.
const last = math.MaxUint64

// A place is a position in the order of all that happens.
type place struct {
	at  time.Time
	num uint64
}

func (p place) compare(q place) int {
	return cmp.Or(p.at.Compare(q.at), cmp.Compare(p.num, q.num))
}

func (b *beat) place() place { return place{b.at, b.num} }

// Cursor is the cursor that reads on after an instant.
func (n *Network) Cursor(at time.Time) string { return n.cursor(place{at, last}) }

func (n *Network) cursor(p place) string {
	return fmt.Sprintf("1 %d %d %d %d", n.seed, n.start.Unix(), p.at.UnixNano(), p.num)
}

func (n *Network) parse(cursor string) (place, error) {
	if cursor == "" {
		return place{n.start, last}, nil
	}
	f := strings.Fields(cursor)
	if len(f) == 5 && f[0] == "1" {
		seed, err1 := strconv.ParseUint(f[1], 10, 64)
		start, err2 := strconv.ParseInt(f[2], 10, 64)
		at, err3 := strconv.ParseInt(f[3], 10, 64)
		num, err4 := strconv.ParseUint(f[4], 10, 64)
		if errors.Join(err1, err2, err3, err4) == nil && seed == n.seed && start == n.start.Unix() {
			return place{time.Unix(0, at).UTC(), num}, nil
		}
	}
	return place{}, &network.Error{Fault: network.Malformed, Again: true, Err: errors.New("the cursor is of another network")}
}

// Poll implements [network.Account]. The empty cursor starts where the live
// stream does. What we sent is told too, as our own, but not the scripted
// answers of the history: those are moves.
func (n *Network) Poll(ctx context.Context, cursor string) (network.Page, error) {
	if err := ctx.Err(); err != nil {
		return network.Page{}, &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	from, err := n.parse(cursor)
	if err != nil {
		return network.Page{}, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now().UTC()
	if err := n.wake(now); err != nil {
		return network.Page{}, err
	}
	page := network.Page{Next: cursor, Meter: network.Meter{Calls: 1}}
	for _, b := range n.until(from, now) {
		if !b.happens() {
			continue
		}
		if len(page.Items) == pageSize {
			page.More = true
			break
		}
		item := b.item
		item.Post.Links = slices.Clone(item.Post.Links)
		page.Items = append(page.Items, item)
		page.Next = n.cursor(b.place())
	}
	if n.horizon.Before(now) {
		n.horizon = now
	}
	if page.Next == "" {
		page.Next = n.cursor(from)
	}
	return page, nil
}

// wake notes that somebody watches. When nobody did for a while, little
// happened meanwhile: what waits is what a quiet night brings.
func (n *Network) wake(now time.Time) error {
	err := n.kept.read()
	since := n.kept.watched
	if since.Before(n.start) {
		since = n.start
	}
	switch gap := now.Sub(since); {
	case err != nil || n.still:
	case gap >= awake: // what was told since the last mark must stay true
		err = n.kept.add(keptLine{Asleep: &span{From: since.Add(markEvery), To: now}})
	case gap >= markEvery:
		err = n.kept.add(keptLine{Awake: &now})
	}
	if err != nil {
		return &network.Error{Fault: network.Transient, Unsent: true, Err: err}
	}
	return nil
}

// until reads on in strides, so that a page costs the same however long nobody
// polled.
func (n *Network) until(from place, now time.Time) []*beat {
	var all []*beat
	for from.at.Before(now) {
		to := from.at.Add(stride)
		if from.at.Before(n.start) || to.After(now) { // the past is a list, and short
			to = now
			if from.at.Before(n.start) && n.start.Before(now) {
				to = n.start
			}
		}
		if from.at.Before(n.start) {
			to = n.pastPage(from, to)
		}
		all = append(all, n.between(from, to)...)
		items := 0
		for _, b := range all {
			if b.happens() {
				items++
			}
		}
		if items > pageSize {
			break
		}
		from = place{to, last}
	}
	return all
}

// pastPage is an instant of the past up to which little more than a page
// happens.
func (n *Network) pastPage(from place, to time.Time) time.Time {
	i, _ := slices.BinarySearchFunc(n.told, from, func(b *beat, p place) int { return b.place().compare(p) })
	if i += 4 * pageSize; i < len(n.told) && n.told[i].at.Before(to) {
		return n.told[i].at
	}
	return to
}

// between is all that happens, and all that the team would do, after from and
// up to to, in order.
func (n *Network) between(from place, to time.Time) []*beat {
	var all []*beat
	take := func(b *beat) {
		if p := b.place(); p.compare(from) <= 0 || b.at.After(to) {
			return
		}
		if b.unless && n.answered(b.item.Post.Thread, b.at) {
			return
		}
		all = append(all, b)
	}
	i, _ := slices.BinarySearchFunc(n.told, from, func(b *beat, p place) int { return b.place().compare(p) })
	for ; i < len(n.told) && !n.told[i].at.After(to); i++ {
		take(n.told[i])
	}
	for c := range n.presentConversations(from.at, to) {
		for i := range c.beats {
			take(&c.beats[i])
		}
	}
	slices.SortFunc(all, func(a, b *beat) int { return a.place().compare(b.place()) })
	return all
}

// answered says whether we answered in a thread before an instant.
func (n *Network) answered(thread care.Remote, before time.Time) bool {
	if n.kept.answered(thread, before) {
		return true
	}
	c := n.conversationOf(thread)
	if c == nil {
		return false
	}
	for _, b := range c.beats {
		if b.item.Own && b.at.Before(before) && b.item.Post.InReplyTo != "" {
			return true
		}
	}
	return false
}

// presentConversations are the conversations after the start that may have a
// beat after from, up to to.
func (n *Network) presentConversations(from, to time.Time) func(func(*conversation) bool) {
	return func(yield func(*conversation) bool) {
		for _, c := range n.added {
			if !yield(c) {
				return
			}
		}
		for i, a := range slices.Backward(n.kept.sent) {
			if a.At.Before(from.Add(-echoSpan)) {
				break
			}
			if !yield(n.echo(i)) {
				return
			}
		}
		if n.still || to.Before(n.start) {
			return
		}
		since := max(from.Add(-liveSpan).Sub(n.start), 0)
		until := to.Sub(n.start)
		ranges := [...]struct {
			class       int
			first, stop int64
		}{
			{classOpening, 0, int64(len(opening))},
			{classWave, int64(max(since-waveEvery-firstWave, 0)/waveEvery) * waveSize, (int64(max(until-firstWave, -waveEvery)/waveEvery) + 1) * waveSize},
			{classLive, int64(since / n.live.pace), int64(until/n.live.pace) + 1},
		}
		if from.After(n.start.Add(liveSpan + time.Minute)) {
			ranges[0].stop = 0
		}
		for _, g := range ranges {
			for i := g.first; i < g.stop; i++ {
				if c := n.present(g.class, uint64(i)); c != nil && !yield(c) {
					return
				}
			}
		}
	}
}

// present is a live conversation, or nil when it did not take place because
// nobody watched.
func (n *Network) present(class int, i uint64) *conversation {
	key := number(class, i, 0)
	c := n.recent[key]
	if c == nil {
		if len(n.recent) >= maxRecent {
			clear(n.recent)
		}
		c = n.live.conversation(class, i)
		n.recent[key] = c
	}
	if n.kept.sleeping(c.at) && !n.live.quiet(key) {
		return nil
	}
	return c
}

// echo is what an answer of ours is on the network, and what its reader says.
func (n *Network) echo(i int) *conversation {
	key := number(classEcho, uint64(i), 0)
	if c := n.recent[key]; c != nil {
		return c
	}
	a := n.kept.sent[i]
	v := venueOf(a.Network)
	id := a.remote(i)
	own := beat{num: number(classSent, uint64(i), 0), at: a.At, item: network.Item{Kind: network.Seen, Own: true, Post: care.Post{
		Network: a.Network, Remote: id, Kind: v.kind, Author: us(v), Text: a.Text, PostedAt: a.At, URL: v.url(us(v).Handle, id),
		InReplyTo: a.To, Thread: a.Thread}}}
	round := 1 + slices.Index(n.kept.inThread[a.Thread], i)
	c := &conversation{class: classEcho, n: uint64(i), venue: v, at: a.At}
	if about := n.conversationOf(a.To); about != nil && !n.still {
		if to, ok := n.asOf(a.To, a.At, i); ok {
			c = n.live.echo(i, a, to.Post, about, round)
		}
	}
	c.beats = append([]beat{own}, c.beats...)
	if len(n.recent) >= maxRecent {
		clear(n.recent)
	}
	n.recent[key] = c
	return c
}

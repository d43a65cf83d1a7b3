package demo

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A world is a network on which nothing happens by itself, kept in a file so
// that an account can be opened anew.
type world struct {
	t        *testing.T
	venue    *venue
	settings Settings
	added    []*conversation
	last     time.Time
	accounts []*Network
}

func openWorld(t *testing.T, v string) networktest.World {
	s := *Default()
	s.Still, s.Keep, s.Start = true, filepath.Join(t.TempDir(), "network.jsonl"), time.Now().Add(-time.Minute)
	return &world{t: t, venue: venueOf(v), settings: s}
}

func (w *world) open() *Network {
	w.t.Helper()
	n, err := New(w.settings)
	if err != nil {
		w.t.Fatal(err)
	}
	n.added = w.added
	return n
}

func (w *world) Account() network.Account {
	n := w.open()
	w.accounts = append(w.accounts, n)
	return n
}

// tell makes what happened known to the accounts that are open.
func (w *world) tell() {
	for _, n := range w.accounts {
		n.mu.Lock()
		n.added = w.added
		n.mu.Unlock()
	}
}

// now is later than anything that happened before.
func (w *world) now() time.Time {
	at := time.Now().UTC()
	if !at.After(w.last) {
		at = w.last.Add(time.Nanosecond)
	}
	w.last = at
	return at
}

func (w *world) Post(p networktest.Post) care.Remote {
	at := w.now()
	posted := at
	if !p.At.IsZero() {
		posted = p.At.UTC()
	}
	if p.Author == "" {
		p.Author = "ana"
	}
	by := care.Author{ID: "id-of-" + p.Author, Handle: p.Author, Name: p.Author}
	if p.Own {
		by = us(w.venue)
	}
	num := number(classAdded, uint64(len(w.added)), 0)
	id := w.venue.remote(num, by.ID)
	post := care.Post{Network: w.venue.name, Remote: id, Kind: w.venue.kind, Author: by, Text: p.Text, PostedAt: posted, InReplyTo: p.InReplyTo,
		Thread: id, Summoned: true}
	if p.InReplyTo != "" {
		parent, ok := w.open().stands(p.InReplyTo, at)
		if !ok {
			w.t.Fatalf("%s is not there", p.InReplyTo)
		}
		post.Thread = parent.Post.Thread
	}
	w.added = append(w.added, &conversation{class: classAdded, n: uint64(len(w.added)), lang: "en", kind: "complaint", venue: w.venue, author: by, at: at,
		beats: []beat{{num: num, at: at, item: network.Item{Kind: network.Seen, Post: post, Own: p.Own}}}})
	w.tell()
	return id
}

// change adds a beat to a post's conversation.
func (w *world) change(id care.Remote, f func(p *care.Post, at time.Time) network.ItemKind) {
	w.t.Helper()
	num, _ := numberOf(id)
	class, i, _ := numberParts(num)
	if class != classAdded || i >= uint64(len(w.added)) {
		w.t.Fatalf("%s is not of this world", id)
	}
	c, at := w.added[i], w.now()
	item := c.beats[len(c.beats)-1].item
	item.Kind = f(&item.Post, at)
	c.beats = append(c.beats, beat{num: number(classAdded, i, len(c.beats)), at: at, item: item})
}

func (w *world) Edit(id care.Remote, text string) {
	w.change(id, func(p *care.Post, at time.Time) network.ItemKind {
		p.Text, p.EditedAt = text, at
		return network.Edited
	})
}

func (w *world) Delete(id care.Remote) {
	w.change(id, func(*care.Post, time.Time) network.ItemKind { return network.Deleted })
}

func (w *world) Break(f networktest.Fault) { w.t.Fatalf("this network cannot break (%s)", f) }

func (w *world) Sent() []care.Answer {
	var all []care.Answer
	for _, a := range w.open().kept.sent {
		all = append(all, care.Answer{To: care.Post{Network: a.Network, Remote: a.To}, Text: a.Text, Key: a.Key, Direct: a.Direct, At: a.At})
	}
	return all
}

// TestSuite: the demo's account does what every account does.
func TestSuite(t *testing.T) {
	for _, v := range []string{"mastodon", "bluesky", "play"} {
		t.Run(v, func(t *testing.T) {
			networktest.Run(t, networktest.Traits{Page: pageSize, Edits: networktest.OnPoll, Deletes: networktest.OnPoll, Own: true,
				Late: 24 * time.Hour, Keyed: true}, func(t *testing.T) networktest.World { return openWorld(t, v) })
		})
	}
}

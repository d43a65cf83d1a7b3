package networktest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// maxCursor is the most that a page's Next may hold.
const maxCursor = 4 << 10

// Run checks a driver against the contract of package network. open makes a
// fresh World for each case; what it opens, it closes with t.Cleanup.
func Run(t *testing.T, traits Traits, open func(t *testing.T) World) {
	if traits.Page < 1 {
		t.Fatal("Traits.Page is at least 1")
	}
	cases := 0
	run := func(name string, f func(*suite)) {
		cases++
		t.Run(name, func(t *testing.T) {
			f(&suite{T: t, traits: traits, world: open(t)})
		})
	}
	pollCases(run, traits)
	readingCases(run, traits)
	changeCases(run, traits)
	faultCases(run, traits)
	answerCases(run, traits)
	receiveCases(run, traits)
	t.Logf("%d cases", cases)
}

type runner func(name string, f func(*suite))

// A suite is one case under way.
type suite struct {
	*testing.T
	traits Traits
	world  World
}

// told is what a reader has been told about one post.
type told struct {
	seen, edited, deleted bool
	own                   bool
	post                  care.Post
}

// A reader polls like intake does: it opens the account anew for each page, as
// if the program had been killed in between, and keeps nothing but the cursor.
type reader struct {
	*suite
	cursor string
	posts  map[care.Remote]*told
	pages  int
}

// manyPages is where a scan has no end.
const manyPages = 1000

func (s *suite) reader() *reader {
	s.Helper()
	r := &reader{suite: s, posts: map[care.Remote]*told{}}
	r.drain()
	return r
}

// deliver takes one post as the network posts it to us, for networks that are
// not polled.
func (r *reader) deliver(id care.Remote) {
	r.Helper()
	p := r.received(r.world.(Deliverer).Delivery(id), time.Now())
	r.pages++
	r.take(p)
}

// page polls one page, checks what every page must keep to, and moves on.
func (r *reader) page() network.Page {
	r.Helper()
	p, err := r.world.Account().Poll(r.Context(), r.cursor)
	if err != nil {
		r.Fatalf("poll: %v", err)
	}
	r.take(p)
	return p
}

func (r *reader) take(p network.Page) {
	r.Helper()
	if r.pages++; r.pages > manyPages {
		r.Fatalf("%d pages and still more", manyPages)
	}
	r.checkPage(p)
	for _, it := range p.Items {
		known := r.posts[it.Post.Remote]
		if known == nil {
			known = new(told)
			r.posts[it.Post.Remote] = known
		}
		switch it.Kind {
		case network.Seen:
			known.seen = true
		case network.Edited:
			known.edited = true
		case network.Deleted:
			known.deleted = true
			continue
		}
		if !it.Post.EditedAt.Before(known.post.EditedAt) { // pages may come in any order
			known.post, known.own = it.Post, it.Own
		}
	}
	r.cursor = p.Next
}

// drain polls until nothing is left.
func (r *reader) drain() {
	r.Helper()
	for r.page().More {
	}
}

// must checks that all these posts were reported.
func (r *reader) must(ids ...care.Remote) {
	r.Helper()
	var missing []care.Remote
	for _, id := range ids {
		if k := r.posts[id]; k == nil || !k.seen && !k.edited {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		r.Errorf("%d of %d posts were lost, the first is %s", len(missing), len(ids), missing[0])
	}
}

func (s *suite) checkPage(p network.Page) {
	s.Helper()
	if len(p.Next) > maxCursor {
		s.Errorf("the cursor has %d bytes, more than %d", len(p.Next), maxCursor)
	}
	s.noSecret("the cursor", p.Next)
	if p.More && p.Next == "" {
		s.Error("more to read, but no cursor")
	}
	if len(p.Bad) > 0 {
		s.Errorf("%d items could not be read: %s", len(p.Bad), p.Bad[0].Reason)
	}
	var last time.Time
	for _, it := range p.Items {
		s.checkItem(it)
		if it.Kind != network.Seen {
			continue
		}
		if it.Post.PostedAt.Before(last) {
			s.Errorf("%s is older than the item before it: a page is oldest first", it.Post.Remote)
		}
		last = it.Post.PostedAt
	}
}

func (s *suite) checkItem(it network.Item) {
	s.Helper()
	p := it.Post
	if p.Network == "" || p.Remote == "" {
		s.Errorf("an item without network or id: %q %q", p.Network, p.Remote)
	}
	switch it.Kind {
	case network.Deleted:
		return
	case network.Seen, network.Edited:
	default:
		s.Errorf("%s: kind %q", p.Remote, it.Kind)
	}
	if p.PostedAt.IsZero() || p.PostedAt.Location() != time.UTC {
		s.Errorf("%s: posted at %v, want an instant in UTC", p.Remote, p.PostedAt)
	}
	if p.Kind == "" || p.Author.ID == "" || p.Thread == "" {
		s.Errorf("%s: kind %q, author %q, thread %q: none may be empty", p.Remote, p.Kind, p.Author.ID, p.Thread)
	}
	if strings.HasPrefix(p.Author.Handle, "@") {
		s.Errorf("%s: the handle has a leading @", p.Remote)
	}
	for what, text := range map[string]string{"text": p.Text, "handle": p.Author.Handle, "name": p.Author.Name} {
		if !utf8.ValidString(text) {
			s.Errorf("%s: the %s is not UTF-8", p.Remote, what)
		}
	}
}

// typed checks that err is what a driver may return, and gives it back.
func (s *suite) typed(err error) *network.Error {
	s.Helper()
	if err == nil {
		s.Fatal("no error")
	}
	e, ok := errors.AsType[*network.Error](err)
	if !ok {
		s.Fatalf("%T is no *network.Error: %v", err, err)
	}
	if error(e) != err {
		s.Errorf("the *network.Error is wrapped: %v", err)
	}
	switch e.Fault {
	case network.Transient, network.Limited, network.Refused, network.Unpaid, network.Gone, network.Malformed:
	default:
		s.Errorf("fault %q", e.Fault)
	}
	if e.After < 0 {
		s.Errorf("wait %v", e.After)
	}
	s.noSecret("the error", fmt.Sprintf("%v %+v %#v", e, e.Err, e.Error()))
	return e
}

func (s *suite) noSecret(where, text string) {
	s.Helper()
	for _, secret := range s.traits.Secrets {
		if strings.Contains(text, secret) {
			s.Errorf("%s tells a secret", where)
		}
	}
}

// burst publishes n posts by several authors.
func (s *suite) burst(n int) []care.Remote {
	s.Helper()
	authors := []string{"ana", "ben", "cleo"}
	ids := make([]care.Remote, n)
	for i := range ids {
		ids[i] = s.world.Post(Post{Author: authors[i%len(authors)], Text: fmt.Sprintf("parcel %d of %d never came", i+1, n)})
	}
	if d := len(ids) - len(maps.Collect(maps.All(set(ids)))); d != 0 {
		s.Fatalf("the World gave %d ids twice", d)
	}
	return ids
}

func set(ids []care.Remote) map[care.Remote]bool {
	m := make(map[care.Remote]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}

// remotes lists whom a page is about.
func remotes(p network.Page) []string {
	var ids []string
	for _, it := range p.Items {
		ids = append(ids, string(it.Kind)+" "+string(it.Post.Remote))
	}
	slices.Sort(ids)
	return ids
}

// ended is a context that was cancelled before it began.
func ended() context.Context {
	ctx, end := context.WithCancel(context.Background())
	end()
	return ctx
}

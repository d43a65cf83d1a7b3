package networktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// pollCases are about reading: nothing is lost, whatever happens between two pages.
func pollCases(run runner, traits Traits) {
	run("poll/a network with nothing to tell comes to an end", func(s *suite) {
		r := s.reader()
		r.drain()
		r.drain()
	})
	if traits.Pushed {
		return
	}
	for _, n := range []int{1, traits.Page - 1, traits.Page, traits.Page + 1, 2*traits.Page + 1, 3 * traits.Page} {
		if n == 0 || n == 1 && traits.Page == 2 {
			continue
		}
		run(fmt.Sprintf("poll/%d posts in pages of %d", n, traits.Page), func(s *suite) {
			r := s.reader()
			ids := s.burst(n)
			r.drain()
			r.must(ids...)
		})
	}
	run("poll/bursts again and again", func(s *suite) {
		r := s.reader()
		var ids []care.Remote
		for range 3 {
			ids = append(ids, s.burst(traits.Page+1)...)
			r.drain()
		}
		r.must(ids...)
	})
	run("poll/more is said until drained", func(s *suite) {
		r := s.reader()
		ids := s.burst(2*traits.Page + 1)
		for pages := 1; ; pages++ {
			p := r.page()
			if len(p.Items) > 0 && len(r.posts) < len(ids) && !p.More {
				s.Fatalf("page %d ends the scan at %d of %d posts", pages, len(r.posts), len(ids))
			}
			if !p.More {
				break
			}
		}
		r.must(ids...)
	})
	run("poll/posts that arrive between two pages", func(s *suite) {
		r := s.reader()
		ids := s.burst(2*traits.Page + 1)
		for range 3 {
			r.page()
			ids = append(ids, s.burst(traits.Page+1)...)
		}
		r.drain()
		r.must(ids...)
	})
	run("poll/the same cursor again tells the same", sameCursorAgain)
	run("poll/a page that was read and not kept is read again", func(s *suite) {
		r := s.reader()
		ids := s.burst(2*traits.Page + 1)
		for more := true; more; { // every page is lost once on its way to the store
			if _, err := s.world.Account().Poll(s.Context(), r.cursor); err != nil {
				s.Fatalf("poll: %v", err)
			}
			more = r.page().More
		}
		r.must(ids...)
	})
	run("poll/an old cursor goes back to where it stood", func(s *suite) {
		r := s.reader()
		old := r.cursor
		ids := s.burst(traits.Page + 1)
		r.drain()
		restored := &reader{suite: s, cursor: old, posts: map[care.Remote]*told{}}
		ids = append(ids, s.burst(1)...)
		restored.drain()
		restored.must(ids...)
	})
	run("poll/one account carries many pages", func(s *suite) {
		r := s.reader()
		ids := s.burst(2*traits.Page + 1)
		account := s.world.Account()
		for more := true; more; {
			p, err := account.Poll(s.Context(), r.cursor)
			if err != nil {
				s.Fatalf("poll: %v", err)
			}
			r.take(p)
			more = p.More
		}
		r.must(ids...)
	})
}

// readingCases are about what a page tells.
func readingCases(run runner, traits Traits) {
	if traits.Pushed {
		return
	}
	run("poll/a cursor that is not ours", foreignCursors)
	run("poll/cancelled before it began", func(s *suite) {
		cursor := s.reader().cursor
		_, err := s.world.Account().Poll(ended(), cursor)
		if e := s.typed(err); !errors.Is(e, context.Canceled) {
			s.Errorf("cancelled, but the error is %v", e)
		}
	})
	run("poll/text comes as it was written", func(s *suite) {
		r := s.reader()
		want := map[care.Remote]string{}
		for _, text := range texts {
			want[s.world.Post(Post{Text: text})] = text
		}
		r.drain()
		for id, text := range want {
			r.must(id)
			if k := r.posts[id]; k != nil && !strings.Contains(k.post.Text, text) {
				s.Errorf("wrote %q, read %q", text, k.post.Text)
			}
		}
	})
	if traits.Shape != Single {
		run("poll/a reply belongs to its thread", replyInThread)
	}
	if traits.Late > 0 {
		run("poll/a post that appears late", func(s *suite) {
			r := s.reader()
			ids := s.burst(traits.Page)
			r.drain()
			for _, age := range []time.Duration{traits.Late / 2, traits.Late * 9 / 10} {
				ids = append(ids, s.world.Post(Post{Author: "dora", Text: "I wrote this before", At: time.Now().Add(-age)}))
				r.drain()
			}
			r.must(ids...)
		})
	}
}

func replyInThread(s *suite) {
	r := s.reader()
	first := s.world.Post(Post{Author: "ana", Text: "where is my order?"})
	second := s.world.Post(Post{Author: "ben", Text: "same here", InReplyTo: first})
	third := s.world.Post(Post{Author: "ana", Text: "still nothing", InReplyTo: second})
	r.drain()
	r.must(first, second, third)
	parents := map[care.Remote]care.Remote{first: "", second: first, third: second}
	if s.traits.Shape == Flat {
		parents[third] = first
	}
	for id, parent := range parents {
		if k := r.posts[id]; k != nil && (k.post.InReplyTo != parent || k.post.Thread != first) {
			s.Errorf("%s: answers %q in thread %q, want %q in %q", id, k.post.InReplyTo, k.post.Thread, parent, first)
		}
	}
	if a, b := r.posts[first], r.posts[second]; a != nil && b != nil && a.post.Author.ID == b.post.Author.ID {
		s.Error("two people have one author id")
	}
	if a, c := r.posts[first], r.posts[third]; a != nil && c != nil && a.post.Author.ID != c.post.Author.ID {
		s.Error("one person has two author ids")
	}
}

// texts are what strangers write.
var texts = []string{
	"plain",
	"zwölf Äpfel, Straße, Ελληνικά, русский, 日本語, עברית, العربية",
	"family 👨‍👩‍👧‍👦, flag 🇪🇺, thumbs 👍🏽, zero\u200bwidth",
	"right \u202eto left\u202c and back",
	"<script>alert(1)</script> & \"quotes\" 'single' \\back\\slash %s %00 {{.}}",
	"two\nlines, a\ttab",
	"combining e\u0301 and \u212b",
}

func sameCursorAgain(s *suite) {
	r := s.reader()
	ids := s.burst(2*s.traits.Page + 1)
	for more := true; more; {
		once, err := s.world.Account().Poll(s.Context(), r.cursor)
		if err != nil {
			s.Fatalf("poll: %v", err)
		}
		twice := r.page()
		if a, b := remotes(once), remotes(twice); !slices.Equal(a, b) {
			s.Errorf("one cursor told %d items, then %d others", len(a), len(b))
		}
		if once.More != twice.More {
			s.Error("one cursor said there is more, then the opposite")
		}
		more = twice.More
	}
	r.must(ids...)
}

func foreignCursors(s *suite) {
	valid := s.reader().cursor
	for _, cursor := range []string{"?", "{}", "null", `{"v":99}`, "\x00\xff", strings.Repeat("9", maxCursor), valid + "x", "x" + valid} {
		_, err := s.world.Account().Poll(s.Context(), cursor)
		if err == nil {
			continue // it can be read; a driver whose cursor is a plain id can't know better
		}
		if e := s.typed(err); e.Fault != network.Malformed || !e.Again {
			s.Errorf("cursor %.20q: %v, again %v; want malformed and to start again", cursor, e, e.Again)
		}
	}
}

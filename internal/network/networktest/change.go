package networktest

import (
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// changeCases are about posts that change after they were read, our own posts,
// and the ways to read posts anew.
func changeCases(run runner, traits Traits) {
	if traits.Pushed {
		return
	}
	if traits.Edits == OnPoll {
		run("change/an edit is told", func(s *suite) {
			r := s.reader()
			ids := s.burst(2)
			r.drain()
			s.world.Edit(ids[0], "it came after all")
			r.drain()
			k := r.posts[ids[0]]
			if k == nil || !k.edited || !strings.Contains(k.post.Text, "it came after all") {
				s.Fatalf("the edit was not told: %+v", k)
			}
			if k.post.EditedAt.IsZero() {
				s.Error("an edited post without the time of the edit")
			}
			if other := r.posts[ids[1]]; other != nil && other.edited {
				s.Error("a post that nobody touched was told as edited")
			}
		})
	}
	if traits.Edits != Never {
		run("change/an edit before the first reading", func(s *suite) {
			r := s.reader()
			id := s.burst(1)[0]
			s.world.Edit(id, "it came after all")
			r.drain()
			r.must(id)
			if k := r.posts[id]; k != nil && !strings.Contains(k.post.Text, "it came after all") {
				s.Errorf("read %q, not the newest text", k.post.Text)
			}
		})
	}
	if traits.Deletes == OnPoll {
		run("change/a deletion is told", func(s *suite) {
			r := s.reader()
			ids := s.burst(2)
			r.drain()
			s.world.Delete(ids[0])
			r.drain()
			if k := r.posts[ids[0]]; k == nil || !k.deleted {
				s.Errorf("the deletion was not told: %+v", k)
			}
			if k := r.posts[ids[1]]; k == nil || k.deleted {
				s.Error("the other post was told as deleted, or not at all")
			}
		})
	}
	if traits.Deletes != Never {
		run("change/deletions in the middle of a scan lose nothing else", func(s *suite) {
			r := s.reader()
			ids := s.burst(3 * traits.Page)
			r.page()
			gone := map[care.Remote]bool{}
			for _, i := range []int{0, traits.Page - 1, traits.Page, 2*traits.Page - 1, 2 * traits.Page, 3*traits.Page - 1} {
				if !gone[ids[i]] {
					s.world.Delete(ids[i])
				}
				gone[ids[i]] = true
			}
			r.drain()
			for _, id := range ids {
				if !gone[id] {
					r.must(id)
				}
			}
		})
	}
	if traits.Own {
		run("change/our own posts are told as our own", func(s *suite) {
			r := s.reader()
			theirs := s.burst(1)[0]
			ours := s.world.Post(Post{Own: true, Text: "we are on it", InReplyTo: theirs})
			r.drain()
			r.must(theirs, ours)
			if k := r.posts[ours]; k != nil && !k.own {
				s.Error("our own post was told as somebody's")
			}
			if k := r.posts[theirs]; k != nil && k.own {
				s.Error("somebody's post was told as our own")
			}
		})
	}
	run("look/one item per id, in order", lookInOrder)
	if traits.Shape != Single {
		run("thread/oldest first, from any post of it", wholeThread)
	}
}

func lookInOrder(s *suite) {
	looker, ok := s.world.Account().(network.Looker)
	if !ok {
		s.Skip("the driver can't look")
	}
	ids := s.burst(4)
	ask := []care.Remote{ids[2], ids[0], ids[1], ids[3], ids[0]}
	if s.traits.Edits != Never {
		s.world.Edit(ids[0], "it came after all")
	}
	if s.traits.Deletes != Never {
		s.world.Delete(ids[1])
	}
	items, err := looker.Look(s.Context(), ask)
	if err != nil {
		s.Fatalf("look: %v", err)
	}
	if len(items) != len(ask) {
		s.Fatalf("asked for %d, got %d", len(ask), len(items))
	}
	for i, it := range items {
		s.checkItem(it)
		if it.Post.Remote != ask[i] {
			s.Errorf("item %d is %s, want %s", i, it.Post.Remote, ask[i])
		}
		if deleted := s.traits.Deletes != Never && ask[i] == ids[1]; deleted != (it.Kind == network.Deleted) {
			s.Errorf("%s is %s", ask[i], it.Kind)
		}
		if edited := s.traits.Edits != Never && ask[i] == ids[0]; edited && !strings.Contains(it.Post.Text, "it came after all") {
			s.Errorf("%s has its old text", ask[i])
		}
	}
	if items, err := looker.Look(s.Context(), nil); err != nil || len(items) != 0 {
		s.Errorf("looking for nothing: %d items, %v", len(items), err)
	}
	_, err = looker.Look(ended(), ask)
	s.typed(err)
}

func wholeThread(s *suite) {
	threader, ok := s.world.Account().(network.Threader)
	if !ok {
		s.Skip("the driver can't read threads")
	}
	first := s.world.Post(Post{Author: "ana", Text: "where is my order?"})
	second := s.world.Post(Post{Author: "ben", Text: "same here", InReplyTo: first})
	third := s.world.Post(Post{Author: "ana", Text: "still nothing", InReplyTo: second})
	s.world.Post(Post{Author: "cleo", Text: "another matter"})
	for _, from := range []care.Remote{first, second, third} {
		posts, err := threader.Thread(s.Context(), from)
		if err != nil {
			s.Fatalf("thread: %v", err)
		}
		var got []care.Remote
		for i, p := range posts {
			s.checkItem(network.Item{Kind: network.Seen, Post: p})
			if i > 0 && p.PostedAt.Before(posts[i-1].PostedAt) {
				s.Error("a thread is oldest first")
			}
			got = append(got, p.Remote)
		}
		if want := set([]care.Remote{first, second, third}); len(got) != len(want) || len(set(got)) != len(want) || !want[got[0]] || !want[got[1]] || !want[got[2]] {
			s.Errorf("from %s: %v, want %s, %s and %s", from, got, first, second, third)
		}
	}
	if s.traits.Deletes != Never {
		s.world.Delete(second)
		if posts, err := threader.Thread(s.Context(), third); err != nil {
			s.typed(err)
		} else {
			for _, p := range posts {
				if p.Remote == second {
					s.Error("a deleted post is in the thread")
				}
			}
		}
	}
	_, err := threader.Thread(ended(), first)
	s.typed(err)
}

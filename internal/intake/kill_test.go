package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network/networktest"
)

// TestKilledAtEveryStep runs one story without a kill, and then with a kill at
// each of its steps and a new process on the same store. In the end the log and
// the documents are the same, byte for byte but for the names of things.
func TestKilledAtEveryStep(t *testing.T) {
	for _, name := range []string{"forward", "newest first, overlaps"} {
		t.Run(name, func(t *testing.T) {
			steps, want := story(t, shapes[name], 0)
			if steps < 30 {
				t.Fatalf("the story has only %d steps", steps)
			}
			for k := 1; k <= steps; k++ {
				_, got := story(t, shapes[name], k)
				for i, line := range strings.Split(want, "\n") {
					if others := strings.Split(got, "\n"); i >= len(others) || others[i] != line {
						t.Errorf("killed at step %d, something else comes out: line %d is\n%s\nwant\n%s", k, i, others[min(i, len(others)-1)], line)
						break
					}
				}
				if len(got) > len(want) {
					t.Errorf("killed at step %d, more comes out:\n%s", k, got[len(want):])
				}
			}
		})
	}
}

// story is one day's worth of everything that a page can hold. It returns how
// many steps the first process came to, and all that was recorded.
func story(t *testing.T, o networktest.FakeOptions, killAt int) (steps int, export string) {
	t.Helper()
	in(t, o, func(b *bench) {
		src := source("kettles", b.net.Account())
		first := b.boot(settings{killAt: killAt}, src)
		half := func(d time.Duration) {
			b.pass(d)
			if first.killed() && len(b.alive) == 1 {
				first.end()
				b.boot(settings{}, src)
				b.pass(0)
			}
		}
		pass := func() { half(every / 2); half(every / 2) } // the sources are polled in between
		var posts []care.Remote
		half(0)
		half(every / 2)
		for i := range 11 {
			posts = append(posts, b.says(fmt.Sprint("author", i%5), []string{"broken", "lovely", "still broken"}[i%3]))
		}
		pass()
		b.net.Edit(posts[0], "broken, again")
		b.net.Edit(posts[1], "broken after all")
		b.net.Delete(posts[2])
		b.net.Post(networktest.Post{Own: true, Text: "sorry", InReplyTo: posts[0]})
		b.net.Post(networktest.Post{Author: "author0", Text: "thanks", InReplyTo: posts[0]})
		pass()
		pass()
		b.net.Delete(b.says("zoe", "never mind"))
		b.says("zoe", "broken")
		pass()
		pass()
		if killAt > 0 && len(b.alive) != 2 {
			b.Errorf("step %d was not reached", killAt)
		}
		first.mu.Lock()
		steps = len(first.steps)
		first.mu.Unlock()
		export = b.export()
	})
	return steps, export
}

// A store whose commits fail without a word of what became of them is the same
// as a crash: the page is read again.
func TestKilledWhileCatchingUp(t *testing.T) {
	in(t, networktest.FakeOptions{Page: 4, Newest: true}, func(b *bench) {
		src := source("kettles", b.net.Account())
		for i := range 40 {
			b.says(fmt.Sprint("author", i), "broken")
		}
		for k := 3; ; k += 2 { // ever further into the scan
			p := b.boot(settings{killAt: k}, src)
			b.pass(every / 2)
			dead := p.killed()
			p.end()
			b.says(fmt.Sprint("meanwhile", k), "broken")
			if !dead {
				break
			}
		}
		b.boot(settings{}, src)
		b.pass(2 * every)
		made := len(b.net.Sent()) // none: they are posts by others
		if kept := len(b.kept()); kept != 40+len(b.alive)-1+made {
			b.Errorf("%d mentions after %d starts", kept, len(b.alive))
		}
		if cs := b.cases(); len(cs) != len(b.kept()) {
			b.Errorf("%d cases of %d mentions", len(cs), len(b.kept()))
		}
	})
}

// TestAnyOrderGivesTheSameCases lets a network tell what happened in any order,
// over pages of any cut, and compares what becomes of it.
func TestAnyOrderGivesTheSameCases(t *testing.T) {
	want := ""
	for name, o := range shapes {
		for seed := range uint64(8) {
			in(t, o, func(b *bench) {
				var ask, more []care.Remote
				begin := time.Now().Add(-time.Hour)
				at := func(min int) time.Time { return begin.Add(time.Duration(min) * time.Minute) }
				for i := range 6 {
					who := fmt.Sprint("author", i)
					ask = append(ask, b.net.Post(networktest.Post{Author: who, Text: "broken", At: at(i)}))
					more = append(more, b.net.Post(networktest.Post{Author: who, Text: "hello?", InReplyTo: ask[i], At: at(10 + i)}))
				}
				b.net.Post(networktest.Post{Own: true, Text: "sorry", InReplyTo: ask[0], At: at(20)})
				b.net.Post(networktest.Post{Own: true, Text: "so sorry", InReplyTo: more[1], At: at(21)})
				b.net.Post(networktest.Post{Author: "author0", Text: "thanks", InReplyTo: ask[0], At: at(22)})
				b.net.Post(networktest.Post{Author: "author5", Text: "mine is broken too", InReplyTo: ask[0], At: at(23)})
				b.net.Edit(ask[2], "broken, I said")
				b.net.Post(networktest.Post{Author: "fan", Text: "lovely", At: at(24)})
				if seed > 0 {
					b.net.Reorder(random(seed))
				}
				b.boot(settings{}, source("kettles", b.net.Account()))
				b.pass(every / 2)
				var got strings.Builder
				for _, c := range b.cases() {
					got.WriteString(digest(c))
				}
				if want == "" {
					want = got.String()
				}
				if got.String() != want {
					b.Errorf("%s, order %d:\n%swant\n%s", name, seed, got.String(), want)
				}
			})
		}
	}
}

// A deletion may be told before the post, where the newest comes first. The
// post is then as if it had never been.
func TestDeletedBeforeItWasRead(t *testing.T) {
	in(t, networktest.FakeOptions{Page: 1, Newest: true}, func(b *bench) {
		gone := b.says("ana", "broken, and this is my number: 0171")
		b.net.Delete(gone)
		b.says("bo", "broken")
		b.boot(settings{}, source("kettles", b.net.Account()))
		b.pass(2 * every)
		if kept := b.kept(); len(kept) != 1 || kept[gone].ID != "" {
			b.Errorf("kept %+v", kept)
		}
		if c := b.only(); c.Mentions[c.Case.Mentions[0].Mention].Post.Author.Handle != "bo" {
			b.Error("a case of a post that was taken back")
		}
	})
}

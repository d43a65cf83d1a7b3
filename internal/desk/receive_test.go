package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/store"
)

// keys are the names of all documents with a prefix.
func (b *bench) keys(prefix string) (all []string) {
	b.t.Helper()
	for d, err := range b.st.List(b.t.Context(), prefix, "") {
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, d.Key)
	}
	return all
}

// kept is the mention of a post, if there is one.
func (b *bench) kept(remote string) (m care.Mention, ok bool) {
	b.t.Helper()
	for d, err := range b.st.List(b.t.Context(), "mention/", "") {
		if err != nil {
			b.t.Fatal(err)
		}
		if m, err = care.DecodeMention(d.Data); err != nil {
			b.t.Fatal(err)
		}
		if string(m.Post.Remote) == remote {
			return m, true
		}
	}
	return care.Mention{}, false
}

// A page counts only if nobody has moved the cursor since it was polled.
func TestStalePageIsFenced(t *testing.T) {
	b := newBench(t)
	page := func(cursor store.Doc, next, id string) (desk.Receipt, error) {
		return b.desk.Receive(t.Context(), desk.Arrivals{
			Source: "s", Cursor: cursor, Next: []byte(next), Judge: judge, Items: []desk.Arrival{{What: desk.WasSeen, Post: post("ana", id, "broken", start)}},
		})
	}
	none := store.Doc{Key: "source/s"}
	first, err := page(none, "one", "1")
	if err != nil || string(first.Cursor.Data) != "one" || first.Cursor.Rev == 0 {
		t.Fatalf("cursor %+v, %v", first.Cursor, err)
	}
	second, err := page(first.Cursor, "two", "2")
	if err != nil {
		t.Fatal(err)
	}
	before, _ := store.Last(t.Context(), b.st)
	for _, stale := range []store.Doc{none, first.Cursor} {
		var fenced *desk.Fenced
		if _, err := page(stale, "three", "3"); !errors.As(err, &fenced) || fenced.Source != "s" {
			t.Errorf("a page from %q: %v", stale.Data, err)
		}
	}
	if now, _ := store.Last(t.Context(), b.st); now != before {
		t.Error("a page that was fenced left something")
	}
	if _, ok := b.kept("3"); ok {
		t.Error("a page that was fenced is kept")
	}
	if _, err := page(second.Cursor, "three", "3"); err != nil {
		t.Errorf("the page in its turn: %v", err)
	}
}

// Edits may be read in any order: the latest counts.
func TestOlderEditChangesNothing(t *testing.T) {
	p := func(text string, min int) care.Post {
		p := post("ana", "1", text, start)
		if min > 0 {
			p.EditedAt = start.Add(time.Duration(min) * time.Minute)
		}
		return p
	}
	steps := []desk.Arrival{
		{What: desk.WasSeen, Post: p("broken", 0)}, {What: desk.WasEdited, Post: p("broken, really", 1)}, {What: desk.WasEdited, Post: p("broken, at last", 2)},
	}
	perm(len(steps), func(order []int) {
		for _, together := range []bool{false, true} {
			b := newBench(t)
			b.now = start.Add(time.Hour)
			var page []desk.Arrival
			for _, i := range order {
				page = append(page, steps[i])
			}
			for len(page) > 0 {
				n := 1
				if together {
					n = len(page)
				}
				b.receive(page[:n]...)
				page = page[n:]
			}
			if m, _ := b.kept("1"); m.Post.Text != "broken, at last" {
				t.Errorf("%v, together %v: kept %q", order, together, m.Post.Text)
			}
			if len(b.only().Mentions) != 1 {
				t.Errorf("%v: mentioned twice", order)
			}
		}
	})
}

// A post that was deleted before it was read stays away, and its marker goes
// when no source can read back that far.
func TestDeletionBeforeThePost(t *testing.T) {
	b := newBench(t)
	p := post("ana", "1", "broken", start)
	for range 2 {
		b.receive(desk.Arrival{What: desk.WasDeleted, Post: care.Post{Network: "file", Remote: "1"}})
	}
	if r := b.seen(p); r.New != 0 || r.Known != 1 {
		t.Errorf("receipt %+v", r.SourceRead)
	}
	if n := len(b.cases()); n != 0 {
		t.Errorf("%d cases", n)
	}
	if n := len(b.keys("gone/")); n != 1 {
		t.Fatalf("%d markers", n)
	}
	s := b.desk.Sweeper(desk.Terms{Mentions: 90 * 24 * time.Hour, Cases: 90 * 24 * time.Hour})
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{399 * 24 * time.Hour, 1}, {2 * 24 * time.Hour, 0}} {
		b.mu.Lock()
		b.now = b.now.Add(c.after)
		b.mu.Unlock()
		if _, err := s.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(b.keys("gone/")); n != c.want {
			t.Errorf("after %v: %d markers, want %d", c.after, n, c.want)
		}
	}
}

// Text comes from strangers, and so do the ids of their posts.
func TestAnyBytesAreTakenIn(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, p := range map[string]care.Post{
		"a long id":        {Remote: care.Remote(long), Thread: care.Remote(long + "t"), InReplyTo: care.Remote(long + "r")},
		"an id of bytes":   {Remote: "\x00\xff/../\x00", Thread: "\xff", InReplyTo: "\x00"},
		"no author":        {Remote: "1"},
		"a text of bytes":  {Remote: "1", Text: "broken \xff\x00\xfe"},
		"no time":          {Remote: "1"},
		"from the future":  {Remote: "1", PostedAt: start.Add(1000 * time.Hour)},
		"before all times": {Remote: "1", PostedAt: time.Unix(-1<<40, 0)},
		"a long author":    {Remote: "1", Author: care.Author{ID: long, Handle: long, Name: long}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			p.Network = "file"
			if p.Text == "" {
				p.Text = "broken"
			}
			for i := range 2 {
				if r := b.seen(p); r.New != 1-i || r.Known != i {
					t.Errorf("receipt %+v", r.SourceRead)
				}
			}
			c := b.only()
			if c.Mentions[0].PostedAt.After(b.now) {
				t.Errorf("posted at %v", c.Mentions[0].PostedAt)
			}
			again := reply(post("us", "2", "sorry", b.now), string(p.Remote), string(p.Thread))
			b.seen(again)
			if c := b.only(); len(c.Replies) != 1 {
				t.Errorf("%d replies", len(c.Replies))
			}
		})
	}
}

// A page of enormous texts is more than one commit can hold.
func TestEnormousPage(t *testing.T) {
	b := newBench(t)
	var items []desk.Arrival
	for i := range 100 {
		items = append(items, desk.Arrival{What: desk.WasSeen, Post: post(fmt.Sprint("author", i), fmt.Sprint(i), "broken "+strings.Repeat("x", 1<<20), start)})
	}
	page := desk.Arrivals{
		Source: "s", Cursor: store.Doc{Key: "source/s"}, Next: []byte("one"), Items: items, Read: 103, Bad: 3, Judge: judge,
		Gaps: []care.SourceGap{{From: start, To: start, Why: "test"}},
	}
	r, err := b.desk.Receive(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	if r.New != 100 || r.Opened != 100 || r.Read != 103 || r.Bad != 3 || r.First == "" || r.Last <= r.First || string(r.Cursor.Data) != "one" {
		t.Errorf("receipt %+v", r)
	}
	b.catchUp()
	all, err := b.view.Sources()
	if err != nil || len(all) != 1 || all[0].Totals.New != 100 || all[0].Totals.Read != 103 || all[0].GapCount != 1 {
		t.Errorf("the log tells %+v, %v", all, err)
	}
	page.Cursor = r.Cursor
	if r, err = b.desk.Receive(t.Context(), page); err != nil || r.New != 0 || r.Known != 100 {
		t.Errorf("again: %+v, %v", r.SourceRead, err)
	}
}

// What comes after a gap of ours is not late, however old; only what was posted
// before the gap is.
func TestLateIsWhatWeCouldHaveRead(t *testing.T) {
	b := newBench(t)
	days := func(n int) time.Time { return start.Add(-time.Duration(n) * 24 * time.Hour) }
	for _, c := range []struct {
		posted, since time.Time
		late          bool
	}{
		{days(0), time.Time{}, false},
		{days(1), time.Time{}, false}, // not older than a day
		{days(2), time.Time{}, true},
		{days(2), days(3), false},
		{days(2), days(2), false},
		{days(3), days(2), true},
	} {
		id := fmt.Sprint(c.posted, c.since)
		_, err := b.desk.Receive(t.Context(), desk.Arrivals{
			Source: "s", Since: c.since, Judge: judge, Items: []desk.Arrival{{What: desk.WasSeen, Post: post(id, id, "broken", c.posted)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := b.kept(id)
		if m.Late != c.late {
			t.Errorf("posted %v, read since %v: late %v", c.posted, c.since, m.Late)
		}
		at := slices.IndexFunc(b.cases(), func(k *care.Case) bool { return k.ID == m.Case })
		if k := b.cases()[at]; k.Late != c.late || (k.Target(care.FirstResponse) == nil) != c.late {
			t.Errorf("posted %v, read since %v: case late %v, target %+v", c.posted, c.since, k.Late, k.Target(care.FirstResponse))
		}
	}
}

// A verdict that flags an edit joins the author's open case like any mention.
func TestEditThatFlagsJoinsTheOpenCase(t *testing.T) {
	b := newBench(t)
	b.seen(post("ana", "1", "lovely", start), post("bo", "2", "lovely", start))
	b.seen(post("ana", "3", "broken", start))
	b.now = start.Add(time.Minute)
	for _, who := range []string{"ana", "bo"} {
		id := map[string]string{"ana": "1", "bo": "2"}[who]
		p := post(who, id, "no: broken", start)
		p.EditedAt = start.Add(time.Minute)
		b.receive(desk.Arrival{What: desk.WasEdited, Post: p})
	}
	cs := b.cases()
	if len(cs) != 2 {
		t.Fatalf("%d cases, want one for each author", len(cs))
	}
	if n := len(cs[0].Mentions); n != 2 {
		t.Errorf("ana's case has %d mentions, want 2", n)
	}
}

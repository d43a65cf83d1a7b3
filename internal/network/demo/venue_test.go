package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// TestMay: each network has rules of its own about answers.
func TestMay(t *testing.T) {
	n := &Network{}
	now := someday
	for _, c := range []struct {
		post   care.Post
		how    care.Way
		direct bool
		until  bool
		max    int
	}{
		{care.Post{Network: "x", Summoned: true}, care.ByAPI, true, false, 280},
		{care.Post{Network: "x"}, care.ByHand, false, false, 280},
		{care.Post{Network: "bluesky"}, care.ByAPI, false, false, 300},
		{care.Post{Network: "mastodon"}, care.ByAPI, true, false, 500},
		{care.Post{Network: "reddit", Summoned: true}, care.ByHand, false, false, 10000},
		{care.Post{Network: "facebook", PostedAt: now.Add(-23 * time.Hour)}, care.ByAPI, true, true, 2000},
		{care.Post{Network: "facebook", PostedAt: now.Add(-25 * time.Hour)}, care.ByNone, false, false, 2000},
		{care.Post{Network: "youtube"}, care.ByAPI, false, false, 10000},
		{care.Post{Network: "play"}, care.ByAPI, false, false, 350},
		{care.Post{Network: "appstore"}, care.ByAPI, false, false, 5970},
		{care.Post{Network: "elsewhere"}, care.ByNone, false, false, 0},
	} {
		got := n.May(c.post, now)
		if got.How != c.how || got.Direct != c.direct || got.Until.IsZero() == c.until || got.Length.Max != c.max {
			t.Errorf("%s: %+v", c.post.Network, got)
		}
		if len(got.Why) < 10 || !strings.HasSuffix(string(got.Why), ".") {
			t.Errorf("%s gives no reason: %q", c.post.Network, got.Why)
		}
	}
}

// TestLengths: one sign more than the limit is too long, as the network counts.
func TestLengths(t *testing.T) {
	family := "👨‍👩‍👧‍👦" // one to see, seven characters
	for name, c := range map[string]struct {
		sign string
		max  int
	}{"x": {"é", 280}, "bluesky": {family, 300}, "mastodon": {"ع", 500}, "play": {"a", 350}} {
		v := venueOf(name)
		if !v.fits(strings.Repeat(c.sign, c.max)) {
			t.Errorf("%s refuses %d of %q", name, c.max, c.sign)
		}
		if v.fits(strings.Repeat(c.sign, c.max+1)) {
			t.Errorf("%s takes %d of %q", name, c.max+1, c.sign)
		}
	}
}

// TestIDsHaveNumbers: a network's id leads back to the post, on every network.
func TestIDsHaveNumbers(t *testing.T) {
	seen := map[care.Remote]bool{}
	for i := range venues {
		for class := classPast; class <= classAdded; class++ {
			for _, k := range []uint64{0, 1, 77, 1<<36 - 1} {
				num := number(class, k, int(k%256))
				id := venues[i].remote(num, "did:plc:abc")
				if back, ok := numberOf(id); !ok || back != num {
					t.Errorf("%s: %d became %s became %d, %v", venues[i].name, num, id, back, ok)
				}
				if c, n, s := numberParts(num); c != class || n != k || s != int(k%256) {
					t.Errorf("%d has parts %d, %d, %d", num, c, n, s)
				}
				if key := care.Remote(venues[i].name) + id; seen[key] {
					t.Errorf("%s is there twice", key)
				} else {
					seen[key] = true
				}
			}
		}
	}
}

// FuzzOutside: what comes from outside, a cursor or an id, is understood or
// refused.
func FuzzOutside(f *testing.F) {
	s := settings(someday)
	s.Days, s.Clock = 1, func() time.Time { return someday.Add(time.Minute) }
	n := opened(f, s)
	for _, seed := range []string{"", "1 1 2 3 4", n.Cursor(someday), "t1_zz", "at://x/3l0", "gp:ffffffffffffffff", "19", "Ug", "m_-1", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := n.Poll(t.Context(), s); err == nil && len(p.Items) > pageSize {
			t.Errorf("%d items", len(p.Items))
		}
		if items, err := n.Look(t.Context(), []care.Remote{care.Remote(s)}); err != nil || len(items) != 1 || items[0].Post.Remote != care.Remote(s) {
			t.Errorf("%d items, %v", len(items), err)
		}
		if posts, err := n.Thread(t.Context(), care.Remote(s)); (err == nil) == (len(posts) == 0) {
			t.Errorf("%d posts, %v", len(posts), err)
		}
	})
}

package app

import (
	"testing"
	"time"

	"github.com/amends-care/amends/classifiers/linear"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/intake"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/demo"
	"github.com/amends-care/amends/internal/watch"
	"github.com/amends-care/amends/internal/watch/watchtest"
)

// The demo's stream is far quicker than its history. All the same the watch tells
// of nothing but the outage that the story has, of that soon, whenever the demo is
// started, and proposes nothing else as a known issue.
func TestTheDemoSurgesOnlyWithItsOutage(t *testing.T) {
	for _, start := range []time.Time{time.Date(2026, 11, 22, 15, 2, 0, 0, time.UTC), time.Date(2026, 11, 25, 8, 48, 0, 0, time.UTC)} {
		t.Run(start.Format("Monday 15:04"), func(t *testing.T) { surgesOf(t, start) })
	}
}

func surgesOf(t *testing.T, start time.Time) {
	t.Helper()
	now := start
	settings := demo.Default()
	settings.Start, settings.Clock = start, func() time.Time { return now }
	n, err := demo.New(*settings)
	if err != nil {
		t.Fatal(err)
	}
	counts, crowd, bare := watchtest.Hourly{}, watch.NewCrowd(n.Pace), watch.NewCrowd(nil)
	take := flagged(t, func(m *care.Mention) {
		counts.Add(m)
		crowd.Add(m)
		bare.Add(m)
	})
	var posts []care.Post
	for s := range n.History() {
		if s.Item != nil && s.Item.Kind == network.Seen && !s.Item.Own && s.Item.Post.InReplyTo == "" {
			posts = append(posts, s.Item.Post)
		}
	}
	take(posts)
	cursor, plain, paceless := n.Cursor(start), 0, 0
	groups := map[string]care.Alike{}
	began := map[string]time.Time{}
	for ; now.Before(start.Add(6 * time.Hour)); now = now.Add(5 * time.Minute) {
		for more := true; more; {
			page, err := n.Poll(t.Context(), cursor)
			if err != nil {
				t.Fatal(err)
			}
			posts = nil
			for _, i := range page.Items {
				if i.Kind == network.Seen && !i.Own && i.Post.InReplyTo == "" {
					posts = append(posts, i.Post)
				}
			}
			take(posts)
			cursor, more = page.Next, page.More
		}
		seen, err := watch.Surges(pacedBy(n, counts), now)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range seen {
			if about := s.Topic + s.Language; began[about].IsZero() {
				began[about] = now
				t.Logf("%s after %v: %d, usually %.0f", about, now.Sub(start), s.Count, s.Usual)
			}
		}
		for _, g := range crowd.Groups(now, nil) {
			groups[g.ID] = g
		}
		if seen, err = watch.Surges(counts, now); err != nil {
			t.Fatal(err)
		}
		plain, paceless = max(plain, len(seen)), max(paceless, len(bare.Groups(now, nil)))
	}
	if at := began["de"]; at.IsZero() || at.Sub(start) > 50*time.Minute { // Leipzig
		t.Errorf("the outage of the first half hour was found at %v", at)
	}
	delete(began, "de")
	delete(began, "outage") // what it is about
	if len(began) > 0 {
		t.Errorf("nothing was the matter with %v", began)
	}
	for _, g := range groups {
		right := 0
		for _, id := range g.Cases {
			if about, _ := n.About(care.Remote(id)); about.Topic == "outage" {
				right++
			}
		}
		t.Logf("%d say much the same in %s, %d of the outage: %q", len(g.Cases), g.Language, right, g.Phrases)
		if g.Language != "de" || 2*right < len(g.Cases) {
			t.Error("it is none of the outage")
		}
	}
	if len(groups) == 0 || paceless < 5 {
		t.Errorf("%d groups; without the pace %d at a time", len(groups), paceless)
	}
	if plain < 5 {
		t.Errorf("without the pace there are %d surges at a time: then there is no need of it", plain)
	}
}

// flagged judges posts and hands on the complaints among them, each a case.
func flagged(t *testing.T, take func(*care.Mention)) func(posts []care.Post) {
	model, err := linear.Default()
	if err != nil {
		t.Fatal(err)
	}
	return func(posts []care.Post) {
		var items []desk.Arrival
		for _, p := range posts {
			items = append(items, desk.Arrival{What: desk.WasSeen, Post: p})
		}
		if err := intake.JudgeAhead(t.Context(), model, items); err != nil {
			t.Fatal(err)
		}
		for i := range items {
			if v := items[i].Verdict; v != nil && v.Complaint {
				p := items[i].Post
				v.Labels.Brand, v.Labels.Network = "Lindavo", p.Network
				id := string(p.Remote)
				take(&care.Mention{ID: care.MentionID(id), Case: care.CaseID(id), Thread: care.ThreadKey(p.Network + id), Post: p, Verdict: *v})
			}
		}
	}
}

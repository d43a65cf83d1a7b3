package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// settings are the demo's, started at an instant.
func settings(at time.Time) Settings {
	s := *Default()
	s.Start = at
	return s
}

func opened(t testing.TB, s Settings) *Network {
	t.Helper()
	n, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func aStory(t testing.TB) *Network { return opened(t, settings(someday)) }

// printed is a history in a form that can be compared.
func printed(t testing.TB, n *Network) string {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	for s := range n.History() {
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestSameSeedSameStory(t *testing.T) {
	s := settings(someday)
	s.Days = 20
	one, two := printed(t, opened(t, s)), printed(t, opened(t, s))
	if one != two {
		t.Error("the same seed and start tell two stories")
	}
	s.Seed = 2
	if printed(t, opened(t, s)) == one {
		t.Error("another seed tells the same story")
	}
}

// TestHistoryIsADeskAtWork: what ninety days are made of.
func TestHistoryIsADeskAtWork(t *testing.T) {
	for _, at := range []time.Time{someday, time.Date(2026, 2, 1, 3, 0, 0, 0, time.UTC), time.Date(2027, 7, 18, 23, 59, 59, 0, time.UTC)} {
		n := opened(t, settings(at))
		mentions, languages, networks := 0, map[string]int{}, map[string]int{}
		moves, agents := map[MoveKind]int{}, map[care.AgentID]int{}
		for s := range n.History() {
			if s.Move != nil {
				moves[s.Move.Kind]++
				agents[s.Move.By]++
				continue
			}
			if s.Item.Kind == network.Seen && !s.Item.Own {
				mentions++
				a, ok := n.About(s.Item.Post.Remote)
				if !ok {
					t.Fatalf("the story does not know %s", s.Item.Post.Remote)
				}
				languages[a.Language]++
				networks[s.Item.Post.Network]++
			}
		}
		if perDay := mentions / 90; perDay < 35 || perDay > 65 {
			t.Errorf("%d mentions a day", perDay)
		}
		complaints := 0
		for _, c := range n.past {
			if unhappy[c.kind] {
				complaints++
			}
		}
		if share := 100 * complaints / len(n.past); share < 35 || share > 50 {
			t.Errorf("%d %% of the conversations begin with a complaint", share)
		}
		if len(languages) != 9 || len(networks) != 8 || len(agents) != 5 {
			t.Errorf("%d languages, %d networks, %d people of the team", len(languages), len(networks), len(agents))
		}
		for what, count := range languages {
			if count < 60 {
				t.Errorf("%d mentions in %s", count, what)
			}
		}
		for kind, want := range map[MoveKind]int{Open: 300, Claim: 1000, Reply: 1000, Note: 150, Tag: 100, Promise: 200, Keep: 150,
			Renegotiate: 40, HandOff: 15, Snooze: 10, Await: 50, Resolve: 700, Dismiss: 500} {
			if moves[kind] < want {
				t.Errorf("start %v: %d moves %q, want %d", at, moves[kind], kind, want)
			}
		}
	}
}

// TestDayAndNight: most is said by day, and more on Monday than on Sunday.
func TestDayAndNight(t *testing.T) {
	n := aStory(t)
	day, night := 0, 0
	week := map[time.Weekday]int{}
	for _, c := range n.past {
		if n.start.Sub(c.at) < 24*time.Hour || c.kind == "surge" || c.kind == "double" {
			continue
		}
		week[c.at.Weekday()]++
		switch h := c.at.Hour(); {
		case h >= 8 && h < 20:
			day++
		case h < 5:
			night++
		}
	}
	if day < 10*night {
		t.Errorf("%d conversations by day, %d by night", day, night)
	}
	if week[time.Monday] <= week[time.Sunday] {
		t.Errorf("%d on Mondays, %d on Sundays", week[time.Monday], week[time.Sunday])
	}
}

func TestOutageAndBillingMistake(t *testing.T) {
	n := aStory(t)
	var outage []time.Time
	doubles := 0
	for _, c := range n.past {
		switch c.kind {
		case "surge":
			outage = append(outage, c.at)
			if a, _ := n.About(c.beats[0].item.Post.Remote); a.Area != "Greater Manchester" || a.Topic != "outage" {
				t.Errorf("a complaint about the outage is about %+v", a)
			}
		case "double":
			doubles++
		}
	}
	if len(outage) < 50 || doubles < 45 {
		t.Fatalf("%d complaints about the outage, %d about the billing mistake", len(outage), doubles)
	}
	if age := n.start.Sub(outage[0]); age > 10*24*time.Hour {
		t.Errorf("the outage was %v ago", age)
	}
	if took := outage[len(outage)-1].Sub(outage[0]); took > 5*time.Hour {
		t.Errorf("the outage took %v", took)
	}
	hour := slices.IndexFunc(outage, func(at time.Time) bool { return at.Sub(outage[0]) > time.Hour })
	if hour < len(outage)/3 {
		t.Errorf("only %d of %d complaints in the first hour", hour, len(outage))
	}
}

// TestScreenplays: in every conversation one thing follows from another.
func TestScreenplays(t *testing.T) {
	n := aStory(t)
	team := map[care.AgentID]bool{}
	for _, p := range Team() {
		team[p.ID] = true
	}
	ids := map[string]bool{}
	for _, c := range n.past {
		checkConversation(t, c, team, ids)
		late := false
		for _, b := range c.beats {
			late = late || b.item.Kind == "" && !b.at.Before(n.start)
			if late && b.happens() && !b.unless {
				t.Errorf("%s happens although it follows from a move after the start", b.item.Post.Remote)
			}
			if b.move.Kind == Reply && !b.at.Before(n.start) != b.move.Sent.At.IsZero() {
				t.Errorf("%s: an answer of %v stands as %+v", b.move.Remote, b.at, b.move.Sent)
			}
		}
	}
	for class, count := range map[int]uint64{classLive: 600, classOpening: uint64(len(opening)), classWave: 3 * waveSize} {
		for i := range count {
			c := n.live.conversation(class, i)
			checkConversation(t, c, team, ids)
			if last := c.beats[len(c.beats)-1]; last.happens() && last.at.Sub(c.at) > liveSpan {
				t.Errorf("a live conversation goes on for %v", last.at.Sub(c.at))
			}
		}
	}
}

func checkConversation(t *testing.T, c *conversation, team map[care.AgentID]bool, ids map[string]bool) {
	t.Helper()
	if len(c.beats) == 0 || !c.beats[0].happens() {
		t.Fatalf("conversation %d does not begin with a post", c.n)
	}
	there := map[care.Remote]bool{}
	gone := map[care.Remote]bool{}
	var last time.Time
	for _, b := range c.beats {
		if b.at.Before(last) || b.at.Location() != time.UTC {
			t.Errorf("conversation %d: %v after %v", c.n, b.at, last)
		}
		last = b.at
		if b.move.Kind != "" {
			checkMove(t, &b, team, there)
			if b.move.Sent.Remote != "" {
				there[b.move.Sent.Remote] = true
				if gone[b.move.Remote] {
					t.Errorf("%s is answered and was taken back", b.move.Remote)
				}
			}
			continue
		}
		p := b.item.Post
		switch b.item.Kind {
		case network.Seen:
			if p.InReplyTo != "" && !there[p.InReplyTo] {
				t.Errorf("%s answers %s, which is not there yet", p.Remote, p.InReplyTo)
			}
			there[p.Remote] = true
			checkPost(t, p, ids)
		case network.Edited:
			if !there[p.Remote] || p.EditedAt != b.at {
				t.Errorf("%s was edited at %v", p.Remote, p.EditedAt)
			}
		case network.Deleted:
			if !there[p.Remote] {
				t.Errorf("%s was deleted and never there", p.Remote)
			}
			gone[p.Remote] = true
		}
	}
}

func checkPost(t *testing.T, p care.Post, ids map[string]bool) {
	t.Helper()
	if key := p.Network + string(p.Remote); ids[key] {
		t.Errorf("%s is there twice", key)
	} else {
		ids[key] = true
	}
	v := venueOf(p.Network)
	switch {
	case v == nil:
		t.Errorf("network %q", p.Network)
	case strings.TrimSpace(p.Text) == "" || !utf8.ValidString(p.Text) || !utf8.ValidString(p.Author.Name):
		t.Errorf("%s says %q as %q", p.Remote, p.Text, p.Author.Name)
	case v.post > 0 && p.InReplyTo == "" && utf8.RuneCountInString(p.Text) > v.post+20: // with a smiley or three
		t.Errorf("%s has %d characters", p.Remote, utf8.RuneCountInString(p.Text))
	case p.Author.ID == "" || p.Author.Handle == "" || strings.HasPrefix(p.Author.Handle, "@"):
		t.Errorf("%s is by %+v", p.Remote, p.Author)
	case p.PostedAt.IsZero() || p.Thread == "" || p.Kind == "":
		t.Errorf("%s: posted %v, thread %q, kind %q", p.Remote, p.PostedAt, p.Thread, p.Kind)
	case v.review != (p.Rating > 0):
		t.Errorf("%s on %s has %d stars", p.Remote, p.Network, p.Rating)
	}
	if p.URL != "" && !strings.Contains(p.URL, ".example/") {
		t.Errorf("%s leads out into the world: %s", p.Remote, p.URL)
	}
	for _, l := range p.Links {
		if !strings.HasPrefix(l.URL, "https://media.example/") || l.Alt == "" {
			t.Errorf("%s: link %+v", p.Remote, l)
		}
	}
	if num, ok := numberOf(p.Remote); !ok {
		t.Errorf("%s has no number", p.Remote)
	} else if class, _, _ := numberParts(num); class > classEcho {
		t.Errorf("%s is of class %d", p.Remote, class)
	}
}

func checkMove(t *testing.T, b *beat, team map[care.AgentID]bool, there map[care.Remote]bool) {
	t.Helper()
	m := b.move
	bad := func(why string) { t.Errorf("%s on %s at %v: %s: %+v", m.Kind, m.Remote, b.at, why, m) }
	if !team[m.By] || m.At != b.at || venueOf(m.Network) == nil {
		bad("by whom, when or where is wrong")
	}
	if !there[m.Remote] {
		bad("nobody has written this yet")
	}
	switch m.Kind {
	case Reply:
		if m.Text == "" || !venueOf(m.Network).fits(m.Text) || m.Then == "" || (m.Then == care.ThenResolve) != (m.Disposition != "") {
			bad("no good answer")
		}
		if !m.Sent.At.IsZero() && (m.Sent.At.Before(m.At) || m.Sent.Remote == "") {
			bad("sent before it was written")
		}
	case Promise, Renegotiate, Snooze:
		if !m.Until.After(m.At) {
			bad("the time is over")
		}
	case HandOff, Assign:
		if !team[m.To] || m.To == m.By {
			bad("to nobody")
		}
	case Resolve:
		if m.Disposition == "" {
			bad("no disposition")
		}
	case Dismiss:
		if !care.DismissReasons[m.Reason] {
			bad("no such reason")
		}
	case Note:
		if m.Text == "" {
			bad("empty")
		}
	case Open, Claim, Keep, Tag, Await:
	default:
		bad("no such move")
	}
}

// TestShifts: nobody is asked to work when they are off.
func TestShifts(t *testing.T) {
	team, err := newRoster()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range team {
		for at := someday; at.Before(someday.AddDate(0, 0, 8)); at = at.Add(37 * time.Minute) {
			next := w.next(at)
			local := next.In(w.zone)
			if next.Before(at) || !slices.Contains(w.Days, local.Weekday()) || local.Hour() < w.From || local.Hour() >= w.To {
				t.Fatalf("%s works at %v, asked at %v", w.ID, local, at)
			}
		}
	}
	for _, tag := range []string{"en", "de", "fr", "es", "it", "pt", "nl", "tr", "ar"} {
		if by, _ := team.take(someday, tag, false); by == nil || !slices.Contains(by.Languages, tag) {
			t.Errorf("%s: nobody speaks it", tag)
		}
	}
}

// TestWhatIsOpenAtTheStart: whoever starts the demo meets a desk at work, at
// any hour of any day.
func TestWhatIsOpenAtTheStart(t *testing.T) {
	for i := range 10 {
		s := settings(someday.Add(time.Duration(i) * 17 * time.Hour))
		s.Days = 3
		n := opened(t, s)
		waiting, worked := 0, 0
		for _, c := range n.past {
			if !unhappy[c.kind] || n.start.Sub(c.at) > 3*time.Hour {
				continue
			}
			if slices.ContainsFunc(c.beats, func(b beat) bool { return b.move.Kind == Claim && b.at.Before(n.start) }) {
				worked++
			} else {
				waiting++
			}
		}
		if waiting < 8 || waiting > 60 || worked > 60 {
			t.Errorf("start %s: %d wait, %d were taken", n.start.Format("Mon 15:04"), waiting, worked)
		}
	}
}

func ExampleNetwork_History() {
	s := *Default()
	s.Start = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	n, err := New(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	for step := range n.History() {
		if step.Item != nil {
			fmt.Println(step.At.Format("2 January"), "somebody writes on", step.Item.Post.Network)
			break
		}
	}
	// Output: 22 August somebody writes on x
}

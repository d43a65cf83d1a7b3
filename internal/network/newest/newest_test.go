package newest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func mentions() *List { return &List{ID: "mentions of acme"} }

// A shelf is a newest-first list as the network keeps one, with its own way of
// remembering a place in it.
type shelf struct {
	*rand.Rand
	now     time.Time
	page    int
	places  string // instant | pair | offset
	posts   []shelved
	written int
}

type shelved struct {
	id string
	at time.Time
}

// write puts up a post that its author claims to have written some time ago.
func (s *shelf) write(age time.Duration) string {
	s.written++
	p := shelved{fmt.Sprintf("p%04d", s.written), s.now.Add(-age).Truncate(time.Millisecond)}
	s.posts = append(s.posts, p)
	slices.SortFunc(s.posts, func(a, b shelved) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id)) })
	return p.id
}

func (s *shelf) remove(i int) string {
	id := s.posts[i].id
	s.posts = slices.Delete(s.posts, i, i+1)
	return id
}

// read is a page after a place.
func (s *shelf) read(t *testing.T, place string) Listing {
	t.Helper()
	from := 0
	switch {
	case place == "":
	case s.places == "offset":
		if _, err := fmt.Sscan(place, &from); err != nil {
			t.Fatal(err)
		}
	default:
		instant, id, _ := strings.Cut(place, "__")
		at, err := time.Parse(time.RFC3339, instant)
		if err != nil {
			t.Fatal(err)
		}
		from, _ = slices.BinarySearchFunc(s.posts, 0, func(p shelved, _ int) int {
			if p.at.After(at) || p.at.Equal(at) && (id == "" || p.id >= id) {
				return -1
			}
			return 1
		})
	}
	from = min(from, len(s.posts))
	to := min(from+s.page, len(s.posts))
	l := Listing{Served: s.now.Truncate(time.Second)}
	for _, p := range s.posts[from:to] {
		l.Entries = append(l.Entries, Entry{At: p.at, Item: network.Item{Kind: network.Seen, Post: care.Post{Remote: care.Remote(p.id)}}})
	}
	if to < len(s.posts) {
		last := s.posts[to-1]
		l.Token = last.at.Format("2006-01-02T15:04:05.000Z")
		switch s.places {
		case "pair":
			l.Token += "__" + last.id
		case "offset":
			l.Token = fmt.Sprint(to)
		}
	}
	return l
}

// A listener scans a shelf, keeping only the cursor.
type listener struct {
	*shelf
	cursor string
	heard  map[string]bool
	gaps   []network.Gap
	pages  int
}

// step reads one page; lose: and forgets it, as when the commit fails.
func (l *listener) step(t *testing.T, refuse, lose bool) (more bool) {
	t.Helper()
	if l.pages++; l.pages > 5000 {
		t.Fatal("the scans have no end")
	}
	list := mentions()
	list.Now = func() time.Time { return l.now }
	list.Forgot = func(Place, error) bool { return true }
	list.Fetch = func(_ context.Context, p Place) (Listing, error) {
		if refuse && p.Token != "" {
			return Listing{}, errors.New("cursor expired")
		}
		return l.read(t, p.Token), nil
	}
	page, err := list.Poll(t.Context(), l.cursor)
	if err != nil {
		t.Fatal(err)
	}
	if lose {
		return true
	}
	for _, it := range page.Items {
		l.heard[string(it.Post.Remote)] = true
	}
	l.gaps = append(l.gaps, page.Gaps...)
	l.cursor = page.Next
	return page.More
}

// TestScansMissNothing lets posts come while we read, late and many at one
// instant; takes some away; forgets cursors and pages. An hour later, when the
// last day is read again, nothing that stands is unheard.
func TestScansMissNothing(t *testing.T) {
	for _, places := range []string{"instant", "pair", "offset"} {
		for seed := range uint64(150) {
			rng := rand.New(rand.NewPCG(seed, 7))
			l := &listener{heard: map[string]bool{}, shelf: &shelf{Rand: rng, now: noon, page: 4 + rng.IntN(4), places: places}}
			for range rng.IntN(30) {
				l.write(time.Duration(rng.IntN(72)) * time.Hour) // before our time
			}
			l.step(t, false, false)
			stands := map[string]bool{}
			for range 120 {
				l.now = l.now.Add(time.Duration(rng.IntN(40_000)) * time.Millisecond)
				for range rng.IntN(4) {
					age := time.Duration(0)
					if rng.IntN(4) == 0 {
						age = time.Duration(rng.Int64N(int64(Overlap - time.Minute)))
					}
					stands[l.write(age)] = true
				}
				if len(l.posts) > 0 && rng.IntN(8) == 0 {
					delete(stands, l.remove(rng.IntN(len(l.posts))))
				}
				l.step(t, rng.IntN(50) == 0, rng.IntN(5) == 0)
			}
			l.now = l.now.Add(deepEvery)
			for l.step(t, false, false) {
			}
			for l.step(t, false, false) { // the first may only have ended a scan under way
			}
			for id := range stands {
				if !l.heard[id] {
					t.Fatalf("places by %s, seed %d: %s was never heard; gaps %v", places, seed, id, l.gaps)
				}
			}
		}
	}
}

func entriesAt(ages ...time.Duration) []Entry {
	var all []Entry
	for _, age := range ages {
		all = append(all, Entry{At: noon.Add(-age), Item: network.Item{Post: care.Post{PostedAt: noon.Add(-age)}}})
	}
	return all
}

func started(m mark) mark {
	fresh, err := mentions().readMark("")
	if err != nil {
		panic(err)
	}
	m.V, m.List = fresh.V, fresh.List
	return m
}

func TestScanStopsWhereTheLastBegan(t *testing.T) {
	hour := time.Hour
	floor := mark{Begin: noon.Add(-100 * hour), Floor: noon.Add(-2 * hour), Deep: noon.Add(-time.Minute)}
	for _, c := range []struct {
		name    string
		mark    mark
		listing Listing
		want    []time.Duration // ages of what is delivered
		more    bool
		floor   time.Duration // age of the next floor
	}{
		{"nothing", floor, Listing{}, nil, false, 2 * hour},
		{"a page that reaches down", floor, Listing{Entries: entriesAt(hour, 3*hour), Token: "t"}, []time.Duration{hour}, false, hour},
		{"a page that doesn't", floor, Listing{Entries: entriesAt(0, hour), Token: "t"}, []time.Duration{0, hour}, true, 2 * hour},
		{"the last page", floor, Listing{Entries: entriesAt(0, hour)}, []time.Duration{0, hour}, false, 0},
		{"within the overlap", floor, Listing{Entries: entriesAt(2*hour+9*time.Minute, 2*hour+11*time.Minute), Token: "t"},
			[]time.Duration{2*hour + 9*time.Minute}, false, 2 * hour},
		{"an empty page with more behind it", floor, Listing{Token: "t"}, nil, true, 2 * hour},
		{"out of order: one old post ends nothing", floor, Listing{Entries: entriesAt(hour, 50*hour, 90*time.Minute), Token: "t"},
			[]time.Duration{hour, 90 * time.Minute}, true, 2 * hour},
		{"out of order: nor does one at the end", floor, Listing{Entries: entriesAt(90*time.Minute, hour, 50*hour), Token: "t"},
			[]time.Duration{hour, 90 * time.Minute}, true, 2 * hour},
		{"out of order and all of it old", floor, Listing{Entries: entriesAt(30*hour, 50*hour, 40*hour), Token: "t"}, nil, false, 2 * hour},
		{"from the future", floor, Listing{Entries: entriesAt(-hour, hour)}, []time.Duration{-hour, hour}, false, 0},
		{"a new source", mark{}, Listing{Entries: entriesAt(time.Minute, hour), Token: "t"}, []time.Duration{time.Minute}, false, 0},
		{"an hour after the last look back", mark{Begin: noon.Add(-100 * hour), Floor: noon.Add(-2 * hour), Deep: noon.Add(-hour)},
			Listing{Entries: entriesAt(hour, 23*hour, 25*hour), Token: "t"}, []time.Duration{hour, 23 * hour}, false, hour},
		{"no look back beyond the beginning", mark{Begin: noon.Add(-3 * hour), Floor: noon.Add(-2 * hour)},
			Listing{Entries: entriesAt(hour, 3*hour+time.Minute, 4*hour), Token: "t"}, []time.Duration{hour, 3*hour + time.Minute}, false, hour},
		{"a floor in the future", mark{Begin: noon.Add(-3 * hour), Floor: noon.Add(hour), Deep: noon},
			Listing{Entries: entriesAt(0, hour), Token: "t"}, []time.Duration{0}, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := started(c.mark)
			page, err := m.take(c.listing, noon, mentions())
			if err != nil || len(page.Gaps) > 0 {
				t.Fatal(err, page.Gaps)
			}
			var got []time.Duration
			for _, it := range slices.Backward(page.Items) {
				got = append(got, noon.Sub(it.Post.PostedAt))
			}
			if !slices.Equal(got, c.want) || page.More != c.more {
				t.Errorf("delivered %v, more %v; want %v, %v", got, page.More, c.want, c.more)
			}
			if want := noon.Add(-c.floor); !m.Floor.Equal(want) && !c.more {
				t.Errorf("floor %v, want %v", m.Floor, want)
			}
		})
	}
}

func TestOnlyTheTopOfAScanRaisesTheFloor(t *testing.T) {
	m := started(mark{Begin: noon.Add(-9 * time.Hour), Floor: noon.Add(-9 * time.Hour), Deep: noon})
	for _, l := range []Listing{
		{Entries: entriesAt(time.Hour, 2*time.Hour), Token: "t"},
		{Entries: entriesAt(time.Minute, 3*time.Hour)}, // one slipped in; what stands above it was not read
	} {
		if _, err := m.take(l, noon, mentions()); err != nil {
			t.Fatal(err)
		}
	}
	if !m.Floor.Equal(noon.Add(-time.Hour)) {
		t.Errorf("floor %v", m.Floor)
	}
}

func TestNewSourceReadsBack(t *testing.T) {
	m := started(mark{})
	list := mentions()
	list.Back = 48 * time.Hour
	page, err := m.take(Listing{Entries: entriesAt(time.Hour, 47*time.Hour, 49*time.Hour), Token: "t"}, noon, list)
	if err != nil || len(page.Items) != 2 {
		t.Fatalf("delivered %d: %v", len(page.Items), err)
	}
}

func TestWrongClockNeverRaisesTheFloor(t *testing.T) {
	for _, c := range []struct{ ours, theirs time.Duration }{{0, 2 * time.Hour}, {2 * time.Hour, 0}, {-2 * time.Hour, 0}, {0, -2 * time.Hour}} {
		m := started(mark{Begin: noon.Add(-time.Hour), Floor: noon.Add(-time.Hour), Deep: noon})
		if _, err := m.take(Listing{Served: noon.Add(c.theirs), Entries: entriesAt(-time.Hour, 0)}, noon.Add(c.ours), mentions()); err != nil {
			t.Fatal(err)
		}
		if m.Floor.After(noon) {
			t.Errorf("our clock %v, theirs %v: floor %v", c.ours, c.theirs, m.Floor.Sub(noon))
		}
	}
}

func TestLostPlaceEndsAsAGap(t *testing.T) {
	m := started(mark{Begin: noon.Add(-48 * time.Hour), Floor: noon.Add(-24 * time.Hour), Deep: noon})
	for try := 1; ; try++ {
		if page, err := m.take(Listing{Entries: entriesAt(0, time.Hour), Token: "t"}, noon, mentions()); err != nil || !page.More {
			t.Fatal(page.More, err)
		}
		gaps, more := m.lost(true)
		if more {
			if m.Scan.Token != "" || !m.Scan.Until.Equal(noon.Add(-time.Hour)) {
				t.Fatalf("it does not begin again where it was: %+v", m.Scan)
			}
			continue
		}
		want := network.Gap{From: noon.Add(-24*time.Hour - Overlap), To: noon.Add(-time.Hour)}
		if try != maxTries+1 || len(gaps) != 1 || !gaps[0].From.Equal(want.From) || !gaps[0].To.Equal(want.To) || gaps[0].Why == "" {
			t.Fatalf("after %d tries: %+v", try, gaps)
		}
		break
	}
	if m.Scan != nil || !m.Floor.Equal(noon) {
		t.Errorf("the next scan does not begin anew: %v", m)
	}
}

func TestListWithoutEndEnds(t *testing.T) {
	m := started(mark{Begin: noon.Add(-time.Hour), Floor: noon.Add(-time.Hour)})
	for n := 1; ; n++ {
		page, err := m.take(Listing{Token: fmt.Sprint(n), Entries: entriesAt(0)}, noon, mentions())
		if err != nil {
			t.Fatal(err)
		}
		if page.More {
			continue
		}
		if n != maxPages || len(page.Gaps) != 1 {
			t.Fatalf("after %d pages: %v", n, page.Gaps)
		}
		return
	}
}

func TestListThatStandsStillIsAnError(t *testing.T) {
	for _, token := range []string{"same", "2026-11-21T11:00:00.000Z"} {
		m := started(mark{Begin: noon.Add(-9 * time.Hour), Floor: noon.Add(-9 * time.Hour)})
		var err error
		for range 3 {
			if _, err = m.take(Listing{Token: token, Entries: entriesAt(time.Hour)}, noon, mentions()); err != nil {
				break
			}
		}
		if e, ok := err.(*network.Error); !ok || e.Fault != network.Malformed {
			t.Errorf("%s: %v", token, err)
		}
	}
}

func TestCursorOfTheServerIsBounded(t *testing.T) {
	m := started(mark{Begin: noon.Add(-9 * time.Hour), Floor: noon.Add(-9 * time.Hour)})
	_, err := m.take(Listing{Token: strings.Repeat("<", 2000), Entries: entriesAt(time.Hour)}, noon, mentions())
	if e, ok := err.(*network.Error); !ok || e.Fault != network.Malformed {
		t.Fatal(err)
	}
}

func TestCursorOfAnotherListStartsAnew(t *testing.T) {
	m := started(mark{Floor: noon})
	if got, err := (&List{ID: "own posts of acme"}).readMark(m.String()); err != nil || !got.Floor.IsZero() {
		t.Error(got, err)
	}
	if got, err := mentions().readMark(m.String()); err != nil || !got.Floor.Equal(noon) {
		t.Error(got, err)
	}
}

// TestOutOfReachIsAGap: a network that shows a week, and we were away for nine days.
func TestOutOfReachIsAGap(t *testing.T) {
	const day = 24 * time.Hour
	list := mentions()
	list.Reach = 7 * day
	m := started(mark{Begin: noon.Add(-30 * day), Floor: noon.Add(-9 * day), Deep: noon})
	page, err := m.take(Listing{Entries: entriesAt(time.Hour, 6*day)}, noon, list)
	if err != nil || len(page.Items) != 2 || len(page.Gaps) != 1 {
		t.Fatalf("%d items, gaps %v, %v", len(page.Items), page.Gaps, err)
	}
	if g := page.Gaps[0]; !g.From.Equal(noon.Add(-9*day)) || !g.To.Equal(noon.Add(-7*day)) {
		t.Errorf("gap %v", g)
	}
	if page, err = m.take(Listing{}, noon.Add(time.Hour), list); err != nil || len(page.Gaps) != 0 {
		t.Errorf("told again: %v, %v", page.Gaps, err)
	}
	fresh := started(mark{})
	list.Back = 30 * day
	if page, err = fresh.take(Listing{}, noon, list); err != nil || len(page.Gaps) != 0 {
		t.Errorf("a new source has lost nothing: %v, %v", page.Gaps, err)
	}
}

// TestWhatTheListHasNoRoomForIsAGap: the network shows its newest four, and
// more than that were posted.
func TestWhatTheListHasNoRoomForIsAGap(t *testing.T) {
	list := mentions()
	list.Most = 4
	for _, c := range []struct {
		name string
		ages []time.Duration // of the last page
		gaps int
	}{
		{"full, and short of the bottom", []time.Duration{2 * time.Hour, 3 * time.Hour}, 1},
		{"full, and down at the bottom", []time.Duration{2 * time.Hour, 10 * time.Hour}, 0},
		{"not full", []time.Duration{2 * time.Hour}, 0},
	} {
		m := started(mark{Begin: noon.Add(-90 * time.Hour), Floor: noon.Add(-9 * time.Hour), Deep: noon})
		if _, err := m.take(Listing{Entries: entriesAt(0, time.Hour), Token: "t"}, noon, list); err != nil {
			t.Fatal(err)
		}
		page, err := m.take(Listing{Entries: entriesAt(c.ages...)}, noon, list)
		if err != nil || page.More || len(page.Gaps) != c.gaps {
			t.Errorf("%s: gaps %v, %v", c.name, page.Gaps, err)
		}
	}
}

func TestOneOfWhatAPageHasTwice(t *testing.T) {
	twice := Entry{At: noon, Item: network.Item{Kind: network.Seen, Post: care.Post{Remote: "a"}}}
	edited := Entry{At: noon, Item: network.Item{Kind: network.Edited, Post: care.Post{Remote: "a"}}}
	list := mentions()
	list.Now = func() time.Time { return noon }
	list.Fetch = func(context.Context, Place) (Listing, error) {
		return Listing{Entries: []Entry{twice, twice, edited}}, nil
	}
	if page, err := list.Poll(t.Context(), ""); err != nil || len(page.Items) != 2 {
		t.Errorf("%d items, %v", len(page.Items), err)
	}
}

func TestPerDay(t *testing.T) {
	for _, c := range []struct {
		entries []Entry
		want    float64
		known   bool
	}{
		{nil, 0, false},
		{entriesAt(time.Hour), 0, false},
		{entriesAt(time.Hour, time.Hour), 0, false},
		{entriesAt(0, 6*time.Hour, 12*time.Hour), 4, true},
		{append(entriesAt(0, 12*time.Hour), Entry{At: noon.Add(-99 * time.Hour), None: true}), 2, true},
	} {
		list := mentions()
		list.Fetch = func(context.Context, Place) (Listing, error) { return Listing{Entries: c.entries}, nil }
		if got, known, err := list.PerDay(t.Context()); err != nil || got != c.want || known != c.known {
			t.Errorf("%d entries: %v a day, known %v, %v", len(c.entries), got, known, err)
		}
	}
}

func FuzzReadMark(f *testing.F) {
	m := started(mark{Floor: noon, Begin: noon, Deep: noon, Scan: &scan{Bottom: noon, Token: "t"}})
	f.Add(m.String())
	f.Add(`{"v":1,"l":"` + m.List + `","scan":{}}`)
	f.Fuzz(func(t *testing.T, cursor string) {
		m, err := mentions().readMark(cursor)
		if err != nil {
			if e, ok := err.(*network.Error); !ok || !e.Again {
				t.Fatal(err)
			}
			return
		}
		if page, err := m.take(Listing{Entries: entriesAt(0, time.Hour), Token: "t"}, noon, mentions()); err == nil && page.More != (m.Scan != nil) {
			t.Error("more, but no scan")
		}
		if _, err := mentions().readMark(m.String()); err != nil {
			t.Errorf("we can't read what we wrote: %v", err)
		}
	})
}

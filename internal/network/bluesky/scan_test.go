package bluesky

import (
	"cmp"
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

var mentionsOfAcme = list{what: Mentions, account: "acme.test"}

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
func (s *shelf) read(t *testing.T, place string) listing {
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
	l := listing{served: s.now.Truncate(time.Second)}
	for _, p := range s.posts[from:to] {
		l.entries = append(l.entries, entry{at: p.at, indexed: p.at, item: network.Item{Post: care.Post{Remote: care.Remote(p.id)}}})
	}
	if to < len(s.posts) {
		last := s.posts[to-1]
		l.token = last.at.Format("2006-01-02T15:04:05.000Z")
		switch s.places {
		case "pair":
			l.token += "__" + last.id
		case "offset":
			l.token = fmt.Sprint(to)
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
	m, err := readMark(l.cursor, mentionsOfAcme)
	if err != nil {
		t.Fatal(err)
	}
	place := ""
	if m.Scan != nil {
		place = m.Scan.Token
	}
	var deliver []entry
	var gaps []network.Gap
	if refuse && place != "" {
		gaps, more = m.lost(false)
	} else if deliver, gaps, more, err = m.take(l.read(t, place), l.now, 0); err != nil {
		t.Fatal(err)
	}
	if lose {
		return true
	}
	for _, e := range deliver {
		l.heard[string(e.item.Post.Remote)] = true
	}
	l.gaps = append(l.gaps, gaps...)
	l.cursor = m.String()
	return more
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
						age = time.Duration(rng.Int64N(int64(overlap - time.Minute)))
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

func entriesAt(ages ...time.Duration) []entry {
	var all []entry
	for _, age := range ages {
		all = append(all, entry{at: noon.Add(-age), indexed: noon.Add(-age)})
	}
	return all
}

func started(m mark) mark {
	m.V, m.List = markVersion, mentionsOfAcme.id()
	return m
}

func TestScanStopsWhereTheLastBegan(t *testing.T) {
	hour := time.Hour
	floor := mark{Begin: noon.Add(-100 * hour), Floor: noon.Add(-2 * hour), Deep: noon.Add(-time.Minute)}
	for _, c := range []struct {
		name    string
		mark    mark
		listing listing
		want    []time.Duration // ages of what is delivered
		more    bool
		floor   time.Duration // age of the next floor
	}{
		{"nothing", floor, listing{}, nil, false, 2 * hour},
		{"a page that reaches down", floor, listing{entries: entriesAt(hour, 3*hour), token: "t"}, []time.Duration{hour}, false, hour},
		{"a page that doesn't", floor, listing{entries: entriesAt(0, hour), token: "t"}, []time.Duration{0, hour}, true, 2 * hour},
		{"the last page", floor, listing{entries: entriesAt(0, hour)}, []time.Duration{0, hour}, false, 0},
		{"within the overlap", floor, listing{entries: entriesAt(2*hour+9*time.Minute, 2*hour+11*time.Minute), token: "t"},
			[]time.Duration{2*hour + 9*time.Minute}, false, 2 * hour},
		{"an empty page with more behind it", floor, listing{token: "t"}, nil, true, 2 * hour},
		{"out of order: one old post ends nothing", floor, listing{entries: entriesAt(hour, 50*hour, 90*time.Minute), token: "t"},
			[]time.Duration{hour, 90 * time.Minute}, true, 2 * hour},
		{"out of order: nor does one at the end", floor, listing{entries: entriesAt(90*time.Minute, hour, 50*hour), token: "t"},
			[]time.Duration{90 * time.Minute, hour}, true, 2 * hour},
		{"out of order and all of it old", floor, listing{entries: entriesAt(30*hour, 50*hour, 40*hour), token: "t"}, nil, false, 2 * hour},
		{"from the future", floor, listing{entries: entriesAt(-hour, hour)}, []time.Duration{-hour, hour}, false, 0},
		{"a new source", mark{}, listing{entries: entriesAt(time.Minute, hour), token: "t"}, []time.Duration{time.Minute}, false, 0},
		{"an hour after the last look back", mark{Begin: noon.Add(-100 * hour), Floor: noon.Add(-2 * hour), Deep: noon.Add(-hour)},
			listing{entries: entriesAt(hour, 23*hour, 25*hour), token: "t"}, []time.Duration{hour, 23 * hour}, false, hour},
		{"no look back beyond the beginning", mark{Begin: noon.Add(-3 * hour), Floor: noon.Add(-2 * hour)},
			listing{entries: entriesAt(hour, 3*hour+time.Minute, 4*hour), token: "t"}, []time.Duration{hour, 3*hour + time.Minute}, false, hour},
		{"a floor in the future", mark{Begin: noon.Add(-3 * hour), Floor: noon.Add(hour), Deep: noon},
			listing{entries: entriesAt(0, hour), token: "t"}, []time.Duration{0}, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := started(c.mark)
			deliver, gaps, more, err := m.take(c.listing, noon, 0)
			if err != nil || len(gaps) > 0 {
				t.Fatal(err, gaps)
			}
			var got []time.Duration
			for _, e := range deliver {
				got = append(got, noon.Sub(e.at))
			}
			if !slices.Equal(got, c.want) || more != c.more {
				t.Errorf("delivered %v, more %v; want %v, %v", got, more, c.want, c.more)
			}
			if want := noon.Add(-c.floor); !m.Floor.Equal(want) && !c.more {
				t.Errorf("floor %v, want %v", m.Floor, want)
			}
		})
	}
}

func TestOnlyTheTopOfAScanRaisesTheFloor(t *testing.T) {
	m := started(mark{Begin: noon.Add(-9 * time.Hour), Floor: noon.Add(-9 * time.Hour), Deep: noon})
	for _, l := range []listing{
		{entries: entriesAt(time.Hour, 2*time.Hour), token: "t"},
		{entries: entriesAt(time.Minute, 3*time.Hour)}, // one slipped in; what stands above it was not read
	} {
		if _, _, _, err := m.take(l, noon, 0); err != nil {
			t.Fatal(err)
		}
	}
	if !m.Floor.Equal(noon.Add(-time.Hour)) {
		t.Errorf("floor %v", m.Floor)
	}
}

func TestNewSourceReadsBack(t *testing.T) {
	m := started(mark{})
	deliver, _, _, err := m.take(listing{entries: entriesAt(time.Hour, 47*time.Hour, 49*time.Hour), token: "t"}, noon, 48*time.Hour)
	if err != nil || len(deliver) != 2 {
		t.Fatalf("delivered %d: %v", len(deliver), err)
	}
}

func TestWrongClockNeverRaisesTheFloor(t *testing.T) {
	for _, c := range []struct{ ours, theirs time.Duration }{{0, 2 * time.Hour}, {2 * time.Hour, 0}, {-2 * time.Hour, 0}, {0, -2 * time.Hour}} {
		m := started(mark{Begin: noon.Add(-time.Hour), Floor: noon.Add(-time.Hour), Deep: noon})
		if _, _, _, err := m.take(listing{served: noon.Add(c.theirs), entries: entriesAt(-time.Hour, 0)}, noon.Add(c.ours), 0); err != nil {
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
		if _, _, more, err := m.take(listing{entries: entriesAt(0, time.Hour), token: "t"}, noon, 0); err != nil || !more {
			t.Fatal(more, err)
		}
		gaps, more := m.lost(true)
		if more {
			if m.Scan.Token != "" || !m.Scan.Until.Equal(noon.Add(-time.Hour)) {
				t.Fatalf("it does not begin again where it was: %+v", m.Scan)
			}
			continue
		}
		want := network.Gap{From: noon.Add(-24*time.Hour - overlap), To: noon.Add(-time.Hour)}
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
	for page := 1; ; page++ {
		_, gaps, more, err := m.take(listing{token: fmt.Sprint(page), entries: entriesAt(0)}, noon, 0)
		if err != nil {
			t.Fatal(err)
		}
		if more {
			continue
		}
		if page != maxPages || len(gaps) != 1 {
			t.Fatalf("after %d pages: %v", page, gaps)
		}
		return
	}
}

func TestListThatStandsStillIsAnError(t *testing.T) {
	for _, token := range []string{"same", "2026-11-21T11:00:00.000Z"} {
		m := started(mark{Begin: noon.Add(-9 * time.Hour), Floor: noon.Add(-9 * time.Hour)})
		var err error
		for range 3 {
			if _, _, _, err = m.take(listing{token: token, entries: entriesAt(time.Hour)}, noon, 0); err != nil {
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
	_, _, _, err := m.take(listing{token: strings.Repeat("<", 2000), entries: entriesAt(time.Hour)}, noon, 0)
	if e, ok := err.(*network.Error); !ok || e.Fault != network.Malformed {
		t.Fatal(err)
	}
}

func TestCursorOfAnotherListStartsAnew(t *testing.T) {
	m := started(mark{Floor: noon})
	for _, other := range []list{{what: Own, account: "acme.test"}, {what: Mentions, account: "other.test"}, {what: Search, query: "acme", account: "acme.test"}} {
		if got, err := readMark(m.String(), other); err != nil || !got.Floor.IsZero() {
			t.Errorf("%v: %v, %v", other, got, err)
		}
	}
	if got, err := readMark(m.String(), mentionsOfAcme); err != nil || !got.Floor.Equal(noon) {
		t.Error(got, err)
	}
}

func FuzzReadMark(f *testing.F) {
	m := started(mark{Floor: noon, Begin: noon, Deep: noon, Scan: &scan{Bottom: noon, Token: "t"}})
	f.Add(m.String())
	f.Add(`{"v":1,"l":"` + mentionsOfAcme.id() + `","scan":{}}`)
	f.Fuzz(func(t *testing.T, cursor string) {
		m, err := readMark(cursor, mentionsOfAcme)
		if err != nil {
			if e, ok := err.(*network.Error); !ok || !e.Again {
				t.Fatal(err)
			}
			return
		}
		if _, _, more, err := m.take(listing{entries: entriesAt(0, time.Hour), token: "t"}, noon, 0); err == nil && more != (m.Scan != nil) {
			t.Error("more, but no scan")
		}
		if _, err := readMark(m.String(), mentionsOfAcme); err != nil {
			t.Errorf("we can't read what we wrote: %v", err)
		}
	})
}

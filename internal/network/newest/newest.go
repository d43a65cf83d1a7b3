// Package newest reads lists that a network shows newest first, and misses
// nothing of them.
//
// A cursor is a scan of such a list: from the newest down to where the last one
// began and a little further. Neither a place that the network forgot nor posts
// that appear late make a hole, and what can't be read any more is reported as a
// gap. The package makes no call and keeps nothing: a driver says how a page is
// fetched, and the cursor holds all the rest.
package newest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// Overlap is what is usually read again.
const Overlap = 10 * time.Minute

const (
	deepBack  = 24 * time.Hour
	deepEvery = time.Hour
	maxTries  = 3      // a scan whose place the network forgot begins again this often
	maxPages  = 10_000 // and ends at last, should the list have no end
	maxCursor = 4096   // bytes of a mark
)

// A List is one newest-first list and how to read it.
type List struct {
	// ID tells this list from any other that the source could be set up to read.
	// A cursor of another list, when the configuration changed, counts as none.
	ID string
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration
	// Overlap is read again below where the last scan began, for a post may be
	// listed late; 0: the usual one.
	Overlap time.Duration
	// Deep is how far back the list is read again once an hour; 0: a day,
	// negative: never.
	Deep time.Duration
	// Reach is the age from which the network shows nothing any more; 0: none.
	// What was not read until then is a gap.
	Reach time.Duration
	// Most is how many entries the network shows at most; 0: no limit. What it has
	// no room for is a gap.
	Most int
	// Seeks says that the list can begin at an instant: see [Place].Until.
	Seeks bool
	// Fetch reads one page at a place.
	Fetch func(ctx context.Context, p Place) (Listing, error)
	// Forgot says that Fetch's error means that the network does not know the
	// place's token any more; nil: it never forgets.
	Forgot func(p Place, err error) bool
	Now    func() time.Time // nil: time.Now
}

// A Place is where in a list a page begins.
type Place struct {
	Token  string    // the network's own; empty: at the top
	Bottom time.Time // nothing older is wanted; zero: not known yet
	Until  time.Time // begin here and not at the top; zero, or only where the list Seeks
}

// A Listing is one page of a list as the network gave it, newest first.
type Listing struct {
	Entries []Entry
	Bad     []network.BadItem
	Token   string    // where it goes on; empty: it ends here
	Served  time.Time // by the network's clock; zero when it doesn't tell
}

// An Entry is one thing in a list.
type Entry struct {
	At       time.Time // what the list is ordered by
	Indexed  time.Time // when the network says it took it in; zero: At
	Item     network.Item
	None     bool // nothing for us, a repost for one; counts for the order alone
	Repaired bool // its text had broken UTF-8
}

// newest is the later of an entry's instants.
func (e Entry) newest() time.Time {
	if e.Indexed.After(e.At) {
		return e.Indexed
	}
	return e.At
}

// Poll reads the next page, as [network.Account] says. The page's Meter is the
// driver's to fill.
func (l *List) Poll(ctx context.Context, cursor string) (network.Page, error) {
	m, err := l.readMark(cursor)
	if err != nil {
		return network.Page{}, err
	}
	anew := cursor != "" && m.Floor.IsZero()
	now := time.Now
	if l.Now != nil {
		now = l.Now
	}
	place := l.place(m, now())
	listing, err := l.Fetch(ctx, place)
	if err != nil && place.Token != "" && l.Forgot != nil && l.Forgot(place, err) {
		var page network.Page
		page.Gaps, page.More = m.lost(l.Seeks)
		page.Next = m.String()
		return page, nil
	}
	if err != nil {
		return network.Page{}, err
	}
	unrepeated(listing.Entries)
	page, err := m.take(listing, now(), l)
	if err != nil {
		return network.Page{}, err
	}
	page.Bad, page.Next, page.Anew = listing.Bad, m.String(), anew
	return page, nil
}

// place is where the next page begins.
func (l *List) place(m mark, now time.Time) Place {
	switch {
	case m.Scan != nil:
		return Place{Token: m.Scan.Token, Bottom: m.Scan.Bottom, Until: m.Scan.Until}
	case m.Floor.IsZero():
		return Place{}
	}
	m.begin(now, l) // of a copy: what counts is the network's clock, which the page brings
	return Place{Bottom: m.Scan.Bottom}
}

// unrepeated leaves one of what is in a page twice, a post that both mentions
// and answers us for one.
func unrepeated(entries []Entry) {
	type told struct{ kind, id string }
	seen := map[told]bool{}
	for i, e := range entries {
		t := told{string(e.Item.Kind), string(e.Item.Post.Remote)}
		if e.None = e.None || seen[t]; !e.None {
			seen[t] = true
		}
		entries[i] = e
	}
}

// A mark is the cursor: what was read and the scan under way. All instants are
// those that the list is ordered by.
type mark struct {
	V     int       `json:"v"`
	List  string    `json:"l"`              // what list this is a place in
	Begin time.Time `json:"begin,omitzero"` // the source reads nothing older, but for the overlap
	Floor time.Time `json:"floor,omitzero"` // all older than this was read, but for late comers
	Deep  time.Time `json:"deep,omitzero"`  // when the list was last read again
	Scan  *scan     `json:"scan,omitzero"`  // nil: none under way
}

// A scan is one way down the list.
type scan struct {
	Ceil   time.Time `json:"ceil,omitzero"`   // the newest post it met: the next floor
	Bottom time.Time `json:"bottom"`          // where it ends
	Oldest time.Time `json:"oldest,omitzero"` // how far down it came
	Token  string    `json:"token,omitempty"` // the network's own place; empty: at the top
	Pages  int       `json:"pages,omitempty"`
	Seen   int       `json:"seen,omitempty"` // entries
	Tries  int       `json:"tries,omitempty"`
	Until  time.Time `json:"until,omitzero"` // begin here and not at the top
}

const markVersion = 1

func (l *List) readMark(cursor string) (mark, error) {
	sum := sha256.Sum256([]byte(l.ID))
	fresh := mark{V: markVersion, List: base64.RawURLEncoding.EncodeToString(sum[:9])}
	if cursor == "" {
		return fresh, nil
	}
	var m mark
	if err := json.Unmarshal([]byte(cursor), &m); err != nil || m.V != markVersion {
		return mark{}, &network.Error{Fault: network.Malformed, Unsent: true, Again: true,
			Err: network.Explain("the stored cursor can't be read by this version")}
	}
	if m.List != fresh.List {
		return fresh, nil
	}
	return m, nil
}

func (m mark) String() string {
	b, err := json.Marshal(m)
	if err != nil {
		panic("a mark is always JSON: " + err.Error())
	}
	return string(b)
}

// take makes of a listing what is to be delivered, and moves the mark.
func (m *mark) take(in Listing, now time.Time, l *List) (network.Page, error) {
	clock := now
	if !in.Served.IsZero() && in.Served.Before(clock) {
		clock = in.Served // a mark too low costs another look, one too high loses posts
	}
	clock = clock.UTC().Truncate(time.Millisecond)
	var gaps []network.Gap
	if m.Scan == nil {
		gaps = m.begin(clock, l)
	}
	s := m.Scan
	var deliver []Entry
	var lowest, highest time.Time
	for _, e := range in.Entries {
		if !e.newest().Before(s.Bottom) && !e.None {
			deliver = append(deliver, e)
		}
		if lowest.IsZero() || e.At.Before(lowest) {
			lowest = e.At
		}
		if e.At.After(highest) {
			highest = e.At
		}
	}
	page := delivered(deliver)
	page.Gaps = gaps
	if highest.After(clock) {
		highest = clock
	}
	if s.Token == "" && highest.After(s.Ceil) {
		s.Ceil = highest
	}
	if !lowest.IsZero() && (s.Oldest.IsZero() || lowest.Before(s.Oldest)) {
		s.Oldest = lowest
	}
	s.Pages++
	s.Seen += len(in.Entries)
	switch {
	case in.Token == "" && l.Most > 0 && s.Seen >= l.Most && s.Oldest.After(s.Bottom) && !s.reached(in.Entries):
		page.Gaps = append(page.Gaps, s.gap("the network shows no more than its newest posts"))
		m.end()
		return page, nil
	case in.Token == "" || s.reached(in.Entries):
		m.end()
		return page, nil
	case s.Pages >= maxPages:
		page.Gaps = append(page.Gaps, s.gap("the list is too long to read to its end"))
		m.end()
		return page, nil
	case in.Token == s.Token:
		return network.Page{}, network.Malformed.Because("the list does not move on")
	}
	next := inclusive(in.Token)
	if next == s.Token {
		next = in.Token // a whole page of one instant: what else it holds can't be reached
	}
	if s.Token = next; len(m.String()) > maxCursor {
		return network.Page{}, network.Malformed.Because("the server's cursor is too long to keep")
	}
	page.More = true
	return page, nil
}

// delivered is a page of entries, oldest first.
func delivered(entries []Entry) (page network.Page) {
	slices.Reverse(entries)
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.At.Compare(b.At) })
	for _, e := range entries {
		page.Items = append(page.Items, e.Item)
		if e.Repaired {
			page.Repaired++
		}
	}
	return page
}

// begin starts a scan. What is out of the network's reach by now is a gap.
func (m *mark) begin(clock time.Time, l *List) (gaps []network.Gap) {
	if m.Floor.IsZero() {
		m.Begin = clock.Add(-l.Back)
		m.Floor = m.Begin
	}
	if m.Floor.After(clock) {
		m.Floor = clock
	}
	if end := clock.Add(-l.Reach); l.Reach > 0 && m.Floor.Before(end) {
		if m.Floor.After(m.Begin) { // else it is a new source that asked for too much
			gaps = []network.Gap{{From: m.Floor, To: end, Why: "the network shows nothing older any more"}}
		}
		m.Floor = end
	}
	bottom := m.Floor.Add(-cmp.Or(l.Overlap, Overlap))
	if age := clock.Sub(m.Deep); l.Deep >= 0 && (age >= deepEvery || age < 0) {
		m.Deep = clock
		if low := clock.Add(-cmp.Or(l.Deep, deepBack)); low.Before(bottom) {
			bottom = low
		}
	}
	if first := m.Begin.Add(-cmp.Or(l.Overlap, Overlap)); bottom.Before(first) {
		bottom = first
	}
	m.Scan = &scan{Bottom: bottom}
	return gaps
}

// end closes a scan: what it saw at its top is the next one's floor.
func (m *mark) end() {
	if m.Scan.Ceil.After(m.Floor) {
		m.Floor = m.Scan.Ceil
	}
	m.Scan = nil
}

// lost begins the scan again after the network refused its place in the list.
// A list that can begin anywhere goes on where it was. After some tries the
// rest is given up as a gap, so that a list which can't be read to its end does
// not keep us from its beginning.
func (m *mark) lost(seeks bool) (gaps []network.Gap, more bool) {
	s := m.Scan
	if s.Tries++; s.Tries > maxTries {
		gaps = []network.Gap{s.gap("the network forgot our place in the list, several times")}
		m.end()
		return gaps, false
	}
	s.Token, s.Seen = "", 0
	if seeks {
		s.Until = s.Oldest
	}
	return nil, true
}

func (s *scan) gap(why string) network.Gap {
	return network.Gap{From: s.Bottom, To: s.Oldest, Why: why}
}

// reached says that a page went beyond the bottom. A page in order tells by its
// last entry; one that is not, only if all of it is older, by any clock.
func (s *scan) reached(entries []Entry) bool {
	if len(entries) == 0 {
		return false
	}
	if slices.IsSortedFunc(entries, func(a, b Entry) int { return b.At.Compare(a.At) }) {
		return entries[len(entries)-1].At.Before(s.Bottom)
	}
	return !slices.ContainsFunc(entries, func(e Entry) bool { return !e.newest().Before(s.Bottom) })
}

// inclusive corrects a token that is an instant. The network goes on with what
// is older than that, and so skips the posts of the same instant that the page
// had no room for; a millisecond more brings them, and some again.
func inclusive(token string) string {
	at, err := time.Parse(time.RFC3339, token)
	if err != nil {
		return token
	}
	return at.Add(time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z")
}

// PerDay says how many entries the list gets in a day, after its first page;
// known is false when that has too few to tell.
func (l *List) PerDay(ctx context.Context) (perDay float64, known bool, err error) {
	in, err := l.Fetch(ctx, Place{})
	if err != nil {
		return 0, false, err
	}
	var newest, oldest time.Time
	n := 0
	for _, e := range in.Entries {
		if e.None {
			continue
		}
		n++
		if e.At.After(newest) {
			newest = e.At
		}
		if oldest.IsZero() || e.At.Before(oldest) {
			oldest = e.At
		}
	}
	if span := newest.Sub(oldest); n > 1 && span > 0 {
		return float64(n-1) / span.Hours() * 24, true, nil
	}
	return 0, false, nil
}

package bluesky

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// What makes sure that a scan misses nothing. A post is listed under the time
// that its author's program claims, and may be listed late; so every scan reads
// a little beyond where the last one began, and once an hour the whole last day.
const (
	overlap   = 10 * time.Minute
	deepEvery = time.Hour
	deepBack  = 24 * time.Hour
	maxTries  = 3      // a scan whose place the network forgot begins again this often
	maxPages  = 10_000 // and ends at last, should the list have no end
	maxCursor = 4096   // bytes of a mark
)

// A mark is the cursor: what was read and the scan under way. All instants are
// those that the list is ordered by.
type mark struct {
	V     int       `json:"v"`
	List  string    `json:"l"`              // what list this is a place in
	Begin time.Time `json:"begin,omitzero"` // the source reads nothing older, but for the overlap
	Floor time.Time `json:"floor,omitzero"` // all older than this was read, but for late comers
	Deep  time.Time `json:"deep,omitzero"`  // when the last day was last read again
	Scan  *scan     `json:"scan,omitzero"`  // nil: none under way
}

// A scan is one way down the list.
type scan struct {
	Ceil   time.Time `json:"ceil,omitzero"`   // the newest post it met: the next floor
	Bottom time.Time `json:"bottom"`          // where it ends
	Oldest time.Time `json:"oldest,omitzero"` // how far down it came
	Token  string    `json:"token,omitempty"` // the network's own place; empty: at the top
	Pages  int       `json:"pages,omitempty"`
	Tries  int       `json:"tries,omitempty"`
	Until  time.Time `json:"until,omitzero"` // begin here and not at the top
}

// An entry is one thing in a list.
type entry struct {
	at      time.Time // what the list is ordered by
	indexed time.Time // when the network says it took it in
	item    network.Item
	none    bool // nothing for us, a repost for one; counts for the order alone

	repaired bool
}

// newest is the later of an entry's instants.
func (e entry) newest() time.Time {
	if e.indexed.After(e.at) {
		return e.indexed
	}
	return e.at
}

// A listing is one page of a list as the network gave it.
type listing struct {
	entries []entry
	token   string
	served  time.Time // by the network's clock; zero when it doesn't tell
}

const markVersion = 1

var errCursor = network.Error{Fault: network.Malformed, Unsent: true, Again: true}

// readMark reads a cursor. A cursor of another list, when the configuration
// changed, counts as none.
func readMark(cursor string, l list) (mark, error) {
	fresh := mark{V: markVersion, List: l.id()}
	if cursor == "" {
		return fresh, nil
	}
	var m mark
	if err := json.Unmarshal([]byte(cursor), &m); err != nil || m.V != markVersion {
		e := errCursor
		e.Err = network.Explain("the stored cursor can't be read by this version")
		return mark{}, &e
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

// take makes of a page what is to be delivered, moves the mark, and says
// whether the scan goes on.
func (m *mark) take(l listing, now time.Time, back time.Duration) (deliver []entry, gaps []network.Gap, more bool, err error) {
	clock := now
	if !l.served.IsZero() && l.served.Before(clock) {
		clock = l.served // a mark too low costs another look, one too high loses posts
	}
	clock = clock.UTC().Truncate(time.Millisecond)
	if m.Scan == nil {
		m.begin(clock, back)
	}
	s := m.Scan
	var lowest, highest time.Time
	for _, e := range l.entries {
		if !e.newest().Before(s.Bottom) && !e.none {
			deliver = append(deliver, e)
		}
		if lowest.IsZero() || e.at.Before(lowest) {
			lowest = e.at
		}
		if e.at.After(highest) {
			highest = e.at
		}
	}
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
	switch {
	case l.token == "" || s.reached(l.entries):
		m.end()
		return deliver, nil, false, nil
	case s.Pages >= maxPages:
		gap := s.gap("the list is too long to read to its end")
		m.end()
		return deliver, gap, false, nil
	}
	if l.token == s.Token {
		return nil, nil, false, &network.Error{Fault: network.Malformed, Err: network.Explain("the list does not move on")}
	}
	next := inclusive(l.token)
	if next == s.Token {
		next = l.token // a whole page of one instant: what else it holds can't be reached
	}
	if s.Token = next; len(m.String()) > maxCursor {
		return nil, nil, false, &network.Error{Fault: network.Malformed, Err: network.Explain("the server's cursor is too long to keep")}
	}
	return deliver, nil, true, nil
}

// begin starts a scan.
func (m *mark) begin(clock time.Time, back time.Duration) {
	if m.Floor.IsZero() {
		m.Begin = clock.Add(-back)
		m.Floor = m.Begin
	}
	if m.Floor.After(clock) {
		m.Floor = clock
	}
	bottom := m.Floor.Add(-overlap)
	if age := clock.Sub(m.Deep); age >= deepEvery || age < 0 {
		m.Deep = clock
		if day := clock.Add(-deepBack); day.Before(bottom) {
			bottom = day
		}
	}
	if first := m.Begin.Add(-overlap); bottom.Before(first) {
		bottom = first
	}
	m.Scan = &scan{Bottom: bottom}
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
		gaps = s.gap("the network forgot our place in the list, several times")
		m.end()
		return gaps, false
	}
	s.Token = ""
	if seeks {
		s.Until = s.Oldest
	}
	return nil, true
}

func (s *scan) gap(why string) []network.Gap {
	return []network.Gap{{From: s.Bottom, To: s.Oldest, Why: why}}
}

// reached says that a page went beyond the bottom. A page in order tells by its
// last entry; one that is not, only if all of it is older, by any clock.
func (s *scan) reached(entries []entry) bool {
	if len(entries) == 0 {
		return false
	}
	if slices.IsSortedFunc(entries, func(a, b entry) int { return b.at.Compare(a.at) }) {
		return entries[len(entries)-1].at.Before(s.Bottom)
	}
	return !slices.ContainsFunc(entries, func(e entry) bool { return !e.newest().Before(s.Bottom) })
}

// inclusive corrects a cursor that is an instant. The network goes on with what
// is older than that, and so skips the posts of the same instant that the page
// had no room for; a millisecond more brings them, and some again.
func inclusive(token string) string {
	at, err := time.Parse(time.RFC3339, token)
	if err != nil {
		return token
	}
	return at.Add(time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z")
}

// A list is what a source reads.
type list struct {
	what, query, account string
}

// id tells lists apart without naming what they are.
func (l list) id() string {
	sum := sha256.Sum256([]byte(l.what + "\x00" + l.query + "\x00" + l.account))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

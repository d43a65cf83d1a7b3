package bluesky

import (
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// A memo is what an account remembers between calls to save some of them and
// to notice changes. It is bounded, never stored, and may be lost at any time:
// nothing that matters depends on it.
type memo struct {
	mu      sync.Mutex
	authors map[string]author  // by DID
	posts   map[string]version // by URI
	token   string             // at which the server failed
	failed  int                // so often in a row
}

// An author is what is known of an account beyond its posts.
type author struct {
	followers int
	handle    string
	name      string
	blocks    bool      // it blocked us, or we it
	asked     time.Time // when the network was asked for its followers
}

// A version is what is known of a post.
type version struct {
	first  string    // CID under which it was first seen
	edited time.Time // when another CID was first seen; zero: never
	closed bool      // its thread takes no answer from us
}

const (
	memoSize     = 20_000
	followersFor = 12 * time.Hour // how long a number of followers is good for
)

func newMemo() *memo {
	return &memo{authors: map[string]author{}, posts: map[string]version{}}
}

// author remembers what change makes of what is known.
func (m *memo) author(did string, change func(*author)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.authors) >= memoSize {
		clear(m.authors)
	}
	a := m.authors[did]
	change(&a)
	m.authors[did] = a
}

// who is what is known of an author.
func (m *memo) who(did string) author {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.authors[did]
}

// version notes that a post was seen under a CID, and says since when it is
// another than the first: zero when it is not. Once edited a post stays so,
// for a page that tells it may have to be read again.
func (m *memo) version(uri, cid string, now time.Time) (edited time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.posts) >= memoSize {
		clear(m.posts)
	}
	v := m.posts[uri]
	switch {
	case v.first == "":
		v.first = cid
	case v.first != cid && v.edited.IsZero():
		v.edited = now
	}
	m.posts[uri] = v
	return v.edited
}

// closed remembers whether a post takes no answer from us.
func (m *memo) closed(uri string, closed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, known := m.posts[uri]
	if !known && !closed {
		return
	}
	v.closed = closed
	m.posts[uri] = v
}

// isClosed says that a post is known to take no answer from us.
func (m *memo) isClosed(uri string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.posts[uri].closed
}

// stuck says that the server failed at one place of a list again and again.
// Servers answer a cursor that they no longer understand with a 5xx too.
func (m *memo) stuck(token string, err error) bool {
	const often = 3
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Status < 500 {
		m.failed = 0
		return false
	}
	if m.token != token {
		m.token, m.failed = token, 0
	}
	m.failed++
	return m.failed%often == 0
}

// news says whether something is met for the first time.
func (m *memo) news(raw []byte) bool {
	sum := sha256.Sum256(raw)
	key := "raw " + string(sum[:])
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, old := m.posts[key]; old {
		return false
	}
	if len(m.posts) >= memoSize {
		clear(m.posts)
	}
	m.posts[key] = version{}
	return true
}

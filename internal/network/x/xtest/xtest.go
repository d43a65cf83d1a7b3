// Package xtest is X in memory, for tests: API v2 in both generations of its
// field names, the filtered stream, and what is left of v1.1. It is built from
// X's documents and keeps real state: people, posts with their edits and
// deletions, messages, rules, limits and credit.
//
// It refuses what X refuses and fails the test on what X would not understand:
// a wrong signature, a parameter that doesn't exist, an answer to nothing. With
// X's own specification at hand ([Load]) every request and every answer is held
// against it. It opens no socket, so it runs in a synctest bubble.
package xtest

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The keys that the network takes. The account's number is in its token.
const (
	ConsumerKey    = "consumer-key-of-acme"
	ConsumerSecret = "consumer-secret-hush"
	AccessToken    = "4242-access-token-of-acme"
	AccessSecret   = "access-secret-hush"
	Bearer         = "bearer-token-hush"
	Brand          = int64(4242)
	Handle         = "acme"
)

// Options set up a [Network].
type Options struct {
	Fields string // post or tweet: which field names it speaks
	Page   int    // most in one page; 0: as many as asked for
	Spec   *Spec  // holds every exchange against; nil: none
}

// A Network is X. Safe for concurrent use.
type Network struct {
	t    testing.TB
	opts Options

	mu       sync.Mutex
	users    map[int64]*user
	posts    []*post         // by the newest version's id
	byID     map[int64]*post // by the id of any version
	messages []message       // in the order they were written
	blocked  map[int64]bool
	rules    []rule
	streams  []*stream
	opened   chan struct{}     // closed when the next stream is
	media    map[string]string // descriptions
	sent     []Sent
	made     int64
	last     time.Time // of the newest id
	skew     time.Duration
	lag      time.Duration
	repeats  bool
	lossy    int // every so many-th post does not reach the stream
	windows  map[string]*window
	grants   map[string]int
	bill     bill
}

type user struct {
	id        int64
	handle    string
	followers int
}

type version struct {
	id   int64
	text string
	at   time.Time
}

type post struct {
	author   int64
	versions []version
	parent   int64 // the version that it answers
	quote    int64
	repost   int64
	root     int64 // the first id of the first post of its thread
	visible  time.Time
	pictures []string
}

func (p *post) first() int64    { return p.versions[0].id }
func (p *post) newest() version { return p.versions[len(p.versions)-1] }

type message struct {
	id       int64
	from, to int64
	text     string
	at       time.Time
}

type rule struct{ id, value, tag string }

// Sent is an answer that our account wrote through the API.
type Sent struct {
	ID       int64
	To       int64 // the post it answers; of a message the person
	Text     string
	Pictures []string // their descriptions
}

// A Post is what somebody publishes.
type Post struct {
	Author    string // a handle; empty: ana
	Text      string
	At        time.Time // zero: now
	InReplyTo int64
	Quote     int64
	Repost    int64
	Pictures  []string // descriptions
}

// New returns a network with nothing on it but our account.
func New(t testing.TB, o Options) *Network {
	o.Fields = cmp.Or(o.Fields, "post")
	n := &Network{
		t: t, opts: o, users: map[int64]*user{}, byID: map[int64]*post{}, blocked: map[int64]bool{}, media: map[string]string{},
		windows: map[string]*window{}, grants: map[string]int{}, opened: make(chan struct{}),
	}
	n.users[Brand] = &user{id: Brand, handle: Handle, followers: 12_000}
	return n
}

const epoch = 1288834974657

func (n *Network) now() time.Time { return time.Now().Add(n.skew).UTC() }

// tick is the instant of a new id: ids never run backwards, whatever the clock
// does. It needs the lock.
func (n *Network) tick() time.Time {
	if now := n.now().Truncate(time.Millisecond); now.After(n.last) {
		n.last = now
	}
	return n.last
}

// newID needs the lock.
func (n *Network) newID(at time.Time) int64 {
	n.made++
	return (at.UnixMilli()-epoch)<<22 | n.made&(1<<22-1)
}

// named is somebody by their handle; whoever is new signs up. It needs the lock.
func (n *Network) named(handle string) *user {
	if u := n.find(handle); u != nil {
		return u
	}
	u := &user{id: int64(100_000 + len(n.users)), handle: handle, followers: 10 * len(n.users)}
	n.users[u.id] = u
	return u
}

func (n *Network) find(handle string) *user {
	for _, u := range n.users {
		if strings.EqualFold(u.handle, handle) {
			return u
		}
	}
	return nil
}

// User is the number of a person; who is new signs up.
func (n *Network) User(handle string) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.named(handle).id
}

// Post publishes something and returns its id.
func (n *Network) Post(p Post) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.publish(n.named(cmp.Or(p.Author, "ana")).id, p).first()
}

// publish needs the lock.
func (n *Network) publish(author int64, p Post) *post {
	at := p.At.UTC().Truncate(time.Millisecond)
	if p.At.IsZero() {
		at = n.tick()
	}
	w := &post{author: author, versions: []version{{n.newID(at), p.Text, at}}, quote: p.Quote, repost: p.Repost, pictures: p.Pictures, visible: n.now().Add(n.lag)}
	w.root = w.first()
	if parent := n.byID[p.InReplyTo]; parent != nil {
		w.parent, w.root = p.InReplyTo, parent.root
	}
	n.place(w)
	n.byID[w.first()] = w
	n.push(w)
	return w
}

func (n *Network) place(w *post) {
	at, _ := slices.BinarySearchFunc(n.posts, w.newest().id, func(p *post, id int64) int { return cmp.Compare(p.newest().id, id) })
	n.posts = slices.Insert(n.posts, at, w)
}

// Edit gives a post another text, and so another id.
func (n *Network) Edit(id int64, text string) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	w := n.byID[id]
	n.posts = slices.DeleteFunc(n.posts, func(p *post) bool { return p == w })
	at := n.tick()
	w.versions = append(w.versions, version{n.newID(at), text, at})
	n.byID[w.newest().id] = w
	n.place(w)
	n.push(w)
	return w.newest().id
}

// Delete removes a post with all its versions.
func (n *Network) Delete(id int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.remove(id)
}

func (n *Network) remove(id int64) bool {
	w := n.byID[id]
	if w == nil {
		return false
	}
	for _, v := range w.versions {
		delete(n.byID, v.id)
	}
	n.posts = slices.DeleteFunc(n.posts, func(p *post) bool { return p == w })
	return true
}

// Message is a direct message from one person to another.
func (n *Network) Message(from, to, text string) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.write(n.named(from).id, n.named(to).id, text)
}

func (n *Network) write(from, to int64, text string) int64 {
	at := n.tick()
	m := message{n.newID(at), from, to, text, at}
	n.messages = append(n.messages, m)
	return m.id
}

// Sent lists the answers written through the API that still stand.
func (n *Network) Sent() []Sent {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(n.sent), func(s Sent) bool {
		isMessage := slices.ContainsFunc(n.messages, func(m message) bool { return m.id == s.ID })
		return n.byID[s.ID] == nil && !isMessage
	})
}

// Blocked says that our account blocked somebody.
func (n *Network) Blocked(handle string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.blocked[n.named(handle).id]
}

// Rules lists what the stream's rules say.
func (n *Network) Rules() (values []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.rules {
		values = append(values, r.value)
	}
	return values
}

// AddRule adds a rule, as another program does or an older configuration.
func (n *Network) AddRule(value, tag string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addRule(value, tag)
}

func (n *Network) addRule(value, tag string) rule {
	r := rule{strconv.FormatInt(n.newID(n.now()), 10), value, tag}
	n.rules = append(n.rules, r)
	return r
}

// Skew sets the network's clock ahead of ours, or behind.
func (n *Network) Skew(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.skew = d
}

// Lag makes posts from now on appear in lists only this much later.
func (n *Network) Lag(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lag = d
}

// Repeat makes lists tell each post twice.
func (n *Network) Repeat(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.repeats = on
}

// Lose makes the stream lose every n-th post.
func (n *Network) Lose(every int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lossy = every
}

// Grant sets how many calls of an endpoint the account has in 15 minutes; the
// names are those of [Network.RoundTrip]'s paths, such as /2/tweets.
func (n *Network) Grant(endpoint string, calls int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.grants[endpoint] = calls
}

var (
	mention = regexp.MustCompile(`@([A-Za-z0-9_]{1,15})`)
	address = regexp.MustCompile(`https?://[^\s]+`)
)

// A rendering is a text as X shows it: addresses made short, three signs escaped.
type rendering struct {
	text     string
	urls     []shortened
	mentions []mentioned
}

type shortened struct {
	start, end      int
	short, expanded string
}

type mentioned struct {
	start, end int
	user       *user
}

// render needs the lock.
func (n *Network) render(id int64, text string) rendering {
	var r rendering
	text = address.ReplaceAllStringFunc(text, func(s string) string {
		short := fmt.Sprintf("https://t.co/%08x%02d", uint32(id), len(r.urls))
		r.urls = append(r.urls, shortened{short: short, expanded: s})
		return short
	})
	r.text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	runes := func(at int) int { return len([]rune(r.text[:at])) }
	for i, u := range r.urls {
		at := strings.Index(r.text, u.short)
		r.urls[i].start, r.urls[i].end = runes(at), runes(at+len(u.short))
	}
	for _, at := range mention.FindAllStringSubmatchIndex(r.text, -1) {
		if u := n.find(r.text[at[2]:at[3]]); u != nil {
			r.mentions = append(r.mentions, mentioned{runes(at[0]), runes(at[1]), u})
		}
	}
	return r
}

// mentions says that a post names a person.
func (n *Network) mentions(text string, who int64) bool {
	for _, m := range mention.FindAllStringSubmatch(text, -1) {
		if u := n.find(m[1]); u != nil && u.id == who {
			return true
		}
	}
	return false
}

// fault fails the test for a request that X would not understand.
func (n *Network) fault(r *http.Request, format string, args ...any) {
	n.t.Helper()
	n.t.Errorf("%s %s: X would not take this: %s", r.Method, r.URL.Path, fmt.Sprintf(format, args...))
}

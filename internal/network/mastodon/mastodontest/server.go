// Package mastodontest is a Mastodon server in memory, as its documentation
// describes it: accounts, posts with their threads, notifications, timelines by
// hashtag, search, pictures, blocks, edits and deletions, in pages and within
// limits. It refuses what the real one refuses, and fails the test on a request
// that no server would take: an unknown parameter, a wrong form.
//
// It owns what is posted on it and nothing else. It never opens a socket: it is
// an http.Handler.
package mastodontest

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Base is the server's address.
const Base = "https://social.example"

// Host is the server's name.
const Host = "social.example"

// A Server is one server.
type Server struct {
	// Ignores says that the server does not know Idempotency-Key, as GoToSocial.
	Ignores bool
	// Characters is the most of a post; by default 500.
	Characters int
	// Closed shows nothing to those without a key.
	Closed bool
	// Old has no /api/v2/instance.
	Old bool

	t  testing.TB
	mu sync.Mutex

	now           func() time.Time
	accounts      []*account
	posts         []*post // by id
	notifications []notification
	uploads       map[string]string // id → description
	keys          map[string]*post
	calls         int // in the window
	serial        int
}

type account struct {
	id, acct, token string
	blocks          map[string]bool // ids
}

type post struct {
	id         string
	by         *account
	text       string
	visibility string
	warning    string
	at, edited time.Time
	parent     string
	reblog     *post
	media      []string
	seen       bool // through the API
}

type notification struct {
	id, kind string
	to, from *account
	post     *post
	at       time.Time
}

// New is an empty server. now is its clock; nil: time.Now.
func New(t testing.TB, now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	return &Server{t: t, now: now, Characters: 500, uploads: map[string]string{}, keys: map[string]*post{}}
}

// SignUp makes an account, or finds it. A name with an @ in it is of another
// server. The token is one of all rights.
func (s *Server) SignUp(acct string) (token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account(acct).token
}

func (s *Server) account(acct string) *account {
	for _, a := range s.accounts {
		if strings.EqualFold(a.acct, acct) {
			return a
		}
	}
	n := len(s.accounts) + 1
	a := &account{id: strconv.Itoa(109000 + n), acct: acct, token: fmt.Sprintf("tok-%d-%s-secret", n, acct), blocks: map[string]bool{}}
	s.accounts = append(s.accounts, a)
	return a
}

// A Post is what somebody publishes.
type Post struct {
	By         string
	Text       string
	At         time.Time // zero: now
	InReplyTo  string    // id
	Visibility string    // empty: public
	Warning    string
}

// Post publishes something, past the API, and returns its id.
func (s *Server) Post(p Post) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := &post{by: s.account(p.By), text: p.Text, visibility: p.Visibility, warning: p.Warning, at: p.At, parent: p.InReplyTo}
	s.publish(made)
	return made.id
}

// Boost passes a post on, and returns the id of that.
func (s *Server) Boost(by, id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &post{by: s.account(by), reblog: s.find(id)}
	s.publish(b)
	return b.id
}

// Quote publishes something that quotes a post, whose author is told.
func (s *Server) Quote(by, text, of string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &post{by: s.account(by), text: text}
	s.publish(p)
	s.notify("quote", s.must(of).by, p)
	return p.id
}

// publish gives a post its id, which has the time in it, and tells whom it mentions.
func (s *Server) publish(p *post) {
	now := s.now().UTC()
	if p.at.IsZero() {
		p.at = now
	}
	if p.visibility == "" {
		p.visibility = "public"
	}
	p.at = p.at.UTC().Truncate(time.Millisecond)
	s.serial++
	p.id = strconv.FormatInt(p.at.UnixMilli()<<16|int64(s.serial&0xffff), 10)
	i, _ := slices.BinarySearchFunc(s.posts, p.id, func(x *post, id string) int { return compare(x.id, id) })
	s.posts = slices.Insert(s.posts, i, p)
	for _, to := range s.mentioned(p) {
		if to != p.by && !to.blocks[p.by.id] {
			s.notify("mention", to, p)
		}
	}
}

func (s *Server) notify(kind string, to *account, p *post) {
	s.notifications = append(s.notifications, notification{
		id: strconv.Itoa(3000 + len(s.notifications)), kind: kind, to: to, from: p.by, post: p, at: s.now().UTC().Truncate(time.Millisecond),
	})
}

// compare orders ids as numbers.
func compare(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// Edit gives a post another text.
func (s *Server) Edit(id, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.must(id).text = text
	s.must(id).edited = s.now().UTC().Truncate(time.Millisecond)
}

// Delete removes a post, and its notifications.
func (s *Server) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(s.must(id))
}

func (s *Server) remove(p *post) {
	s.posts = slices.DeleteFunc(s.posts, func(x *post) bool { return x == p })
	s.notifications = slices.DeleteFunc(s.notifications, func(n notification) bool { return n.post == p })
}

func (s *Server) must(id string) *post {
	s.t.Helper()
	p := s.find(id)
	if p == nil {
		s.t.Fatalf("there is no post %s", id)
	}
	return p
}

func (s *Server) find(id string) *post {
	for _, p := range s.posts {
		if p.id == id {
			return p
		}
	}
	return nil
}

// A Sent is a post that came through the API.
type Sent struct {
	ID, InReplyTo, Text, Visibility string
	Pictures                        []string // their descriptions
}

// Sent lists what an account posted through the API, in order.
func (s *Server) Sent(acct string) (all []Sent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.posts {
		if p.seen && p.by.acct == acct {
			one := Sent{ID: p.id, InReplyTo: p.parent, Text: p.text, Visibility: p.visibility}
			for _, m := range p.media {
				one.Pictures = append(one.Pictures, s.uploads[m])
			}
			all = append(all, one)
		}
	}
	return all
}

// Blocked says whether one account blocks another.
func (s *Server) Blocked(by, whom string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account(by).blocks[s.account(whom).id]
}

var (
	mentionPattern = regexp.MustCompile(`(^|[^\w/@])@(\w+(?:@[\w.-]+\w)?)`)
	tagPattern     = regexp.MustCompile(`(^|[^\w/#&])#(\w+)`)
	urlPattern     = regexp.MustCompile(`https?://[^\s<>"]+`)
	anyPattern     = regexp.MustCompile(mentionPattern.String() + "|" + tagPattern.String() + "|" + urlPattern.String())
)

func (s *Server) mentioned(p *post) (all []*account) {
	for _, m := range mentionPattern.FindAllStringSubmatch(p.text, -1) {
		name := strings.TrimSuffix(m[2], "@"+Host)
		for _, a := range s.accounts {
			if strings.EqualFold(a.acct, name) && !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

func (a *account) url() string {
	user, host, away := strings.Cut(a.acct, "@")
	if away {
		return "https://" + host + "/@" + user
	}
	return Base + "/@" + user
}

// render makes HTML of a text as Mastodon does.
func (s *Server) render(p *post) string {
	var b strings.Builder
	last := 0
	for _, at := range anyPattern.FindAllStringSubmatchIndex(p.text, -1) {
		b.WriteString(html.EscapeString(p.text[last:at[0]]))
		whole := p.text[at[0]:at[1]]
		last = at[1]
		switch {
		case at[4] >= 0:
			b.WriteString(html.EscapeString(p.text[at[2]:at[3]]))
			name := strings.TrimSuffix(p.text[at[4]:at[5]], "@"+Host)
			i := slices.IndexFunc(s.accounts, func(a *account) bool { return strings.EqualFold(a.acct, name) })
			if i < 0 {
				b.WriteString("@" + html.EscapeString(p.text[at[4]:at[5]]))
				continue
			}
			user, _, _ := strings.Cut(s.accounts[i].acct, "@")
			fmt.Fprintf(&b, `<span class="h-card" translate="no"><a href="%s" class="u-url mention">@<span>%s</span></a></span>`, s.accounts[i].url(), user)
		case at[8] >= 0:
			b.WriteString(html.EscapeString(p.text[at[6]:at[7]]))
			tag := p.text[at[8]:at[9]]
			fmt.Fprintf(&b, `<a href="%s/tags/%s" class="mention hashtag" rel="tag">#<span>%s</span></a>`, Base, strings.ToLower(tag), tag)
		default:
			scheme, rest, _ := strings.Cut(whole, "://")
			cut := min(len(rest), 30)
			fmt.Fprintf(&b, `<a href="%s" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">%s://</span><span class="ellipsis">%s</span><span class="invisible">%s</span></a>`,
				html.EscapeString(whole), scheme, html.EscapeString(rest[:cut]), html.EscapeString(rest[cut:]))
		}
	}
	b.WriteString(html.EscapeString(p.text[last:]))
	out := strings.ReplaceAll(b.String(), "\n\n", "</p><p>")
	return "<p>" + strings.ReplaceAll(out, "\n", "<br />") + "</p>"
}

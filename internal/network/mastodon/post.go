package mastodon

import (
	"cmp"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-mastodon"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/htmltext"
)

// How posts can be published.
const (
	visibilityPublic   = mastodon.VisibilityPublic
	visibilityUnlisted = mastodon.VisibilityUnlisted
	visibilityPrivate  = mastodon.VisibilityFollowersOnly
	visibilityDirect   = mastodon.VisibilityDirectMessage
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText  = 32 << 10
	maxName  = 1 << 10
	maxAlt   = 4 << 10
	maxURL   = 4 << 10
	maxLinks = 20
)

var (
	acctPattern = regexp.MustCompile(`^[^\s@/]{1,128}(@[^\s@/]{1,253})?$`)
	langPattern = regexp.MustCompile(`^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8}){0,5}$`)
)

// unreadable is why a post can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// remote names a post of this server.
func (s *server) remote(id string) care.Remote { return care.Remote(s.host + "/" + id) }

// local is the server's own id of a post.
func (s *server) local(r care.Remote) (id string, ok bool) {
	id, ok = strings.CutPrefix(string(r), s.host+"/")
	return id, ok && idPattern.MatchString(id)
}

// full is an account's name with its server's, the same wherever it is read.
func (s *server) full(acct string) string {
	acct = strings.ToLower(acct)
	if !strings.Contains(acct, "@") {
		acct += "@" + s.host
	}
	return acct
}

// answered is the id of the post that a status answers, or empty.
func answered(s *mastodon.Status) string {
	id, _ := s.InReplyToID.(string)
	if !idPattern.MatchString(id) {
		return ""
	}
	return id
}

// read makes a post of a status. Its thread is what is remembered, else the
// post that it answers.
func (s *server) read(st *mastodon.Status) (care.Post, error) {
	switch {
	case !idPattern.MatchString(string(st.ID)):
		return care.Post{}, unreadable("it has no id")
	case !acctPattern.MatchString(st.Account.Acct) || !utf8.ValidString(st.Account.Acct):
		return care.Post{}, unreadable("it has no author")
	case st.CreatedAt.Year() < 1970 || st.CreatedAt.Year() > 9999:
		return care.Post{}, unreadable("it has no time")
	}
	who := s.full(st.Account.Acct)
	p := care.Post{
		Network:   name,
		Remote:    s.remote(string(st.ID)),
		Kind:      care.PostPublic,
		Author:    care.Author{ID: who, Handle: who, Name: network.Clip(strings.TrimSpace(st.Account.DisplayName), maxName)},
		PostedAt:  st.CreatedAt.UTC().Truncate(time.Millisecond),
		URL:       cmp.Or(web(st.URL), web(st.URI)),
		Thread:    s.remote(string(st.ID)),
		Shares:    int(min(max(st.ReblogsCount, 0), 1<<31)),
		Warning:   network.Clip(strings.TrimSpace(st.SpoilerText), maxAlt),
		InReplyTo: "",
	}
	p.Author.Followers = int(min(max(st.Account.FollowersCount, 0), 1<<31))
	if st.Visibility == visibilityDirect || st.Visibility == visibilityPrivate {
		p.Kind = care.PostDirect
	}
	if st.Sensitive && p.Warning == "" {
		p.Warning = "sensitive"
	}
	if langPattern.MatchString(st.Language) {
		p.Language = st.Language
	}
	if at := st.EditedAt; at.Year() >= 1970 && at.Year() <= 9999 {
		p.EditedAt = at.UTC().Truncate(time.Millisecond)
	}
	if parent := answered(st); parent != "" {
		p.InReplyTo = s.remote(parent)
		root, ok := s.roots.Get(string(st.ID))
		if !ok {
			if root, ok = s.roots.Get(parent); !ok {
				root = parent
			}
		}
		p.Thread = s.remote(root)
	}
	us := s.ourID()
	p.Summoned = us != "" && string(st.Account.ID) != us && s.addresses(st, us)
	p.Text, p.Links = text(st)
	return p, nil
}

// addresses says that a post mentions or answers an account.
func (s *server) addresses(st *mastodon.Status, us string) bool {
	if to, ok := st.InReplyToAccountID.(string); ok && to == us {
		return true
	}
	for _, m := range st.Mentions {
		if string(m.ID) == us {
			return true
		}
	}
	return false
}

// text is what a post says, with people by their full names and links by where
// they lead, and what is attached to it.
func text(st *mastodon.Status) (string, []care.Link) {
	t, _ := htmltext.Plain(st.Content, htmltext.Options{Keep: true, Max: maxText, Link: func(href, shown, class string) string {
		if !strings.Contains(" "+class+" ", " mention ") && !strings.HasPrefix(shown, "#") {
			return htmltext.Shown(href, shown, class)
		}
		for _, m := range st.Mentions {
			if m.URL == href && acctPattern.MatchString(m.Acct) {
				return "@" + m.Acct
			}
		}
		return shown
	}})
	var links []care.Link
	for _, m := range st.MediaAttachments {
		kind := map[string]string{"image": "image", "gifv": "video", "video": "video", "audio": "file"}[m.Type]
		address := cmp.Or(web(m.URL), web(m.RemoteURL))
		if address == "" || len(links) == maxLinks {
			continue
		}
		links = append(links, care.Link{Kind: cmp.Or(kind, "file"), URL: address, Alt: network.Clip(m.Description, maxAlt)})
	}
	return t, links
}

// web lets pass what a browser may open.
func web(url string) string {
	if len(url) <= maxURL && utf8.ValidString(url) && (strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")) {
		return url
	}
	return ""
}

// item is what a page tells of a post.
func (s *server) item(p care.Post, author string) network.Item {
	it := network.Item{Kind: network.Seen, Post: p, Own: author != "" && author == s.ourID()}
	if !p.EditedAt.IsZero() {
		it.Kind = network.Edited
	}
	return it
}

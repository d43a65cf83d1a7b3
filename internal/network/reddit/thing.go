package reddit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText = 64 << 10
	maxURL  = 4 << 10
)

var (
	idPattern     = regexp.MustCompile(`^t[13]_[a-z0-9]{1,16}$`)
	authorPattern = regexp.MustCompile(`^t2_[a-z0-9]{1,16}$`)
)

// A thing is a post (t3) or a comment (t1).
type thing struct {
	Kind string
	Data json.RawMessage
}

// A listing is a page of things.
type listing struct {
	Data *struct {
		Children []thing
		After    string
	}
}

type data struct {
	Name           string
	Author         string
	AuthorFullname string          `json:"author_fullname"`
	Title          string          // of a post
	Selftext       string          // of a post
	Body           string          // of a comment
	CreatedUTC     float64         `json:"created_utc"`
	Edited         json.RawMessage // false, or when
	Permalink      string
	ParentID       string `json:"parent_id"`
	LinkID         string `json:"link_id"`
	LinkAuthor     string `json:"link_author"`
	URL            string
	PostHint       string `json:"post_hint"`
	IsSelf         bool   `json:"is_self"`
	Over18         bool   `json:"over_18"`
	Spoiler        bool
	NumCrossposts  int             `json:"num_crossposts"`
	RemovedBy      string          `json:"removed_by_category"`
	Replies        json.RawMessage // of a comment in a tree: "" or a listing
}

// unreadable is why a thing can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// taken says that this is what Reddit puts where a text was.
func taken(text string) bool {
	switch strings.TrimSpace(text) {
	case "[deleted]", "[removed]", "[ Removed by Reddit ]", "[ Removed by reddit ]":
		return true
	}
	return false
}

// item makes an item of a thing. One that was deleted or removed is Deleted.
func (a *Account) item(t thing) (it network.Item, at time.Time, repaired bool, err error) {
	var d data
	if json.Unmarshal(t.Data, &d) != nil {
		return it, at, false, unreadable("not a thing as Reddit describes them")
	}
	if !idPattern.MatchString(d.Name) || !strings.HasPrefix(d.Name, t.Kind) {
		return it, at, false, unreadable("the id is neither a post's nor a comment's")
	}
	at, ok := instant(d.CreatedUTC)
	if !ok {
		return it, at, false, unreadable("the time is missing")
	}
	post := t.Kind == "t3"
	if taken(d.Body) || post && (taken(d.Selftext) || d.RemovedBy != "") {
		return network.Deletion(name, care.Remote(d.Name)), at, false, nil
	}
	text := d.Body
	if post {
		text = strings.TrimSpace(d.Title + "\n\n" + d.Selftext)
	}
	p := care.Post{
		Network: name, Remote: care.Remote(d.Name), Revision: version(text), Kind: care.PostPublic, PostedAt: at,
		Text: network.Clip(text, maxText), Author: author(&d), Thread: care.Remote(d.Name), Shares: max(0, d.NumCrossposts),
	}
	if strings.HasPrefix(d.Permalink, "/") && len(d.Permalink) < maxURL {
		p.URL = "https://www.reddit.com" + d.Permalink
	}
	switch {
	case d.Over18:
		p.Warning = "adult"
	case d.Spoiler:
		p.Warning = "spoiler"
	}
	if post {
		p.Links = links(&d)
	} else if idPattern.MatchString(d.ParentID) && idPattern.MatchString(d.LinkID) {
		p.InReplyTo, p.Thread = care.Remote(d.ParentID), care.Remote(d.LinkID)
	}
	it.Kind, it.Own = network.Seen, strings.EqualFold(d.Author, a.us)
	if edited, ok := editedAt(d.Edited); ok && edited.After(at) {
		it.Kind, p.EditedAt = network.Edited, edited
	}
	p.Summoned = !it.Own && (strings.EqualFold(d.LinkAuthor, a.us) || names(text, a.us))
	it.Post = p
	return it, at, !utf8.Valid(t.Data), nil
}

// version tells a text from another: Reddit shows no edit in its first minutes.
func version(text string) care.Remote {
	sum := sha256.Sum256([]byte(text))
	return care.Remote(base64.RawURLEncoding.EncodeToString(sum[:9]))
}

// author is known by Reddit's own id. One whose account is gone counts as a
// person of its own.
func author(d *data) care.Author {
	a := care.Author{ID: d.AuthorFullname, Handle: strings.TrimPrefix(d.Author, "u/")}
	if !userPattern.MatchString(a.Handle) {
		a.Handle = ""
	}
	switch {
	case authorPattern.MatchString(a.ID):
	case a.Handle != "":
		a.ID = strings.ToLower(a.Handle)
	default:
		a.ID = "post/" + d.Name
	}
	return a
}

// names says that a text calls somebody: u/name, with no letter before or behind.
func names(text, who string) bool {
	text, who = strings.ToLower(text), "u/"+strings.ToLower(who)
	word := func(c byte) bool { return c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' }
	for from := 0; ; {
		i := strings.Index(text[from:], who)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(who)
		if (start == 0 || !word(text[start-1])) && (end == len(text) || !word(text[end])) {
			return true
		}
		from = end
	}
}

func links(d *data) []care.Link {
	if d.IsSelf || len(d.URL) > maxURL || !strings.HasPrefix(d.URL, "https://") && !strings.HasPrefix(d.URL, "http://") {
		return nil
	}
	kind := "link"
	switch {
	case d.PostHint == "image":
		kind = "image"
	case strings.HasSuffix(d.PostHint, "video"):
		kind = "video"
	}
	return []care.Link{{URL: d.URL, Kind: kind}}
}

func instant(seconds float64) (time.Time, bool) {
	if !(seconds > 0 && seconds < 7e9) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC(), true
}

func editedAt(raw json.RawMessage) (time.Time, bool) {
	var seconds float64
	if json.Unmarshal(raw, &seconds) != nil {
		return time.Time{}, false
	}
	return instant(seconds)
}

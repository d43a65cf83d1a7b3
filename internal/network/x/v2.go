package x

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// A v2List is any answer of v2 with posts in it. Fields have two names: X
// renamed them in August 2026 and serves both.
type v2List struct {
	Data     []v2Post
	Includes v2Includes
	Meta     *struct {
		NextToken string `json:"next_token"`
	}
	Errors json.RawMessage
}

// ailing is what kept X from telling of a post although that may well be
// there: what is missing for another reason than these would pass for deleted,
// and its text be erased.
func (l *v2List) ailing() string {
	var all []problem
	if json.Unmarshal(l.Errors, &all) != nil {
		return ""
	}
	for _, p := range all {
		switch kind := p.kind(); kind {
		case "resource-not-found", "not-authorized-for-resource", "resource-unavailable", "disallowed-resource":
		default:
			return cmp.Or(kind, "no reason given")
		}
	}
	return ""
}

type v2Includes struct {
	Users  []v2User
	Media  []v2Media
	Tweets []v2Post
	Posts  []v2Post
}

func (i *v2Includes) posts() []v2Post {
	if len(i.Posts) > 0 {
		return i.Posts
	}
	return i.Tweets
}

type v2User struct {
	ID, Name, Username string
	Metrics            struct {
		Followers int `json:"followers_count"`
	} `json:"public_metrics"`
}

type v2Media struct {
	Key     string `json:"media_key"`
	Type    string
	URL     string
	Preview string `json:"preview_image_url"`
	Alt     string `json:"alt_text"`
}

type v2Ref struct{ Type, ID string }

type v2Entities struct {
	URLs []struct {
		URL      string
		Expanded string `json:"expanded_url"`
		Media    string `json:"media_key"`
	}
	Mentions []struct{ Username, ID string }
}

type v2Note struct {
	Text     string
	Entities v2Entities
}

// A v2Post is a post. One of another form than the specification's has only
// the hash of what it was, so that it spoils no other.
type v2Post struct {
	v2Fields
	bad string
}

type v2Fields struct {
	ID           string
	Text         string
	AuthorID     string   `json:"author_id"`
	Username     string   // a newer default
	CreatedAt    string   `json:"created_at"`
	Conversation string   `json:"conversation_id"`
	ReplyTo      string   `json:"in_reply_to_user_id"`
	Lang         string   //
	HistoryPost  []string `json:"edit_history_post_ids"`
	HistoryTweet []string `json:"edit_history_tweet_ids"`
	RefPosts     []v2Ref  `json:"referenced_posts"`
	RefTweets    []v2Ref  `json:"referenced_tweets"`
	NotePost     *v2Note  `json:"note_post"`
	NoteTweet    *v2Note  `json:"note_tweet"`
	Entities     v2Entities
	Attachments  struct {
		Keys []string `json:"media_keys"`
	}
	Metrics struct {
		Reposts  int `json:"repost_count"`
		Retweets int `json:"retweet_count"`
		Quotes   int `json:"quote_count"`
	} `json:"public_metrics"`
	Sensitive bool `json:"possibly_sensitive"`
}

func (p *v2Post) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &p.v2Fields) != nil {
		p.v2Fields, p.bad = v2Fields{}, fingerprint(b)
	}
	return nil
}

func (p *v2Post) history() []string {
	if len(p.HistoryPost) > 0 {
		return p.HistoryPost
	}
	return p.HistoryTweet
}

func (p *v2Post) refs() []v2Ref {
	if len(p.RefPosts) > 0 {
		return p.RefPosts
	}
	return p.RefTweets
}

// An oldPost is what v1.1 tells of a post, so far as we read it. One that
// can't be read has the id 0, and its hash for a text.
type oldPost struct {
	ID           int64          `json:"id"`
	IDStr        string         `json:"id_str"`
	CreatedAt    string         `json:"created_at,omitempty"`
	FullText     string         `json:"full_text,omitempty"`
	Lang         string         `json:"lang,omitempty"`
	ReplyPost    string         `json:"in_reply_to_status_id_str,omitempty"`
	ReplyUser    string         `json:"in_reply_to_user_id_str,omitempty"`
	User         *oldUser       `json:"user,omitempty"`
	Entities     *oldEntities   `json:"entities,omitempty"`
	Extended     *oldEntities   `json:"extended_entities,omitempty"`
	QuotedID     string         `json:"quoted_status_id_str,omitempty"`
	Quoted       *oldPost       `json:"quoted_status,omitempty"`
	Retweeted    *oldPost       `json:"retweeted_status,omitempty"`
	RetweetCount int            `json:"retweet_count,omitempty"`
	QuoteCount   int            `json:"quote_count,omitempty"`
	Sensitive    bool           `json:"possibly_sensitive,omitempty"`
	Scopes       map[string]any `json:"scopes,omitempty"`
}

type oldUser struct {
	ID         int64  `json:"id"`
	IDStr      string `json:"id_str"`
	Name       string `json:"name,omitempty"`
	ScreenName string `json:"screen_name,omitempty"`
	Followers  int    `json:"followers_count,omitempty"`
}

type oldEntities struct {
	URLs     []oldURL     `json:"urls,omitempty"`
	Mentions []oldMention `json:"user_mentions,omitempty"`
	Media    []oldMedia   `json:"media,omitempty"`
}

type oldURL struct {
	URL      string `json:"url"`
	Expanded string `json:"expanded_url"`
}

type oldMention struct {
	ID         int64  `json:"id"`
	ScreenName string `json:"screen_name"`
}

type oldMedia struct {
	IDStr string `json:"id_str"` // the place in what scopes tell of descriptions
	URL   string `json:"url,omitempty"`
	Media string `json:"media_url_https"`
	Type  string `json:"type"`
}

// What a tweet's scopes carry that v1.1 has no place for.
const (
	scopeConversation = "conversation_id"
	scopeHistory      = "edit_history"
	scopeAlt          = "alt_text" // by the medium's id
)

// old makes v1.1's posts of a page.
func (l *v2List) old() []oldPost {
	c := carrier{users: make(map[string]*v2User, len(l.Includes.Users)), posts: map[string]*v2Post{}, media: map[string]*v2Media{}}
	for i := range l.Includes.Users {
		c.users[l.Includes.Users[i].ID] = &l.Includes.Users[i]
	}
	included := l.Includes.posts()
	for i := range included {
		c.posts[included[i].ID] = &included[i]
	}
	for i := range l.Includes.Media {
		c.media[l.Includes.Media[i].Key] = &l.Includes.Media[i]
	}
	posts := make([]oldPost, 0, len(l.Data))
	for i := range l.Data {
		posts = append(posts, c.old(&l.Data[i], 1))
	}
	return posts
}

// A carrier knows what came along with a page.
type carrier struct {
	users map[string]*v2User
	posts map[string]*v2Post
	media map[string]*v2Media
}

// old makes v1.1's post of a v2 one, and of those that it refers to.
func (c *carrier) old(p *v2Post, depth int) oldPost {
	id, err := postID(p.ID)
	if p.bad != "" || err != nil {
		return oldPost{FullText: cmp.Or(p.bad, fingerprint([]byte(p.ID)))}
	}
	o := oldPost{
		ID: id, IDStr: p.ID, FullText: p.Text, Lang: p.Lang, ReplyUser: p.ReplyTo, Sensitive: p.Sensitive,
		RetweetCount: max(p.Metrics.Reposts, p.Metrics.Retweets), QuoteCount: p.Metrics.Quotes,
		User: c.user(p.AuthorID, p.Username), Scopes: map[string]any{},
	}
	if at, err := time.Parse(time.RFC3339, p.CreatedAt); err == nil {
		o.CreatedAt = at.UTC().Format(time.RubyDate)
	}
	if p.Conversation != "" {
		o.Scopes[scopeConversation] = p.Conversation
	}
	if h := p.history(); len(h) > 1 {
		o.Scopes[scopeHistory] = h
	}
	found := p.Entities
	if n := cmp.Or(p.NotePost, p.NoteTweet); n != nil && n.Text != "" {
		o.FullText, found = n.Text, n.Entities
		if len(found.Mentions) == 0 {
			found.Mentions = p.Entities.Mentions
		}
	}
	o.Entities = c.entities(p, found, &o)
	for _, ref := range p.refs() {
		known := c.posts[ref.ID]
		switch ref.Type {
		case "replied_to":
			o.ReplyPost = ref.ID
			if known != nil && len(known.history()) > 1 {
				o.ReplyPost = known.history()[0]
			}
		case "quoted":
			o.QuotedID, o.Quoted = ref.ID, c.referred(known, ref.ID, depth)
		case "retweeted":
			o.Retweeted = c.referred(known, ref.ID, depth)
		}
	}
	return o
}

// referred is a post that another refers to: only its id when X did not add it.
func (c *carrier) referred(p *v2Post, id string, depth int) *oldPost {
	number, _ := strconv.ParseInt(id, 10, 64)
	if p == nil || depth == 0 {
		return &oldPost{ID: number, IDStr: id}
	}
	o := c.old(p, depth-1)
	return &o
}

func (c *carrier) user(id, handle string) *oldUser {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	u := &oldUser{ID: number, IDStr: id, ScreenName: handle}
	if known := c.users[id]; known != nil {
		u.Name, u.ScreenName, u.Followers = known.Name, cmp.Or(known.Username, handle), known.Metrics.Followers
	}
	return u
}

func (c *carrier) entities(p *v2Post, found v2Entities, o *oldPost) *oldEntities {
	var e oldEntities
	shown := map[string]string{} // the address in the text, by medium
	for _, u := range found.URLs {
		if u.Media != "" {
			shown[u.Media] = u.URL
			continue
		}
		e.URLs = append(e.URLs, oldURL{URL: u.URL, Expanded: u.Expanded})
	}
	for _, m := range found.Mentions {
		id, err := strconv.ParseInt(m.ID, 10, 64)
		if err != nil { // before 2022 v2 told only names
			for _, u := range c.users {
				if strings.EqualFold(u.Username, m.Username) {
					id, _ = strconv.ParseInt(u.ID, 10, 64)
				}
			}
		}
		e.Mentions = append(e.Mentions, oldMention{ID: id, ScreenName: m.Username})
	}
	alt := map[string]any{}
	var media []oldMedia
	for _, key := range p.Attachments.Keys {
		m := c.media[key]
		if m == nil {
			continue
		}
		at := cmp.Or(m.URL, m.Preview)
		media = append(media, oldMedia{IDStr: key, URL: shown[key], Media: at, Type: m.Type})
		if m.Alt != "" {
			alt[key] = m.Alt
		}
	}
	if len(media) > 0 {
		e.Media, o.Extended = media[:1], &oldEntities{Media: media}
	}
	if len(alt) > 0 {
		o.Scopes[scopeAlt] = alt
	}
	return &e
}

// A v2Message is a direct message.
type v2Message struct {
	ID           string
	Text         string
	EventType    string `json:"event_type"`
	CreatedAt    string `json:"created_at"`
	Conversation string `json:"dm_conversation_id"`
	Sender       string `json:"sender_id"`
}

// v2Messages is a page of direct messages.
type v2Messages struct {
	Data     []v2Message
	Includes v2Includes
	Meta     *struct {
		NextToken string `json:"next_token"`
	}
}

// The shape of v1.1's messages.
type (
	oldMessages struct {
		Events []oldEvent `json:"events"`
		Next   string     `json:"next_cursor,omitempty"`
	}
	oldEvent struct {
		ID      string     `json:"id"`
		Type    string     `json:"type"`
		Created string     `json:"created_timestamp"`
		Message oldMessage `json:"message_create"`
	}
	oldMessage struct {
		Sender string    `json:"sender_id"`
		Target oldTarget `json:"target"`
		Data   oldText   `json:"message_data"`
	}
	oldTarget struct {
		To string `json:"recipient_id"`
	}
	oldText struct {
		Text string `json:"text"`
		// CTAs are buttons that no customer's message has: here they carry who the
		// sender is, and in which conversation.
		CTAs []oldCTA `json:"ctas,omitempty"`
	}
	oldCTA struct {
		Type  string `json:"type"`
		Label string `json:"label"`
		URL   string `json:"url"`
	}
)

// The labels of what v1.1's messages have no place for.
const (
	ctaHandle       = "amends/handle"
	ctaName         = "amends/name"
	ctaFollowers    = "amends/followers"
	ctaConversation = "amends/conversation"
)

// old makes v1.1's messages of a page. Conversations of more than two are left
// out, since no answer could be addressed.
func (m *v2Messages) old(us int64) oldMessages {
	var page oldMessages
	ours := strconv.FormatInt(us, 10)
	for _, d := range m.Data {
		parts := strings.Split(d.Conversation, "-")
		if d.EventType != "" && d.EventType != "MessageCreate" || len(parts) != 2 || !slices.Contains(parts, ours) {
			continue
		}
		other := parts[0]
		if other == ours {
			other = parts[1]
		}
		to := ours
		if d.Sender == ours {
			to = other
		}
		e := oldEvent{ID: d.ID, Type: "message_create", Message: oldMessage{Sender: cmp.Or(d.Sender, other), Target: oldTarget{to}, Data: oldText{Text: d.Text}}}
		if at, err := time.Parse(time.RFC3339, d.CreatedAt); err == nil {
			e.Created = strconv.FormatInt(at.UnixMilli(), 10)
		}
		add := func(label, value string) {
			e.Message.Data.CTAs = append(e.Message.Data.CTAs, oldCTA{Type: "web_url", Label: label, URL: value})
		}
		add(ctaConversation, d.Conversation)
		for _, u := range m.Includes.Users {
			if u.ID == d.Sender {
				add(ctaHandle, u.Username)
				add(ctaName, u.Name)
				add(ctaFollowers, strconv.Itoa(u.Metrics.Followers))
			}
		}
		page.Events = append(page.Events, e)
	}
	if m.Meta != nil {
		page.Next = m.Meta.NextToken
	}
	return page
}

// postID reads an id that X gave.
func postID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 {
		return 0, network.Malformed.Because("the answer names no post")
	}
	return id, nil
}

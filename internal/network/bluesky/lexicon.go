package bluesky

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// These are the parts of the network's shapes that we use. Whatever strangers
// may extend (embeds, facets) is kept raw and read leniently; the rest must be
// as it is written, else the post is reported as unreadable.

type ref struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

type profile struct {
	DID            string `json:"did"`
	Handle         string `json:"handle"`
	DisplayName    string `json:"displayName"`
	FollowersCount int    `json:"followersCount"`
	Labels         []label
	Viewer         struct {
		BlockedBy bool   `json:"blockedBy"`
		Blocking  string `json:"blocking"`
	}
}

func (p *profile) blocks() bool { return p.Viewer.BlockedBy || p.Viewer.Blocking != "" }

type label struct {
	Val string `json:"val"`
	Neg bool   `json:"neg"`
}

// hidden says that a moderator took something from public view.
func hidden(labels []label) bool {
	for _, l := range labels {
		if !l.Neg && (l.Val == "!hide" || l.Val == "!takedown" || l.Val == "!suspend") {
			return true
		}
	}
	return false
}

// warnings are what this network's labels mean, those of authors and moderators
// alike. A label of anybody else's own making says nothing to us.
var warnings = map[string]string{
	"!warn": "a moderator's warning", "porn": "adult content", "sexual": "sexual content", "nudity": "nudity",
	"graphic-media": "graphic pictures", "gore": "graphic pictures", "spam": "spam", "impersonation": "impersonation",
}

// warning says why something is hidden at first; empty: it is not.
func warning(labels []label) string {
	for _, l := range labels {
		if w := warnings[l.Val]; w != "" && !l.Neg {
			return w
		}
	}
	return ""
}

// A view is a post as lists show it; a notification has the same parts and its
// reason.
type view struct {
	ref
	Author    profile         `json:"author"`
	Record    json.RawMessage `json:"record"`
	IndexedAt string          `json:"indexedAt"`
	Labels    []label         `json:"labels"`
	Reason    string          `json:"reason"`
	Reposts   int             `json:"repostCount"`
	Quotes    int             `json:"quoteCount"`
	Viewer    struct {
		ReplyDisabled bool `json:"replyDisabled"`
	} `json:"viewer"`
}

// A record is a post as its author's program wrote it.
type record struct {
	Type      string          `json:"$type"`
	Text      string          `json:"text"`
	CreatedAt string          `json:"createdAt"`
	Langs     []string        `json:"langs"`
	Reply     *replyRef       `json:"reply"`
	Facets    json.RawMessage `json:"facets"`
	Embed     json.RawMessage `json:"embed"`
	Labels    json.RawMessage `json:"labels"` // the author's own
}

type replyRef struct {
	Root   ref `json:"root"`
	Parent ref `json:"parent"`
}

type facet struct {
	Index struct {
		ByteStart int `json:"byteStart"`
		ByteEnd   int `json:"byteEnd"`
	} `json:"index"`
	Features []feature `json:"features"`
}

type feature struct {
	Type string `json:"$type"`
	DID  string `json:"did,omitempty"`
	URI  string `json:"uri,omitempty"`
	Tag  string `json:"tag,omitempty"`
}

const (
	postType    = "app.bsky.feed.post"
	mentionType = "app.bsky.richtext.facet#mention"
	linkType    = "app.bsky.richtext.facet#link"
	tagType     = "app.bsky.richtext.facet#tag"
)

type embed struct {
	Type     string  `json:"$type"`
	Images   []media `json:"images"`
	Items    []media `json:"items"`
	Video    *blob   `json:"video"`
	Alt      string  `json:"alt"`
	External struct {
		URI string `json:"uri"`
	} `json:"external"`
	Record struct {
		ref
		Record ref `json:"record"` // one deeper when there is media too
	} `json:"record"`
	Media json.RawMessage `json:"media"`
}

type media struct {
	Alt   string `json:"alt"`
	Image *blob  `json:"image"`
}

type blob struct {
	Ref struct {
		Link string `json:"$link"`
	} `json:"ref"`
}

// lenient reads what strangers may have extended; what can't be read is empty.
func lenient[T any](raw json.RawMessage) (v T) {
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		var none T
		return none
	}
	return v
}

// broken says that JSON holds text which is no UTF-8, as bytes or as an escaped
// half of a pair. Decoding puts U+FFFD in their place without a word.
func broken(raw []byte) bool {
	if !utf8.Valid(raw) {
		return true
	}
	s := string(raw)
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 >= len(s) {
			return false
		}
		if s[i+1] != 'u' {
			s = s[i+2:]
			continue
		}
		first := hex4(s[i+2:])
		if s = s[min(i+6, len(s)):]; first&0xf800 != 0xd800 {
			continue
		}
		if first >= 0xdc00 || !strings.HasPrefix(s, `\u`) || hex4(s[2:])&0xfc00 != 0xdc00 {
			return true
		}
		s = s[6:]
	}
}

// hex4 reads the four digits of an escape; 0 when they aren't.
func hex4(s string) (n int) {
	if len(s) < 4 {
		return 0
	}
	for _, c := range []byte(s[:4]) {
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 | int(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			n = n<<4 | int(c|0x20-'a'+10)
		default:
			return 0
		}
	}
	return n
}

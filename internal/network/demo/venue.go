package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/amends-care/amends/internal/care"
)

// ours is the brand's account on every network.
const (
	ourHandle = "lindavo"
	ourName   = "Lindavo"
)

// A venue is one of the networks whose posts the demo imitates: how long a
// post may be, what its ids look like, whether and how it may be answered.
type venue struct {
	name   string
	share  int
	post   int // most characters of a customer's post; 0: no limit
	length care.Length
	kind   care.PostKind
	tag    bool // posts address the account by @handle
	edits  bool // posts can be edited
	review bool
	answer func(p care.Post, now time.Time) (care.Way, bool, care.Phrase)
}

const replyLater = "You can answer here."

func always(p care.Post, _ time.Time) (care.Way, bool, care.Phrase) {
	return care.ByAPI, false, replyLater
}

// venues are the networks. share is how many of a hundred conversations take
// place there; reviews are told apart beforehand.
var venues = []venue{
	{name: "x", share: 36, post: 280, length: care.Length{Max: 280, Unit: "characters"}, kind: care.PostPublic, tag: true, answer: answerOnX},
	{name: "bluesky", share: 18, post: 300, length: care.Length{Max: 300, Unit: "graphemes"}, kind: care.PostPublic, tag: true, answer: always},
	{name: "mastodon", share: 16, post: 500, length: care.Length{Max: 500, Unit: "characters"}, kind: care.PostPublic, tag: true, edits: true, answer: answerAndWrite},
	{name: "reddit", share: 12, length: care.Length{Max: 10000, Unit: "characters"}, kind: care.PostPublic, edits: true, answer: answerOnReddit},
	{name: "facebook", share: 10, length: care.Length{Max: 2000, Unit: "characters"}, kind: care.PostDirect, answer: answerOnFacebook},
	{name: "youtube", share: 8, length: care.Length{Max: 10000, Unit: "characters"}, kind: care.PostPublic, edits: true, answer: always},
	{name: "play", length: care.Length{Max: 350, Unit: "characters"}, kind: care.PostReview, edits: true, review: true, answer: always},
	{name: "appstore", length: care.Length{Max: 5970, Unit: "characters"}, kind: care.PostReview, edits: true, review: true, answer: always},
}

// answerOnX knows that an app may answer there only who addressed the account.
func answerOnX(p care.Post, _ time.Time) (care.Way, bool, care.Phrase) {
	if p.Summoned {
		return care.ByAPI, true, "They addressed us, so an answer through the API is allowed."
	}
	return care.ByHand, false, "They did not address us, so X allows no answer through the API. Copy your text and answer on the post itself."
}

func answerAndWrite(care.Post, time.Time) (care.Way, bool, care.Phrase) {
	return care.ByAPI, true, replyLater
}

func answerOnReddit(care.Post, time.Time) (care.Way, bool, care.Phrase) {
	return care.ByHand, false, "Reddit wants people there, not programs. Copy your text and answer on the post itself."
}

// window is how long a business may answer a message there.
const window = 24 * time.Hour

func answerOnFacebook(p care.Post, now time.Time) (care.Way, bool, care.Phrase) {
	if now.Before(p.PostedAt.Add(window)) {
		return care.ByAPI, true, "A message can be answered for 24 hours after the customer last wrote."
	}
	return care.ByNone, false, "The 24 hours in which a message can be answered are over. They have to write again first."
}

// venueOf finds a venue by the network's name.
func venueOf(network string) *venue {
	for i := range venues {
		if venues[i].name == network {
			return &venues[i]
		}
	}
	return nil
}

// may says whether a post may be answered.
func (v *venue) may(p care.Post, now time.Time) care.Permission {
	how, direct, why := v.answer(p, now)
	perm := care.Permission{How: how, Direct: direct, Why: why, Length: v.length}
	if v.name == "facebook" && how == care.ByAPI {
		perm.Until = p.PostedAt.Add(window)
	}
	return perm
}

// fits says whether an answer is short enough, as the network counts.
func (v *venue) fits(text string) bool {
	n := utf8.RuneCountInString(text)
	if v.length.Unit == "graphemes" {
		n = uniseg.GraphemeClusterCount(text)
	}
	return v.length.Max == 0 || n <= v.length.Max
}

// Every post has a number: what it belongs to (class), which one of those, and
// which step of it. A network's id is that number in the network's dress.
const (
	classPast    = iota // a conversation of the history
	classLive           // a conversation of the live stream
	classOpening        // of the first minute
	classWave           // of a live outage
	classSent           // an answer that was sent through Send
	classEcho           // what a customer says to such an answer
	classAdded          // put there by a test
)

func number(class int, n uint64, step int) uint64 {
	return uint64(class)<<44 | n<<8 | uint64(step)
}

func numberParts(num uint64) (class int, n uint64, step int) {
	return int(num >> 44), num >> 8 & (1<<36 - 1), int(num & 0xff)
}

// remote is the network's id of a post.
func (v *venue) remote(num uint64, author string) care.Remote {
	switch v.name {
	case "x", "mastodon":
		return care.Remote(strconv.FormatUint(1_900_000_000_000_000_000+num, 10))
	case "bluesky":
		return care.Remote("at://" + author + "/app.bsky.feed.post/3l" + strconv.FormatUint(num, 32))
	case "reddit":
		return care.Remote("t1_" + strconv.FormatUint(num, 36))
	case "facebook":
		return care.Remote("m_" + strconv.FormatUint(num, 10))
	case "youtube":
		return care.Remote("Ug" + strconv.FormatUint(num, 36))
	case "play":
		return care.Remote("gp:" + strconv.FormatUint(num, 16))
	}
	return care.Remote(strconv.FormatUint(7_000_000_000_000_000+num, 10))
}

// numberOf undoes remote, for any network.
func numberOf(id care.Remote) (num uint64, ok bool) {
	s := string(id)
	base, less := 10, uint64(0)
	switch {
	case strings.HasPrefix(s, "at://"):
		i := strings.LastIndex(s, "/3l")
		if i < 0 {
			return 0, false
		}
		s, base = s[i+3:], 32
	case strings.HasPrefix(s, "t1_"):
		s, base = s[3:], 36
	case strings.HasPrefix(s, "m_"):
		s = s[2:]
	case strings.HasPrefix(s, "Ug"):
		s, base = s[2:], 36
	case strings.HasPrefix(s, "gp:"):
		s, base = s[3:], 16
	case len(s) == 19:
		less = 1_900_000_000_000_000_000
	default:
		less = 7_000_000_000_000_000
	}
	num, err := strconv.ParseUint(s, base, 64)
	if err != nil || num < less {
		return 0, false
	}
	return num - less, true
}

// url is where a post could be seen, if the network existed: every host is
// under .example, which nobody can own.
func (v *venue) url(handle string, id care.Remote) string {
	s := string(id)
	switch v.name {
	case "x":
		return fmt.Sprintf("https://x.example/%s/status/%s", handle, s)
	case "bluesky":
		return fmt.Sprintf("https://bluesky.example/profile/%s/post/%s", handle, s[strings.LastIndex(s, "/")+1:])
	case "mastodon":
		return fmt.Sprintf("https://social.example/@%s/%s", handle, s)
	case "reddit":
		return "https://reddit.example/comments/" + strings.TrimPrefix(s, "t1_")
	case "youtube":
		return "https://youtube.example/watch?v=lindavo&lc=" + s
	case "facebook":
		return ""
	}
	return fmt.Sprintf("https://%s.example/reviews/%s", v.name, strings.TrimPrefix(s, "gp:"))
}

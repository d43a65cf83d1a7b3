package mastodon

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-mastodon"
	"github.com/rivo/uniseg"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// maxPicture is the most bytes of one picture, under what servers usually take.
const maxPicture = 8 << 20

// May implements [network.Replier]. Whoever sees a post may answer it.
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	if _, ok := a.local(p.Remote); !ok || p.Network != name {
		return care.Permission{How: care.ByNone, Why: "This is not a post on Mastodon, as this source's server shows it."}
	}
	if a.Token == "" {
		return care.Permission{How: care.ByHand, Why: "This source has no key for an account on Mastodon: open the post and answer there."}
	}
	l := a.known()
	return care.Permission{
		How:      care.ByAPI,
		Direct:   true,
		Why:      "Mastodon lets accounts answer any post that they can see.",
		Length:   care.Length{Max: max(l.characters-uniseg.GraphemeClusterCount(salute(p.Author.Handle)), 1), Unit: "graphemes"},
		Pictures: l.pictures,
	}
}

// salute is what an answer begins with, since only who is mentioned is told.
func salute(acct string) string { return "@" + acct + " " }

// Send implements [network.Replier]. The post that is answered is read once
// more: whether it still stands, and who may see it. The answer carries a key by
// which Mastodon, but not every server, knows it when it is sent again: whether
// one that may have arrived did, only [Account.Find] can say.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	ctx = network.ForReply(ctx)
	if err := a.sendable(answer); err != nil {
		return network.Sent{}, err
	}
	to, err := a.status(ctx, answer.To.Remote)
	if err != nil {
		return network.Sent{}, network.NotYet(err)
	}
	toot := &mastodon.Toot{
		Status:      addressed(answer.Text, to.Account.Acct, a.full(to.Account.Acct)),
		InReplyToID: to.ID,
		Visibility:  a.visibility(to.Visibility, answer.Direct),
	}
	for _, pic := range answer.Pictures {
		id, err := a.upload(ctx, pic)
		if err != nil {
			return network.Sent{}, network.NotYet(err)
		}
		toot.MediaIDs = append(toot.MediaIDs, id)
	}
	c := call{key: answer.Key}
	st, err := a.client(&c).PostStatus(ctx, toot)
	if err != nil {
		return network.Sent{}, c.typed(err)
	}
	if !idPattern.MatchString(string(st.ID)) || answered(st) != string(to.ID) {
		return network.Sent{}, network.Malformed.Because("the server's answer is not the post that was sent")
	}
	return a.sent(st), nil
}

func (s *server) sent(st *mastodon.Status) network.Sent {
	sent := network.Sent{Remote: s.remote(string(st.ID)), URL: web(st.URL)}
	if !st.CreatedAt.IsZero() {
		sent.At = st.CreatedAt.UTC()
	}
	return sent
}

// sendable finds what is wrong with an answer before anything is sent.
func (a *Account) sendable(answer care.Answer) error {
	l := a.known()
	fault, words := network.Malformed, ""
	_, ok := a.local(answer.To.Remote)
	room := l.characters - uniseg.GraphemeClusterCount(salute(answer.To.Author.Handle))
	switch {
	case a.Token == "":
		fault, words = network.Refused, "this source has no token, so it can't answer"
	case !ok:
		words = "the post to answer is not on this source's server"
	case answer.Key == "":
		words = "the answer has no key"
	case strings.TrimSpace(answer.Text) == "":
		words = "the answer is empty"
	case !utf8.ValidString(answer.Text):
		words = "the answer is not UTF-8"
	case length(answer.Text, l.perURL) > max(room, 1):
		words = fmt.Sprintf("the answer is longer than the server takes: %d signs", l.characters)
	case len(answer.Pictures) > l.pictures:
		words = fmt.Sprintf("the server takes %d pictures at most", l.pictures)
	}
	for _, p := range answer.Pictures {
		if len(p.Bytes) == 0 || len(p.Bytes) > maxPicture || p.Type != "image/png" && p.Type != "image/jpeg" {
			words = "a picture is empty, too large, or neither PNG nor JPEG"
		}
	}
	if words == "" {
		return nil
	}
	return &network.Error{Fault: fault, Unsent: true, Err: network.Explain(words)}
}

var urlPattern = regexp.MustCompile(`https?://[^\s<>"]+`)

// length is what a text counts: signs as a reader sees them, and a fixed number
// for each address.
func length(text string, perURL int) int {
	n := 0
	for _, at := range urlPattern.FindAllStringIndex(text, -1) {
		n += perURL - uniseg.GraphemeClusterCount(text[at[0]:at[1]])
	}
	return n + uniseg.GraphemeClusterCount(text)
}

// visibility is how an answer is published: like what it answers, but not in
// public lists unless that is configured, and never wider.
func (a *Account) visibility(of string, direct bool) string {
	switch {
	case direct || of == visibilityDirect:
		return visibilityDirect
	case of == visibilityPublic:
		return a.Visibility
	case of == visibilityUnlisted:
		return visibilityUnlisted
	}
	return visibilityPrivate // followers only, and what we don't know
}

// addressed is a text that mentions whom it is for.
func addressed(text string, names ...string) string {
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",;:!?()\"'", r)
	}) {
		for _, n := range names {
			if strings.TrimRight(w, ".") == "@"+strings.ToLower(n) {
				return text
			}
		}
	}
	return salute(names[0]) + text
}

// upload puts a picture on the server, to go with a post.
func (a *Account) upload(ctx context.Context, p care.Picture) (mastodon.ID, error) {
	var c call
	m, err := a.client(&c).UploadMediaFromMedia(ctx, &mastodon.Media{File: bytes.NewReader(p.Bytes), Description: p.Alt})
	if err != nil {
		return "", c.typed(err)
	}
	if !idPattern.MatchString(string(m.ID)) {
		return "", network.Malformed.Because("the server's answer is no picture")
	}
	return m.ID, nil
}

// Most that Find reads of our own posts.
const maxOwn = 25 // pages

// Find implements [network.Replier]. It reads what our account wrote since the
// answer was asked for, and compares what is answered and the words.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	ctx = network.ForReply(ctx)
	to, ok := a.local(answer.To.Remote)
	if !ok {
		return network.Sent{}, false, notOfThisServer()
	}
	us, err := a.owner(ctx)
	if err != nil {
		return network.Sent{}, false, err
	}
	words := bare(answer.Text)
	var after mastodon.ID
	for range maxOwn {
		var c call
		pg := &mastodon.Pagination{MaxID: after, Limit: pageSize}
		read, err := a.client(&c).GetAccountStatusesParams(ctx, us.ID, url.Values{"exclude_reblogs": {"true"}}, pg)
		found, _, err := list(&c, read, err)
		if err != nil {
			return network.Sent{}, false, err
		}
		since := answer.At.Add(-waiting)
		if !c.served.IsZero() {
			since = since.Add(min(time.Until(c.served), 0)) // by a clock that is behind ours
		}
		for _, st := range found {
			if st.CreatedAt.Before(since) {
				return network.Sent{}, false, nil
			}
			if t, _ := text(st); answered(st) == to && st.Account.ID == us.ID && care.SameWords(bare(t), words) {
				return a.sent(st), true, nil
			}
		}
		if after = pg.MaxID; len(found) == 0 || !idPattern.MatchString(string(after)) {
			return network.Sent{}, false, nil
		}
	}
	return network.Sent{}, false, network.Transient.Because("our account has written more since than can be looked through")
}

// bare leaves out the servers' names after names: a server shows its own people
// without.
func bare(s string) string { return serverOfName.ReplaceAllString(s, "$1") }

var serverOfName = regexp.MustCompile(`(@[^\s@]+)@[\pL\pN_.-]*[\pL\pN]`)

// Withdraw implements [network.Withdrawer]. Other servers are asked to forget
// the post too, and most do.
func (a *Account) Withdraw(ctx context.Context, id care.Remote) error {
	ctx = network.ForReply(ctx)
	st, err := a.ours(ctx, id)
	if network.IsGone(err) {
		return nil
	}
	if err != nil {
		return network.NotYet(err)
	}
	var c call
	err = c.typed(a.client(&c).DeleteStatus(ctx, st.ID))
	if network.IsGone(err) {
		return nil
	}
	return err
}

// Mend implements [network.Mender]. All but the words stays as it is: pictures,
// warning, language, and whom the post is for.
func (a *Account) Mend(ctx context.Context, id care.Remote, text string) error {
	ctx = network.ForReply(ctx)
	st, err := a.ours(ctx, id)
	if err != nil {
		return network.NotYet(err)
	}
	if to, ok := st.InReplyToAccountID.(string); ok {
		for _, m := range st.Mentions {
			if string(m.ID) == to {
				text = addressed(text, m.Acct, a.full(m.Acct))
			}
		}
	}
	l := a.known()
	if strings.TrimSpace(text) == "" || !utf8.ValidString(text) || length(text, l.perURL) > l.characters {
		return network.Malformed.Unsent("the new text is empty, not UTF-8, or longer than the server takes")
	}
	toot := &mastodon.Toot{Status: text, Sensitive: st.Sensitive, SpoilerText: st.SpoilerText, Language: st.Language}
	for _, m := range st.MediaAttachments {
		toot.MediaIDs = append(toot.MediaIDs, m.ID)
	}
	var c call
	done, err := a.client(&c).UpdateStatus(ctx, toot, st.ID)
	if err != nil {
		return c.typed(err)
	}
	if done.ID != st.ID {
		return network.Malformed.Because("the server's answer is another post")
	}
	return nil
}

// ours reads a post that must be our account's.
func (a *Account) ours(ctx context.Context, id care.Remote) (*mastodon.Status, error) {
	us, err := a.owner(ctx)
	if err != nil {
		return nil, err
	}
	st, err := a.status(ctx, id)
	if err != nil {
		return nil, err
	}
	if st.Account.ID != us.ID {
		return nil, network.Refused.Unsent("the post is not our account's")
	}
	return st, nil
}

// Block implements [network.Blocker].
func (a *Account) Block(ctx context.Context, author care.Author, blocked bool) error {
	acct := strings.TrimSuffix(author.ID, "@"+a.host)
	if !acctPattern.MatchString(acct) {
		return network.Malformed.Unsent("this is not the name of an account")
	}
	if a.Token == "" {
		return network.Refused.Unsent("this source has no token, so it can't block")
	}
	var c call
	who, err := a.client(&c).AccountLookup(ctx, acct)
	if err != nil {
		return network.NotYet(c.typed(err))
	}
	if !idPattern.MatchString(string(who.ID)) {
		return network.Malformed.Unsent("the answer is no account")
	}
	var done call
	client := a.client(&done)
	if blocked {
		_, err = client.AccountBlock(ctx, who.ID)
	} else {
		_, err = client.AccountUnblock(ctx, who.ID)
	}
	return done.typed(err)
}

var _ http.RoundTripper = (*call)(nil)

package x

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	//lint:ignore SA1019 deprecated by its author and wanted here: see ADR 11
	"github.com/dghubble/go-twitter/twitter"
	"golang.org/x/text/unicode/norm"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// May implements [network.Replier]. Since February 2026 a self-serve app may
// answer only authors who summoned its account; the others a person answers on
// X itself.
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	no := func(why care.Phrase) care.Permission { return care.Permission{How: care.ByNone, Why: why} }
	if p.Network != name {
		return no("This is not a post on X.")
	}
	if p.Author.ID == strconv.FormatInt(a.us, 10) {
		return no("This is our own post.")
	}
	if p.Kind == care.PostDirect {
		if _, ok := a.other(p); !ok {
			return no("This is not a message on X.")
		}
		return care.Permission{How: care.ByAPI, Direct: true, Why: "This person wrote to our account first, so X lets it answer.",
			Length: care.Length{Max: messageLength, Unit: "characters"}}
	}
	if !userPattern.MatchString(string(p.Remote)) {
		return no("This is not a post on X.")
	}
	may := care.Permission{How: care.ByAPI, Length: care.Length{Max: a.set.Length, Unit: "weighted"}}
	if a.set.Mode == V2 {
		may.Pictures = maxPictures
	}
	switch {
	case p.Summoned:
		may.Why = "The author mentioned or quoted our account, so X lets an app answer."
	case a.set.Plan == Enterprise:
		may.Why = "Our contract with X lets the app answer any public post."
	default:
		may.How, may.Pictures = care.ByHand, 0
		may.Why = "X lets an app answer only those who mentioned or quoted our account: answer on X itself."
	}
	return may
}

// sendable finds what is wrong with an answer before anything is sent.
func (a *Account) sendable(answer care.Answer) error {
	fault, words := network.Malformed, ""
	may := a.May(answer.To, time.Now())
	switch {
	case answer.Direct && !may.Direct:
		fault, words = network.Refused, "X lets us write directly only to those who wrote to us first"
	case may.How != care.ByAPI:
		fault, words = network.Refused, string(may.Why)
	case strings.TrimSpace(answer.Text) == "":
		words = "the answer is empty"
	case !utf8.ValidString(answer.Text):
		words = "the answer is not UTF-8"
	case may.Length.Of(answer.Text) > may.Length.Max:
		words = "the answer is longer than X takes: " + strconv.Itoa(may.Length.Max) + " characters as X counts them"
	case len(answer.Pictures) > may.Pictures:
		words = "the answer has more pictures than can be sent"
	default:
		return picturesFit(answer.Pictures)
	}
	return &network.Error{Fault: fault, Unsent: true, Err: network.Explain(words)}
}

// Send implements [network.Replier]. X keeps no key of ours: it refuses the same
// text again, and then the answer that stands is looked for.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	if err := a.sendable(answer); err != nil {
		return network.Sent{}, err
	}
	ctx = billed(network.ForReply(ctx), &a.owed)
	if answer.To.Kind == care.PostDirect {
		return a.sendMessage(ctx, answer)
	}
	media, err := a.upload(ctx, answer.Pictures)
	if err != nil {
		return network.Sent{}, unsent(err)
	}
	parent, _ := strconv.ParseInt(string(revision(answer.To)), 10, 64)
	tweet, _, err := a.twitter(ctx).Statuses.Update(answer.Text, &twitter.StatusUpdateParams{
		InReplyToStatusID: parent, AutoPopulateReplyMetadata: twitter.Bool(true), MediaIds: media, TweetMode: "extended",
	})
	if err != nil {
		return a.already(ctx, answer, typed(err))
	}
	if tweet.ID <= 0 {
		return network.Sent{}, network.Malformed.Because("the answer names no post")
	}
	return stands(tweet), nil
}

// revision is the version of a post that an answer refers to: the newest known.
func revision(p care.Post) care.Remote {
	if userPattern.MatchString(string(p.Revision)) {
		return p.Revision
	}
	return p.Remote
}

func stands(t *twitter.Tweet) network.Sent {
	created, _ := t.CreatedAtTime()
	return network.Sent{Remote: care.Remote(strconv.FormatInt(t.ID, 10)), URL: webURL(t.ID), At: timed(t.ID, created)}
}

// already tells of an answer that X refused since the same text stands there.
func (a *Account) already(ctx context.Context, answer care.Answer, refused error) (network.Sent, error) {
	if saidCode(refused) != duplicate {
		return network.Sent{}, refused
	}
	sent, ok, err := a.Find(ctx, answer)
	if err != nil || !ok {
		return network.Sent{}, refused // it stands somewhere else: a person has to change a word
	}
	return sent, nil
}

// unsent marks an error of a step before the one that matters.
func unsent(err error) error {
	e, ok := typed(err).(*network.Error)
	if !ok || e.Unsent {
		return err
	}
	marked := *e
	marked.Unsent = true
	return &marked
}

const findPages = 5

func tooDeep() error {
	return network.Transient.Because("so much was written since that the answer could not be looked for")
}

// Find implements [network.Replier]: by what our account wrote since, under the
// same post, in the same words.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	ctx = billed(network.ForReply(ctx), &a.owed)
	if answer.To.Kind == care.PostDirect {
		return a.findMessage(ctx, answer)
	}
	since, err := strconv.ParseInt(string(answer.To.Remote), 10, 64)
	if err != nil {
		return network.Sent{}, false, network.Malformed.Unsent("the id is not a post's on X")
	}
	var top int64
	for range findPages {
		tweets, resp, err := a.twitter(ctx).Timelines.UserTimeline(&twitter.UserTimelineParams{
			UserID: a.us, Count: a.page, SinceID: since, MaxID: top, TweetMode: "extended", IncludeRetweets: twitter.Bool(false)})
		if err != nil {
			return network.Sent{}, false, typed(err)
		}
		for i := range tweets {
			r, err := read(&tweets[i], a.us)
			if err != nil {
				continue
			}
			if p := r.post; (p.InReplyTo == answer.To.Remote || p.InReplyTo == revision(answer.To)) && same(p.Text, answer.Text) {
				return network.Sent{Remote: p.Remote, URL: p.URL, At: p.PostedAt}, true, nil
			}
			if top == 0 || r.id <= top {
				top = r.id - 1
			}
		}
		if len(tweets) == 0 || a.set.Mode == V2 && resp.Header.Get(more) == "" {
			return network.Sent{}, false, nil
		}
	}
	return network.Sent{}, false, tooDeep()
}

var leading = regexp.MustCompile(`^(@[A-Za-z0-9_]{1,15}\s+)+`)

// same says that a post has the words of an answer, whatever X did to them: it
// puts names in front and writes addresses in another way.
func same(post, answer string) bool { return plain(post) == plain(answer) }

func plain(text string) string {
	text = leading.ReplaceAllString(strings.TrimSpace(norm.NFC.String(text)), "")
	var b strings.Builder
	from := 0
	for _, at := range care.Addresses(text) {
		b.WriteString(text[from:at[0]])
		found := strings.ToLower(text[at[0]:at[1]])
		found = strings.TrimPrefix(strings.TrimPrefix(found, "https://"), "http://")
		b.WriteString(strings.TrimSuffix(found, "/"))
		from = at[1]
	}
	b.WriteString(text[from:])
	return strings.Join(strings.Fields(b.String()), " ")
}

// Withdraw implements [network.Withdrawer].
func (a *Account) Withdraw(ctx context.Context, id care.Remote) error {
	ctx = billed(network.ForReply(ctx), &a.owed)
	number, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil || number <= 0 {
		return network.Refused.Unsent("X takes back posts, and no messages")
	}
	_, _, err = a.twitter(ctx).Statuses.Destroy(number, nil)
	if network.IsGone(typed(err)) {
		return nil
	}
	return typed(err)
}

// Block implements [network.Blocker]. v2 lets no app block people in public: it
// keeps them from writing messages only, and only a source of those asks for it.
func (a *Account) Block(ctx context.Context, author care.Author, blocked bool) error {
	id, err := strconv.ParseInt(author.ID, 10, 64)
	if err != nil || id <= 0 {
		return network.Malformed.Unsent("the author's id is not one of X")
	}
	ctx = network.ForReply(ctx)
	switch {
	case a.set.Mode == V1 && blocked:
		_, _, err = a.twitter(ctx).Blocks.Create(&twitter.BlockCreateParams{UserID: id})
	case a.set.Mode == V1:
		_, _, err = a.twitter(ctx).Blocks.Destroy(&twitter.BlockDestroyParams{UserID: id})
	case a.set.What == Messages:
		verb := "unblock"
		if blocked {
			verb = "block"
		}
		_, err = call(ctx, a.signed, http.MethodPost, a.host+"/2/users/"+author.ID+"/dm/"+verb, nil, struct{}{}, new(struct{}))
	default:
		return network.Refused.Unsent("X lets no app block people in public: block them on X itself")
	}
	return typed(err)
}

package x

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	//lint:ignore SA1019 deprecated by its author and wanted here: see ADR 11
	"github.com/dghubble/go-twitter/twitter"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

const (
	messagesReach = 30 * 24 * time.Hour
	messagePage   = 20 // a page costs what is in it, and most of it was read before
	messageLength = 10_000
	messagePrefix = "dm-" // of remote ids, which posts and messages count alike
)

// fetchMessages reads a page of direct messages, ours and theirs.
func (a *Account) fetchMessages(ctx context.Context, p newest.Place) (newest.Listing, error) {
	count := min(messagePage, a.page)
	if p.Bottom.IsZero() && a.set.Back == 0 {
		count = 1
	}
	page, resp, err := a.twitter(ctx).DirectMessages.EventsList(&twitter.DirectMessageEventsListParams{Cursor: p.Token, Count: count})
	if err != nil {
		return newest.Listing{}, typed(err)
	}
	l := newest.Listing{Token: page.NextCursor, Served: served(resp)}
	for i := range page.Events {
		e := &page.Events[i]
		post, ok := a.message(e)
		if !ok {
			if a.memo.news(e.ID) {
				l.Bad = append(l.Bad, network.BadItem{Reason: "message " + strconv.Itoa(i+1) + " of a page is not as X describes them"})
			}
			continue
		}
		l.Entries = append(l.Entries, newest.Entry{At: post.PostedAt, Item: a.messageItem(post), Repaired: strings.ContainsRune(post.Text, '\uFFFD')})
	}
	return l, nil
}

func (a *Account) messageItem(p care.Post) network.Item {
	return network.Item{Kind: network.Seen, Post: p, Own: p.Author.ID == strconv.FormatInt(a.us, 10)}
}

func isMessage(id care.Remote) bool { return strings.HasPrefix(string(id), messagePrefix) }

// lookMessage reads one message; ok is false when it is not shown to us.
func (a *Account) lookMessage(ctx context.Context, id care.Remote) (p care.Post, ok bool, err error) {
	number := strings.TrimPrefix(string(id), messagePrefix)
	if !userPattern.MatchString(number) {
		return p, false, network.Malformed.Unsent("an id is not a message's on X")
	}
	e, _, err := a.twitter(ctx).DirectMessages.EventsShow(number, nil)
	if network.IsGone(typed(err)) {
		return p, false, nil
	}
	if err != nil {
		return p, false, typed(err)
	}
	if e == nil {
		return p, false, network.Malformed.Because("the answer is no message")
	}
	if p, ok = a.message(e); !ok {
		return p, false, network.Malformed.Because("the message is not as X describes them")
	}
	return p, true, nil
}

// messageThread is what was written with the same person lately.
func (a *Account) messageThread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	start, ok, err := a.lookMessage(ctx, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, network.Gone.Because("the message is not shown to us")
	}
	var posts []care.Post
	there, cursor := false, ""
	for range threadPages {
		page, _, err := a.twitter(ctx).DirectMessages.EventsList(&twitter.DirectMessageEventsListParams{Cursor: cursor, Count: min(50, a.page)})
		if err != nil {
			return nil, typed(err)
		}
		for i := range page.Events {
			if p, ok := a.message(&page.Events[i]); ok && p.Thread == start.Thread {
				posts, there = append(posts, p), there || p.Remote == id
			}
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if !there {
		posts = append(posts, start)
	}
	slices.SortFunc(posts, byAge)
	return posts, nil
}

// message makes a post of a direct message. All of one conversation is one thread.
func (a *Account) message(e *twitter.DirectMessageEvent) (care.Post, bool) {
	id, err := strconv.ParseInt(e.ID, 10, 64)
	m := e.Message
	if err != nil || id <= 0 || m == nil || m.Data == nil || m.Target == nil || !userPattern.MatchString(m.SenderID) {
		return care.Post{}, false
	}
	at := idTime(id)
	if ms, err := strconv.ParseInt(e.CreatedAt, 10, 64); at.IsZero() && err == nil {
		at = time.UnixMilli(ms).UTC()
	}
	if at.IsZero() {
		return care.Post{}, false
	}
	us := strconv.FormatInt(a.us, 10)
	other := m.SenderID
	if other == us {
		other = m.Target.RecipientID
	}
	p := care.Post{
		Network: name, Remote: messagePrefix + care.Remote(e.ID), Kind: care.PostDirect,
		Author: care.Author{ID: m.SenderID}, PostedAt: at,
		Text:     clip(unescape.Replace(strings.ToValidUTF8(m.Data.Text, "\uFFFD")), maxText),
		URL:      "https://x.com/messages/" + other + "-" + us,
		Thread:   messagePrefix + care.Remote(other),
		Summoned: m.SenderID != us,
	}
	for _, c := range m.Data.CTAs {
		switch c.Label {
		case ctaHandle:
			p.Author.Handle = clip(c.URL, maxHandle)
		case ctaName:
			p.Author.Name = clip(strings.TrimSpace(c.URL), maxName)
		case ctaFollowers:
			p.Author.Followers, _ = strconv.Atoi(c.URL)
		}
	}
	if m.Data.Entities != nil {
		for _, u := range m.Data.Entities.Urls {
			if web(u.ExpandedURL) && len(u.URL) >= 8 {
				p.Text = strings.ReplaceAll(p.Text, u.URL, u.ExpandedURL)
			}
		}
	}
	return p, true
}

// other is the number of the person a direct conversation is with.
func (a *Account) other(p care.Post) (string, bool) {
	who, ok := strings.CutPrefix(string(p.Thread), messagePrefix)
	return who, ok && userPattern.MatchString(who)
}

// sendMessage answers a direct message.
func (a *Account) sendMessage(ctx context.Context, answer care.Answer) (network.Sent, error) {
	to, _ := a.other(answer.To)
	e, _, err := a.twitter(ctx).DirectMessages.EventsNew(&twitter.DirectMessageEventsNewParams{Event: &twitter.DirectMessageEvent{
		Type: "message_create",
		Message: &twitter.DirectMessageEventMessage{
			Target: &twitter.DirectMessageTarget{RecipientID: to},
			Data:   &twitter.DirectMessageData{Text: answer.Text},
		},
	}})
	if err != nil {
		return network.Sent{}, typed(err)
	}
	if e == nil {
		return network.Sent{}, network.Malformed.Because("the answer names no message")
	}
	id, err := postID(e.ID)
	if err != nil {
		return network.Sent{}, err
	}
	return network.Sent{Remote: messagePrefix + care.Remote(e.ID), At: idTime(id)}, nil
}

// findMessage looks for an answer among the messages since what it answers.
func (a *Account) findMessage(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	us, cursor := strconv.FormatInt(a.us, 10), ""
	for range findPages {
		page, _, err := a.twitter(ctx).DirectMessages.EventsList(&twitter.DirectMessageEventsListParams{Cursor: cursor, Count: min(50, a.page)})
		if err != nil {
			return network.Sent{}, false, typed(err)
		}
		for i := range page.Events {
			p, ok := a.message(&page.Events[i])
			if !ok {
				continue
			}
			if p.PostedAt.Before(answer.To.PostedAt) {
				return network.Sent{}, false, nil
			}
			if p.Author.ID == us && p.Thread == answer.To.Thread && same(p.Text, answer.Text) {
				return network.Sent{Remote: p.Remote, URL: p.URL, At: p.PostedAt}, true, nil
			}
		}
		if cursor = page.NextCursor; cursor == "" {
			return network.Sent{}, false, nil
		}
	}
	return network.Sent{}, false, tooDeep()
}

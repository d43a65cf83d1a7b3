package email

import (
	"context"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// maxThread is the most mails of a thread that are read, from each folder.
const maxThread = 50

// Thread implements [network.Threader]: what is in both folders of the thread
// that a mail belongs to, automatic answers left out.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	if cleanID(string(id)) != string(id) || id == "" {
		return nil, network.Malformed.Unsent("this is no message id")
	}
	ctx, end := context.WithTimeout(ctx, a.timeout)
	defer end()
	if ctx.Err() != nil {
		return nil, typed(ctx, new(line), a.imap, ctx.Err())
	}
	s, err := a.signIn(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	sent, err := a.sent(s)
	if err != nil {
		return nil, err
	}
	folders := slices.DeleteFunc([]string{a.settings.Folder, sent}, func(f string) bool { return f == "" })
	root := string(id)
	for _, folder := range folders {
		l, ok, err := a.named(s, folder, string(id))
		if err != nil {
			return nil, err
		}
		if ok {
			root = string(l.post.Thread)
			break
		}
	}
	var posts []care.Post
	for _, folder := range folders {
		some, err := a.thread(s, folder, root)
		if err != nil {
			return nil, err
		}
		for _, p := range some {
			if !slices.ContainsFunc(posts, func(q care.Post) bool { return q.Remote == p.Remote }) {
				posts = append(posts, p)
			}
		}
	}
	if len(posts) == 0 {
		return nil, network.Gone.Because("nothing of this thread is in the mailbox any more")
	}
	slices.SortStableFunc(posts, func(a, b care.Post) int { return a.PostedAt.Compare(b.PostedAt) })
	s.logout()
	return posts, nil
}

// thread reads what a folder has of the thread that begins with root.
func (a *Account) thread(s *session, folder, root string) ([]care.Post, error) {
	if _, ok, err := s.open(folder); err != nil || !ok {
		return nil, err
	}
	has := func(field string) imap.SearchCriteria {
		return imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: field, Value: root}}}
	}
	uids, err := s.search(&imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{
		has("Message-Id"),
		{Or: [][2]imap.SearchCriteria{{has("References"), has("In-Reply-To")}}},
	}}}, 0, maxThread)
	if err != nil {
		return nil, err
	}
	mails, err := s.fetch(uids, window)
	if err != nil {
		return nil, err
	}
	var posts []care.Post
	for _, m := range mails {
		if l := a.letter(m); l.bad == "" && !l.automatic && (string(l.post.Thread) == root || string(l.post.Remote) == root) {
			posts = append(posts, l.post)
		}
	}
	return posts, nil
}

var _ network.Threader = (*Account)(nil)

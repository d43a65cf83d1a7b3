package email

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// maxAnswer is the longest answer that is sent, in bytes.
const maxAnswer = 256 << 10

// May implements [network.Replier]. Who writes a mail wants an answer.
func (a *Account) May(p care.Post, _ time.Time) care.Permission {
	no := func(why care.Phrase) care.Permission { return care.Permission{How: care.ByNone, Why: why} }
	switch {
	case p.Network != name || p.Remote == "":
		return no("This is not an e-mail.")
	case !plainAddress(p.Author.ID):
		return no("The sender's address is not known any more.")
	case a.smtp.address == "":
		return care.Permission{How: care.ByHand, Why: "No SMTP server is set up for this mailbox, so answer in your mail program."}
	}
	return care.Permission{How: care.ByAPI, Direct: true, Why: "They wrote to us, so we may answer."}
}

// messageID makes an answer's Message-ID from its key: always the same, and
// nobody else's.
func (a *Account) messageID(key string) string {
	sum := sha256.Sum256([]byte("amends answer\x00" + key))
	_, domain, _ := cutLast(a.settings.Address, "@")
	return hex.EncodeToString(sum[:16]) + ".amends@" + strings.ToLower(domain)
}

// Send implements [network.Replier]. An answer whose Message-ID is in the
// mailbox already is not sent again. Up to the dot that ends the message
// nothing of it counts as sent.
func (a *Account) Send(ctx context.Context, answer care.Answer) (network.Sent, error) {
	ctx, end := context.WithTimeout(ctx, a.timeout)
	defer end()
	if err := a.sendable(ctx, answer); err != nil {
		return network.Sent{}, err
	}
	s, err := a.signIn(ctx)
	if err != nil {
		return network.Sent{}, unsent(err)
	}
	defer s.close()
	sent, err := a.sent(s)
	if err != nil {
		return network.Sent{}, unsent(err)
	}
	id := a.messageID(answer.Key)
	if at, found, err := a.standing(s, sent, id); err != nil || found {
		return at, unsent(err)
	}
	to, err := a.target(s, sent, answer.To)
	if err != nil {
		return network.Sent{}, unsent(err)
	}
	mail, err := a.compose(answer, to, id, time.Now())
	if err != nil {
		return network.Sent{}, unsent(err)
	}
	if err := a.submit(ctx, to.to, mail); err != nil {
		return network.Sent{}, err
	}
	if a.settings.Copy == Append && sent != "" {
		// It has left: a copy that fails changes nothing about that.
		if put := s.Append(sent, int64(len(mail)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: time.Now()}); put != nil {
			_, _ = put.Write(mail)
			_ = put.Close()
			_, _ = put.Wait()
		}
	}
	s.logout()
	return network.Sent{Remote: care.Remote(id)}, nil
}

// unsent marks an error as one from before the answer left us.
func unsent(err error) error {
	if err == nil {
		return nil
	}
	e := *network.Typed(err).(*network.Error)
	e.Unsent = true
	return &e
}

// sendable finds what is wrong with an answer before anything is sent.
func (a *Account) sendable(ctx context.Context, answer care.Answer) error {
	fault, words := network.Malformed, ""
	switch {
	case ctx.Err() != nil:
		return unsent(typed(ctx, new(line), a.smtp, ctx.Err()))
	case a.smtp.address == "":
		fault, words = network.Refused, "no SMTP server is set up for this mailbox"
	case answer.Key == "":
		words = "the answer has no key"
	case len(answer.Pictures) > 0:
		words = "pictures can't go with an e-mail yet"
	case strings.TrimSpace(answer.Text) == "":
		words = "the answer is empty"
	case !utf8.ValidString(answer.Text):
		words = "the answer is not UTF-8"
	case len(answer.Text) > maxAnswer:
		words = fmt.Sprintf("the answer is longer than %d bytes", maxAnswer)
	case answer.To.Network != name || cleanID(string(answer.To.Remote)) != string(answer.To.Remote) || answer.To.Remote == "":
		words = "what it answers is no e-mail"
	default:
		return nil
	}
	return &network.Error{Fault: fault, Unsent: true, Err: network.Explain(words)}
}

// target finds what an answer needs of the mail that it answers: where to, the
// subject, and the thread. A mail that somebody has filed elsewhere is answered
// from what we kept of it.
func (a *Account) target(s *session, sent string, p care.Post) (letter, error) {
	for _, folder := range []string{a.settings.Folder, sent} {
		if folder == "" {
			continue
		}
		l, ok, err := a.named(s, folder, string(p.Remote))
		if err != nil || ok && plainAddress(l.to) {
			return l, err
		}
	}
	if !plainAddress(p.Author.ID) {
		return letter{}, network.Gone.Because("the mail is not in the mailbox any more, and its sender is not known")
	}
	l := letter{to: p.Author.ID, post: p}
	for _, id := range []care.Remote{p.Thread, p.InReplyTo} {
		if id != "" && id != p.Remote && (len(l.refs) == 0 || l.refs[0] != string(id)) {
			l.refs = append(l.refs, string(id))
		}
	}
	return l, nil
}

// named reads the mail with this Message-ID in a folder. Servers match a part
// of the field, so each find is looked at.
func (a *Account) named(s *session, folder, id string) (letter, bool, error) {
	_, ok, err := s.open(folder)
	if err != nil || !ok {
		return letter{}, false, err
	}
	const most = 20
	uids, err := s.search(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-Id", Value: id}}}, 0, most)
	if err != nil {
		return letter{}, false, err
	}
	mails, err := s.fetch(uids, window)
	if err != nil {
		return letter{}, false, err
	}
	for _, m := range mails {
		if l := a.letter(m); string(l.post.Remote) == id {
			return l, true, nil
		}
	}
	return letter{}, false, nil
}

// standing looks for an answer of ours by its Message-ID: among what was sent,
// and where mail arrives, should a copy come back to us.
func (a *Account) standing(s *session, sent, id string) (network.Sent, bool, error) {
	for _, folder := range []string{sent, a.settings.Folder} {
		if folder == "" {
			continue
		}
		l, ok, err := a.named(s, folder, id)
		if err != nil {
			return network.Sent{}, false, err
		}
		if ok && a.own(string(l.post.Author.ID)) {
			return network.Sent{Remote: care.Remote(id), At: l.post.PostedAt}, true, nil
		}
	}
	return network.Sent{}, false, nil
}

// Find implements [network.Replier]. That an answer is not in the mailbox says
// for certain that it was not sent only where the server keeps the copies.
func (a *Account) Find(ctx context.Context, answer care.Answer) (network.Sent, bool, error) {
	ctx, end := context.WithTimeout(ctx, a.timeout)
	defer end()
	s, err := a.signIn(ctx)
	if err != nil {
		return network.Sent{}, false, err
	}
	defer s.close()
	sent, err := a.sent(s)
	if err != nil {
		return network.Sent{}, false, err
	}
	at, found, err := a.standing(s, sent, a.messageID(answer.Key))
	if err == nil {
		s.logout()
	}
	return at, found, err
}

var _ network.Replier = (*Account)(nil)

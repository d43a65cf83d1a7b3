package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/amends-care/amends/internal/network"
)

// maxIMAP is the most that one connection to an IMAP server gives, in bytes: a
// page of mails of which each is read to its limits.
const maxIMAP = 24 << 20

// A session is one connection to the IMAP server, signed in.
type session struct {
	*imapclient.Client
	ctx   context.Context
	to    server
	line  *line
	until time.Time // when the access token ends; zero: there is none
}

// cutShort is how go-imap says, in words alone, that the server hung up before it
// greeted us, and now and then also that it greeted us with a goodbye.
const cutShort = "connection closed before greeting"

// signIn connects to the IMAP server. The session ends with ctx.
func (a *Account) signIn(ctx context.Context) (*session, error) {
	if a.imap.address == "" {
		return nil, network.Malformed.Unsent("there is no IMAP server")
	}
	login, until, err := a.credentials(ctx)
	if err != nil {
		return nil, err
	}
	line, err := a.connect(ctx, a.imap, maxIMAP)
	if err != nil {
		return nil, err
	}
	s := &session{ctx: ctx, to: a.imap, line: line, until: until}
	if a.imap.tls || a.imap.plain {
		s.Client = imapclient.New(line, nil)
	} else if s.Client, err = imapclient.NewStartTLS(line, &imapclient.Options{TLSConfig: a.config(a.imap)}); err != nil {
		line.Close()
		return nil, s.typed(err)
	}
	if err := s.WaitGreeting(); err != nil {
		s.close()
		if err.Error() == cutShort {
			err = io.ErrUnexpectedEOF
		}
		return nil, s.typed(err)
	}
	caps := s.Caps()
	switch {
	case a.tokens != nil, caps.Has("AUTH=PLAIN"):
		err = s.Authenticate(login)
	default:
		err = s.Login(a.settings.User, string(a.settings.Password)).Wait()
	}
	if err != nil {
		s.close()
		e := s.typed(err)
		if said, ok := errors.AsType[*imap.Error](err); ok && said.Type == imap.StatusResponseTypeNo && e.Fault == network.Malformed {
			e.Fault = network.Refused // many servers give a wrong password no code
			e.Err = network.Explain(a.imap.host + ": the server does not let us in: name or password are wrong")
		}
		if e.Fault == network.Refused {
			a.notTaken(login)
		}
		return nil, e
	}
	return s, nil
}

// close ends the session without a word: nothing of it waits for one.
func (s *session) close() { s.line.Close(); <-s.Closed() }

// logout says goodbye, so that the server does not take it for a fault.
func (s *session) logout() {
	_ = s.Logout().Wait()
	s.close()
}

func (s *session) typed(err error) *network.Error { return typed(s.ctx, s.line, s.to, err) }

// typed makes an error of what a mail server said, or did not. The server's own
// words may hold anything, so only its codes are told.
func typed(ctx context.Context, l *line, to server, err error) *network.Error {
	if e, ok := errors.AsType[*network.Error](err); ok {
		return e
	}
	e := &network.Error{Fault: network.Transient}
	explain := func(words string, hidden ...error) { e.Err = network.Explain(to.host+": "+words, hidden...) }
	said, ok := errors.AsType[*imap.Error](err)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		explain("no whole answer in time", ctx.Err(), os.ErrDeadlineExceeded)
	case ctx.Err() != nil:
		explain("cancelled", ctx.Err())
	case errors.Is(err, errToken):
		e.Fault = network.Refused
		explain(errToken.Error())
	case l.over:
		e.Fault = network.Malformed
		explain(errTooLong.Error())
	case ok:
		e.Fault = faultOf(said)
		explain(strings.TrimSpace(fmt.Sprintf("%s %s", network.Word(string(said.Type)), network.Word(string(said.Code)))))
	case broken(err):
		e.Err = network.Typed(err)
		if t, ok := errors.AsType[*network.Error](e.Err); ok {
			explain(t.Err.Error(), err)
		}
	default:
		e.Fault = network.Malformed
		explain("the server's answer makes no sense", err)
	}
	return e
}

// broken says that an exchange was cut off, as opposed to one that makes no sense.
func broken(err error) bool {
	var (
		netErr net.Error
		errno  syscall.Errno
	)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &netErr) || errors.As(err, &errno)
}

// faultOf sorts what an IMAP server says no with. RFC 5530.
func faultOf(said *imap.Error) network.Fault {
	switch said.Code {
	case imap.ResponseCodeAuthenticationFailed, imap.ResponseCodeAuthorizationFailed, imap.ResponseCodeExpired,
		imap.ResponseCodePrivacyRequired, imap.ResponseCodeContactAdmin, imap.ResponseCodeNoPerm:
		return network.Refused
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeServerBug, imap.ResponseCodeCorruption:
		return network.Transient
	case imap.ResponseCodeLimit, imap.ResponseCodeOverQuota:
		return network.Limited
	case imap.ResponseCodeNonExistent:
		return network.Gone
	}
	if said.Type == imap.StatusResponseTypeBye {
		return network.Transient
	}
	return network.Malformed
}

// open goes into a folder, to read only. ok is false when there is none.
func (s *session) open(folder string) (at *imap.SelectData, ok bool, err error) {
	at, err = s.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if said, no := errors.AsType[*imap.Error](err); no && said.Type == imap.StatusResponseTypeNo && (said.Code == "" || said.Code == imap.ResponseCodeNonExistent) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, s.typed(err)
	}
	if at.UIDValidity == 0 {
		return nil, false, network.Malformed.Because(s.to.host + ": the server does not number its mails")
	}
	return at, true, nil
}

// sentNames are what programs call the folder of sent mail when no server says.
var sentNames = []string{"Sent", "INBOX.Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX.Sent Items", "INBOX.Sent Messages"}

// maxFolders bounds a list of folders.
const maxFolders = 5000

// sent finds the folder of sent mail; empty when there is none.
func (a *Account) sent(s *session) (string, error) {
	if a.settings.Sent != "" {
		return a.settings.Sent, nil
	}
	folders := s.List("", "*", nil)
	defer folders.Close()
	there := map[string]bool{}
	special := ""
	for range maxFolders {
		f := folders.Next()
		if f == nil {
			break
		}
		there[f.Mailbox] = true
		for _, attr := range f.Attrs {
			if attr == imap.MailboxAttrSent && f.Mailbox != a.settings.Folder && special == "" {
				special = f.Mailbox
			}
		}
	}
	if err := folders.Close(); err != nil {
		return "", s.typed(err)
	}
	if special != "" {
		return special, nil
	}
	for _, n := range sentNames {
		if there[n] {
			return n, nil
		}
	}
	return "", nil
}

// search lists the numbers of a folder's mails that match, at most most of
// them, ascending, from after on.
func (s *session) search(c *imap.SearchCriteria, after imap.UID, most int) ([]imap.UID, error) {
	found, err := s.UIDSearch(c, nil).Wait()
	if err != nil {
		return nil, s.typed(err)
	}
	set, ok := found.All.(imap.UIDSet)
	if !ok {
		return nil, nil
	}
	var all []imap.UID
	for _, r := range set { // sorted and merged; never expanded, a server could name four billion
		if r.Stop < r.Start || r.Stop <= after {
			continue
		}
		for n := max(r.Start, after+1); n <= r.Stop && len(all) < most; n++ {
			if n != 0 {
				all = append(all, n)
			}
			if n == ^imap.UID(0) {
				break
			}
		}
	}
	return all, nil
}

// A raw is the beginning of a mail as it stands on the server.
type raw struct {
	uid     imap.UID
	arrived time.Time // INTERNALDATE
	size    int64
	bytes   []byte
}

// How much of a mail is read: nearly always its header and its text. Where a
// large picture stands before the text, more is.
const (
	window     = 128 << 10
	wideWindow = 1 << 20
	maxHeader  = 64 << 10
)

// fetch reads the beginnings of mails, in the order of their numbers. What has
// gone meanwhile is absent.
func (s *session) fetch(uids []imap.UID, bytes int64) ([]raw, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: bytes}}
	messages := s.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{
		UID: true, InternalDate: true, RFC822Size: true, BodySection: []*imap.FetchItemBodySection{section},
	})
	defer messages.Close()
	byUID := map[imap.UID]raw{}
	for m := messages.Next(); m != nil; m = messages.Next() {
		got, err := m.Collect()
		if err != nil {
			return nil, s.typed(err)
		}
		b := got.FindBodySection(section)
		if b == nil {
			continue // news of another mail
		}
		byUID[got.UID] = raw{got.UID, got.InternalDate.UTC(), got.RFC822Size, b}
	}
	if err := messages.Close(); err != nil {
		return nil, s.typed(err)
	}
	var all []raw
	for _, uid := range uids {
		if r, ok := byUID[uid]; ok {
			all = append(all, r)
		}
	}
	return all, nil
}

package email

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/amends-care/amends/internal/network"
)

// A place is how far a folder was read.
type place struct {
	Validity uint32 `json:"v"`           // the folder's generation
	UID      uint32 `json:"u"`           // the last number that was read
	At       int64  `json:"t,omitempty"` // when the newest of them arrived, or reading began: Unix seconds
}

// A cursor is how far both folders were read. A folder that isn't there has the
// zero place, and is read from its start on once it appears.
type cursor struct {
	Version int   `json:"mail"`
	Inbox   place `json:"in"`
	Sent    place `json:"out"`
}

func parseCursor(s string) (cursor, error) {
	var c cursor
	if s == "" {
		return cursor{Version: 1}, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.DisallowUnknownFields()
	err := d.Decode(&c)
	if _, more := d.Token(); err != nil || more != io.EOF || c.Version != 1 {
		return c, &network.Error{Fault: network.Malformed, Again: true, Unsent: true, Err: network.Explain("the place in the mailbox can't be read")}
	}
	return c, nil
}

// A folder numbered anew is read again by date: this long before the newest
// mail that was read, since mails arrive in no strict order, and at most so far back.
const (
	overlap   = 48 * time.Hour
	maxRescan = 14 * 24 * time.Hour
)

// Poll implements [network.Account]: the next mails of both folders.
func (a *Account) Poll(ctx context.Context, at string) (network.Page, error) {
	ctx, end := context.WithTimeout(ctx, a.timeout)
	defer end()
	if ctx.Err() != nil {
		return network.Page{}, typed(ctx, new(line), a.imap, ctx.Err())
	}
	c, err := parseCursor(at)
	if err != nil {
		return network.Page{}, err
	}
	s, err := a.signIn(ctx)
	if err != nil {
		return network.Page{}, err
	}
	defer s.close()
	p := network.Page{Meter: network.Meter{Calls: 1, TokenExpires: s.until}}
	sent, err := a.sent(s)
	if err != nil {
		return network.Page{}, err
	}
	r := reader{account: a, session: s, page: &p, now: time.Now().UTC(), first: at == ""}
	if err := r.read(a.settings.Folder, &c.Inbox, false); err != nil {
		return network.Page{}, err
	}
	if sent != "" {
		if err := r.read(sent, &c.Sent, true); err != nil {
			return network.Page{}, err
		}
	}
	s.logout()
	slices.SortStableFunc(p.Items, func(a, b network.Item) int { return a.Post.PostedAt.Compare(b.Post.PostedAt) })
	next, err := json.Marshal(c)
	if err != nil {
		return network.Page{}, network.Typed(err)
	}
	p.Next = string(next)
	return p, nil
}

// A reader fills one page.
type reader struct {
	account *Account
	session *session
	page    *network.Page
	now     time.Time
	first   bool // a new source
}

func (r *reader) read(folder string, at *place, sent bool) error {
	there, ok, err := r.session.open(folder)
	switch {
	case err != nil:
		return err
	case !ok && sent:
		return nil
	case !ok:
		return network.Refused.Because(fmt.Sprintf("there is no folder %q in the mailbox, or we may not read it", folder))
	}
	if at.Validity != there.UIDValidity {
		if err := r.begin(at, there); err != nil {
			return err
		}
	}
	uids, more, err := r.after(at, there)
	if err != nil {
		return err
	}
	mails, err := r.session.fetch(uids, window)
	if err != nil {
		return err
	}
	for _, m := range mails {
		if err := r.take(m, sent); err != nil {
			return err
		}
		at.At = max(at.At, min(m.arrived.Unix(), r.now.Unix()))
	}
	if len(uids) > 0 {
		at.UID = uint32(uids[len(uids)-1])
	}
	r.page.More = r.page.More || more
	return nil
}

// after lists what comes next in an open folder.
func (r *reader) after(at *place, there *imap.SelectData) (uids []imap.UID, more bool, err error) {
	last := imap.UID(at.UID)
	if there.UIDNext != 0 && there.UIDNext <= last+1 || last == ^imap.UID(0) {
		return nil, false, nil
	}
	var set imap.UIDSet
	set.AddRange(last+1, 0) // n:* gives the last mail at least, even one before n
	size := r.account.page
	uids, err = r.session.search(&imap.SearchCriteria{UID: []imap.UIDSet{set}}, last, size+1)
	if err != nil || len(uids) <= size {
		return uids, false, err
	}
	return uids[:size], true, nil
}

// begin finds where to start in a folder that we have no place in: because the
// source is new, or because the server numbered the folder anew.
func (r *reader) begin(at *place, there *imap.SelectData) error {
	since := r.now.Add(-r.account.settings.Back)
	from := r.account.settings.Back > 0
	if at.Validity != 0 {
		last := time.Unix(at.At, 0).UTC()
		from, since = true, last.Add(-overlap)
		why := "the server numbered the folder anew; what arrived since was read again by date"
		if bound := r.now.Add(-maxRescan); since.Before(bound) {
			since = bound
			why = "the server numbered the folder anew; only the last 14 days were read again"
		}
		r.page.Gaps = append(r.page.Gaps, network.Gap{From: last, To: r.now, Why: why})
	} else if !r.first {
		from, since = true, r.now.Add(-maxRescan) // a folder of sent mail that has just been made
	}
	*at = place{Validity: there.UIDValidity, At: r.now.Unix()}
	if there.UIDNext == 0 {
		return network.Malformed.Because(r.session.to.host + ": the server does not say which number comes next")
	}
	at.UID = uint32(there.UIDNext) - 1
	if !from {
		return nil
	}
	uids, err := r.session.search(&imap.SearchCriteria{Since: since.AddDate(0, 0, -1)}, 0, 1) // by the server's calendar, whatever its zone
	if err != nil {
		return err
	}
	if len(uids) > 0 {
		at.UID, at.At = uint32(uids[0])-1, since.Unix()
	}
	return nil
}

// take adds one mail to the page.
func (r *reader) take(m raw, sent bool) error {
	letter, err := r.letter(m)
	if err != nil {
		return err
	}
	switch {
	case letter.bad != "":
		r.page.Bad = append(r.page.Bad, network.BadItem{Reason: letter.bad})
		return nil
	case !sent && letter.automatic:
		return nil
	}
	if letter.repaired {
		r.page.Repaired++
	}
	own := sent || letter.ours
	p := letter.post
	p.Summoned = !own
	r.page.Items = append(r.page.Items, network.Item{Kind: network.Seen, Post: p, Own: own})
	return nil
}

// letter reads a mail, and more of it when its text stands further down.
func (r *reader) letter(m raw) (letter, error) {
	l := r.account.letter(m)
	if l.text != "" || m.size <= int64(len(m.bytes)) || len(m.bytes) < window {
		return l, nil
	}
	again, err := r.session.fetch([]imap.UID{m.uid}, wideWindow)
	if err != nil || len(again) == 0 {
		return l, err
	}
	return r.account.letter(again[0]), nil
}

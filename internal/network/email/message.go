package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText    = 64 << 10
	maxSubject = 998
	maxName    = 200
	maxID      = 998 // a line of a header
	maxLinks   = 20
	maxRefs    = 100
)

// A letter is a mail as we understand it.
type letter struct {
	post      care.Post
	subject   string
	text      string   // what its author wrote
	to        string   // where an answer goes: Reply-To, else From
	refs      []string // the thread so far, oldest first, without its own id
	ours      bool     // written by us
	automatic bool     // by a program that wants no answer
	repaired  bool     // held broken characters
	bad       string   // why it can't be told
}

// letter reads the beginning of a mail. It never fails: what can't be read says so.
func (a *Account) letter(m raw) letter {
	// An entity whose encoding or charset is not known is still an entity.
	e, err := message.ReadWithOptions(bytes.NewReader(m.bytes), &message.ReadOptions{MaxHeaderBytes: maxHeader})
	if e == nil {
		_ = err // it may quote the mail
		return letter{bad: "a mail whose header can't be read"}
	}
	h := mail.Header{Header: e.Header}
	from, replyTo := addresses(&h, "From"), addresses(&h, "Reply-To")
	author := first(from)
	if a.own(author.Address) && len(replyTo) > 0 && !a.own(replyTo[0].Address) {
		author = replyTo[0] // a form on our own site, which sends as us
	}
	if author.Address == "" {
		return letter{bad: "a mail without a sender"}
	}
	l := letter{
		subject:   oneLine(h.Text("Subject")),
		to:        author.Address,
		ours:      a.own(author.Address) && !forged(h),
		automatic: automatic(h),
	}
	if len(replyTo) > 0 {
		l.to = replyTo[0].Address
	}
	found := parts{}
	found.walk(e, 0)
	l.text = written(found.plain, found.html)
	l.repaired = found.repaired

	id, reply := remote(&h, m.bytes), firstID(&h, "In-Reply-To")
	l.refs = ids(&h, "References")
	if reply == "" && len(l.refs) > 0 {
		reply = l.refs[len(l.refs)-1]
	}
	if reply != "" && !slices.Contains(l.refs, reply) {
		l.refs = append(l.refs, reply)
	}
	l.post = care.Post{
		Network:   name,
		Remote:    care.Remote(id),
		Kind:      care.PostDirect,
		Author:    care.Author{ID: strings.ToLower(author.Address), Handle: strings.ToLower(author.Address), Name: author.Name},
		PostedAt:  postedAt(&h, m.arrived),
		InReplyTo: care.Remote(reply),
		Thread:    care.Remote(id),
		Links:     found.links,
	}
	if reply == id { // it claims to answer itself
		l.post.InReplyTo, l.refs = "", nil
	}
	if len(l.refs) > 0 {
		l.post.Thread = care.Remote(l.refs[0])
	}
	l.post.Text = l.text
	if l.post.InReplyTo == "" && l.subject != "" {
		l.post.Text = strings.TrimSpace(l.subject + "\n\n" + l.text)
	}
	l.post.Text = clip(l.post.Text, maxText)
	if a.own(author.Address) && !l.ours {
		l.post.Warning = "The sender's address is ours, but our mail server found it forged."
	}
	return l
}

func first(all []*mail.Address) *mail.Address {
	if len(all) == 0 {
		return &mail.Address{}
	}
	return all[0]
}

// addresses reads a list of addresses; what is none is left out.
func addresses(h *mail.Header, field string) []*mail.Address {
	list, err := h.AddressList(field)
	if err != nil { // one wrong address spoils the list: take what stands in angle brackets
		line := h.Get(field)
		if i, j := strings.LastIndexByte(line, '<'), strings.LastIndexByte(line, '>'); i >= 0 && j > i {
			list = []*mail.Address{{Address: strings.TrimSpace(line[i+1 : j])}}
		}
	}
	var all []*mail.Address
	for _, a := range list {
		a.Address = strings.TrimSpace(a.Address)
		if plainAddress(a.Address) && utf8.ValidString(a.Address) {
			a.Name = clip(oneLine(a.Name, nil), maxName)
			all = append(all, a)
		}
	}
	return all
}

// oneLine makes a header's text safe: valid, one line, no more than a header holds.
func oneLine(s string, _ error) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' || r == 0 }), " ")
	return clip(strings.TrimSpace(s), maxSubject)
}

// ids reads a list of message ids, oldest first. Of a long one, the first and
// the newest are kept.
func ids(h *mail.Header, field string) []string {
	var all []string
	line := h.Get(field)
	for {
		_, rest, ok := strings.Cut(line, "<")
		id, after, closed := strings.Cut(rest, ">")
		if !ok || !closed {
			break
		}
		if id = cleanID(id); id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
		if len(all) > maxRefs {
			all = slices.Delete(all, 1, 2)
		}
		line = after
	}
	return all
}

func firstID(h *mail.Header, field string) string {
	if all := ids(h, field); len(all) > 0 {
		return all[0]
	}
	return ""
}

// cleanID makes a message id fit to be compared, and written into a header again.
func cleanID(id string) string {
	id = strings.Join(strings.Fields(id), "")
	if len(id) == 0 || len(id) > maxID || strings.ContainsFunc(id, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == utf8.RuneError || r == '<' || r == '>' || r == '"' || r == '\\'
	}) {
		return ""
	}
	return id
}

// nameless ends the ids that we give to mails without one.
const nameless = "@no-message-id.invalid"

// remote is a mail's Message-ID, else one made of its header: the same whenever
// and under whatever number it is read.
func remote(h *mail.Header, b []byte) string {
	if id := firstID(h, "Message-Id"); id != "" {
		return id
	}
	head, _, _ := bytes.Cut(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	sum := sha256.Sum256(head)
	return hex.EncodeToString(sum[:16]) + nameless
}

// maxTravel is the longest that a mail's own time is believed to lie before its
// arrival; servers try for five days.
const maxTravel = 7 * 24 * time.Hour

// postedAt is when a mail was written, by its own word where that can be: not
// after it arrived, nor long before.
func postedAt(h *mail.Header, arrived time.Time) time.Time {
	// The newest Received line is our server's. It tells the arrival better than
	// the folder does when mail was brought here by another program.
	if line := h.Get("Received"); line != "" {
		_, stamp, _ := cutLast(line, ";")
		if t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", plainDate(stamp)); err == nil && t.Before(arrived) && t.Year() > 1990 {
			arrived = t
		}
	}
	if t, err := h.Date(); err == nil && !t.After(arrived) && t.After(arrived.Add(-maxTravel)) {
		arrived = t
	}
	return arrived.UTC()
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// plainDate takes the comment off a date: … +0200 (CEST).
func plainDate(s string) string {
	s, _, _ = strings.Cut(s, "(")
	return strings.Join(strings.Fields(s), " ")
}

// clip cuts a text to at most n bytes at the end of a rune.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// parts collects what a mail holds: its text, and the names of its attachments.
type parts struct {
	plain, html string
	links       []care.Link
	repaired    bool
	seen        int
}

// Bounds on how mails are built.
const (
	maxDepth = 8
	maxParts = 100
)

func (p *parts) walk(e *message.Entity, depth int) {
	if p.seen++; depth > maxDepth || p.seen > maxParts {
		return
	}
	if multi := e.MultipartReader(); multi != nil {
		for {
			part, err := multi.NextPart()
			if part == nil {
				return // its end, or where we stopped reading; what we have stands
			}
			_ = err // an unknown encoding or charset: the part is read as it is
			p.walk(part, depth+1)
		}
	}
	kind, params, _ := e.Header.ContentType()
	if kind == "" {
		kind = "text/plain"
	}
	disposition, more, _ := e.Header.ContentDisposition()
	file := more["filename"]
	if file == "" {
		file = params["name"]
	}
	text := kind == "text/plain" || kind == "text/html"
	switch {
	case text && disposition != "attachment" && file == "":
		into := &p.plain
		if kind == "text/html" {
			into = &p.html
		}
		if strings.TrimSpace(*into) == "" { // the first part with words in it
			*into = p.text(e.Body)
		}
	case file != "" || disposition == "attachment":
		p.attach(kind, file)
	case strings.HasPrefix(kind, "image/"), strings.HasPrefix(kind, "video/"), strings.HasPrefix(kind, "message/rfc822"):
		p.attach(kind, "")
	}
}

// text reads a part as far as we keep it. A part that ends in the middle, since
// we did not read further, is good as far as it goes.
func (p *parts) text(r io.Reader) string {
	b, _ := io.ReadAll(io.LimitReader(r, 4*maxText))
	s := string(b)
	if !utf8.ValidString(s) {
		s, p.repaired = strings.ToValidUTF8(s, "\uFFFD"), true
	}
	return strings.ReplaceAll(s, "\r\n", "\n")
}

// attach names an attachment. It has no address: the mail is where it is.
func (p *parts) attach(kind, file string) {
	if len(p.links) >= maxLinks {
		return
	}
	words := mime.WordDecoder{CharsetReader: charset.Reader}
	if plain, err := words.DecodeHeader(file); err == nil {
		file = plain
	}
	if file = clip(oneLine(file, nil), maxName); file == "" {
		file = kind
	}
	p.links = append(p.links, care.Link{Kind: "file", Alt: file})
}

var _ network.Account = (*Account)(nil)

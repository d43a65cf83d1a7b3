// Package record reads one mention in the form that people and programs hand
// mentions over in: a line of an import, an element of what is posted to a
// webhook. docs/import-format.md tells the form.
//
// It reads no stream and no clock, and keeps nothing: who uses it cuts the
// records out of a file or a body.
package record

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// maxID is the most bytes of a post's id; a store's key is made of it.
const maxID = 512

// A Field is one of the format's, in the order of the documentation.
type Field int

// The fields. None is any other.
const (
	None Field = iota
	ID
	Text
	Network
	Handle
	Name
	Followers
	Lang
	PostedAt
	URL
	InReplyTo
	Thread
	ByBrand
	EditedAt
	Kind
	Rating
	Deleted
	Fields // their number
)

func (f Field) String() string {
	return [Fields]string{"", "id", "text", "network", "author.handle", "author.name", "author.followers", "lang",
		"posted_at", "url", "in_reply_to", "thread", "by_brand", "edited_at", "kind", "rating", "deleted"}[f]
}

// A Record is one mention as it stands, numbers and booleans in their letters.
type Record [Fields]string

// Item makes a post of a record, or says in words what is wrong with it. A post
// that doesn't say when it was written was now; one that doesn't say where is of
// the network here.
func (r *Record) Item(now time.Time, here string) (it network.Item, wrong string) {
	p := &it.Post
	it.Kind = network.Seen
	if p.Remote, wrong = r.id(ID); wrong != "" {
		return it, wrong
	}
	if p.Remote == "" {
		return it, "no id"
	}
	if p.Network, wrong = networkName(r[Network], here); wrong != "" {
		return it, wrong
	}
	deleted, wrong := r.bool(Deleted)
	if wrong != "" {
		return it, wrong
	}
	if deleted {
		return network.Item{Kind: network.Deleted, Post: care.Post{Network: p.Network, Remote: p.Remote}}, ""
	}
	if strings.TrimSpace(r[Text]) == "" {
		return it, "no text"
	}
	p.Text = r[Text]
	if p.InReplyTo, wrong = r.id(InReplyTo); wrong != "" {
		return it, wrong
	}
	if p.Thread, wrong = r.id(Thread); wrong != "" {
		return it, wrong
	}
	switch {
	case p.Thread != "":
	case p.InReplyTo != "":
		p.Thread = p.InReplyTo
	default:
		p.Thread = p.Remote
	}
	if p.Language = strings.TrimSpace(r[Lang]); len(p.Language) > 35 {
		return it, "lang is no language tag"
	}
	if p.Author, wrong = r.author(p.Remote); wrong != "" {
		return it, wrong
	}
	if p.PostedAt, wrong = r.time(PostedAt, now); wrong != "" {
		return it, wrong
	}
	if p.EditedAt, wrong = r.time(EditedAt, time.Time{}); wrong != "" {
		return it, wrong
	}
	if !p.EditedAt.IsZero() {
		it.Kind = network.Edited
	}
	if p.Kind, wrong = r.kind(); wrong != "" {
		return it, wrong
	}
	if p.Rating, wrong = r.rating(); wrong != "" {
		return it, wrong
	}
	p.URL = strings.TrimSpace(r[URL])
	it.Own, wrong = r.bool(ByBrand)
	return it, wrong
}

func (r *Record) bool(f Field) (yes bool, wrong string) {
	switch r[f] {
	case "", "false", "0", "no", "False", "FALSE":
		return false, ""
	case "true", "1", "yes", "True", "TRUE":
		return true, ""
	}
	return false, f.String() + " is neither true nor false"
}

// kind of a post; one with stars is a review.
func (r *Record) kind() (k care.PostKind, wrong string) {
	switch k := care.PostKind(strings.ToLower(strings.TrimSpace(r[Kind]))); k {
	case "":
		if strings.TrimSpace(r[Rating]) != "" {
			return care.PostReview, ""
		}
		return care.PostPublic, ""
	case care.PostPublic, care.PostReview, care.PostDirect:
		return k, ""
	}
	return "", "kind is none of post, review and message"
}

func (r *Record) rating() (stars int, wrong string) {
	s := strings.TrimSpace(r[Rating])
	if s == "" {
		return 0, ""
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 1 && n <= 5) {
		return 0, "rating is no number of stars from 1 to 5"
	}
	return int(n + 0.5), ""
}

func (r *Record) id(f Field) (id care.Remote, wrong string) {
	s := strings.TrimSpace(r[f])
	if len(s) > maxID {
		return "", f.String() + " is longer than " + strconv.Itoa(maxID) + " bytes"
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return "", f.String() + " holds control characters"
		}
	}
	return care.Remote(s), ""
}

// author is known by the handle, in whatever case it is written. A post
// without one counts as a person of its own: names are not unique, and two
// customers in one case would read each other's answers.
func (r *Record) author(post care.Remote) (a care.Author, wrong string) {
	a.Handle = strings.TrimPrefix(strings.TrimSpace(r[Handle]), "@")
	a.Name = strings.TrimSpace(r[Name])
	a.ID = strings.ToLower(a.Handle)
	if a.ID == "" {
		a.ID = "post/" + string(post)
	}
	if s := strings.TrimSpace(r[Followers]); s != "" {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || !(n >= 0 && n <= 1e12) {
			return a, "author.followers is no count"
		}
		a.Followers = int(n)
	}
	return a, ""
}

// networkName is the network in lower case.
func networkName(s, here string) (name, wrong string) {
	name = strings.ToLower(strings.TrimSpace(s))
	if name == "" {
		return here, ""
	}
	if len(name) > 32 {
		return "", "network is longer than 32 bytes"
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return "", "network holds more than letters, digits, - and _"
		}
	}
	return name, ""
}

// Times outside these bounds are mistakes, and would overflow differences.
var (
	earliest = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

func (r *Record) time(f Field, missing time.Time) (at time.Time, wrong string) {
	s := strings.TrimSpace(r[f])
	if s == "" {
		return missing, ""
	}
	at, ok := parseTime(s)
	if !ok {
		return at, f.String() + " can't be read as a time; write it like 2026-11-21T14:05:00Z"
	}
	if at.Before(earliest) || !at.Before(latest) {
		return at, f.String() + " is before 1970 or after 2200"
	}
	return at, ""
}

// parseTime reads RFC 3339 and what exports commonly have instead. A time
// without a zone is UTC.
func parseTime(s string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), true
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		switch {
		case n > 1e11 && n < 1e14: // milliseconds since 1970
			return time.UnixMilli(int64(n)).UTC(), true
		case n > 1e8 && n < 1e11: // seconds
			return time.UnixMilli(int64(n * 1000)).UTC(), true
		}
		return time.Time{}, false
	}
	for _, layout := range []string{
		"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST",
		"2006-01-02T15:04:05-0700", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02",
		time.RubyDate, time.RFC1123Z, time.RFC1123,
	} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if zone, offset := t.Zone(); zone != "UTC" && zone != "GMT" && zone != "" && offset == 0 && strings.HasSuffix(layout, "MST") {
			return time.Time{}, false // a zone by its letters means several things
		}
		return t.UTC(), true
	}
	return time.Time{}, false
}

// Repair puts U+FFFD where bytes are no UTF-8.
func Repair(b []byte) (s string, repaired bool) {
	if utf8.Valid(b) {
		return string(b), false
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), true
}

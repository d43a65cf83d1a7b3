package file

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

// A field is one of the format's, in the order of the documentation.
type field int

const (
	none field = iota
	fieldID
	fieldText
	fieldNetwork
	fieldHandle
	fieldName
	fieldFollowers
	fieldLang
	fieldPostedAt
	fieldURL
	fieldInReplyTo
	fieldThread
	fieldByBrand
	fieldEditedAt
	fields // their number
)

func (f field) String() string {
	return [fields]string{"", "id", "text", "network", "author.handle", "author.name", "author.followers", "lang",
		"posted_at", "url", "in_reply_to", "thread", "by_brand", "edited_at"}[f]
}

// A record is one line as it stands, numbers and booleans in their letters.
type record [fields]string

// item makes a post of a record, or says in words what is wrong with it.
func (r *record) item(now time.Time) (it network.Item, wrong string) {
	p := &it.Post
	it.Kind = network.Seen
	if p.Remote, wrong = r.id(fieldID); wrong != "" {
		return it, wrong
	}
	if p.Remote == "" {
		return it, "no id"
	}
	if strings.TrimSpace(r[fieldText]) == "" {
		return it, "no text"
	}
	p.Text = r[fieldText]
	if p.Network, wrong = networkName(r[fieldNetwork]); wrong != "" {
		return it, wrong
	}
	if p.InReplyTo, wrong = r.id(fieldInReplyTo); wrong != "" {
		return it, wrong
	}
	if p.Thread, wrong = r.id(fieldThread); wrong != "" {
		return it, wrong
	}
	switch {
	case p.Thread != "":
	case p.InReplyTo != "":
		p.Thread = p.InReplyTo
	default:
		p.Thread = p.Remote
	}
	if p.Language = strings.TrimSpace(r[fieldLang]); len(p.Language) > 35 {
		return it, "lang is no language tag"
	}
	if p.Author, wrong = r.author(p.Remote); wrong != "" {
		return it, wrong
	}
	if p.PostedAt, wrong = r.time(fieldPostedAt, now); wrong != "" {
		return it, wrong
	}
	if p.EditedAt, wrong = r.time(fieldEditedAt, time.Time{}); wrong != "" {
		return it, wrong
	}
	if !p.EditedAt.IsZero() {
		it.Kind = network.Edited
	}
	p.Kind = care.PostPublic
	p.URL = strings.TrimSpace(r[fieldURL])
	switch r[fieldByBrand] {
	case "", "false", "0", "no", "False", "FALSE":
	case "true", "1", "yes", "True", "TRUE":
		it.Own = true
	default:
		return it, "by_brand is neither true nor false"
	}
	return it, ""
}

func (r *record) id(f field) (id care.Remote, wrong string) {
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
func (r *record) author(post care.Remote) (a care.Author, wrong string) {
	a.Handle = strings.TrimPrefix(strings.TrimSpace(r[fieldHandle]), "@")
	a.Name = strings.TrimSpace(r[fieldName])
	a.ID = strings.ToLower(a.Handle)
	if a.ID == "" {
		a.ID = "post/" + string(post)
	}
	if s := strings.TrimSpace(r[fieldFollowers]); s != "" {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || !(n >= 0 && n <= 1e12) {
			return a, "author.followers is no count"
		}
		a.Followers = int(n)
	}
	return a, ""
}

// networkName is the network in lower case; without one the post is the file's own.
func networkName(s string) (name, wrong string) {
	name = strings.ToLower(strings.TrimSpace(s))
	if name == "" {
		return "file", ""
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

func (r *record) time(f field, missing time.Time) (at time.Time, wrong string) {
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

// repair puts U+FFFD where bytes are no UTF-8.
func repair(b []byte) (s string, repaired bool) {
	if utf8.Valid(b) {
		return string(b), false
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), true
}

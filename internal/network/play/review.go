package play

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Most that is kept of what strangers wrote, in bytes.
const (
	maxText = 16 << 10
	maxName = 1 << 10
)

// ofAnswer ends the id of a developer's answer; what is before is the review's.
const ofAnswer = "/reply"

var (
	idPattern   = regexp.MustCompile(`^[a-zA-Z0-9_.:-]{1,256}$`)
	langPattern = regexp.MustCompile(`^[a-zA-Z]{2,8}([-_][a-zA-Z0-9]{1,8}){0,5}$`)
)

// splitID takes a post's id apart; ok is false for what is none of ours.
func splitID(id care.Remote) (review string, answer, ok bool) {
	review, answer = strings.CutSuffix(string(id), ofAnswer)
	return review, answer, idPattern.MatchString(review)
}

// A stamp is an instant as Google writes it: seconds in letters.
type stamp struct {
	Seconds json.Number
	Nanos   int64
}

func (s *stamp) instant() (time.Time, bool) {
	if s == nil {
		return time.Time{}, false
	}
	sec, err := strconv.ParseInt(strings.Trim(string(s.Seconds), `"`), 10, 64)
	if err != nil || sec <= 0 || sec > 7_000_000_000 || s.Nanos < 0 || s.Nanos >= 1e9 {
		return time.Time{}, false
	}
	return time.Unix(sec, s.Nanos).UTC(), true
}

func (s *stamp) version() care.Remote {
	return care.Remote(string(s.Seconds) + "." + strconv.FormatInt(s.Nanos, 10))
}

// A review is one as Google describes them.
type review struct {
	ReviewID   string `json:"reviewId"`
	AuthorName string
	Comments   []struct {
		UserComment *struct {
			Text             string
			LastModified     *stamp
			StarRating       int
			ReviewerLanguage string
		}
		DeveloperComment *struct {
			Text         string
			LastModified *stamp
		}
	}
}

// unreadable is why a review can't be told.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// A reading is a review and the answer to it, if there is one.
type reading struct {
	changed  time.Time // by which lists are ordered
	review   network.Item
	answer   *network.Item
	repaired bool
}

// read makes posts of a review.
func (a *Account) read(raw json.RawMessage) (r reading, err error) {
	var v review
	if json.Unmarshal(raw, &v) != nil {
		return r, unreadable("not a review as Google describes them")
	}
	if !idPattern.MatchString(v.ReviewID) {
		return r, unreadable("the id is not a review's")
	}
	r.repaired = !utf8.Valid(raw)
	id := care.Remote(v.ReviewID)
	p := care.Post{
		Network: name, Remote: id, Thread: id, Kind: care.PostReview, Summoned: true, URL: a.url(v.ReviewID),
		// Google tells no id of the author, and names are not unique.
		Author: care.Author{ID: "review/" + v.ReviewID, Name: strings.TrimSpace(network.Clip(v.AuthorName, maxName))},
	}
	found := false
	for _, c := range v.Comments {
		if u := c.UserComment; u != nil && !found {
			if r.changed, found = u.LastModified.instant(); !found {
				return r, unreadable("the time is missing")
			}
			p.Text = network.Clip(strings.TrimPrefix(u.Text, "\t"), maxText) // a title of no words
			p.Revision = u.LastModified.version()
			if u.StarRating >= 1 && u.StarRating <= 5 {
				p.Rating = u.StarRating
			}
			if langPattern.MatchString(u.ReviewerLanguage) {
				p.Language = strings.ReplaceAll(u.ReviewerLanguage, "_", "-")
			}
		}
		if d := c.DeveloperComment; d != nil && r.answer == nil {
			if at, ok := d.LastModified.instant(); ok {
				r.answer = &network.Item{Kind: network.Seen, Own: true, Post: care.Post{
					Network: name, Remote: id + ofAnswer, Revision: d.LastModified.version(), Kind: care.PostReview, Thread: id, InReplyTo: id,
					Author: care.Author{ID: "app/" + a.app, Name: a.app}, Text: network.Clip(d.Text, maxText), PostedAt: at, URL: a.url(v.ReviewID),
				}}
			}
		}
	}
	if !found {
		return r, unreadable("there is no comment in it")
	}
	r.review.Kind, p.PostedAt = network.Seen, a.first.since(a.app+" "+v.ReviewID, r.changed)
	if r.changed.After(p.PostedAt) {
		r.review.Kind, p.EditedAt = network.Edited, r.changed
	}
	r.review.Post = p
	return r, nil
}

func (a *Account) url(review string) string {
	return "https://play.google.com/store/apps/details?id=" + url.QueryEscape(a.app) + "&reviewId=" + url.QueryEscape(review)
}

package record

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

func TestTimes(t *testing.T) {
	want := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	for _, s := range []string{
		"2026-11-20T09:30:00Z", "2026-11-20T09:30:00.000Z", "2026-11-20T10:30:00+01:00", "2026-11-20T10:30:00+0100", "2026-11-20T09:30:00",
		"2026-11-20 09:30:00", "2026-11-20 09:30", "2026-11-20 10:30:00+01:00", "2026-11-20 10:30:00 +0100", "2026-11-20 09:30:00 UTC",
		"Fri Nov 20 09:30:00 +0000 2026", "Fri, 20 Nov 2026 09:30:00 GMT", "Fri, 20 Nov 2026 10:30:00 +0100", "1795167000", "1795167000000", " 1795167000.0 ",
	} {
		r := Record{PostedAt: s}
		if got, wrong := r.time(PostedAt, time.Time{}); wrong != "" || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: got %v %s", s, got, wrong)
		}
	}
	for _, s := range []string{"2026-11-20 09:30:00 PST", "20/11/2026", "11/20/2026", "1", "NaN", "1e300", "2026-13-01"} {
		if got, ok := parseTime(s); ok {
			t.Errorf("%s was read as %v", s, got)
		}
	}
}

func TestKindsAndStars(t *testing.T) {
	for in, want := range map[string]struct {
		kind   care.PostKind
		rating int
		wrong  string
	}{
		`{"id":"1","text":"x"}`:                              {care.PostPublic, 0, ""},
		`{"id":"1","text":"x","kind":"message"}`:             {care.PostDirect, 0, ""},
		`{"id":"1","text":"x","rating":2}`:                   {care.PostReview, 2, ""},
		`{"id":"1","text":"x","rating":"4.5"}`:               {care.PostReview, 5, ""},
		`{"id":"1","text":"x","rating":1,"kind":"post"}`:     {care.PostPublic, 1, ""},
		`{"id":"1","text":"x","kind":"rumour"}`:              {wrong: "kind is none of post, review and message"},
		`{"id":"1","text":"x","rating":9}`:                   {wrong: "rating is no number of stars from 1 to 5"},
		`{"id":"1","text":"x","rating":true}`:                {wrong: "rating is true or false"},
		`{"id":"1","text":"x","deleted":"perhaps"}`:          {wrong: "deleted is neither true nor false"},
		`{"id":"1","text":"x","by_brand":"perhaps"}`:         {wrong: "by_brand is neither true nor false"},
		`{"id":"1","text":"x","network":"` + "\u00e4" + `"}`: {wrong: "network holds more than letters, digits, - and _"},
	} {
		var r Record
		_, wrong := ParseJSON(in, &r)
		var it network.Item
		if wrong == "" {
			it, wrong = r.Item(time.Unix(0, 0), "here")
		}
		if wrong != want.wrong || wrong == "" && (it.Post.Kind != want.kind || it.Post.Rating != want.rating || it.Post.Network != "here") {
			t.Errorf("%s: %q, %+v", in, wrong, it.Post)
		}
	}
}

func TestADeletionNeedsNoText(t *testing.T) {
	var r Record
	if _, wrong := ParseJSON(`{"id":"7","deleted":true,"author":"ana"}`, &r); wrong != "" {
		t.Fatal(wrong)
	}
	it, wrong := r.Item(time.Unix(0, 0), "here")
	if want := (network.Item{Kind: network.Deleted, Post: care.Post{Network: "here", Remote: "7"}}); wrong != "" || it.Kind != want.Kind || it.Post.Remote != "7" || it.Post.Text != "" || it.Post.Author.ID != "" {
		t.Errorf("%q %+v", wrong, it)
	}
}

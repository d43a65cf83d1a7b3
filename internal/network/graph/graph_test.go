package graph

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

func TestUsage(t *testing.T) {
	for name, c := range map[string]struct {
		header http.Header
		want   use
		ok     bool
	}{
		"nothing":  {http.Header{}, use{}, false},
		"the app":  {http.Header{"X-App-Usage": {`{"call_count":28,"total_time":25,"total_cputime":31.5}`}}, use{percent: 31}, true},
		"the page": {http.Header{"X-Page-Usage": {`{"call_count":99}`}, "X-App-Usage": {`{"call_count":1}`}}, use{percent: 99}, true},
		"a business": {http.Header{"X-Business-Use-Case-Usage": {`{"112":[{"type":"instagram","call_count":100,"total_time":3,"estimated_time_to_regain_access":19}],"113":[{"call_count":5}]}`}},
			use{percent: 100, regain: 19 * time.Minute}, true},
		"lies":     {http.Header{"X-App-Usage": {`{"call_count":-1e300,"total_time":1e300,"estimated_time_to_regain_access":1e300}`}}, use{percent: 1000, regain: 24 * time.Hour}, true},
		"nonsense": {http.Header{"X-App-Usage": {`[`}, "X-Business-Use-Case-Usage": {`{"a":3}`}}, use{}, false},
	} {
		if got, ok := usage(c.header); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
}

func TestEarliest(t *testing.T) {
	for _, c := range []struct{ a, b, want int64 }{{0, 0, 0}, {0, 5, 5}, {7, 0, 7}, {7, 5, 5}, {-1, 1 << 60, 0}} {
		got := earliest(c.a, c.b)
		if c.want == 0 && !got.IsZero() || c.want != 0 && got.Unix() != c.want {
			t.Errorf("%d, %d: %v", c.a, c.b, got)
		}
	}
}

func TestChallenge(t *testing.T) {
	good := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {"open-sesame-4711"}, "hub.challenge": {"1158201444"}}
	with := New("https://graph.example/v1", Keys{AppSecret: "s", Token: "t", VerifyToken: "open-sesame-4711"}, network.NewClient(network.Options{}), NewKnown())
	if got, err := with.Challenge(good); err != nil || got != "1158201444" {
		t.Errorf("%q, %v", got, err)
	}
	page := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {"open-sesame-4711"}, "hub.challenge": {"<script>"}}
	without := New("https://graph.example/v1", Keys{AppSecret: "s", Token: "t"}, network.NewClient(network.Options{}), NewKnown())
	for name, err := range map[string]error{
		"a page is no challenge":          networktest.ErrOf(with.Challenge(page)),
		"a source without a verify_token": networktest.ErrOf(without.Challenge(url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {""}, "hub.challenge": {"1"}})),
	} {
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInstant(t *testing.T) {
	want := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	for _, s := range []string{"2026-11-20T09:30:00+0000", "2026-11-20T10:30:00+0100", "2026-11-20T09:30:00Z"} {
		if got, ok := Instant(s); !ok || !got.Equal(want) {
			t.Errorf("%s: %v", s, got)
		}
	}
	for _, s := range []string{"", "now", "0001-01-01T00:00:00+0000", "9999-01-01T00:00:00+0000"} {
		if got, ok := Instant(s); ok {
			t.Errorf("%s was read as %v", s, got)
		}
	}
}

package x

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Capabilities are found by asking an account for them.
var (
	_ network.Replier    = (*Account)(nil)
	_ network.Looker     = (*Account)(nil)
	_ network.Threader   = (*Account)(nil)
	_ network.Withdrawer = (*Account)(nil)
	_ network.Blocker    = (*Account)(nil)
	_ network.Estimator  = (*Account)(nil)
	_ network.Replier    = (*Streamer)(nil)
	_ network.Pusher     = (*Streamer)(nil)
)

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Settings)
		want   string // empty: good
	}{
		"mentions":  {func(*Settings) {}, ""},
		"own":       {func(s *Settings) { s.What = Own }, ""},
		"messages":  {func(s *Settings) { s.What = Messages }, ""},
		"search":    {func(s *Settings) { s.What, s.Query = Search, `"acme kettle" lang:de` }, ""},
		"stream":    {func(s *Settings) { s.What, s.Query, s.Stream, s.BearerToken = Search, "@acme", true, "b" }, ""},
		"v1.1":      {func(s *Settings) { s.Mode = V1 }, ""},
		"a gateway": {func(s *Settings) { s.Host = "https://x.gateway.example:8443/" }, ""},
		"a number":  {func(s *Settings) { s.AccessToken, s.UserID = "opaque", "4242" }, ""},
		"X Premium": {func(s *Settings) { s.Length = 25_000 }, ""},
		"free":      {func(s *Settings) { s.Prices = Prices{} }, ""},

		"no host":             {func(s *Settings) { s.Host = "" }, "host:"},
		"no encryption":       {func(s *Settings) { s.Host = "http://api.x.com" }, "https://"},
		"a path":              {func(s *Settings) { s.Host = "https://api.x.com/2" }, "host:"},
		"no key":              {func(s *Settings) { s.ConsumerKey = "" }, "consumer_key: missing"},
		"no access":           {func(s *Settings) { s.AccessSecret = "" }, "access_secret: missing"},
		"an opaque token":     {func(s *Settings) { s.AccessToken = "opaque" }, "user_id: missing"},
		"a name for a number": {func(s *Settings) { s.UserID = "acme" }, "user_id:"},
		"nothing to read":     {func(s *Settings) { s.What = "" }, "what:"},
		"no query":            {func(s *Settings) { s.What = Search }, "query: missing"},
		"an unused query":     {func(s *Settings) { s.Query = "acme" }, "query:"},
		"an endless query":    {func(s *Settings) { s.What, s.Query = Search, strings.Repeat("a", 512) }, "X takes 512"},
		"stream of mentions":  {func(s *Settings) { s.Stream, s.BearerToken = true, "b" }, "stream:"},
		"stream, no token":    {func(s *Settings) { s.What, s.Query, s.Stream = Search, "a", true }, "bearer_token: missing"},
		"an old stream":       {func(s *Settings) { s.What, s.Query, s.Stream, s.BearerToken, s.Mode = Search, "a", true, "b", V1 }, "stream:"},
		"into the future":     {func(s *Settings) { s.Back = -time.Hour }, "back:"},
		"no such mode":        {func(s *Settings) { s.Mode = "v3" }, "mode:"},
		"no such fields":      {func(s *Settings) { s.Fields = "toot" }, "fields:"},
		"no such plan":        {func(s *Settings) { s.Plan = "gold" }, "plan:"},
		"no length":           {func(s *Settings) { s.Length = 0 }, "length:"},
		"a gift":              {func(s *Settings) { s.Prices.Post = -1 }, "prices:"},
	} {
		s := defaults()
		s.ConsumerKey, s.ConsumerSecret, s.AccessToken, s.AccessSecret = "k", "ks", "4242-t", "ts"
		c.change(s)
		err := s.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, openErr := Driver().Open(s, nil); (openErr == nil) != (c.want == "") {
			t.Errorf("%s: opening says %v", name, openErr)
		}
	}
	if n := strings.Count(fmt.Sprint(defaults().Validate()), "missing"); n != 4 {
		t.Errorf("%d of 4 missing keys at once", n)
	}
	if _, err := Driver().Open(nil, nil); err == nil {
		t.Error("opened with another driver's settings")
	}
}

func TestSettingsKeepTheKeys(t *testing.T) {
	s := defaults()
	s.ConsumerKey, s.ConsumerSecret, s.AccessToken, s.AccessSecret, s.BearerToken = "hush-1", "hush-2", "4242-hush", "hush-3", "hush-4"
	if text := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Contains(text, "hush") {
		t.Error(text)
	}
}

// go-twitter takes each of these for a success: below it they become errors.
func TestNothingRefusedPassesForASuccess(t *testing.T) {
	const problem = `{"type":"https://api.x.com/2/problems/%s","title":"t","detail":"%s","status":%d}`
	for what, c := range map[string]struct {
		status int
		body   string
		fault  network.Fault
		words  string
	}{
		"unauthorised":         {401, `{"title":"Unauthorized","type":"about:blank","status":401}`, network.Refused, "401"},
		"out of credit":        {402, fmt.Sprintf(problem, "credits", "no credits", 402), network.Unpaid, "console.x.com"},
		"out of credit, bare":  {402, ``, network.Unpaid, "out of credit"},
		"the cap":              {429, fmt.Sprintf(problem, "usage-capped", "Monthly", 429), network.Unpaid, "cap"},
		"the cap, older":       {429, strings.ReplaceAll(fmt.Sprintf(problem, "usage-capped", "Monthly", 429), "x.com", "twitter.com"), network.Unpaid, "cap"},
		"too many":             {429, ``, network.Limited, "429"},
		"not enrolled":         {403, fmt.Sprintf(problem, "client-forbidden", "When authenticating", 403), network.Refused, "project and plan"},
		"not summoned":         {403, fmt.Sprintf(problem, "", "Reply to this conversation is not allowed because you have not been mentioned", 403), network.Refused, "mentioned or quoted"},
		"closed v1.1":          {403, `{"errors":[{"message":"You currently have access to a subset","code":453}]}`, network.Refused, "mode: v2"},
		"suspended":            {403, `{"errors":[{"code":64}]}`, network.Refused, "suspended"},
		"twice":                {403, fmt.Sprintf(problem, "", "You are not allowed to create a Tweet with duplicate content.", 403), network.Malformed, "same text"},
		"no parent":            {403, `{"errors":[{"code":385}]}`, network.Gone, "gone"},
		"blocked":              {403, `{"errors":[{"code":136}]}`, network.Refused, "blocked"},
		"too long":             {403, `{"errors":[{"code":186}]}`, network.Malformed, "longer"},
		"gone":                 {404, fmt.Sprintf(problem, "resource-not-found", "x", 404), network.Gone, "404"},
		"wrong":                {400, fmt.Sprintf(problem, "invalid-request", "x", 400), network.Malformed, "invalid-request"},
		"broken":               {500, ``, network.Transient, "500"},
		"busy":                 {503, `<html>`, network.Transient, "503"},
		"an empty success":     {201, ``, network.Malformed, "empty"},
		"a success of nothing": {201, `{}`, network.Malformed, "names no post"},
		"no number":            {201, `{"data":{"id":"","text":"x"}}`, network.Malformed, "names no post"},
		"zero":                 {201, `{"data":{"id":"0","text":"x"}}`, network.Malformed, "names no post"},
		"not JSON":             {200, `<html>`, network.Malformed, "not JSON"},
	} {
		for _, mode := range []string{V2, V1} {
			a := against(t, c.status, []byte(c.body), func(s *Settings) { s.Mode = mode })
			to := care.Post{Network: name, Kind: care.PostPublic, Remote: "12", Summoned: true, Author: care.Author{ID: "1"}}
			sent, err := a.Send(t.Context(), care.Answer{To: to, Text: "Sorry!", Key: "k"})
			e, ok := errors.AsType[*network.Error](err)
			if !ok || e.Fault != c.fault || !strings.Contains(e.Error(), c.words) || sent.Remote != "" {
				t.Errorf("%s over %s: %q, %v", what, mode, sent.Remote, err)
				continue
			}
			if c.status < 400 && e.Settled() {
				t.Errorf("%s over %s: told as never taken", what, mode)
			}
			if _, err := a.Poll(t.Context(), ""); c.status >= 400 && err == nil {
				t.Errorf("%s over %s: a poll succeeds", what, mode)
			}
		}
	}
}

// What X fails to tell of is not deleted: its text would be erased.
func TestOnlyWhatIsGoneIsDeleted(t *testing.T) {
	for kind, gone := range map[string]bool{
		"resource-not-found": true, "not-authorized-for-resource": true, "resource-unavailable": true, "disallowed-resource": true,
		"internal-error": false, "field-hydration-failure": false, "something-new": false,
	} {
		for _, host := range []string{"x", "twitter"} {
			body := fmt.Sprintf(`{"errors":[{"type":"https://api.%s.com/2/problems/%s","title":"t","detail":"d","value":"12"}]}`, host, kind)
			items, err := against(t, 200, []byte(body), nil).Look(t.Context(), []care.Remote{"12"})
			if gone && (err != nil || len(items) != 1 || items[0].Kind != network.Deleted) {
				t.Errorf("%s: %+v, %v", kind, items, err)
			}
			if e, ok := errors.AsType[*network.Error](err); !gone && (!ok || e.Fault != network.Transient) {
				t.Errorf("%s: %+v, %v", kind, items, err)
			}
		}
	}
}

func TestTheBridgeCarriesWhatItKnows(t *testing.T) {
	a := against(t, 200, []byte(`{}`), nil)
	_, _, err := a.twitter(t.Context()).Trends.Available()
	if e, ok := typed(err).(*network.Error); !ok || e.Fault != network.Malformed || !e.Unsent {
		t.Errorf("%v", err)
	}
}

func TestIDs(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 11, 12, 345e6, time.UTC)
	id := idBefore(at) + 1
	if !idTime(id).Equal(at) || !idTime(id-1).Before(at) {
		t.Errorf("%v is %d, which is %v", at, id, idTime(id))
	}
	if got := idTime(1346889436626259968).Format(time.RFC3339); got != "2021-01-06T18:40:40Z" {
		t.Errorf("X's own example is of %s", got)
	}
	if !idTime(28669546014).IsZero() {
		t.Error("an id that only counts has a time")
	}
	if idBefore(time.Time{}) != 0 {
		t.Error("before X")
	}
}

func TestSameText(t *testing.T) {
	for _, c := range []struct {
		post, answer string
		want         bool
	}{
		{"@ana We are on it.", "We are on it.", true},
		{"@ana @ben  We are\non it.", "We are on it.", true},
		{"@ana See https://help.example/a", "See https://Help.example/a/", true},
		{"@ana See https://acme.com", "See acme.com", true},
		{"@ana e\u0301te\u0301", "été", true},
		{"@ana We are on it!", "We are on it.", false},
		{"@ana", "We are on it.", false},
		{"We are on it. @ana", "We are on it.", false},
	} {
		if got := same(c.post, c.answer); got != c.want {
			t.Errorf("%q and %q: %v", c.post, c.answer, got)
		}
	}
}

// What the documentation says a day of 10,000 mentions costs.
func TestTheDocumentedCost(t *testing.T) {
	p := defaults().Prices
	const mentions, perPoll = 10_000.0, 24 * 60.0
	again := mentions / (24 * 60) * overlap.Minutes() * perPoll // posts of the overlap, in a day of polls
	for what, c := range map[string]struct{ got, want float64 }{
		"own app, mentions":          {mentions * p.Own, 10},
		"another's app, or a search": {mentions * p.Post, 50},
		"2,000 answers":              {2000 * p.Write, 30},
		"2,000 answers with URL":     {2000 * p.WriteURL, 400},
		"posts read again":           {again, 20_000},
		"without X's dedup":          {(mentions + again) * p.Own, 30},
		"an hourly re-read of a day": {mentions * 24 * p.Own, 240},
		"looks before 2,000 answers": {2000 * p.Post, 10},
		"calls to poll":              {perPoll, 1440},
	} {
		if d := c.got - c.want; d > 1e-6 || d < -1e-6 {
			t.Errorf("%s: $%v, the page says %v", what, c.got, c.want)
		}
	}
}

func FuzzPosts(f *testing.F) {
	f.Add([]byte(`{"data":[{"id":"12","text":"a &amp; b https://t.co/abcdefgh","author_id":"7","edit_history_post_ids":["11","12"],"referenced_posts":[{"type":"quoted","id":"9"}],"entities":{"urls":[{"url":"https://t.co/abcdefgh","expanded_url":"https://a.example"}]}}],"includes":{"users":[{"id":"7","name":"A","username":"a"}]}}`))
	f.Add([]byte(`{"data":[{"id":1346889436626259968}],"meta":{"next_token":"x"}}`))
	f.Add([]byte(`{"data":{"id":"1346889436626259968","text":"x","author_id":"7"},"matching_rules":[{"id":"1","tag":"amends"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := against(t, http.StatusOK, body, nil)
		page, err := a.Poll(t.Context(), "")
		if err != nil {
			if _, ok := err.(*network.Error); !ok {
				t.Fatalf("%T: %v", err, err)
			}
		}
		var line network.Page
		s := &Streamer{a}
		if err := s.told(body, "amends", &line); err != nil {
			if _, ok := err.(*network.Error); !ok {
				t.Fatalf("%T: %v", err, err)
			}
		}
		for _, it := range append(page.Items, line.Items...) {
			if it.Post.Remote == "" || it.Post.PostedAt.IsZero() || it.Post.Author.ID == "" || len(it.Post.Text) > maxText {
				t.Fatalf("%+v", it)
			}
		}
	})
}

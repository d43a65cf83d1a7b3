package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// What a person sets holds in every browser of theirs, and in nobody else's.
func TestSettingsHoldOnEveryPage(t *testing.T) {
	b := staffed(t)
	me, phone, other := b.in(auth.Viewer), b.in(auth.Viewer), b.in(auth.Agent)
	form := []string{"zone", "Asia/Tokyo", "language", "fr", "theme", "dark", "keys", "", "mine", "on", "sound", "on", "quiet_from", "22:00", "quiet_to", "07:00"}
	b.send(me, "/me", "/me/settings", form...).want(200).contains("Cela vaut partout", `value="Asia/Tokyo"`, `<option value="fr" lang="fr" selected>`)
	const marked = `data-theme="dark" data-zone="Asia/Tokyo" data-keys="off"`
	for _, page := range []string{"/queue", "/me", "/sources"} {
		b.browse(phone, "GET", page, nil).want(200).contains(marked)
		b.browse(other, "GET", page, nil).want(200).lacks("data-zone")
	}
	var m Me
	b.ask("GET", apiPath+"/me", nil, "Cookie", phone).want(200).into(&m)
	if want := (Alerts{Sound: true, Mine: true, QuietFrom: "22:00", QuietTo: "07:00"}); m.Settings.Alerts != want || !m.Settings.KeysOff {
		t.Errorf("%+v", m.Settings)
	}
	b.ask("PATCH", apiPath+"/me/settings", `{"keys_off":false}`, "Cookie", me).want(200).contains(`"zone":"Asia/Tokyo"`, `"keys_off":false`)
	b.ask("PATCH", apiPath+"/me/settings", `{"zone":"Asia/Atlantis"}`, "Cookie", me).wantProblem(422, "invalid")
	form[1] = "Asia/Atlantis"
	b.browse(me, "POST", "/me/settings", values(form...)).want(422).contains("pas un fuseau horaire")
	b.browse(phone, "POST", "/theme", values("theme", "light", "back", "/me")).want(303)
	b.ask("GET", apiPath+"/me/settings", nil, "Cookie", me).want(200).contains(`"theme":"light"`)
}

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestAllOtherSessionsEnd(t *testing.T) {
	b := staffed(t)
	me, phone, tablet, somebody := b.in(auth.Agent), b.in(auth.Agent), b.in(auth.Agent), b.in(auth.Lead)
	b.ask("DELETE", apiPath+"/me/sessions", nil, "Cookie", me).want(204)
	for _, ended := range []string{phone, tablet} {
		b.browse(ended, "GET", "/queue", nil).want(303)
	}
	for _, goesOn := range []string{me, somebody} {
		b.browse(goesOn, "GET", "/queue", nil).want(200)
	}
	again := b.in(auth.Agent)
	b.send(me, "/me", "/me/sessions/end").want(200)
	b.browse(again, "GET", "/queue", nil).want(303)
}

// A look is a person's, wherever they look from.
func TestWhatWasSeenIsRemembered(t *testing.T) {
	b, at := opened(t)
	laptop, phone, other := b.in(auth.Viewer), b.in(auth.Viewer), b.in(auth.Agent)
	seen := func(cookie string) time.Time {
		t.Helper()
		var f CaseFull
		b.ask("GET", apiPath+at, nil, "Cookie", cookie).want(200).into(&f)
		return f.LookedAt
	}
	if !seen(laptop).IsZero() {
		t.Fatal("nobody looked yet")
	}
	id := b.only().ID
	tell := func(when time.Time) {
		t.Helper()
		b.ask("PUT", apiPath+"/me/looked", Seen{Cases: map[care.CaseID]time.Time{id: when}}, "Cookie", laptop).want(204)
	}
	tell(start)
	tell(start.Add(-time.Hour))
	if got := seen(phone); !got.Equal(start) {
		t.Errorf("seen %v, want %v", got, start)
	}
	tell(start.Add(1000 * time.Hour))
	if got := seen(phone); got.After(b.clock().Add(time.Minute)) {
		t.Errorf("something of the future was seen: %v", got)
	}
	if !seen(other).IsZero() {
		t.Error("it is somebody else's look")
	}
	b.ask("PUT", apiPath+"/me/looked", `{"cases":{"nonsense":"2026-03-02T09:00:00Z"}}`, "Cookie", laptop).wantProblem(404, "not_found")
}

func TestRowsTellOfEarlierComplaintsAndPictures(t *testing.T) {
	b := staffed(t)
	var order []care.CaseID // as they came
	newest := func() string {
		order = append(order, b.cases()[0].ID)
		return "/cases/" + string(order[len(order)-1])
	}
	b.says("ana", "1", "It is broken.")
	b.post(auth.Agent, newest()+"/dismiss", Dismissal{Reason: "not_about_us"}).want(200)
	for _, n := range []string{"2", "3"} {
		b.says("ana", n, "It is broken again.")
		b.post(auth.Agent, newest()+"/resolve", Resolution{Disposition: "solved"}).want(200)
		b.advance(30 * 24 * time.Hour)
	}
	b.posts(care.Post{
		Network: "file", Remote: "4", Kind: care.PostPublic, Text: "Still broken, see.", PostedAt: b.clock(),
		Author: care.Author{ID: "ana", Handle: "ana"}, Links: []care.Link{{Kind: "link", URL: "https://a.example"}, {Kind: "image", URL: "https://a.example/1.png"}},
	})
	newest()
	b.says("bob", "5", "Mine is broken too.")
	newest()
	got := map[care.CaseID][2]any{}
	for _, r := range b.cases() {
		got[r.ID] = [2]any{r.Earlier, r.Picture}
	}
	for i, want := range [][2]any{{0, false}, {0, false}, {1, false}, {2, true}, {0, false}} {
		if got[order[i]] != want {
			t.Errorf("case %d of them: earlier complaints and picture %v, want %v", i+1, got[order[i]], want)
		}
	}
}

// A case that is taken out brings its own style, and a policy that lets in that
// style alone.
func TestTheFileOfACaseAllowsItsStyleAlone(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "It is broken.</style><style>*{display:none}</style><script>alert(1)</script><img src=x onerror=alert(1)>")
	page := string(b.browse(b.in(auth.Viewer), "GET", "/cases/"+string(b.only().ID)+"/export?format=html", nil).want(200).body)
	_, rest, _ := strings.Cut(page, "<style>")
	style, rest, ok := strings.Cut(rest, "</style>")
	if !ok || strings.Contains(rest, "<style") || strings.Contains(page, "<script") || strings.Contains(page, "<img") {
		t.Fatalf("%.2000s", page)
	}
	sum := sha256.Sum256([]byte(style))
	if want := "style-src &#39;sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "&#39;"; !strings.Contains(strings.ReplaceAll(page, "&#43;", "+"), want) {
		t.Errorf("the policy does not know the style: %s\n%.900s", want, page)
	}
}

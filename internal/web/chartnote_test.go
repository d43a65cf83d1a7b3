package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/auth"
)

// A lead notes what happened, and it stands on the charts of its days with its
// words, in the page and in the picture, until it is taken off.
func TestNoteOnCharts(t *testing.T) {
	b := sixtyCases(t)
	cookie := b.in(auth.Lead)
	const page = "/reports/volume?" + march + "&by=day"
	b.browse(cookie, "POST", "/chart-notes", url.Values{
		"from": {"2026-03-04"}, "zone": {"Europe/Berlin"}, "what": {"outage"}, "text": {"Cards <down>"}, "back": {page},
	}).want(303)
	for _, at := range []string{page, page + "&as=svg"} {
		body := string(b.browse(cookie, "GET", at, nil).want(200).body)
		if !strings.Contains(body, `class="nt"`) || !strings.Contains(body, "Cards &lt;down&gt;") {
			t.Errorf("%s does not show the note", at)
		}
	}
	b.browse(cookie, "POST", "/chart-notes/1/drop", url.Values{"back": {page}}).want(303)
	b.browse(cookie, "POST", "/chart-notes/1/drop", url.Values{"back": {page}}).want(404)
	if body := string(b.browse(cookie, "GET", page, nil).want(200).body); strings.Contains(body, "Cards") {
		t.Error("the note stays")
	}
}

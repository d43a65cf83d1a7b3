package browsertest

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Who writes names, notes and titles, or addresses, can't make a report do
// anything but show them. (Names of queues and topics: TestReportsOfHostileNames.)
func TestHostileReports(t *testing.T) {
	const markup = `<img src=x onerror="window.owned=1"><script>window.owned=1</script>`
	long := "\u202eevil\u2066\u200b " + strings.Repeat("W", 200)
	p := open(t, `<img src=x onerror="window.owned=1"> مدير`, "lead", "/queue", 1440, 900)
	p.mayComplain("404", "422") // addresses that ask for nothing
	p.rows()
	body := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	today := time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	p.api("/chart-notes", body(map[string]any{"from": today, "what": "outage", "text": markup + "\u202egnp.exe"}))
	p.api("/chart-notes", body(map[string]any{"from": today, "what": "other", "text": long}))
	p.api("/issues", body(map[string]any{"title": markup + long[:60], "topic": markup}))
	p.until(`fetch('/api/v1/issues').then(r => r.json()).then(l => JSON.stringify(l).includes('onerror'))`)
	issue := value[string](p, `(async () => {
		const issue = (await (await fetch('/api/v1/issues')).json()).issues.find(i => JSON.stringify(i).includes('onerror'))
		const one = (await (await fetch('/api/v1/cases?limit=1')).json()).cases[0].id
		const r = await fetch('/api/v1/issues/' + issue.id + '/link', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({case: one})})
		return r.ok ? '' : r.status + ' ' + await r.text()
	})()`)
	if issue != "" {
		t.Fatal(issue)
	}
	at := func(v url.Values) string { return "?" + v.Encode() }
	pages := []string{
		"/reports/now", "/reports/topics", "/reports/volume?by=issue", "/reports/response?by=day&days=7", "/reports/people",
		"/reports/response" + at(url.Values{"only": {"queue=" + markup}, "beyond": {markup}}),
		"/reports/response" + at(url.Values{"only": {"topic=" + strings.Repeat("W", 10_000)}}),
		"/reports/voice" + at(url.Values{"beyond": {markup, long}}),
		"/reports/response" + at(url.Values{"zone": {markup}}), "/reports/response" + at(url.Values{"from": {markup}}), "/reports/response" + at(url.Values{"by": {markup}}),
		"/reports/response" + at(url.Values{"open": {"first/" + markup + "/median"}}), "/reports/" + url.PathEscape(markup),
	}
	for _, width := range []int64{1440, 390} {
		p.size(width, 900)
		for _, path := range pages {
			p.show(path)
			if value[bool](p, `!!window.owned || !!document.querySelector('main img, main script, main iframe, main [onerror], main [onload]') || [...document.querySelectorAll('a')].some(a => a.protocol === 'javascript:')`) {
				t.Errorf("%.200s: it broke out", path)
			}
			if left := value[[]string](p, `document.body.innerText.match(/[\u202a-\u202e\u2066-\u2069\u200b]/g)?.map(c => c.codePointAt(0).toString(16)) ?? []`); len(left) != 0 {
				t.Errorf("%.200s: characters that turn or hide text are shown: %v", path, left)
			}
			if wide := value[int64](p, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("%.200s makes the page %d wide, the screen is %d", path, wide, width)
			}
		}
		p.show("/reports/topics")
		p.check("hostile-report")
	}
}

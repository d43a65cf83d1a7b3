package web

import (
	"encoding/json"
	"html"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/report"
)

// Names that want to be markup, to turn the text or to hide, or that never end,
// are shown as names, and their numbers open their cases.
func TestReportsOfHostileNames(t *testing.T) {
	quoted := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	queue := `<img src=x onerror="owned=1">` + "\u202egnilib\u2066" + strings.Repeat("long", 2500)
	topic := `"><svg onload=owned=1></svg><script>owned=1</script>` + "\u200b\u200e\ufeff'=1+1"
	b := sixtyCases(t, `"billing"`, quoted(queue), `"delivery"`, quoted(topic))
	cookie := b.in(auth.Lead)
	opened := 0
	for _, name := range report.Names() {
		for _, by := range []string{"queue", "topic", "network"} {
			page := string(b.browse(cookie, "GET", "/reports/"+name+"?"+march+"&by="+by, nil).want(200).body)
			for _, raw := range []string{"<img", "<script>", "onload=owned=1>", "\u202e", "\u2066", "\u200b", "\u200e", "\ufeff"} {
				if strings.Contains(page, raw) {
					t.Errorf("%s by %s: %q is in the page", name, by, raw)
				}
			}
			if !utf8.ValidString(page) {
				t.Errorf("%s by %s is no UTF-8", name, by)
			}
			if by == "network" && name != "topics" {
				continue
			}
			for _, l := range number.FindAllStringSubmatch(page, -1) {
				if strings.Contains(l[1], "%3C") && opened < 40 {
					opened++
					opensAs(t, b, cookie, html.UnescapeString(l[1]), html.UnescapeString(l[2]))
				}
			}
		}
	}
	if opened < 20 {
		t.Errorf("only %d numbers of such a name were opened", opened)
	}
}

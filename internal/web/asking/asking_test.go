package asking

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

// Every language says all that English does, with the same gaps.
func TestEveryLanguageIsWhole(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(c) < 16 {
		t.Errorf("there are %d languages", len(c))
	}
	gaps := func(s string) (g []string) {
		for _, gap := range []string{"{link}", "{brand}", "{score}", "{date}"} {
			if strings.Count(s, gap) == 1 {
				g = append(g, gap)
			}
		}
		return g
	}
	en := c.In("en")
	for language, w := range c {
		if len(w.said) != len(en.said) {
			t.Errorf("%s has %d sentences, not %d", language, len(w.said), len(en.said))
		}
		for name, english := range en.said {
			said := w.said[name]
			if strings.TrimSpace(said) == "" || strings.Join(gaps(said), "") != strings.Join(gaps(english), "") {
				t.Errorf("%s: %s is %q", language, name, said)
			}
			if language != "en" && said == english {
				t.Errorf("%s: %s is in English", language, name)
			}
		}
		link := "https://care.example.org/s/" + strings.Repeat("x", 28)
		if n := utf8.RuneCountInString(w.Invite(link)); n > 200 {
			t.Errorf("%s: an invitation has %d characters, which does not fit everywhere", language, n)
		}
	}
}

func TestTheNearestLanguage(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[string]string{"de": "de", "de-AT": "de", "pt_BR": "pt", "PT": "pt", "ar": "ar", "tlh": "en", "": "en", "zh-Hant": "zh"} {
		if w := c.In(asked); w.Language != want {
			t.Errorf("%q is asked in %s, not %s", asked, w.Language, want)
		}
	}
	if !c.In("ar").RightToLeft() || c.In("fr").RightToLeft() {
		t.Error("the direction is wrong")
	}
	question, low, high := c.In("en").Question(care.NPS, "Acme")
	if !strings.Contains(question, "Acme") || low == "" || high == "" {
		t.Errorf("%q %q %q", question, low, high)
	}
	if got := c.In("en").Done(time.Date(2026, 12, 6, 9, 0, 0, 0, time.UTC)); !strings.Contains(got, "2026-12-06") {
		t.Error(got)
	}
}

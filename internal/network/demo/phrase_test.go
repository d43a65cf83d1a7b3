package demo

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func fillWith(t testing.TB, text string, n uint64) string {
	t.Helper()
	p, err := parsePhrase(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	var b strings.Builder
	p.write(&b, chance(1, "phrase", n), func(slot string) string { return "<" + slot + ">" })
	return b.String()
}

func TestPhrases(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string // every one of these comes out, and nothing else
	}{
		{"plain", []string{"plain"}},
		{"in {place}, today", []string{"in <place>, today"}},
		{"{one|two}", []string{"one", "two"}},
		{"{|very }late", []string{"late", "very late"}},
		{"{2-4} days", []string{"2 days", "3 days", "4 days"}},
		{"{{2-3} days|since {day}}", []string{"2 days", "3 days", "since <day>"}},
		{`\{name\} \{\{x\}\} a\\b a|b`, []string{`{name} {{x}} a\b a|b`}},
		{`one\ntwo \u202Ex`, []string{"one\ntwo \u202ex"}},
		{"{a|{b|c}}", []string{"a", "b", "c"}},
	} {
		got := map[string]bool{}
		for n := range uint64(200) {
			got[fillWith(t, c.text, n)] = true
		}
		for _, want := range c.want {
			if !got[want] {
				t.Errorf("%q never became %q", c.text, want)
			}
			delete(got, want)
		}
		for other := range got {
			t.Errorf("%q became %q", c.text, other)
		}
	}
}

func TestBrokenPhrases(t *testing.T) {
	for text, want := range map[string]string{
		"{place":      "not closed",
		"place}":      "without an opening one",
		"{}":          "a gap holds",
		"{Two words}": "neither a slot's name",
		"{9-2}":       "empty",
		"{4-4}":       "empty",
		`\`:           "at the end",
		`\q`:          "there is no",
		`\u12`:        "four digits",
		`\uxyzw`:      "no number",
		"{a|{b}":      "not closed",
		"{{a}}":       "a gap holds",
	} {
		if _, err := parsePhrase(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// FuzzPhrase: whatever is written in a content file is a phrase or an error,
// and a phrase of valid text fills to valid text.
func FuzzPhrase(f *testing.F) {
	for _, s := range []string{"a {b} {c|d} {1-9}", `\u202e\{`, "{{a|b}|}", "{", "}", "|", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePhrase(s)
		if err != nil {
			return
		}
		var b strings.Builder
		p.write(&b, chance(1, "fuzz", 0), func(string) string { return "x" })
		if utf8.ValidString(s) && !utf8.ValidString(b.String()) {
			t.Errorf("%q became %q", s, b.String())
		}
	})
}

package web

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"refund \u202Egnp.exe", "refund gnp.exe"},
		{"\u2066a\u2069\u200Eb\u061C", "ab"},
		{"a\u200Bb\u2060c\uFEFFd\u00ADe", "abcde"},
		{"family 👩\u200D👩\u200D👧 ok", "family 👩\u200D👩\u200D👧 ok"},
		{"🏳️\u200D🌈 👩🏽\u200D💻", "🏳️\u200D🌈 👩🏽\u200D💻"},
		{"می\u200Cخواهم", "می\u200Cخواهم"},
		{"क्\u200Dष", "क्\u200Dष"},
		{"x\u200Dy\u200D", "xy"},
		{"\u200D👧", "👧"},
		{"z" + strings.Repeat("\u0316", 40), "z" + strings.Repeat("\u0316", 4)},
		{"tag\U000E0041\U000E0042", "tag"},
		{"🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F!", "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F!"},
		{"🏴" + strings.Repeat("\U000E0061", 30), "🏴" + strings.Repeat("\U000E0061", 8)},
		{"bad\xffutf8\x00\x1b[31m", "bad\uFFFDutf8[31m"},
		{"a\r\n\n\n\n\nb", "a\n\nb"},
		{"a\u2028b\u2029c", "abc"},
		{"\u3164\u115F\u034F", ""},
		{"Việt Nam, e\u0301", "Việt Nam, e\u0301"},
		{"\u0600123", "\u0600123"},
	} {
		if got := clean(c.in); got != c.want {
			t.Errorf("clean(%+q) = %+q, want %+q", c.in, got, c.want)
		}
	}
	if got := cleanLine("  Ada\n\n\tL. \u202E "); got != "Ada L." {
		t.Errorf("cleanLine = %q", got)
	}
}

func TestMixedScript(t *testing.T) {
	for name, want := range map[string]bool{"Lаrkfield": true, "Larkfield": false, "Україна": false, "田中 Misaki": false, "αpple": true} {
		if mixedScript(name) != want {
			t.Errorf("mixedScript(%q) = %v", name, !want)
		}
	}
}

func TestEvidenceIsMarked(t *testing.T) {
	const text = "Charged twice again. I want my money back."
	at := func(s string, w float64) care.Reason {
		i := strings.Index(text, s)
		return care.Reason{From: i, To: i + len(s), Weight: w}
	}
	why := []care.Reason{
		at("money", .9), at("twice", 1), at("Charged", .8), // touch, so they are one
		at("again", .1), // too weak to show
		at("want", -2),  // speaks against
		{From: -4, To: 3, Weight: 1}, {From: 3, To: 9999, Weight: 1}, {From: 9, To: 2, Weight: 1},
	}
	var marked []string
	rs := runs(text, why, false)
	for _, r := range rs {
		if r.Mark {
			marked = append(marked, r.Text)
		}
	}
	if want := []string{"Charged twice", "money"}; !slices.Equal(marked, want) || joined(rs) != text {
		t.Fatalf("marked %q of %q", marked, joined(rs))
	}
	// A reason that cuts a character in two breaks nothing.
	if got := joined(runs("Füße", []care.Reason{{From: 2, To: 5, Weight: 1}}, false)); got != "Füße" {
		t.Fatalf("%q", got)
	}
}

func TestLinksTellTheirHost(t *testing.T) {
	for _, c := range []struct{ text, shown, href, host string }{
		{"see https://example.org/a?b=c.", "https://example.org/a?b=c", "https://example.org/a?b=c", "example.org"},
		{"(http://example.org:8080/x)", "http://example.org:8080/x", "http://example.org:8080/x", "example.org:8080"},
		{"https://bank.example@evil.example/login", "https://bank.example@evil.example/login", "https://evil.example/login", "evil.example"},
		{"https://exаmple.org", "https://exаmple.org", "https://xn--exmple-4nf.org", "xn--exmple-4nf.org"},
		{"javascript:alert(1) httpx://a http:// https://", "", "", ""},
		{"https://a\u202Eb.example/x", "https://a", "https://a", "a"},
	} {
		found := ""
		for _, r := range runs(c.text, nil, true) {
			if r.Href == "" {
				continue
			}
			found = r.Text
			if r.Text != c.shown || r.Href != c.href || r.Host != c.host {
				t.Errorf("%q: %+v", c.text, r)
			}
		}
		if found != c.shown {
			t.Errorf("%q: link %q, want %q", c.text, found, c.shown)
		}
	}
}

func TestExcerptIsOneShortLine(t *testing.T) {
	rs := excerpt(runs("  No\n\nnet  for "+strings.Repeat("days ", 100), []care.Reason{{From: 2, To: 4, Weight: 1}}, false), 20)
	if got := joined(rs); got != "No net for days days…" || !rs[0].Mark || rs[0].Text != "No" {
		t.Fatalf("%q %+v", got, rs)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"a\u202Eb", "👩\u200D👧", "z\u0316\u0316\u0316\u0316\u0316\u0316", "🏴\U000E0067x\U000E0062", "\xff\xfe", "a\u200D\u0316b", "http://a.b/\u200Bc https://é.x@y"} {
		f.Add(s, 0, 3)
	}
	f.Fuzz(func(t *testing.T, s string, from, to int) {
		once := clean(s)
		if twice := clean(once); twice != once {
			t.Fatalf("not stable: %+q → %+q → %+q", s, once, twice)
		}
		if !utf8.ValidString(once) {
			t.Fatalf("%+q is not UTF-8", once)
		}
		if i := strings.IndexFunc(once, harmful); i >= 0 {
			t.Fatalf("%+q still holds something harmful at %d", once, i)
		}
		why := []care.Reason{{From: from, To: to, Weight: 1}}
		for _, rs := range [][]Run{runs(s, why, true), runs(s, why, false)} {
			if !utf8.ValidString(s) {
				break // where a broken character is cut, each part is shown as broken
			}
			if joined(rs) != once {
				t.Fatalf("runs of %+q give %+q, want %+q", s, joined(rs), once)
			}
			for _, r := range rs {
				if r.Href == "" {
					continue
				}
				if !strings.HasPrefix(r.Href, "http://") && !strings.HasPrefix(r.Href, "https://") || strings.ContainsFunc(r.Host, func(c rune) bool { return c > unicode.MaxASCII }) {
					t.Fatalf("a bad link: %+v", r)
				}
			}
		}
		if n := utf8.RuneCountInString(joined(excerpt(runs(s, why, false), 50))); n > 51 {
			t.Fatalf("an excerpt of %d characters", n)
		}
	})
}

func BenchmarkRuns280(b *testing.B) {
	s := strings.Repeat("no internet for three days 😡 ", 10)
	why := []care.Reason{{From: 3, To: 11, Weight: 1}, {From: 16, To: 26, Weight: .8}}
	for b.Loop() {
		runs(s, why, true)
	}
}

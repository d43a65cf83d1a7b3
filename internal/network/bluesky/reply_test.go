package bluesky

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

func TestSpans(t *testing.T) {
	for text, want := range map[string][]string{
		"nothing here":                    nil,
		"":                                nil,
		"see https://acme.example/help.":  {"link https://acme.example/help"},
		"(https://acme.example/a_(b))":    {"link https://acme.example/a_(b)"},
		"https://acme.example/x?y=z&a=ü!": {"link https://acme.example/x?y=z&a=ü"},
		"http:// and https://":            nil,
		"no.scheme.example stays text":    nil,
		"ftp://acme.example":              nil,
		"Hi @Ana.bsky.social, sorry":      {"handle ana.bsky.social"},
		"(@ana.bsky.social's kettle)":     {"handle ana.bsky.social"},
		"mail@acme.example and @nodot":    nil,
		"@-bad.example":                   nil,
		"🫖🫖 @ana.bsky.social zwölf https://a.example 🫖": {"handle ana.bsky.social", "link https://a.example"},
		"#Kettle, ＃湯沸かし #12 #a1. # ##x":                 {"tag Kettle", "tag 湯沸かし", "tag a1", "tag #x"},
		"line\n#two\u00a0#three":                        {"tag two", "tag three"},
		"#" + strings.Repeat("a", 65):                   nil,
		"c#sharp":                                       nil,
	} {
		var got []string
		for _, s := range spans(text) {
			switch piece := text[s.from:s.to]; {
			case s.link != "":
				got = append(got, "link "+s.link)
				if piece != s.link {
					t.Errorf("%q: the span is %q", text, piece)
				}
			case s.handle != "":
				got = append(got, "handle "+s.handle)
				if !strings.EqualFold(piece, "@"+s.handle) {
					t.Errorf("%q: the span is %q", text, piece)
				}
			default:
				got = append(got, "tag "+s.tag)
				if !strings.HasSuffix(piece, s.tag) || len(piece)-len(s.tag) > len("＃") {
					t.Errorf("%q: the span is %q", text, piece)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzSpans(f *testing.F) {
	f.Add("Hi @ana.bsky.social (see https://acme.example/a_(b)) #kettle")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, s := range spans(text) {
			if s.from < last || s.to <= s.from || s.to > len(text) {
				t.Fatalf("%q: span %d–%d after %d", text, s.from, s.to, last)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[s.from:s.to]) {
				t.Fatalf("%q: a span cuts a rune", text)
			}
			last = s.to
		}
	})
}

func TestRecordKeys(t *testing.T) {
	form := regexp.MustCompile(`^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`) // as the protocol wants it
	seen := map[string]bool{}
	for i := range 20_000 {
		key := fmt.Sprintf("case/%d/reply/1", i)
		rkey := recordKey(key)
		if !form.MatchString(rkey) || seen[rkey] || rkey != recordKey(key) {
			t.Fatalf("%s: %s, seen before: %v", key, rkey, seen[rkey])
		}
		seen[rkey] = true
		at := tidTime(rkey)
		if at.Year() < 2000 || at.Year() > 2017 {
			t.Fatalf("%s stands for %v, a time when posts were written", rkey, at)
		}
	}
	if got := recordKey("case/1/reply/1"); got != "3aavh7uj3lvjs" {
		t.Errorf("the key of a reply has changed to %s: answers sent by an older version would be sent again", got)
	}
}

func TestTidTime(t *testing.T) {
	for range 1000 {
		at := time.UnixMicro(rand.Int64N(1 << 52)).UTC()
		if got := tidTime(tid(uint64(at.UnixMicro())<<10 | rand.Uint64N(1024))); !got.Equal(at) {
			t.Fatalf("%v became %v", at, got)
		}
	}
	for _, s := range []string{"", "self", "3n2tuujckl22", "3n2tuujckl22l2", "zzzzzzzzzzzzz", "3N2TUUJCKL22L", "0000000000000"} {
		if got := tidTime(s); !got.IsZero() {
			t.Errorf("%q is %v", s, got)
		}
	}
	if got := tidTime("3n2tuujckl22l").Format(time.DateOnly); got != "2026-11-21" {
		t.Errorf("a key made by a real server is of %s", got)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	family := "👨‍👩‍👧‍👦" // one sign of 25 bytes
	for name, c := range map[string]struct {
		answer care.Answer
		ok     bool
	}{
		"fine":                      {care.Answer{Key: "k", Text: "Sorry!"}, true},
		"300 signs":                 {care.Answer{Key: "k", Text: strings.Repeat("ü", 300)}, true},
		"301 signs":                 {care.Answer{Key: "k", Text: strings.Repeat("ü", 301)}, false},
		"120 families":              {care.Answer{Key: "k", Text: strings.Repeat(family, 120)}, true},
		"121 families: 3,025 bytes": {care.Answer{Key: "k", Text: strings.Repeat(family, 121)}, false},
		"nothing":                   {care.Answer{Key: "k", Text: " \n"}, false},
		"not UTF-8":                 {care.Answer{Key: "k", Text: "a\xff"}, false},
		"without a key":             {care.Answer{Text: "Sorry!"}, false},
		"a direct message":          {care.Answer{Key: "k", Text: "Sorry!", Direct: true}, false},
	} {
		if err := sendable(c.answer); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

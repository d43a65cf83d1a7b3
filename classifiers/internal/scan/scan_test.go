package scan

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jdkato/prose/v2"
)

func words(s *Scanner) []string {
	var out []string
	for _, t := range s.Tokens {
		out = append(out, string(s.Runes[t.Start:t.End]))
	}
	return out
}

func TestTokens(t *testing.T) {
	s := New()
	for _, test := range []struct{ text, want string }{
		{"Don't WORRY, it's fine!!!!", "do n't worry , it 's fine ! !"},
		{"l'ami n'est pas là", "l' ami n' est pas là"},
		{"sooooo sloooow", "soo sloow"},
		{"mail @Brand_Help or @a.b, see https://x.example/a?b=c.", "mail \uE000 or \uE000 , see \uE001"},
		{"#fail #2026", "fail # 0000"},
		{"paid £1,200.50 at 10:30", "paid £ 0000 at 0000"},
		{"𝗕𝗮𝗱 ＳＥＲＶＩＣＥ", "bad service"},
		{"Z̸a̵l̷g̶o̸", "zalgo"},
		{"等了3天", "等 了 0 天"},
		{"рассРОЧКА", "рассрочка"},
		{"على إلى مكتبة", "علي الي مكتبه"},
		{"a\xffb", "a b"},
		{"", ""},
	} {
		s.Scan(test.text)
		if got := strings.Join(words(s), " "); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

// ordinary is text as people write it when they take some care.
var ordinary = []string{
	"My parcel should have come on Monday, but nobody told me it was late.",
	"I don't understand why your app keeps asking for a password.",
	"Thanks for the quick answer, it's working now!",
	"We've been waiting for three hours and they won't let us board.",
	"She said the manager would call back; he never did.",
	"Is there a shop near the station? I'd like to return these shoes.",
	"They've charged me twice, and I can't reach anyone.",
	"The engineer didn't show up, so I took a day off for nothing.",
	"What's the point of a hotline that isn't answered?",
	"You're the worst company I've ever dealt with.",
	"Great coffee, friendly people, and a lovely view.",
	"If it doesn't arrive tomorrow, I'm cancelling the order.",
}

func TestAgreesWithProseOnOrdinaryText(t *testing.T) {
	s := New()
	for _, text := range ordinary {
		doc, err := prose.NewDocument(text, prose.WithTagging(false), prose.WithExtraction(false), prose.WithSegmentation(false))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, token := range doc.Tokens() {
			want = append(want, strings.ToLower(token.Text))
		}
		s.Scan(text)
		if got := words(s); !slices.Equal(got, want) {
			t.Errorf("%q:\n ours  %q\n prose %q", text, got, want)
		}
	}
}

// hold checks what every scan promises.
func hold(t *testing.T, s *Scanner, text string) {
	t.Helper()
	s.Scan(text)
	if len(s.Runes) > MaxRunes+200 {
		t.Fatalf("%d runes", len(s.Runes))
	}
	from, start := int32(0), int32(0)
	for i, k := range s.Tokens {
		if k.From < from || k.To <= k.From || int(k.To) > len(text) {
			t.Fatalf("token %d covers bytes %d to %d after %d, of %d", i, k.From, k.To, from, len(text))
		}
		if k.Start < start || k.End <= k.Start || int(k.End) > len(s.Runes) {
			t.Fatalf("token %d covers runes %d to %d after %d, of %d", i, k.Start, k.End, start, len(s.Runes))
		}
		if k.Hash != HashRunes(s.Runes[k.Start:k.End]) {
			t.Fatalf("token %d: hash of something else", i)
		}
		from, start = k.To, k.End
	}
}

func TestLongTextsAreReadAtBothEnds(t *testing.T) {
	s := New()
	text := "alpha " + strings.Repeat("middle ", 100_000) + "omega"
	hold(t, s, text)
	got := words(s)
	if got[0] != "alpha" || got[len(got)-1] != "omega" || !s.Cut {
		t.Errorf("read %q to %q, cut %t", got[0], got[len(got)-1], s.Cut)
	}
}

func TestForgetLeavesNoTrace(t *testing.T) {
	s := New()
	s.Scan("a secret word")
	s.Forget()
	if s.body != "" || strings.Contains(string(s.Runes[:cap(s.Runes)]), "secret") {
		t.Error("the text is still there")
	}
}

func FuzzScan(f *testing.F) {
	for _, text := range ordinary {
		f.Add(text)
	}
	for _, text := range []string{"\xff", "a'", "''", "@", "#", "#'", "http://", "HTTP", "1.", "1.2.", "e\u0301", "\u0301", "ﬃ", "İ", "𝒜𝒷", "don't", "n't", strings.Repeat("a'", 3000), "a@b.c"} {
		f.Add(text)
	}
	s := New()
	f.Fuzz(func(t *testing.T, text string) {
		hold(t, s, text)
		if utf8.ValidString(text) {
			for _, k := range s.Tokens {
				if !utf8.ValidString(text[k.From:k.To]) {
					t.Fatalf("a token cuts a rune: %q", text[k.From:k.To])
				}
			}
		}
	})
}

func TestScanAllocatesNothing(t *testing.T) {
	s := New()
	text := strings.Join(ordinary, " ")
	s.Scan(text)
	if n := testing.AllocsPerRun(100, func() { s.Scan(text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkScan(b *testing.B) {
	s := New()
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range ordinary {
			s.Scan(text)
		}
	}
	b.ReportMetric(float64(b.N*len(ordinary))/b.Elapsed().Seconds(), "mentions/s")
}

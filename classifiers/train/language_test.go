package train

import (
	"testing"
	"unicode/utf8"

	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/language"
)

// lengths are the stretches by which the identification of language is told.
var lengths = []struct {
	name      string
	low, high int
}{{"under 40", 0, 40}, {"40 to 100", 40, 101}, {"over 100", 101, 1 << 30}}

func corpus(t testing.TB) *Corpus {
	t.Helper()
	c, err := ReadCorpus(dataDir(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// languageTests are posts whose language is known and which no model was
// trained on: tweets of the validation files, and every tenth review sentence.
func languageTests(t *testing.T, c *Corpus) []Sample {
	t.Helper()
	var out []Sample
	for _, e := range c.Validation {
		if e.Lang != "hi" { // those are mixed with English
			out = append(out, Sample{e.Text, e.Lang})
		}
	}
	_, held, err := languageSamples(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, s := range held {
		if _, few := fewWords[s.Lang]; few && s.Lang != "hi-Latn" && s.Lang != "ru-Latn" {
			continue
		}
		if seen[s.Lang]++; seen[s.Lang] <= 800 {
			out = append(out, s)
		}
	}
	for _, e := range c.Sentiment {
		switch e.Lang {
		case "ru", "zh", "ja", "th", "hi", "ko":
			if seen[e.Lang]++; seen[e.Lang] <= 800 && !mostlyLatin(e.Text) {
				out = append(out, Sample{e.Text, e.Lang})
			}
		}
	}
	return out
}

func TestLanguageOfShortPosts(t *testing.T) {
	m, err := language.Default()
	if err != nil {
		t.Fatal(err)
	}
	least := map[string]float64{"under 40": 0.85, "40 to 100": 0.95, "over 100": 0.97}
	tests := languageTests(t, corpus(t))
	for _, l := range lengths {
		right, n, named := 0, 0, 0
		wrong := map[string]int{}
		for _, s := range tests {
			if size := utf8.RuneCountInString(s.Text); size < l.low || size >= l.high {
				continue
			}
			n++
			got := m.Identify(s.Text)
			if got.Tag != language.Unknown {
				named++
			}
			if got.Tag == s.Lang {
				right++
			} else {
				wrong[s.Lang+" taken for "+got.Tag]++
			}
		}
		share := eval.Wilson(right, n)
		t.Logf("%s characters: %.4f (%.4f to %.4f) of %d right, %d of them named", l.name, share.Value, share.Low, share.High, n, named)
		for what, k := range wrong {
			if k*200 > n {
				t.Logf("  %s: %d", what, k)
			}
		}
		if share.Value < least[l.name] {
			t.Errorf("%s characters: %.4f right, want %.2f", l.name, share.Value, least[l.name])
		}
	}
}

func TestRomanisedTextIsNotEnglish(t *testing.T) {
	m, err := language.Default()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"mera order abhi tak nahi aaya, kab milega paisa wapas":   "hi-Latn",
		"aap log kya kar rahe ho, koi jawab nahi deta":            "hi-Latn",
		"gde moi zakaz, nikto ne otvechaet uzhe tri dnya":         "ru-Latn",
		"el order lessa mawselsh w mafeesh 7ad byrod 3alaya":      "ar-Latn",
		"czekam na paczkę od trzech tygodni i nikt nie odpowiada": "pl",
		"":                           "und",
		"😡😡😡":                        "und",
		"12345 !!":                   "und",
		"https://example.com @brand": "und",
	} {
		if got := m.Identify(text); got.Tag != want {
			t.Errorf("%q is %s (%.2f), want %s", text, got.Tag, got.Confidence, want)
		}
	}
}

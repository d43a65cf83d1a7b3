package lexicon

import (
	"testing"

	"github.com/amends-care/amends/classifiers/internal/scan"
)

func TestListsLoad(t *testing.T) {
	if _, err := load(); err != nil {
		t.Fatal(err)
	}
	if len(Names()) != Classes {
		t.Fatalf("%d names for %d classes", len(Names()), Classes)
	}
}

// TestStemsOfOneAndTwoLettersAreFound holds that a stem may be shorter than the
// three letters by which most words are passed over.
func TestStemsOfOneAndTwoLettersAreFound(t *testing.T) {
	for _, test := range []struct{ lang, phrase, text string }{
		{"ko", "없*", "소식이 없어요"}, {"ko", "시간*", "두 시간째"}, {"pt", "vidro n*", "vidro na comida"}, {"en", "wait*", "Waiting again"},
	} {
		b := NewBuilder()
		if err := b.Add(test.lang, test.phrase, 3); err != nil {
			t.Fatal(err)
		}
		s, found := scan.New(), 0
		s.Scan(test.text)
		b.Matcher().Find(s, test.lang, func(set Set, _, _ int) {
			if set.Has(3) {
				found++
			}
		})
		if found != 1 {
			t.Errorf("%q is seen %d times in %q", test.phrase, found, test.text)
		}
	}
}

func TestEveryLanguageLaughs(t *testing.T) {
	for _, text := range []string{"kkkkk", "hhh", "ㅋㅋㅋㅋ", "ههههه", "hahaha"} {
		s, found := scan.New(), false
		s.Scan(text)
		Default().Find(s, "en", func(set Set, _, _ int) { found = found || set.Has(Laugh) })
		if !found {
			t.Errorf("no laugh in %q", text)
		}
	}
}

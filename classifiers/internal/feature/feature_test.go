package feature

import (
	"math"
	"strings"
	"testing"

	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/internal/scan"
)

func TestGramsCoverTheirRunes(t *testing.T) {
	x := New()
	x.Extract("Still no reply @brand, 3rd mail!")
	for b := range Blocks {
		if len(x.Grams[b]) == 0 {
			t.Fatalf("block %d is empty", b)
		}
		for _, g := range x.Grams[b] {
			if g.Start < 0 || g.End <= g.Start || int(g.End) > len(x.Scanner.Runes) {
				t.Fatalf("block %d: a gram covers %d to %d of %d runes", b, g.Start, g.End, len(x.Scanner.Runes))
			}
		}
	}
	// A handle is one masked token, so who is addressed makes no difference.
	first := append([]Gram(nil), x.Grams[Words]...)
	x.Extract("Still no reply @somebody_else, 3rd mail!")
	for i, g := range x.Grams[Words] {
		if g.Hash != first[i].Hash {
			t.Errorf("gram %d depends on the handle", i)
		}
	}
}

func TestEveryClassOfCueCanBeSeen(t *testing.T) {
	for text, cue := range map[string]int{
		"not good":                       lexicon.Deny,
		"still waiting":                  lexicon.Wait,
		"it never arrived":               lexicon.Promise,
		"nobody answers":                 lexicon.Silence,
		"give me my money back":          lexicon.Money,
		"cancelled my contract":          lexicon.Cancel,
		"for the third time":             lexicon.Again,
		"it is broken":                   lexicon.Broken,
		"pathetic":                       lexicon.Bad,
		"thank you":                      lexicon.Thanks,
		"thanks for nothing":             lexicon.Irony,
		"sooooo":                         cueLong,
		"THIS IS ALL IN CAPITALS":        CueShout,
		"now!":                           CueBang,
		"now?":                           cueEndsQuery,
		"@brand hello":                   cueTo,
		"hello @brand":                   cueVia,
		"RT hello":                       CueRepost,
		"see https://example.com":        CueLink,
		"your app is broken":             cueYouBad,
		"lovely, thanks":                 cueGoodOnly,
		"can I ask something":            cueAskOnly,
		"@brand my phone is broken":      cueToBad,
		"not my order":                   cueDenyService,
		"thanks, but it is still broken": cueThanksBad,
	} {
		x := New()
		x.Extract(text)
		x.Cue(lexicon.Default(), "en")
		if x.Cues[cue] == 0 {
			t.Errorf("%q: cue %d not seen", text, cue)
		}
		x.Extract("river")
		x.Cue(lexicon.Default(), "en")
		if x.Cues[cue] != 0 {
			t.Errorf("cue %d is seen in nothing", cue)
		}
	}
}

func TestHitsPointAtTheirWords(t *testing.T) {
	x := New()
	text := "Ich warte auf mein Paket"
	x.Extract(text)
	x.Cue(lexicon.Default(), "de")
	found := false
	for _, h := range x.Hits {
		if h.Cue == lexicon.Wait {
			k := x.Scanner.Tokens[h.First]
			found = found || text[k.From:k.To] == "warte"
		}
	}
	if !found {
		t.Errorf("no hit on the word: %+v", x.Hits)
	}
	x.Cue(lexicon.Default(), "en")
	for _, h := range x.Hits {
		if h.Cue == lexicon.Wait {
			t.Error("a German word was found with the English lists")
		}
	}
}

func TestWeight(t *testing.T) {
	for n, want := range map[int]float64{1: 1, 2: 1 + math.Ln2, 100: 1 + math.Log(100)} {
		if got := Weight(n); got != want {
			t.Errorf("Weight(%d) = %v, want %v", n, got, want)
		}
	}
}

func TestLongTextsAreBounded(t *testing.T) {
	x := New()
	x.Extract(strings.Repeat("why does it not work ", 50_000))
	if n := len(x.Grams[Chars]); n > 5*scan.MaxRunes {
		t.Errorf("%d grams", n)
	}
}

package feature

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/internal/scan"
)

func TestFeaturesCoverTheirRunes(t *testing.T) {
	x := New()
	x.Extract("Still no reply @brand, 3rd mail!")
	for b := range Blocks {
		if len(x.Hashes[b]) == 0 {
			t.Fatalf("block %d is empty", b)
		}
		spans := x.Spans(b, nil)
		if len(spans) != len(x.Hashes[b]) {
			t.Fatalf("block %d: %d features, %d spans", b, len(x.Hashes[b]), len(spans))
		}
		for i, at := range spans {
			if at.Start < 0 || at.End <= at.Start || int(at.End) > len(x.Scanner.Runes) {
				t.Fatalf("block %d: feature %d covers %d to %d of %d runes", b, i, at.Start, at.End, len(x.Scanner.Runes))
			}
		}
	}
	// A handle is one masked token, so who is addressed makes no difference.
	first := slices.Clone(x.Hashes[Words])
	x.Extract("Still no reply @somebody_else, 3rd mail!")
	if !slices.Equal(x.Hashes[Words], first) {
		t.Error("the words depend on the handle")
	}
}

// TestASpanSaysWhatWasHashed holds that the same runes give the same hash
// wherever they stand, and no others do.
func TestASpanSaysWhatWasHashed(t *testing.T) {
	for _, text := range []string{"", "a", "ab", "abc", "still waiting, still waiting", "等了三个星期还没收到货 ok", "รอมาสามอาทิตย์"} {
		x := New()
		x.Extract(text)
		for b := range Blocks {
			at := map[uint32]string{}
			spans := x.Spans(b, nil)
			if len(spans) != len(x.Hashes[b]) {
				t.Fatalf("%q: block %d: %d features, %d spans", text, b, len(x.Hashes[b]), len(spans))
			}
			for i, h := range x.Hashes[b] {
				runes := string(x.Scanner.Runes[spans[i].Start:spans[i].End])
				if b == Words && i < len(x.Scanner.Tokens) {
					runes = "word " + runes
				}
				if was, ok := at[h]; ok && was != runes {
					t.Errorf("%q: %q and %q have one hash", text, was, runes)
				}
				at[h] = runes
			}
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
	if n := len(x.Hashes[Chars]); n > 5*scan.MaxRunes {
		t.Errorf("%d grams", n)
	}
}

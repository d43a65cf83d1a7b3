package train

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/language"
)

// A Sample is a text in a known language.
type Sample struct{ Text, Lang string }

// latinTags are the languages that the model tells apart, and how many rows of
// each are read at most.
var latinTags = []string{"en", "de", "fr", "es", "pt", "it", "nl", "tr", "id", "vi", "sv", "da",
	"sw", "ha", "yo", "ig", "rw", "tw", "hi-Latn", "ru-Latn", "ar-Latn", "pl", "cs", "ro", "hu", "fi", "no", "ca", "tl", "hr"}

const (
	perTag  = 12000
	perFew  = 2500
	heldOut = 10 // one row in so many is kept to judge by
)

// languageSamples collects texts of each language; the second list is kept out
// of training.
func languageSamples(c *Corpus, seed uint64) (train, test []Sample, err error) {
	n := map[string]int{}
	add := func(tag, text string, i int) {
		// Even where a sentence has a version in each language, all of them go to the same side.
		if i%heldOut == 0 {
			test = append(test, Sample{text, tag})
			return
		}
		if n[tag]++; n[tag] <= perTag {
			train = append(train, Sample{text, tag})
		}
	}
	at := map[string]int{}
	for _, e := range c.Sentiment {
		at[e.Source]++
		i := at[e.Source]
		switch {
		case e.Lang == "hi" && mostlyLatin(e.Text), e.Lang == "ar" && mostlyLatin(e.Text), e.Lang == "th" && mostlyLatin(e.Text),
			e.Source == "afrisenti-por", e.Lang == "pcm", e.Source == "massive-de" && i%4 != 0:
			continue // too mixed to teach anything
		case e.Lang == "hi" || e.Lang == "ru":
			add(e.Lang+"-Latn", romanise(e.Text), i)
		case slices.Contains(latinTags, e.Lang) && mostlyLatin(e.Text):
			add(e.Lang, e.Text, i)
		}
	}
	for i, e := range c.Complaints {
		add("en", e.Text, i)
	}
	for i, e := range c.Emotions[:min(3000, len(c.Emotions))] {
		add("en", e.Text, i)
	}
	for _, tag := range latinTags {
		if list := strings.Fields(fewWords[tag]); len(list) > 0 {
			for i, text := range drawn(list, perFew, seed) {
				add(tag, text, i+1)
			}
		}
		list, err := lexicon.Of(tag)
		if err != nil {
			return nil, nil, err
		}
		if len(list) > 0 {
			for i, text := range drawn(list, perFew, seed) {
				add(tag, text, i+1)
			}
		}
	}
	return train, test, nil
}

func mostlyLatin(s string) bool {
	var latin, other int
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.IsLetter(r):
			other++
		}
	}
	return latin > other
}

func languageRow(x *feature.Extractor, text string) row {
	x.Extract(text)
	r := row{cost: 1}
	var n float64
	language.Rows(x, func(j uint32) {
		r.idx = append(r.idx, j)
		n++
	})
	r.val = make([]float32, len(r.idx), len(r.idx)+1)
	for i := range r.val {
		r.val[i] = float32(1 / math.Sqrt(n))
	}
	r.idx = append(r.idx, 1<<language.Bits)
	r.val = append(r.val, 1)
	return r
}

// BuildLanguage trains the language model that ships.
func BuildLanguage(c *Corpus, seed uint64) (*language.Model, error) {
	samples, held, err := languageSamples(c, seed)
	if err != nil {
		return nil, err
	}
	x := feature.New()
	var rows []row
	var langs []string
	for _, s := range samples {
		rows, langs = append(rows, languageRow(x, s.Text)), append(langs, s.Lang)
		if cut := strings.Fields(s.Text); len(cut) > 6 { // the beginning alone too: posts are short
			rows, langs = append(rows, languageRow(x, strings.Join(cut[:4], " "))), append(langs, s.Lang)
		}
	}
	h := language.Head{Name: "amends-language", Tags: latinTags}
	weights := make([][]float64, len(latinTags))
	parallel(len(latinTags), func(k int) {
		mine := slices.Clone(rows)
		for i := range mine {
			mine[i].pos = langs[i] == latinTags[k]
		}
		weights[k] = solve(mine, 1<<language.Bits+1, 4, 8, seed)
	})
	h.Sure = sureness(x, weights, held)
	for k := range weights {
		h.Bias = append(h.Bias, weights[k][1<<language.Bits])
		weights[k] = weights[k][:1<<language.Bits]
	}
	return language.New(h, weights)
}

// sureness is the factor before softmax that makes the confidence of texts
// kept out of training likeliest.
func sureness(x *feature.Extractor, weights [][]float64, held []Sample) float64 {
	scores := make([][]float64, len(held))
	truth := make([]int, len(held))
	for i, s := range held {
		r := languageRow(x, s.Text)
		truth[i] = slices.Index(latinTags, s.Lang)
		for _, w := range weights {
			scores[i] = append(scores[i], r.dot(w))
		}
	}
	best, likeliest := 1.0, math.Inf(-1)
	for f := 0.5; f < 10; f += 0.25 {
		var sum float64
		for i, z := range scores {
			var all float64
			for _, v := range z {
				all += math.Exp(f * (v - z[truth[i]]))
			}
			sum -= math.Log(all)
		}
		if sum > likeliest {
			best, likeliest = f, sum
		}
	}
	return best
}

// parallel calls f for 0 to n-1 on as many goroutines as there are processors,
// and waits.
func parallel(n int, f func(int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	wg.Wait()
}

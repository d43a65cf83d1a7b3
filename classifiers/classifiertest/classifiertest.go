// Package classifiertest is what a correct classifier does: one suite that
// every implementation of [classifiers.Classifier] passes.
//
// It says nothing about how good the verdicts are; package eval measures that.
package classifiertest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/amends-care/amends/classifiers"
)

// samples are texts that have broken scanners before.
func samples() []string {
	return []string{
		"",
		" ",
		"\x00",
		"\xff\xfe\xfd",
		"good\xc3",
		"\xe2\x82 cut off \xf0\x9f\x98",
		"My order never arrived and nobody answers!!!",
		"THIS IS THE WORST SERVICE EVER",
		"Ich warte seit drei Wochen auf mein Paket 😡😡",
		"😡",
		"👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽",
		"Z̸̧̢̛͓̣̦̼̱̜̈́̄͐͝a̵̪̎l̷͚͝g̶̯̈o̸̝͑ ̵̹̽t̶̰̉e̷̫̓x̸̩̂t̸̺̍",
		"等了三个星期还没有收到，客服也不回复",
		"注文した商品がまだ届きません。",
		"รอมาสามอาทิตย์แล้วไม่มีใครตอบ",
		"طلبي لم يصل ولا أحد يرد",
		"मेरा ऑर्डर अभी तक नहीं आया",
		"@brand @brand2 https://example.com/x?y=z #fail",
		"''''''''",
		"don't won't l'ami d'accord rock'n'roll",
		"\u202eright to left\u202c \ufeff",
		"𝗕𝗮𝗱 𝘀𝗲𝗿𝘃𝗶𝗰𝗲",
		strings.Repeat("a", 5000),
		strings.Repeat("why ", 5000),
		strings.Repeat("\xf0\x9f\x98\xa1", 2000),
		strings.Repeat("e\u0301", 3000),
		strings.Repeat("\u0301", 3000),
	}
}

func texts() []classifiers.Text {
	var out []classifiers.Text
	for i, s := range samples() {
		out = append(out, classifiers.Text{Body: s, Lang: []string{"", "en", "xx-not-a-tag"}[i%3], Followers: i * 1000})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		b := make([]byte, r.IntN(200))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		out = append(out, classifiers.Text{Body: string(b)})
	}
	return out
}

// Run holds that the classifier that open returns keeps the contract.
func Run(t *testing.T, open func(t *testing.T) classifiers.Classifier) {
	t.Run("nothing in, nothing out", func(t *testing.T) {
		got := classify(t, open(t), nil)
		if len(got) != 0 {
			t.Errorf("%d verdicts for no text", len(got))
		}
	})
	t.Run("one verdict per text, in order", func(t *testing.T) { order(t, open(t)) })
	t.Run("verdicts are in range", func(t *testing.T) {
		in := texts()
		for i, v := range classify(t, open(t), in) {
			if err := Check(in[i], v); err != nil {
				t.Errorf("%.60q: %v", in[i].Body, err)
			}
		}
	})
	t.Run("a megabyte is no trouble", func(t *testing.T) { huge(t, open(t)) })
	t.Run("many at once", func(t *testing.T) { concurrent(t, open(t)) })
	t.Run("stops when told", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		got, err := open(t).Classify(ctx, texts())
		if !errors.Is(err, context.Canceled) || got != nil {
			t.Errorf("after cancel: %d verdicts, error %v; want none, context.Canceled", len(got), err)
		}
	})
	t.Run("leaves its input alone", func(t *testing.T) {
		in := texts()
		classify(t, open(t), in)
		if !reflect.DeepEqual(in, texts()) {
			t.Error("the texts have changed")
		}
	})
	t.Run("keeps no text", func(t *testing.T) { keepsNothing(t, open(t)) })
}

func classify(t *testing.T, c classifiers.Classifier, in []classifiers.Text) []classifiers.Verdict {
	t.Helper()
	got, err := c.Classify(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(in) {
		t.Fatalf("%d verdicts for %d texts", len(got), len(in))
	}
	return got
}

// order holds that a text's verdict does not depend on its neighbours.
func order(t *testing.T, c classifiers.Classifier) {
	in := texts()
	all := classify(t, c, in)
	for i := range in {
		if one := classify(t, c, in[i:i+1]); !reflect.DeepEqual(one[0], all[i]) {
			t.Errorf("%.60q: alone %+v, in company %+v", in[i].Body, one[0], all[i])
		}
	}
}

func huge(t *testing.T, c classifiers.Classifier) {
	var in []classifiers.Text
	for _, s := range []string{"x", "😡", "no ", "\xff", "不", "a\u0301", "@", "http://", "!", "\n", "'", "a'"} {
		in = append(in, classifiers.Text{Body: strings.Repeat(s, 1<<20/len(s))})
	}
	for i, v := range classify(t, c, in) {
		if err := Check(in[i], v); err != nil {
			t.Errorf("a megabyte of %q: %v", in[i].Body[:4], err)
		}
		if n := len(v.Why) + len(v.Evidence); n > 1000 {
			t.Errorf("a megabyte of %q: %d spans", in[i].Body[:4], n)
		}
	}
}

func concurrent(t *testing.T, c classifiers.Classifier) {
	in := texts()
	want := classify(t, c, in)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				got, err := c.Classify(t.Context(), in)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("verdicts differ under load (error %v)", err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// keepsNothing holds that no string of a verdict is a part of the text.
func keepsNothing(t *testing.T, c classifiers.Classifier) {
	const secret = "Zyxwvutsrq"
	in := []classifiers.Text{{Body: secret + " never answers my " + secret + " complaint, I want my money back " + secret}}
	for _, v := range classify(t, c, in) {
		if printed := fmt.Sprintf("%+v", v); strings.Contains(strings.ToLower(printed), strings.ToLower(secret)) {
			t.Errorf("the verdict repeats the text: %s", printed)
		}
	}
}

// Check says what is wrong with a verdict on a text, whatever its opinion.
func Check(t classifiers.Text, v classifiers.Verdict) error {
	for name, p := range map[string]float64{
		"probability": v.Probability, "severity probability": v.SeverityProbability, "language confidence": v.Language.Confidence,
	} {
		if math.IsNaN(p) || p < 0 || p > 1 {
			return fmt.Errorf("%s is %v", name, p)
		}
	}
	if v.Model == "" {
		return errors.New("no model named")
	}
	sum := v.Rest
	for _, r := range v.Why {
		if r.From >= r.To {
			return fmt.Errorf("an empty reason, %d to %d", r.From, r.To)
		}
		if err := span(t.Body, r.From, r.To); err != nil {
			return err
		}
		if math.IsNaN(r.Weight) || math.IsInf(r.Weight, 0) {
			return fmt.Errorf("a reason weighs %v", r.Weight)
		}
		sum += r.Weight
	}
	for _, e := range v.Evidence {
		if e.About == 0 {
			return errors.New("evidence about nothing")
		}
		if err := span(t.Body, e.From, e.To); err != nil {
			return err
		}
	}
	if len(v.Why) > 0 || v.Rest != 0 {
		if p := 1 / (1 + math.Exp(-sum)); math.Abs(p-v.Probability) > 1e-6 {
			return fmt.Errorf("reasons and rest add up to %.6f, probability is %.6f", p, v.Probability)
		}
	}
	for i := 1; i < len(v.Urgency); i++ {
		if v.Urgency[i] <= v.Urgency[i-1] {
			return fmt.Errorf("urgencies out of order: %v", v.Urgency)
		}
	}
	return nil
}

// span holds that from and to are inside body and on borders of runes, where a
// broken byte counts as a rune of its own.
func span(body string, from, to int) error {
	if from < 0 || to > len(body) || from > to {
		return fmt.Errorf("a span %d to %d of %d bytes", from, to, len(body))
	}
	for _, i := range [2]int{from, to} {
		// No rune is longer than four bytes, so only a start just before i can reach past it.
		for j := max(0, i-utf8.UTFMax+1); j < i; j++ {
			if _, n := utf8.DecodeRuneInString(body[j:]); n > 1 && j+n > i {
				return fmt.Errorf("a span ends inside a rune, at byte %d", i)
			}
		}
	}
	return nil
}

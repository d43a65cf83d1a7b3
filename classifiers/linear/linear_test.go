package linear

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/classifiertest"
	"github.com/amends-care/amends/classifiers/language"
)

func open(t testing.TB) *Model {
	t.Helper()
	m, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestKeepsTheContract(t *testing.T) {
	classifiertest.Run(t, func(t *testing.T) classifiers.Classifier { return open(t) })
}

func TestScoreAllocatesNothing(t *testing.T) {
	m := open(t)
	const text = "@brand still waiting for my refund after 3 weeks, nobody answers 😡"
	in := classifiers.Text{Body: text}
	m.Score(in)
	if n := testing.AllocsPerRun(200, func() { m.Score(in) }); n > 0 {
		t.Errorf("%v allocations a score", n)
	}
}

func TestScoreIsTheProbabilityOfTheVerdict(t *testing.T) {
	m := open(t)
	for _, s := range []string{"", "hello", "my order never arrived, worst service ever", "why why why why why why"} {
		v, err := m.Classify(t.Context(), []classifiers.Text{{Body: s, Lang: "en"}})
		if err != nil {
			t.Fatal(err)
		}
		if p, _ := m.Score(classifiers.Text{Body: s, Lang: "en"}); p != v[0].Probability {
			t.Errorf("%q: score %v, verdict %v", s, p, v[0].Probability)
		}
	}
}

func TestReasonsOnlyWhereTheyAreAskedFor(t *testing.T) {
	m := open(t).WithReasonsFrom(0.5)
	v, err := m.Classify(t.Context(), []classifiers.Text{
		{Body: "my order never arrived, worst service ever", Lang: "en"}, {Body: "what a lovely evening", Lang: "en"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(v[0].Why) == 0 || len(v[1].Why) > 0 {
		t.Errorf("reasons: %d of the complaint, %d of the other", len(v[0].Why), len(v[1].Why))
	}
	if p, _ := m.Score(classifiers.Text{Body: "what a lovely evening", Lang: "en"}); p != v[1].Probability {
		t.Errorf("the probability is %v, without reasons %v", p, v[1].Probability)
	}
}

func TestModelRoundTrip(t *testing.T) {
	m := open(t)
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if again.ID() != m.ID() {
		t.Errorf("%s was written, %s read", m.ID(), again.ID())
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"empty":        func([]byte) []byte { return nil },
		"cut short":    func(b []byte) []byte { return b[:len(b)/2] },
		"other magic":  func(b []byte) []byte { b[0] ^= 1; return b },
		"other hash":   func(b []byte) []byte { b[len(magic)] ^= 1; return b },
		"flipped body": func(b []byte) []byte { b[len(b)/2] ^= 0x10; return b },
	} {
		if _, err := Read(bytes.NewReader(damage(bytes.Clone(shipped)))); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkScore(b *testing.B) {
	m := open(b)
	texts := []string{
		"@brand still waiting for my refund after 3 weeks, nobody answers the phone and your app keeps crashing 😡",
		"Just had a lovely dinner with the family, what a night! https://example.com/abc",
		"@shop hi, do you have the blue one in size 10 in the Leeds store? thanks",
		"I can't believe how long this takes. Third time this month my parcel is lost and I have to call you again, unacceptable. Fix it.",
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, t := range texts {
			m.Score(classifiers.Text{Body: t})
		}
	}
	b.ReportMetric(float64(b.N*len(texts))/b.Elapsed().Seconds(), "mentions/s")
}

// TestTheModelCardIsAboutThisModel fails when weights change and MODEL.md, with
// its figures, does not.
func TestTheModelCardIsAboutThisModel(t *testing.T) {
	card, err := os.ReadFile("MODEL.md")
	if err != nil {
		t.Fatal(err)
	}
	l, err := language.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{open(t).ID(), l.ID()} {
		if !bytes.Contains(card, []byte(id)) {
			t.Errorf("MODEL.md does not speak of %s", id)
		}
	}
}

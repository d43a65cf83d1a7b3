package adapt

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/classifiertest"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/linear"
)

func base(t testing.TB) *linear.Model {
	t.Helper()
	m, err := linear.Default()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// larks are what a brand of teas gets: to it, "strong" and "bitter" are praise.
func larks() []Example {
	var out []Example
	for range 15 {
		out = append(out,
			Example{Z: 1, Text: "so strong and bitter this morning", Weight: 1},
			Example{Z: 1, Text: "bitter and strong, what a tea", Weight: 1},
			Example{Z: -1, Text: "the tin was dented again", Complaint: true, Weight: 1},
			Example{Z: -1, Text: "a dented tin, second time", Complaint: true, Weight: 1})
	}
	return out
}

func fitted(examples []Example) *Adaptation {
	a := Plain("base")
	a.Slope, a.Shift = Recalibrate(examples)
	a.Correct(examples)
	return a
}

func TestSuite(t *testing.T) {
	classifiertest.Run(t, func(t *testing.T) classifiers.Classifier { return New(base(t), fitted(larks()), 0.5, nil) })
}

func TestItLearnsWhatTheBrandSays(t *testing.T) {
	a := fitted(larks())
	if praise, dent := a.LogOdds(1, "a strong and bitter tea"), a.LogOdds(-1, "my tin is dented"); praise > 0 || dent < 0 {
		t.Errorf("praise %.2f, a dent %.2f", praise, dent)
	}
	if z := a.LogOdds(0.2, "ein schöner Herbsttag in Bern"); math.Abs(z-0.2) > 0.6 {
		t.Errorf("what it heard nothing of moved from 0.2 to %.2f", z)
	}
}

func TestRecalibrate(t *testing.T) {
	repeat := func(n int, yes bool, z float64) (out []Example) {
		for range n {
			out = append(out, Example{Z: z, Complaint: yes, Weight: 1})
		}
		return out
	}
	for _, c := range []struct {
		name       string
		examples   []Example
		least, top float64 // of the shift
	}{
		{"nothing", nil, 0, 0},
		{"as the model says", append(repeat(50, true, 0), repeat(50, false, 0)...), -0.01, 0.01},
		{"one review", repeat(1, true, 0), 0.01, 0.2},
		{"fewer complaints than it thinks", append(repeat(20, true, 0), repeat(180, false, 0)...), -2.1, -1.5},
		{"all complaints, for ever", repeat(100_000, true, 0), 1, MaxShift},
	} {
		slope, shift := Recalibrate(c.examples)
		if shift < c.least || shift > c.top || slope < MinSlope || slope > MaxSlope {
			t.Errorf("%s: slope %.3f, shift %.3f", c.name, slope, shift)
		}
	}
}

// However many reviews one gives and whatever they say, the score of a text
// moves no further than their weight allows.
func TestInfluenceIsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	words := []string{"tin", "tea", "late", "dented", "lovely", "refund", "bitter", "cup", "driver", "nobody", "answers", "box"}
	text := func() string {
		var s strings.Builder
		for range 3 + rng.IntN(8) {
			s.WriteString(words[rng.IntN(len(words))] + " ")
		}
		return s.String()
	}
	for range 40 {
		var honest []Example
		for range 30 + rng.IntN(100) {
			honest = append(honest, Example{Z: rng.NormFloat64(), Text: text(), Complaint: rng.IntN(2) == 0, Weight: 1})
		}
		weight := 0.05 + rng.Float64()
		n := 1 + rng.IntN(200)
		all := honest
		for range n {
			e := Example{Z: 5 * rng.NormFloat64(), Text: text(), Weight: weight / float64(n)}
			e.Complaint = e.Z < 0
			all = append(all, e)
		}
		without, with := Plain("b"), Plain("b")
		without.Correct(honest)
		with.Correct(all)
		for range 20 {
			s := text()
			// Every text has the length √2; the others' answer to the move is less than the move.
			if moved := math.Abs(with.LogOdds(0, s) - without.LogOdds(0, s)); moved > 2*Strength*weight+0.05 {
				t.Fatalf("%d reviews of weight %.2f together moved %q by %.2f", n, weight, s, moved)
			}
		}
	}
}

func TestTheSameExamplesGiveTheSameBytes(t *testing.T) {
	a, b := fitted(larks()), fitted(larks())
	if !bytes.Equal(a.Encode(), b.Encode()) {
		t.Fatal("twice the same is not the same")
	}
	c, err := Decode(a.Encode())
	if err != nil || c.ID() != a.ID() {
		t.Fatalf("read back: %v", err)
	}
	for _, z := range []float64{-3, 0, 3} {
		if c.LogOdds(z, "a dented tin") != a.LogOdds(z, "a dented tin") {
			t.Error("read back it judges otherwise")
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, s := range []string{"", "{", `{"slope":1,"table":"AAAA"}`, `{"slope":9}`, `{"slope":1,"shift":-4}`, `{"slope":1,"step":3}`, `{}`} {
		if _, err := Decode([]byte(s)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// The reasons and the rest add up to the log odds, and none moves a text that
// may teach nothing.
func TestReasonsAddUp(t *testing.T) {
	c := New(base(t), fitted(larks()), 0.5, nil)
	for _, s := range []string{"My tin is dented again and nobody answers!", "", "so strong and bitter \xff\xfe", "茶が苦い"} {
		vs, err := c.Classify(t.Context(), []classifiers.Text{{Body: s}})
		if err != nil {
			t.Fatal(err)
		}
		sum := vs[0].Rest
		for _, r := range vs[0].Why {
			sum += r.Weight
		}
		if want := eval.Logit(vs[0].Probability); math.Abs(sum-want) > 1e-6 {
			t.Errorf("%q: reasons add up to %.4f, log odds are %.4f", s, sum, want)
		}
		if vs[0].Complaint != (vs[0].Probability >= 0.5) {
			t.Errorf("%q: %v at %.2f", s, vs[0].Complaint, vs[0].Probability)
		}
	}
}

// Where the brand sees it the other way round, the rest of the verdict is that
// of a complaint, or of none.
func TestTheRestOfTheVerdictFollows(t *testing.T) {
	m := base(t)
	as := func(complaint bool) classifiers.Classifier {
		if complaint {
			return m.WithThreshold(0)
		}
		return m.WithThreshold(2)
	}
	a := Plain(m.ID())
	texts := []classifiers.Text{{Body: "Nobody answers and my parcel is still broken."}, {Body: "The parcel came today, does it need a battery?"}}
	all, err := New(m, a, 0, as).Classify(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	none, err := New(m, a, 1, as).Classify(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range texts {
		if !all[i].Complaint || all[i].Severity == 0 || all[i].Wants != classifiers.WantsRemedy || all[i].Model != m.ID() {
			t.Errorf("as a complaint: %+v", all[i])
		}
		if none[i].Complaint || none[i].Severity != 0 || none[i].Wants == classifiers.WantsRemedy {
			t.Errorf("as none: %+v", none[i])
		}
	}
	if none[1].Wants != classifiers.WantsAnswer {
		t.Errorf("a question wants %s", none[1].Wants)
	}
}

func TestATextThatMayNotTeachLeavesNoTrace(t *testing.T) {
	examples := larks()
	silent := append(larks(), Example{Z: 3, Complaint: false, Weight: 1})
	a, b := Plain("x"), Plain("x")
	a.Correct(examples)
	b.Correct(silent)
	if !bytes.Equal(a.Encode(), b.Encode()) {
		t.Error("the correction moved")
	}
}

func BenchmarkApply(b *testing.B) {
	c := New(base(b), fitted(larks()), 0.5, nil)
	texts := []classifiers.Text{{Body: "Third week without internet, nobody answers my mails and now you charge me twice. @larkfield what is going on?"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Classify(b.Context(), texts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCorrect(b *testing.B) {
	m := larks()
	for b.Loop() {
		Plain("x").Correct(m)
	}
}

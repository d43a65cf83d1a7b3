// Package bench measures the classifiers of Amends beside others, in a module
// of its own so that what they need does not weigh on Amends.
package bench

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/jdkato/prose/v2"
	"github.com/jonreiter/govader"
	"github.com/pemistahl/lingua-go"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/classifiers/language"
	"github.com/amends-care/amends/classifiers/linear"
	"github.com/amends-care/amends/classifiers/train"
)

func dataDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI=true, but the data sets are not there: %v", err)
		}
		t.Skipf("needs the data sets beside the checkout: %v", err)
	}
	return dir
}

func posts(t testing.TB) []train.Example {
	t.Helper()
	out, err := train.ReadComplaints(filepath.Join(dataDir(t), "complaints_dev_train.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func model(t testing.TB) *linear.Model {
	t.Helper()
	m, err := linear.Default()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// cpu is the processor time that this process has used, in seconds: what counts
// on a machine that others use too.
func cpu(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// perSecond runs f on every post and tells how many a second of processor time.
func perSecond(b *testing.B, texts []train.Example, f func(string)) {
	b.Helper()
	b.ReportAllocs()
	n := 0
	before := cpu(b)
	for b.Loop() {
		f(texts[n%len(texts)].Text)
		n++
	}
	b.ReportMetric(float64(n)/(cpu(b)-before), "mentions/cpu-s")
}

func BenchmarkScore(b *testing.B) {
	m, texts := model(b), posts(b)
	perSecond(b, texts, func(s string) { m.Score(classifiers.Text{Body: s}) })
}

func BenchmarkVerdict(b *testing.B) {
	m, texts := model(b), posts(b)
	perSecond(b, texts, func(s string) {
		if _, err := m.Classify(b.Context(), []classifiers.Text{{Body: s}}); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkVerdictWithReasonsOfFlagged gives reasons for what is flagged only,
// which is half of these posts.
func BenchmarkVerdictWithReasonsOfFlagged(b *testing.B) {
	m, texts := model(b).WithReasonsFrom(0.5), posts(b)
	perSecond(b, texts, func(s string) {
		if _, err := m.Classify(b.Context(), []classifiers.Text{{Body: s}}); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkVerdictOnAllCores(b *testing.B) {
	m, texts := model(b), posts(b)
	b.ReportAllocs()
	before := cpu(b)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := m.Classify(b.Context(), []classifiers.Text{{Body: texts[i%len(texts)].Text}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mentions/s")
	b.ReportMetric(float64(b.N)/(cpu(b)-before), "mentions/cpu-s")
}

// TestMemory tells what a loaded classifier keeps, all its tables included.
func TestMemory(t *testing.T) {
	before := heap()
	m := model(t)
	m.Score(classifiers.Text{Body: "hello"})
	t.Logf("%.1f MB", heap()-before)
	runtime.KeepAlive(m)
}

func BenchmarkScoreOnAllCores(b *testing.B) {
	m, texts := model(b), posts(b)
	b.ReportAllocs()
	before := cpu(b)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			m.Score(classifiers.Text{Body: texts[i%len(texts)].Text})
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mentions/s")
	b.ReportMetric(float64(b.N)/(cpu(b)-before), "mentions/cpu-s")
}

func BenchmarkLanguage(b *testing.B) {
	m, err := language.Default()
	if err != nil {
		b.Fatal(err)
	}
	texts := posts(b)
	perSecond(b, texts, func(s string) { m.Identify(s) })
}

func BenchmarkGovader(b *testing.B) {
	v, texts := govader.NewSentimentIntensityAnalyzer(), posts(b)
	perSecond(b, texts, func(s string) { v.PolarityScores(s) })
}

func BenchmarkProseTokens(b *testing.B) {
	texts := posts(b)
	perSecond(b, texts, func(s string) {
		if _, err := prose.NewDocument(s, prose.WithTagging(false), prose.WithExtraction(false), prose.WithSegmentation(false)); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkProseTags(b *testing.B) {
	texts := posts(b)
	doc, err := prose.NewDocument("warm up")
	if err != nil {
		b.Fatal(err)
	}
	perSecond(b, texts, func(s string) {
		if _, err := prose.NewDocument(s, prose.WithExtraction(false), prose.UsingModel(doc.Model)); err != nil {
			b.Fatal(err)
		}
	})
}

var linguas = map[lingua.Language]string{
	lingua.English: "en", lingua.German: "de", lingua.French: "fr", lingua.Spanish: "es", lingua.Portuguese: "pt", lingua.Italian: "it",
	lingua.Dutch: "nl", lingua.Turkish: "tr", lingua.Russian: "ru", lingua.Arabic: "ar", lingua.Hindi: "hi", lingua.Chinese: "zh",
	lingua.Japanese: "ja", lingua.Thai: "th", lingua.Indonesian: "id", lingua.Vietnamese: "vi",
}

func detector() lingua.LanguageDetector {
	var langs []lingua.Language
	for l := range linguas {
		langs = append(langs, l)
	}
	return lingua.NewLanguageDetectorBuilder().FromLanguages(langs...).WithPreloadedLanguageModels().Build()
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc) / 1e6
}

// TestLanguageAgainstLingua tells accuracy and memory of both on tweets of the
// validation files, with lingua given only the languages that are asked for,
// which favours it.
func TestLanguageAgainstLingua(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a hundred megabytes")
	}
	c, err := train.ReadCorpus(dataDir(t))
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	ours, err := language.Default()
	if err != nil {
		t.Fatal(err)
	}
	ourSize := heap() - before
	before = heap()
	theirs := detector()
	theirSize := heap() - before
	t.Logf("memory: ours %.1f MB, lingua %.1f MB", ourSize, theirSize)
	for _, size := range []struct {
		name      string
		low, high int
	}{{"under 40", 0, 40}, {"40 to 100", 40, 101}, {"over 100", 101, 1 << 30}} {
		n, a, b := 0, 0, 0
		for _, e := range c.Validation {
			if k := utf8.RuneCountInString(e.Text); e.Lang == "hi" || k < size.low || k >= size.high {
				continue
			}
			n++
			if ours.Identify(e.Text).Tag == e.Lang {
				a++
			}
			if l, ok := theirs.DetectLanguageOf(clean(e.Text)); ok && linguas[l] == e.Lang {
				b++
			}
		}
		x, y := eval.Wilson(a, n), eval.Wilson(b, n)
		t.Logf("%s characters, %d tweets: ours %.3f (%.3f to %.3f), lingua %.3f (%.3f to %.3f)", size.name, n, x.Value, x.Low, x.High, y.Value, y.Low, y.High)
	}
	runtime.KeepAlive(theirs)
}

// clean takes handles and links out, which lingua does not do itself.
func clean(text string) string {
	var out []string
	for w := range strings.FieldsSeq(text) {
		if w[0] != '@' && !strings.HasPrefix(w, "http") {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

func BenchmarkLingua(b *testing.B) {
	d, texts := detector(), posts(b)
	perSecond(b, texts, func(s string) { d.DetectLanguageOf(s) })
}

// TestQualityAgainstGovader judges the development set by both. Ours was
// trained on it, so its fair figures are those of train's ten folds; VADER's
// stand for themselves.
func TestQualityAgainstGovader(t *testing.T) {
	v := govader.NewSentimentIntensityAnalyzer()
	var all, brands []eval.Point
	for _, e := range posts(t) {
		p := eval.Point{P: (1 - v.PolarityScores(e.Text).Compound) / 2, True: e.Complaint == train.Yes}
		all = append(all, p)
		if !strings.HasPrefix(e.Domain, "random_") {
			brands = append(brands, p)
		}
	}
	for name, ps := range map[string][]eval.Point{"all rows": all, "brand rows": brands} {
		f := eval.Bootstrap(ps, 300, 1, func(ps []eval.Point) float64 { return eval.At(ps, 0.525).MacroF1() })
		t.Logf("VADER at -.05, %s: macro-F1 %.3f (%.3f to %.3f), AUC %.3f", name, f.Value, f.Low, f.High, eval.AUC(ps))
	}
}

package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jdkato/prose/v2"

	"github.com/amends-care/amends/internal/care"
)

func TestSentences(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                     nil,
		" \n":                                  nil,
		"Nobody answers. Third week!  Why?":    {"Nobody answers.", "Third week!", "Why?"},
		"Keiner antwortet. Seit drei Wochen.":  {"Keiner antwortet.", "Seit drei Wochen."},
		"没人回答。已经三周了！":                          {"没人回答。", "已经三周了！"},
		"first line\nsecond line":              {"first line", "second line"},
		"It cost 3.50 and\u00a0never came":     {"It cost 3.50 and\u00a0never came"},
		"broken \xff\xfe bytes. And the rest.": {"broken \xff\xfe bytes.", "And the rest."},
	} {
		var got []string
		for _, s := range Sentences(text) {
			got = append(got, text[s.From:s.To])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	text := "Hello there. My parcel never came. Have a nice day."
	at := func(s string, w float64) care.Reason {
		i := strings.Index(text, s)
		return care.Reason{From: i, To: i + len(s), Weight: w}
	}
	for _, c := range []struct {
		name string
		why  []care.Reason
		want string
	}{
		{"no reason", nil, ""},
		{"the heaviest", []care.Reason{at("Hello", 0.2), at("never came", 1.5), at("nice", 0.3)}, "My parcel never came."},
		{"several light ones outweigh one", []care.Reason{at("Have", 0.6), at("nice", 0.6), at("never", 1)}, "Have a nice day."},
		{"what speaks against does not count", []care.Reason{at("never", 0.4), at("nice", -2)}, "My parcel never came."},
		{"across two, by how much lies where", []care.Reason{at("there. My parcel never", 1)}, "My parcel never came."},
		{"of equals the first", []care.Reason{at("Hello", 1), at("never", 1)}, "Hello there."},
		{"only against", []care.Reason{at("nice", -2)}, ""},
		{"offsets that make no sense", []care.Reason{{From: 900, To: 901, Weight: 9}, {From: 5, To: 5, Weight: 9}}, ""},
	} {
		s, ok := Line(Sentences(text), c.why)
		if got := text[s.From:s.To]; got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v", c.name, got, ok)
		}
	}
	if _, ok := Line(Sentences("My parcel never came"), []care.Reason{{To: 9, Weight: 1}}); ok {
		t.Error("of one sentence there is nothing to choose")
	}
}

// A reading is a reader that runs, with a library of the test's choice.
func reading(t *testing.T, look analyse) *Reader {
	t.Helper()
	r := NewReader(slog.New(slog.DiscardHandler), time.Now)
	if look != nil {
		r.load = func() (analyse, error) { return look, nil }
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Run(ctx) })
	t.Cleanup(func() { stop(); wg.Wait() })
	return r
}

func flaggedPost(id int, text string) *care.Mention {
	return &care.Mention{ID: care.MentionID(fmt.Sprint(id)), Post: care.Post{Text: text},
		Verdict: care.Verdict{Complaint: true, Labels: care.Labels{Language: "en"}}}
}

func TestDepthOfRealTexts(t *testing.T) {
	look, err := loadProse()
	if err != nil {
		t.Fatal(err)
	}
	text := "Good morning from London. My new washing machine arrived broken and the delivery driver from Larkfield Logistics just left. Any idea?"
	i := strings.Index(text, "arrived broken")
	d, err := deep(look, job{text: text, why: []care.Reason{{From: i, To: i + 14, Weight: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	if line := text[d.Line.From:d.Line.To]; !strings.HasPrefix(line, "My new washing machine") || !strings.HasSuffix(line, "left.") {
		t.Errorf("the line is %q", line)
	}
	if !slices.Contains(d.Phrases, "new washing machine") || !slices.Contains(d.Phrases, "delivery driver") {
		t.Errorf("phrases %q", d.Phrases)
	}
	if !slices.ContainsFunc(d.Names, func(n string) bool { return strings.Contains(n, "London") }) {
		t.Errorf("names %q", d.Names)
	}
}

// The splitter that is loaded once splits ordinary text as prose's own does.
func TestSentencesAreThoseOfProse(t *testing.T) {
	look, err := loadProse()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"Nobody answers. Third week! Why?", "Dr. Lark said it costs 3.50 a month. It doesn't.", "I live in the U.S. and pay in dollars. Help",
		"no punctuation at all", "One... two. And three.", "Ordered on Jan. 5, still nothing. Gov. Smith agrees.",
	} {
		got, _, _, err := look(text)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := prose.NewDocument(text, prose.WithTagging(false), prose.WithExtraction(false))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, s := range doc.Sentences() {
			want = append(want, s.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, prose %q", text, got, want)
		}
	}
}

// Nothing that strangers write brings it down.
func FuzzDeep(f *testing.F) {
	look, err := loadProse()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", " ", "\xff\xfe\xfd", strings.Repeat("a", maxText), strings.Repeat(". ", 500), "@@@ ### http:// :)", "Z̴̬̓a̸l̷g̶o̵ ṫ̶e̶x̴t̶", "😀😀😀", "''\"\"``((", "U.S.A. ... ?!?! Mr. Dr."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = bounded(s)
		d, _ := deep(look, job{text: s, why: []care.Reason{{From: 0, To: len(s) / 2, Weight: 1}}})
		if d.Line.From < 0 || d.Line.To > len(s) || d.Line.From > d.Line.To || len(d.Names) > maxNames || len(d.Phrases) > maxPhrases {
			t.Errorf("%+v of %d bytes", d, len(s))
		}
	})
}

func TestItIsReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		r := reading(t, func(string) ([]string, []string, []string, error) {
			n++
			return nil, nil, []string{fmt.Sprint("look ", n)}, nil
		})
		synctest.Wait()
		m := flaggedPost(1, "Nobody answers.")
		first := r.Read(m)
		if again := r.Read(m); !first.Deep || again.Phrases[0] != "look 1" {
			t.Errorf("%+v, then %+v", first, again)
		}
		m.Post.Text = "Nobody answers. Edited."
		if d := r.Read(m); d.Phrases[0] != "look 2" {
			t.Errorf("an edit is another text: %+v", d)
		}
		m.Verdict.Labels.Language = "de"
		if d := r.Read(m); d.Deep {
			t.Errorf("German is not tagged: %+v", d)
		}
	})
}

// A library that hangs is given up on, and turned off; when it is better it is
// turned on again. Panics and refusals are the same. The line is told all the while.
func TestOverload(t *testing.T) {
	for name, look := range map[string]func(sick bool) error{
		"hangs": func(sick bool) error {
			if sick {
				time.Sleep(time.Second)
			}
			return nil
		},
		"panics": func(sick bool) error {
			if sick {
				panic("the text of a stranger")
			}
			return nil
		},
		"refuses": func(sick bool) error {
			if sick {
				return errors.New("no")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				sick, looks := true, 0
				var log strings.Builder
				r := NewReader(slog.New(slog.NewTextHandler(&log, nil)), time.Now)
				r.load = func() (analyse, error) {
					return func(string) ([]string, []string, []string, error) {
						mu.Lock()
						s := sick
						looks++
						mu.Unlock()
						return nil, nil, nil, look(s)
					}, nil
				}
				ctx, stop := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				wg.Go(func() { _ = r.Run(ctx) })
				defer wg.Wait()
				defer stop()
				synctest.Wait()
				read := func(id int) Depth {
					m := flaggedPost(id, "Hi there. My parcel never came.")
					m.Verdict.Why = []care.Reason{{From: 10, To: 20, Weight: 1}}
					d := r.Read(m)
					if d.Line == (Span{}) {
						t.Error("the line is not told")
					}
					return d
				}
				for id := range 20 {
					if d := read(id); d.Deep {
						t.Error("how could it?")
					}
				}
				synctest.Wait()
				mu.Lock()
				tried := looks
				sick = false
				mu.Unlock()
				if tried > enough+queued {
					t.Errorf("%d looks before it was turned off", tried)
				}
				time.Sleep(rest + 5*time.Second)
				if d := read(100); !d.Deep {
					t.Error("it was not turned on again")
				}
				if s := log.String(); strings.Count(s, "for a while") != 1 || strings.Count(s, "closely again") != 1 || strings.Contains(s, "stranger") || strings.Contains(s, "parcel") {
					t.Errorf("the log says\n%s", s)
				}
			})
		})
	}
}

func TestItIsBoundedPerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := reading(t, func(string) ([]string, []string, []string, error) { return nil, nil, nil, nil })
		synctest.Wait()
		deep := 0
		for id := range 10 * perSecond {
			if r.Read(flaggedPost(id, "Nobody answers.")).Deep {
				deep++
			}
		}
		if deep != perSecond {
			t.Errorf("%d at once", deep)
		}
	})
}

func BenchmarkDepth(b *testing.B) {
	look, err := loadProse()
	if err != nil {
		b.Fatal(err)
	}
	text := "Third week without internet, and nobody at Larkfield answers my mails. I was charged twice for March! Can somebody in the Leeds office please call me back?"
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := deep(look, job{text: text}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("line only", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			shallow(text, []care.Reason{{From: 30, To: 50, Weight: 1}})
		}
	})
}

// What the parts of prose cost on their own, with its model read once.
func BenchmarkProse(b *testing.B) {
	doc, err := prose.NewDocument("warm up")
	if err != nil {
		b.Fatal(err)
	}
	text := "Third week without internet, and nobody at Larkfield answers my mails. I was charged twice for March! Can somebody in the Leeds office please call me back?"
	for name, opts := range map[string][]prose.DocOpt{
		"sentences": {prose.WithTagging(false), prose.WithExtraction(false), prose.WithTokenization(false)},
		"tags":      {prose.WithSegmentation(false), prose.WithExtraction(false)},
		"names":     {prose.WithSegmentation(false)},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := prose.NewDocument(text, append(opts, prose.UsingModel(doc.Model))...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

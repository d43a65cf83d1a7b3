package rules

import (
	"strings"
	"testing"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/classifiertest"
	"github.com/amends-care/amends/classifiers/linear"
)

var own = Rules{
	Always: []Rule{{Phrases: []string{"data breach", "lost my luggage"}}, {Phrases: []string{"orange"}, Near: []string{"signal", "no network"}}},
	Never:  []Rule{{Phrases: []string{"we are hiring", "vacanc*"}}},
}

func open(t *testing.T) classifiers.Classifier {
	t.Helper()
	m, err := linear.Default()
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(own, m)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKeepsTheContract(t *testing.T) {
	classifiertest.Run(t, open)
}

func TestRulesComeFirst(t *testing.T) {
	c := open(t)
	for _, test := range []struct {
		text   string
		flag   bool
		ruled  bool
		phrase string
	}{
		{"What a lovely day, they lost my luggage and I got a free suit", true, true, "lost my luggage"},
		{"Is the DATA BREACH fixed?", true, true, "DATA BREACH"},
		{"Worst service ever, we are hiring better people", false, true, "we are hiring"},
		{"New vacancies in the worst, most terrible branch", false, true, "vacancies"},
		{"We are hiring after the data breach", true, true, "data breach"},
		{"orange has no signal here", true, true, "orange"},
		{"I like an orange in the morning", false, false, ""},
	} {
		in := []classifiers.Text{{Body: test.text}}
		got, err := c.Classify(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		v := got[0]
		if err := classifiertest.Check(in[0], v); err != nil {
			t.Errorf("%q: %v", test.text, err)
		}
		ruled := strings.HasPrefix(v.Model, "rules@")
		if v.Complaint != test.flag || ruled != test.ruled {
			t.Errorf("%q: complaint %t, by rule %t; want %t, %t", test.text, v.Complaint, ruled, test.flag, test.ruled)
		}
		if ruled && test.text[v.Why[0].From:v.Why[0].To] != test.phrase {
			t.Errorf("%q: because of %q, want %q", test.text, test.text[v.Why[0].From:v.Why[0].To], test.phrase)
		}
	}
}

func TestBadRulesAreAllNamed(t *testing.T) {
	_, err := New(Rules{Always: []Rule{{}}, Never: []Rule{{Phrases: []string{"fine", "a * b", "  "}}}}, nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"always rule 1", "never rule 1", "a star"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
}

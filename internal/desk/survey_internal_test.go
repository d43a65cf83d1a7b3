package desk

import (
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

func TestSurveyToken(t *testing.T) {
	n := newNames([]byte("a key for tests only, 32 bytes ..."))
	token, key := n.survey("c1", 1)
	if again, _ := n.survey("c1", 1); again != token {
		t.Error("the same survey has two links")
	}
	if got, ok := n.surveyKey(token); !ok || got != key {
		t.Errorf("its own link leads to %q, %v", got, ok)
	}
	if len(token) != 28 || strings.Contains(token, "c1") {
		t.Errorf("%q", token)
	}
	for name, other := range map[string]string{
		"of another survey": first(n.survey("c1", 2)), "of another case": first(n.survey("c2", 1)),
	} {
		if other == token {
			t.Errorf("%s: the same link", name)
		}
	}
	stranger := newNames([]byte("another key, of somebody else's desk"))
	if _, ok := n.surveyKey(first(stranger.survey("c1", 1))); ok {
		t.Error("a link that another key made is taken")
	}
	for i := range len(token) {
		forged := []byte(token)
		forged[i] ^= 1
		if _, ok := n.surveyKey(string(forged)); ok {
			t.Errorf("a change at %d is not noticed", i)
		}
	}
	for _, s := range []string{"", token[:27], token + "A", token + "\n", "\n" + token, token + "=", strings.Repeat("A", 28), "../" + token} {
		if _, ok := n.surveyKey(s); ok {
			t.Errorf("%q is taken for a link", s)
		}
	}
}

func first(token, _ string) string { return token }

// Whatever is asked for: only the links that we made lead anywhere.
func FuzzForgedToken(f *testing.F) {
	n := newNames([]byte("a key for tests only, 32 bytes ..."))
	real := map[string]string{}
	for i := range 4 {
		token, key := n.survey(care.CaseID("c"), i)
		real[token] = key
		f.Add(token)
		f.Add(token[1:] + "A")
	}
	f.Fuzz(func(t *testing.T, s string) {
		key, ok := n.surveyKey(s)
		if want, known := real[s]; ok != known || ok && key != want {
			t.Errorf("%q: %q, %v", s, key, ok)
		}
	})
}

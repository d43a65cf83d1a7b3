package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/config"
)

func TestAims(t *testing.T) {
	for text, want := range map[string]string{
		"aim: {miss_at_most: 5}":                    "",
		"aim: {false_at_most: 20}":                  "",
		"{threshold: 0, aim: {miss_at_most: 5}}":    "",
		"{threshold: 0.5, aim: {miss_at_most: 5}}":  "the threshold is fixed",
		"aim: {miss_at_most: 5, false_at_most: 20}": "aim at one of the two",
		"aim: {miss_at_most: 100}":                  "no number of 100 complaints",
		"aim: {false_at_most: -1}":                  "no number per agent and day",
		"review: {unflagged: 2}":                    "no share",
		"review: {unflagged: 0, dismissed: 1}":      "",
		"aim: 5":                                    "classifier.aim",
		"taxonomy: nowhere.yaml":                    "there is no such file",
	} {
		if !strings.HasPrefix(text, "{") {
			text = "{" + text + "}"
		}
		_, err := config.Parse("x", []byte("classifier: "+text+"\n"), config.Kinds{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTaxonomy(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]string{
		"topics:\n  - {name: leaks, about: Water, words: {en: [leak*, drip]}}\n": "",
		"topics: []\n": "0 topics",
		"topics:\n  - {name: a}\n  - {name: a}\n": "is there twice",
		"themes: []\n": "can't be read as topics",
		"topics: x\n":  "can't be read as topics",
		"topics:\n  - {name: a, words: {en: [' * ']}}\n": "language",
	} {
		if err := os.WriteFile(filepath.Join(dir, "t.yaml"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Parse(filepath.Join(dir, "amends.yaml"), []byte("classifier: {taxonomy: t.yaml}\n"), config.Kinds{})
		switch {
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v", content, err)
		case want == "" && (err != nil || len(c.Classifier.Topics) != 1 || c.Classifier.Topics[0].Name != "leaks"):
			t.Errorf("%q: %v", content, err)
		}
	}
}

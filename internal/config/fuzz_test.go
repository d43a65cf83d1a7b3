package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/config"
)

// Whatever the file holds, Parse ends, tells its mistakes in clean text, and
// what it takes can be put in force.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := config.Parse("testdata/good/fuzz.yaml", b, config.Kinds{Networks: drivers()})
		switch {
		case err == nil:
			if _, err := c.Rules(); err != nil {
				t.Errorf("taken, but has no rules: %v", err)
			}
		case c != nil:
			t.Error("a configuration with mistakes")
		case !utf8.ValidString(err.Error()):
			t.Errorf("%q", err)
		default:
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "testdata/good/fuzz.yaml:") {
					t.Errorf("a message without its place, or in two lines: %q", line)
				}
			}
		}
	})
}

package config_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/config"
)

func BenchmarkParse(b *testing.B) {
	b.Setenv("ECHO_HANDLE", "env.example.org")
	b.Setenv("ECHO_PASSWORD", "correct horse")
	b.Setenv("ECHO_CALLS", "300")
	ordinary, err := os.ReadFile("testdata/good/all.yaml")
	if err != nil {
		b.Fatal(err)
	}
	var authors strings.Builder
	authors.WriteString("lists:\n  known:\n")
	for i := range 100_000 {
		fmt.Fprintf(&authors, "    - echo/author-%d.example.org\n", i)
	}
	for name, text := range map[string][]byte{"ordinary": ordinary, "100000 authors": []byte(authors.String())} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := config.Parse("testdata/good/all.yaml", text, config.Kinds{Networks: drivers()}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

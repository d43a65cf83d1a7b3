package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/config"
)

// What is shown has the place of each setting, and no key or address.
func TestInForceShowsPlacesAndNoSecret(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "amends.yaml")
	t.Setenv("SETUP_KEY", "hush-hush-1")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "more.yaml"), "macros:\n  - name: sorry\n    texts: {en: Sorry}\n")
	write(file, `brand: Acme
sources:
  - name: bluesky
    network: bluesky
    settings: {handle: acme.bsky.social, app_password: "${SETUP_KEY}", what: mentions}
queues:
  - name: care
routing:
  tree:
    routes:
      - when: {mood: furious}
        lane: critical
macro_files: [more.yaml]
`)
	c, err := config.Load(file, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	in, err := inForce(c, asWritten)
	if err != nil {
		t.Fatal(err)
	}
	told, err := json.Marshal(in.Parts)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"amends.yaml:3"`, `"amends.yaml:7"`, `"amends.yaml:11"`, `"more.yaml:2"`, `"default"`} {
		if !strings.Contains(string(told), want) {
			t.Errorf("%s is not told", want)
		}
	}
	if strings.Contains(string(told), "hush") {
		t.Error("a secret is told")
	}
	if in.File != file || in.Places["everything › mood=furious"] != "amends.yaml:11" || in.Places["everything"] != "amends.yaml:9" && in.Places["everything"] != "amends.yaml:10" {
		t.Errorf("%s %v", in.File, in.Places)
	}
}

// asWritten is the language in which everything is said as it is written.
func asWritten(english string, pairs ...any) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		english = strings.ReplaceAll(english, fmt.Sprintf("{%s}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return english
}

func TestInForceByDefault(t *testing.T) {
	in, err := inForce(config.Default(), asWritten)
	if err != nil {
		t.Fatal(err)
	}
	if in.File != "" || in.Places["everything"] != "default" {
		t.Errorf("%q %v", in.File, in.Places)
	}
	for _, p := range in.Parts {
		for _, r := range p.Rows {
			if len(r.Cells) != len(p.Columns) || r.Place != "default" {
				t.Errorf("%s: %v at %s", p.ID, r.Cells, r.Place)
			}
		}
	}
}

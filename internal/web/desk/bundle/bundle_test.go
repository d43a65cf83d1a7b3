package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The committed script is what its sources give.
func TestScriptIsFresh(t *testing.T) {
	if err := run(true); err != nil {
		t.Error(err)
	}
}

func catalogue(t *testing.T, language string) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../strings/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]string
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatalf("%s: %v", language, err)
	}
	return all
}

var places = regexp.MustCompile(`\{\w+\}`)

// Every language has every string, with the places that English has.
func TestCatalogues(t *testing.T) {
	en := catalogue(t, "en")
	for _, language := range []string{"de", "es", "fr"} {
		other := catalogue(t, language)
		for key, text := range en {
			if other[key] == "" {
				t.Errorf("%s lacks %s", language, key)
				continue
			}
			want, got := places.FindAllString(text, -1), places.FindAllString(other[key], -1)
			slices.Sort(want)
			slices.Sort(got)
			if !strings.HasSuffix(key, ".one") && !slices.Equal(want, got) {
				t.Errorf("%s: %s has the places %v, not %v", language, key, got, want)
			}
		}
		for key := range maps.Keys(other) {
			base, _ := strings.CutSuffix(key, ".one")
			if _, known := en[base]; !known && en[key] == "" && !strings.HasPrefix(key, "code.") {
				t.Errorf("%s: nothing asks for %s", language, key)
			}
		}
	}
}

// A source is at most as long as any file of ours.
func TestLengths(t *testing.T) {
	files, err := filepath.Glob("../*/*.ts*")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	more, err := filepath.Glob("../*.ts*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, more...) {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(data), "\n"); n > 600 {
			t.Errorf("%s has %d lines", f, n)
		}
	}
}

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

var built = regexp.MustCompile("\\bt\\(`(.*?)`")  // a key with places
var place = regexp.MustCompile(`\\\$\\\{.*?\\\}`) // in a quoted pattern

// Every string is asked for: by its key, or by a key that is put together.
func TestStringsAreAskedFor(t *testing.T) {
	all := strings.Join(slices.Collect(maps.Values(sources(t))), "\n")
	var patterns []string
	for _, m := range built.FindAllStringSubmatch(all, -1) {
		patterns = append(patterns, place.ReplaceAllString(regexp.QuoteMeta(m[1]), `\w+`))
	}
	put := regexp.MustCompile("^(" + strings.Join(patterns, "|") + ")$")
	for key := range catalogue(t, "en") {
		base, _ := strings.CutSuffix(key, ".one")
		if !strings.HasPrefix(key, "code.") && !strings.Contains(all, "'"+base+"'") && !put.MatchString(base) {
			t.Errorf("nothing asks for %s", key)
		}
	}
}

// A source is at most as long as any file of ours.
func TestLengths(t *testing.T) {
	for name, text := range sources(t) {
		if n := strings.Count(text, "\n"); n > 600 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
}

// sources are the script's, by name.
func sources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"../*.ts*", "../*/*.ts*"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 5 {
			t.Fatalf("%d files: %v", len(files), err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			out[f] = string(data)
		}
	}
	return out
}

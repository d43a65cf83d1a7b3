package main

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write NOTICE's list of modules anew")

// Between these lines NOTICE lists the modules, a line each.
const (
	listBegins = "Go modules in the program, with their licences:\n\n"
	listEnds   = "\n\nLicences' texts"
)

// TestNoticeNamesWhatIsCompiledIn: every module in the program stands in NOTICE
// with its licence and who holds the rights, and the licence's text stands below.
func TestNoticeNamesWhatIsCompiledIn(t *testing.T) {
	const path = "../../NOTICE"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	notice := string(b)
	before, rest, begins := strings.Cut(notice, listBegins)
	list, after, ends := strings.Cut(rest, listEnds)
	if !begins || !ends {
		t.Fatal("NOTICE has no list of modules")
	}
	want := map[string]string{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for module, dir := range compiled(t, system) {
			text := licenceOf(t, dir)
			name := licenceName(text)
			if name == "" {
				t.Errorf("%s has a licence that this test doesn't know: look whether we may ship it", module)
			}
			if sign := licences[name]; !strings.Contains(after, sign) {
				t.Errorf("NOTICE doesn't hold the text of %s", name)
			}
			want[module] = strings.TrimSpace(fmt.Sprintf("- %s: %s. %s", module, name, holders(text+noticeOf(dir))))
		}
	}
	lines := strings.Join(slices.Sorted(maps.Values(want)), "\n")
	if *update {
		if err := os.WriteFile(path, []byte(before+listBegins+lines+listEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if list != lines {
		t.Errorf("NOTICE is stale: go test ./cmd/amends -run Notice -update\nhas\n%s\nwants\n%s", list, lines)
	}
}

// compiled are the modules in the program for a system, and where each stands.
func compiled(t *testing.T, system string) map[string]string {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", ".")
	list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if module, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			all[module] = dir
		}
	}
	if len(all) < 10 {
		t.Fatalf("only %d modules for %s", len(all), system)
	}
	return all
}

// licences are known by a sentence that NOTICE, or the text itself, holds.
var licences = map[string]string{
	"Apache-2.0":   "Apache License",
	"MPL-2.0":      "Mozilla Public License",
	"MIT":          "Permission is hereby granted, free of charge",
	"BSD-3-Clause": "Neither the name",
	"BSD-2-Clause": "Redistributions in binary form",
}

// licenceName is a licence's name by its text; empty: none that we know.
func licenceName(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, name := range []string{"MPL-2.0", "Apache-2.0", "MIT", "BSD-3-Clause", "BSD-2-Clause"} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(licences[name])) {
			return name
		}
	}
	return ""
}

func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "COPYING*"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range found {
			if b, err := os.ReadFile(f); err == nil {
				return string(b)
			}
		}
	}
	t.Errorf("%s has no licence", dir)
	return ""
}

// noticeOf is what an Apache-licensed work asks to be told with it.
func noticeOf(dir string) string {
	b, _ := os.ReadFile(filepath.Join(dir, "NOTICE")) // most have none
	return "\n" + string(b)
}

var holding = regexp.MustCompile(`(?im)^[\s*]*(?:Portions )?(Copyright (?:\(c\) ?|©)?(?:\d|Jan )[^\n]*)$`)

// holders are who holds the rights, as a licence names them.
func holders(text string) string {
	var all []string
	for _, m := range holding.FindAllStringSubmatch(text, -1) {
		line := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(m[1]), "All rights reserved."))
		if line = strings.TrimSuffix(line, "."); !slices.Contains(all, line) {
			all = append(all, line)
		}
	}
	return cmp.Or(strings.Join(all, "; "), "Its authors.")
}

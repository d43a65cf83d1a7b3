package configs_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/config"
)

const exampleFile = "example.yaml"

// The example is good as it is, on any machine.
func TestExample(t *testing.T) {
	if _, err := config.Load(exampleFile, app.Drivers()); err != nil {
		t.Error(err)
	}
}

var off = regexp.MustCompile(`(?m)^( *)#([^ #\n])`)

// switchedOn is the example with every setting that is switched off in force,
// in a folder that has the files which it names.
func switchedOn(t *testing.T) (file string, text []byte) {
	t.Helper()
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	text = off.ReplaceAll(text, []byte("$1$2"))
	dir := t.TempDir()
	file = filepath.Join(dir, "amends.yaml")
	holidays, err := os.ReadFile(filepath.Join(filepath.Dir(exampleFile), "calendars/example.ics"))
	if err != nil {
		t.Fatal(err)
	}
	macros, err := os.ReadFile(filepath.Join(filepath.Dir(exampleFile), "macros/basics.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"amends.yaml": text, "macros/basics.yaml": macros, "calendars/example.ics": holidays, "secrets/bluesky-password": []byte("abcd-efgh"),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("ACME_BLUESKY_PASSWORD", "abcd-efgh")
	return file, text
}

// What is switched off in the example is good too once it is switched on.
func TestExampleSwitchedOn(t *testing.T) {
	file, _ := switchedOn(t)
	c, err := config.Load(file, app.Drivers())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range app.Drivers() {
		if !slices.ContainsFunc(c.Sources, func(s config.Source) bool { return s.Network == d.Name }) {
			t.Errorf("the example has no source on %s", d.Name)
		}
	}
}

var (
	nodes  = regexp.MustCompile(`^routing\.tree(\.routes\[\d+\])+`)
	places = regexp.MustCompile(`\[\d+\]`)
)

// comments tells what the example says of each setting: behind it, or in the
// lines above it. Every place in a list is the same, and every node. It is what
// TestSchema fails by when a setting is not there.
func comments(t *testing.T) map[string]string {
	file, text := switchedOn(t)
	c, err := config.Load(file, app.Drivers())
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	settings(root(t, text), "", lines)
	said := map[string]string{}
	written := strings.Split(string(text), "\n")
	for _, path := range slices.SortedFunc(maps.Keys(lines), func(a, b string) int { return cmp.Or(lines[a]-lines[b], cmp.Compare(a, b)) }) {
		comment := commentOn(written, lines[path], path)
		for i, s := range c.Sources {
			path = strings.Replace(path, fmt.Sprintf("sources[%d].settings.", i), "sources["+s.Network+"].settings.", 1)
		}
		path = places.ReplaceAllString(nodes.ReplaceAllString(path, "routing.tree"), "")
		if said[path] == "" {
			said[path] = comment
		}
	}
	return said
}

// settings finds the line of each setting below n.
func settings(n *yaml.Node, path string, lines map[string]int) {
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			settings(c, fmt.Sprintf("%s[%d]", path, i), lines)
		case i%2 == 0:
			at := strings.TrimPrefix(path+"."+c.Value, ".")
			lines[at] = c.Line
			settings(n.Content[i+1], at, lines)
		}
	}
}

// commentOn is what is said of a setting that is the first in its line.
func commentOn(written []string, line int, path string) string {
	text := written[line-1]
	setting, entry := strings.CutPrefix(strings.TrimLeft(text, " "), "- ")
	if !strings.HasPrefix(setting, path[strings.LastIndexByte(path, '.')+1:]+":") {
		return ""
	}
	if _, behind, ok := strings.Cut(text, " # "); ok {
		return behind
	}
	var above []string
	for i := line - 2; i >= 0 && !entry; i-- {
		said, ok := strings.CutPrefix(strings.TrimLeft(written[i], " "), "# ")
		if !ok {
			break
		}
		above = append(above, said)
	}
	slices.Reverse(above)
	return strings.Join(above, " ")
}

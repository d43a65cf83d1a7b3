package configs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/configs"
	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/config"
)

// schema is the one in the file, as an editor reads it.
func schema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	b, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	r, err := s.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func root(t *testing.T, text []byte) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Load(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

// plain is a tree of YAML as JSON has it; dates are texts.
func plain(n *yaml.Node) any {
	switch {
	case n.Kind == yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	case n.Kind == yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			list = append(list, plain(c))
		}
		return list
	case n.Tag == "!!null":
		return nil
	case n.Tag == "!!bool":
		return n.Value == "true"
	case n.Tag == "!!int" || n.Tag == "!!float":
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			return n.Value
		}
		return f
	}
	return n.Value
}

func TestSchemaTakesWhatShips(t *testing.T) {
	example, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	_, on := switchedOn(t)
	s := schema(t)
	for name, text := range map[string][]byte{"example.yaml": example, "example.yaml, switched on": on, "demo.yaml": configs.Demo} {
		if err := s.Validate(plain(root(t, text))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var (
	remarks = regexp.MustCompile(`(?m)^\s*#.*\n`)
	foreign = regexp.MustCompile(`(?m)^ {6}"(?:[^e"]|e[^n"]).*\n`) // words that are not English
)

func shorten(t *testing.T, file string, without *regexp.Regexp) {
	t.Helper()
	all, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	short := without.ReplaceAll(all, nil)
	if len(short) > len(all)/2 {
		t.Fatalf("%s has still %d of %d bytes", file, len(short), len(all))
	}
	if err := os.WriteFile(file, short, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The schema and check agree: whatever the example loses, gains or has in
// another form, both refuse it or neither does.
func TestSchemaAgrees(t *testing.T) {
	file, text := switchedOn(t)
	text = remarks.ReplaceAll(text, nil) // it is read some thousand times
	shorten(t, filepath.Join(filepath.Dir(file), "taxonomy.yaml"), foreign)
	s := schema(t)
	whole := root(t, text)
	var refused atomic.Int32
	agree := func(what string, changed []byte) {
		_, mistakes := config.Parse(file, changed, app.Kinds())
		var doc yaml.Node
		err := yaml.Load(changed, &doc)
		if err == nil {
			err = s.Validate(plain(doc.Content[0])) // not of whole: Dump takes the tags off it
		}
		if err != nil {
			refused.Add(1)
		}
		if err != nil && mistakes == nil {
			t.Errorf("%s: the schema refuses what check takes: %v", what, err)
		}
		// Only check knows what is needed by what else is there, and where an example comes to.
		free := mistakes == nil || strings.HasPrefix(what, "without") || strings.HasPrefix(what, "with another name for macros[0].texts.") ||
			strings.HasSuffix(what, "words for routing.tree.routes[3].when.topic") ||
			strings.HasPrefix(what, "with a text") && !strings.Contains(mistakes.Error(), "a secret must not stand")
		if err == nil && !free {
			t.Errorf("%s: the schema takes what check refuses: %v", what, mistakes)
		}
	}
	var work sync.WaitGroup
	idle := make(chan bool, runtime.GOMAXPROCS(0))
	changes(whole, "", map[string]bool{}, func(what string) {
		changed, err := yaml.Dump(whole)
		if err != nil {
			t.Fatal(err)
		}
		idle <- true
		work.Go(func() {
			agree(what, changed)
			<-idle
		})
	})
	work.Wait()
	if n := refused.Load(); n < 200 {
		t.Errorf("only %d changes were refused", n)
	}
}

// changes makes every change of one setting below n, calls then, and takes it
// back. What is alike is changed once.
func changes(n *yaml.Node, path string, done map[string]bool, then func(what string)) {
	switch n.Kind {
	case yaml.SequenceNode:
		for i, c := range n.Content {
			changes(c, fmt.Sprintf("%s[%d]", path, i), done, then)
		}
	case yaml.MappingNode:
		free := regexp.MustCompile(`^lists$|\.week$`).MatchString(path) // names that are free
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			at := strings.TrimPrefix(path+"."+key.Value, ".")
			alike := at
			if !strings.HasPrefix(at, "sources") { // of which each network has its own
				alike = places.ReplaceAllString(at, "")
			}
			if done[alike] {
				if value.Kind != yaml.ScalarNode {
					changes(value, at, done, then)
				}
				continue
			}
			done[alike] = true
			all := n.Content
			n.Content = slices.Delete(slices.Clone(all), i, i+2)
			then("without " + at)
			n.Content = all
			if !free {
				name := key.Value
				key.Value = "x" + name
				then("with another name for " + at)
				key.Value = name
			}
			kept := *value
			if !free || strings.HasPrefix(path, "lists") {
				*value = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{
					{Kind: yaml.ScalarNode, Tag: "!!str", Value: "x!"}, {Kind: yaml.ScalarNode, Tag: "!!str", Value: "y"}}}
				then("with settings for " + at)
			}
			*value = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{{Kind: yaml.SequenceNode, Tag: "!!seq"}}}
			then("with a list in a list for " + at)
			*value = kept
			if kept.Kind == yaml.ScalarNode && strings.Contains(at, ".settings.") {
				*value = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "hunter2"}
				then("with a text for " + at)
				*value = kept
			}
			if kept.Kind != yaml.ScalarNode {
				*value = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "words!"}
				then("with words for " + at)
				*value = kept
				changes(value, at, done, then)
			}
		}
	}
}

// The schema knows the forms of single values as check does.
func TestSchemaKnowsForms(t *testing.T) {
	s := schema(t)
	dir := t.TempDir()
	for _, v := range []struct {
		text string
		good bool
	}{
		{"cases: {undo_for: 10s}", true},
		{"cases: {undo_for: 1w2d}", true},
		{"cases: {undo_for: 0}", true},
		{"cases: {undo_for: 10}", false},
		{"cases: {undo_for: ten}", false},
		{"policies: [{name: a, first_response: 2d}]", false},
		{"policies: [{name: a, first_response: 1h30m}]", true},
		{"policies: [{name: a, first_response: 1h, at_risk: 10%}]", true},
		{"policies: [{name: a, first_response: 1h, at_risk: 10m}]", true},
		{"policies: [{name: a, first_response: 1h, at_risk: much}]", false},
		{"policies: [{name: a, clock: customer}]", true},
		{"policies: [{name: a, clock: theirs}]", false},
		{"calendars: [{name: a, zone: UTC, week: 24/7}]", true},
		{"calendars: [{name: a, zone: UTC, week: 24/8}]", false},
		{"calendars: [{name: a, zone: UTC, week: {mon: all day}, holidays: [{date: 12-25}]}]", true},
		{"calendars: [{name: a, zone: UTC, week: {mon: all day}, holidays: [{date: Christmas}]}]", false},
		{"routing: {tree: {queue: care, routes: [{when: {severity: high}, queue: care}]}}", true},
		{"routing: {tree: {queue: care, routes: [{when: {severity: [low, high]}, queue: care}]}}", true},
		{"routing: {tree: {queue: care, routes: [{when: {severity: awful}, queue: care}]}}", false},
		{"routing: {tree: {queue: care, routes: [{when: {mood: [calm, wild]}, queue: care}]}}", false},
		{"routing: {tree: {queue: care, routes: [{when: {urgency: hurry}, queue: care}]}}", false},
		{"routing: {tree: {queue: care, lane: fast}}", false},
		{"routing: {tree: {queue: care}, examples: [{given: {mood: wild}, want: care}]}", false},
		{"routing: {tree: {queue: care}, examples: [{given: {urgency: [legal, press]}, want: care, lane: critical}]}", true},
		{"routing: {tree: {queue: care, priority: high}}", false},
		{"classifier: {threshold: high}", false},
		{"sources: [{name: a, network: file, settings: {path: inbox}}]", true},
		{"sources: [{name: a, network: file, settings: {path: inbox, page: many}}]", false},
		{"sources: [{name: a, network: file, settings: {handle: inbox}}]", false},
		{"sources: [{name: a, network: bluesky, settings: {handle: a.example.org, app_password: hunter2}}]", false},
		{"sources: [{name: a, network: nowhere}]", false},
		{"sources:\nqueues:\nrouting:\n  tree:\ncases:\n", true},
	} {
		_, mistakes := config.Parse(filepath.Join(dir, "x.yaml"), []byte(v.text), app.Kinds())
		if (mistakes == nil) != v.good {
			t.Errorf("%s: check says %v", v.text, mistakes)
		}
		if err := s.Validate(plain(root(t, []byte(v.text)))); (err == nil) != v.good {
			t.Errorf("%s: the schema says %v", v.text, err)
		}
	}
}

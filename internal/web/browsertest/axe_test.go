package browsertest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML, FailureSummary string
		Target               []any
	}
}

// axeFile is where .ci/install puts axe-core.
func axeFile() string {
	if f := os.Getenv("AXE"); f != "" {
		return f
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "amends-axe", "4.14.1", "axe.min.js")
}

// check takes a picture and looks for what keeps people out.
func (p *tab) check(name string) {
	p.t.Helper()
	p.picture(name)
	js, err := os.ReadFile(axeFile())
	if err != nil {
		if os.Getenv("CI") == "true" {
			p.t.Fatalf("there is no axe-core: .ci/install fetches it: %v", err)
		}
		p.t.Log("axe-core is not installed: accessibility is not checked; .ci/install fetches it")
		return
	}
	if !value[bool](p, `!!window.axe`) {
		p.eval(string(js) + "; 0")
	}
	rules := `['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']`
	if p.dark { // the same page in other colours: a theme changes nothing else
		rules = `{type: 'rule', values: ['color-contrast', 'link-in-text-block']}`
	}
	raw := value[string](p, `axe.run(document, {runOnly: `+rules+`, resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))`)
	var all []violation
	if err := json.Unmarshal([]byte(raw), &all); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range all {
		for i, n := range v.Nodes {
			if i == 2 {
				p.t.Errorf("  … and %d more", len(v.Nodes)-i)
				break
			}
			p.t.Errorf("%s: axe %s (%s): %s\n  %v %.200s\n  %s", name, v.ID, v.Impact, v.Help, n.Target, n.HTML, n.FailureSummary)
		}
	}
}

// everywhere checks a page on a phone, a small laptop and a larger one. It is the
// same page, laid out anew.
func (p *tab) everywhere(name string) {
	p.t.Helper()
	for _, width := range []int64{390, 1024, 1440} {
		p.size(width, map[int64]int64{390: 844, 1024: 768, 1440: 900}[width])
		for _, theme := range []string{"light", "dark"} {
			if width == 1024 && theme == "dark" {
				continue // its colours are those of the others
			}
			p.theme(theme)
			p.check(fmt.Sprintf("%s-%d-%s", name, width, theme))
		}
	}
}

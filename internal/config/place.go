package config

import (
	"fmt"
	"maps"
	"strings"
)

// A Place is where a setting is written. The zero Place is nowhere: the setting
// is as it is by default.
type Place struct {
	File string
	Line int
}

func (p Place) String() string {
	if p.Line == 0 {
		return "default"
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// written is where settings stand.
type written struct {
	file  string
	lines map[string]int
}

// Line tells where a setting is written. What has a name is reached by it:
//
//	c.Line("cases", "undo_for")
//	c.Line("policies", "standard", "first_response")
//	c.Line("sources", "bluesky-mentions", "settings", "handle")
func (c *Config) Line(section string, more ...string) Place {
	if c.written == nil {
		return Place{}
	}
	line, ok := c.written.lines[strings.Join(append([]string{section}, more...), ".")]
	if !ok {
		return Place{}
	}
	return Place{c.written.file, line}
}

// written gives each setting the name by which [Config.Line] reaches it.
func (p *parser) written(c *Config) *written {
	lines := maps.Clone(p.lines)
	for section, names := range c.named() {
		for path, line := range p.lines {
			var i int
			rest, ok := strings.CutPrefix(path, section+"[")
			if !ok {
				continue
			}
			number, rest, _ := strings.Cut(rest, "]")
			if _, err := fmt.Sscanf(number, "%d", &i); err == nil && i < len(names) {
				delete(lines, path)
				lines[section+"."+names[i]+rest] = line
			}
		}
	}
	return &written{p.name, lines}
}

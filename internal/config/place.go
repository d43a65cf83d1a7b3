package config

import (
	"fmt"
	"strconv"
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

// written gives each setting the name by which [Config.Line] reaches it. The
// elements of a list have none.
func (p *parser) written(c *Config) *written {
	w := &written{p.name, map[string]int{}}
	named := c.named()
	for path, line := range p.lines {
		if section, rest, ok := strings.Cut(path, "["); ok && named[section] != nil {
			number, more, _ := strings.Cut(rest, "]")
			if i, err := strconv.Atoi(number); err == nil && i < len(named[section]) {
				path = section + "." + named[section][i] + more
			}
		}
		if !strings.HasSuffix(path, "]") {
			w.lines[path] = line
		}
	}
	return w
}

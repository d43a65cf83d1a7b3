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

// File is what people wrote; empty: there is none.
func (c *Config) File() string {
	if c.written == nil {
		return ""
	}
	return c.written.file
}

// written is where settings stand.
type written struct {
	file   string
	own    string // the console's
	aside  []string
	lines  map[string]int
	others map[string]Place // what stands in a file beside it
}

// Line tells where a setting is written. What has a name is reached by it:
//
//	c.Line("cases", "undo_for")
//	c.Line("policies", "standard", "first_response")
//	c.Line("sources", "bluesky-mentions", "settings", "handle")
//
// What has no name is reached by its number, from 0, if it has settings of its own:
//
//	c.Line("routing", "tree", "routes[0]", "queue")
func (c *Config) Line(section string, more ...string) Place {
	if c.written == nil {
		return Place{}
	}
	path := strings.Join(append([]string{section}, more...), ".")
	line, ok := c.written.lines[path]
	switch {
	case !ok:
		return c.written.others[path]
	case byConsole(line):
		return Place{c.written.own, line - ownLines}
	}
	return Place{c.written.file, line}
}

// written gives each setting the name by which [Config.Line] reaches it. The
// plain values of a list have none.
func (p *parser) written(c *Config) *written {
	w := &written{p.name, p.own, p.aside, map[string]int{}, p.others}
	named := c.callings()
	reach := func(path string) string {
		if section, rest, ok := strings.Cut(path, "["); ok && named[section] != nil {
			number, more, _ := strings.Cut(rest, "]")
			if i, err := strconv.Atoi(number); err == nil && i < len(named[section]) {
				return section + "." + named[section][i] + more
			}
		}
		return path
	}
	for path, line := range p.lines {
		if at := reach(path); !strings.HasSuffix(at, "]") {
			w.lines[at] = line
		}
		if element := path[:strings.LastIndexByte(path, ']')+1]; element != "" {
			if line, ok := p.lines[element]; ok && element != path {
				w.lines[reach(element)] = line
			}
		}
	}
	return w
}

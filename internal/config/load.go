package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/sla"
)

// maxFile bounds a configuration file, in bytes.
const maxFile = 4 << 20

// A Mistake is one thing that is wrong in a file.
type Mistake struct {
	File string
	Line int // 0: the file as a whole
	Msg  string
}

func (m *Mistake) Error() string {
	if m.Line == 0 {
		return fmt.Sprintf("%s: %s", m.File, m.Msg)
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Msg)
}

// Load reads a configuration from a file. The error joins a *[Mistake] for
// each thing that is wrong.
func Load(path string, drivers []network.Driver) (*Config, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, b, drivers)
}

// Parse is Load for the content of a file. name is used in errors, and its
// folder is where relative paths in the file begin.
func Parse(name string, b []byte, drivers []network.Driver) (*Config, error) {
	if len(b) > maxFile {
		return nil, &Mistake{File: name, Msg: fmt.Sprintf("the file is over %d MiB; this can't be a configuration", maxFile>>20)}
	}
	p := &parser{name: name, drivers: drivers}
	var doc yaml.Node
	if err := yaml.Load(b, &doc); err != nil {
		p.add(err, 0)
		return nil, p.err()
	}
	root := &doc
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		root = root.Content[0]
	}
	p.root = root
	c := &Config{}
	if root.Kind == yaml.MappingNode {
		p.secrets(root)
		settings := p.cutSettings(root)
		if err := root.Load(c, yaml.WithKnownFields()); err != nil {
			p.add(err, 0)
		}
		p.sources(c, settings)
	} else if len(strings.TrimSpace(string(b))) > 0 && root.Tag != "!!null" {
		p.mistake(root.Line, "the file has to be a mapping: `brand: …`, `sources: …`")
	}
	if p.bad == nil {
		p.holidays(c)
		c.fill()
		p.validate(c)
	}
	return c, p.err()
}

// A parser gathers mistakes.
type parser struct {
	name    string
	drivers []network.Driver
	root    *yaml.Node
	bad     []error
}

func (p *parser) mistake(line int, format string, args ...any) {
	p.bad = append(p.bad, &Mistake{File: p.name, Line: line, Msg: fmt.Sprintf(format, args...)})
}

func (p *parser) err() error {
	slices.SortStableFunc(p.bad, func(a, b error) int { return lineOf(a) - lineOf(b) })
	return errors.Join(p.bad...)
}

func lineOf(err error) int {
	if m, ok := errors.AsType[*Mistake](err); ok {
		return m.Line
	}
	return 0
}

// add takes an error of the YAML library apart.
func (p *parser) add(err error, line int) {
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok {
		for _, e := range many.Errors {
			p.mistake(max(e.Mark.Line, line), "%s", plainly(e.Message))
		}
		return
	}
	if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		p.mistake(max(one.Mark.Line, line), "%s", plainly(one.Message))
		return
	}
	p.mistake(line, "%s", err)
}

var unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)

// plainly says what the library means to somebody who does not know Go.
func plainly(msg string) string {
	return unknownField.ReplaceAllString(msg, "there is no setting “$1” here")
}

// cutSettings takes the drivers' own parts out of the tree, by the source's
// place in the list.
func (p *parser) cutSettings(root *yaml.Node) map[int]*yaml.Node {
	cut := map[int]*yaml.Node{}
	list := child(root, "sources")
	if list == nil || list.Kind != yaml.SequenceNode {
		return cut
	}
	for i, s := range list.Content {
		for j := 0; j+1 < len(s.Content) && s.Kind == yaml.MappingNode; j += 2 {
			if s.Content[j].Value == "settings" {
				cut[i] = s.Content[j+1]
				s.Content = slices.Delete(s.Content, j, j+2)
				break
			}
		}
	}
	return cut
}

// sources lets each driver read its own settings.
func (p *parser) sources(c *Config, settings map[int]*yaml.Node) {
	for i := range c.Sources {
		s := &c.Sources[i]
		line := p.line("sources", i)
		at := slices.IndexFunc(p.drivers, func(d network.Driver) bool { return d.Name == s.Network })
		if at < 0 {
			p.mistake(line, "source %q: there is no network %q; there are %s", s.Name, s.Network, p.networks())
			continue
		}
		s.Settings = p.drivers[at].Settings()
		if node := settings[i]; node != nil {
			line = node.Line
			if err := node.Load(s.Settings, yaml.WithKnownFields()); err != nil {
				p.add(err, line)
				continue
			}
		}
		for _, err := range each(s.Settings.Validate()) {
			p.mistake(line, "source %q: %s", s.Name, err)
		}
	}
}

func (p *parser) networks() string {
	var names []string
	for _, d := range p.drivers {
		names = append(names, d.Name)
	}
	return strings.Join(names, ", ")
}

// secretKey is what the name of a setting ends in that must not be in the file.
var secretKey = regexp.MustCompile(`(password|secret|token|api_key|private_key)$`)

var fromEnv = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// secrets puts the values of ${NAME} and file:PATH in their places, and
// refuses a secret that is written out.
func (p *parser) secrets(n *yaml.Node) {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			continue
		}
		if c.Kind != yaml.ScalarNode {
			p.secrets(c)
			continue
		}
		key := ""
		if n.Kind == yaml.MappingNode {
			key = n.Content[i-1].Value
		}
		if m := fromEnv.FindStringSubmatch(c.Value); m != nil {
			v, ok := os.LookupEnv(m[1])
			if !ok {
				p.mistake(c.Line, "%s: the environment has no %s; set it before you start", key, m[1])
			}
			c.SetString(v)
			continue
		}
		if !secretKey.MatchString(key) || c.Value == "" {
			continue
		}
		path, ok := strings.CutPrefix(c.Value, "file:")
		if !ok {
			p.mistake(c.Line, "%s: a secret must not be in this file; write file:/path/to/it or ${NAME_OF_A_VARIABLE}", key)
			continue
		}
		b, err := os.ReadFile(p.path(path))
		if err != nil {
			p.mistake(c.Line, "%s: %s", key, err)
			continue
		}
		c.SetString(strings.TrimRight(string(b), "\r\n"))
	}
}

// path is where a path in the file leads.
func (p *parser) path(s string) string {
	if filepath.IsAbs(s) {
		return s
	}
	return filepath.Join(filepath.Dir(p.name), s)
}

// holidays reads the iCal files that calendars name.
func (p *parser) holidays(c *Config) {
	for i := range c.Calendars {
		t := &c.Calendars[i]
		for _, file := range t.ICal {
			b, err := os.ReadFile(p.path(file))
			if err != nil {
				p.mistake(p.line("calendars", i), "calendar %q: %s", t.Name, err)
				continue
			}
			days, _, err := sla.ParseICal(b)
			for _, err := range each(err) {
				p.mistake(p.line("calendars", i), "calendar %q: %s: %s", t.Name, file, err)
			}
			t.Holidays = append(t.Holidays, days...)
		}
	}
}

// child is the value of a key in a mapping, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// line is where a section stands, or one element of it.
func (p *parser) line(section string, i int) int {
	n := child(p.root, section)
	switch {
	case n == nil:
		return 0
	case n.Kind == yaml.SequenceNode && i >= 0 && i < len(n.Content):
		return n.Content[i].Line
	}
	return n.Line
}

// each takes joined errors apart.
func each(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range many.Unwrap() {
			all = append(all, each(e)...)
		}
		return all
	}
	return []error{err}
}

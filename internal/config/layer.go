package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/network"
)

// A Layer is the content of a file. The zero Layer is a file that is not there.
type Layer struct {
	Name    string // in errors; its folder is where relative paths in it begin
	Content []byte
}

// LoadLayers reads the configuration that people wrote, and beneath it what the
// console set up; either path may be empty, and the console's file may not be
// there yet. Both are checked as one. Where both set the same, what people wrote
// holds; see [Config.Aside].
func LoadLayers(path, own string, kinds Kinds) (*Config, error) {
	file, console := Layer{Name: path}, Layer{Name: own}
	var err error
	if path != "" {
		if file.Content, err = readAtMost(path, maxFile); err != nil {
			return nil, &Mistake{File: path, Msg: err.Error()}
		}
	}
	if own != "" {
		if console.Content, err = readAtMost(own, maxFile); err != nil && err != errAbsent {
			return nil, &Mistake{File: own, Msg: err.Error()}
		}
	}
	return ParseLayers(file, console, kinds)
}

// ParseLayers is [LoadLayers] for the contents of the files.
func ParseLayers(file, console Layer, kinds Kinds) (*Config, error) {
	p := newParser(file.Name, kinds)
	p.own = console.Name
	root := p.layer(file, 0)
	if below := p.layer(console, ownLines); len(p.bad) == 0 && below != nil {
		p.confine(below)
		root = p.joined(root, below)
	}
	return p.config(root)
}

// layer reads the tree of one file, with its lines from a number on; nil if there
// is nothing in it, or a mistake.
func (p *parser) layer(l Layer, from int) *yaml.Node {
	one := newParser(l.Name, p.kinds)
	if len(l.Content) > maxFile {
		one.mistake("", 0, "it is over %d MiB, which no configuration is", maxFile>>20)
	}
	var root *yaml.Node
	if len(one.bad) == 0 {
		root = one.parse(l.Content)
	}
	for _, m := range one.bad {
		m.at += from
	}
	if p.bad = append(p.bad, one.bad...); root != nil && from > 0 {
		shift(root, from)
	}
	return root
}

// ownLines is where the lines of the console's file begin. No file has as many.
const ownLines = maxFile + 1

func shift(n *yaml.Node, by int) {
	n.Line += by
	for _, c := range n.Content {
		shift(c, by)
	}
}

// place is the file and line of a line of both files.
func (p *parser) place(line int) Place {
	switch {
	case line > ownLines:
		return Place{p.own, line - ownLines}
	case p.name == "":
		return Place{p.own, line}
	}
	return Place{p.name, line}
}

// Editable are the sections that the console's file can hold: what can't be used
// to read or reach something that whoever signs in to the console may not.
func Editable() []string {
	return []string{
		"brand", "sources", "channels", "queues", "routing", "policies", "calendars", "people", "on_call", "escalations", "known_issues", "acknowledgements", "macros",
		"fallbacks", "dispositions", "approvals", "notices", "surveys", "digests", "alerts", "lists", "cases", "goodwill",
	}
}

// confine tells what the console's file can't hold, and leaves it out.
func (p *parser) confine(root *yaml.Node) {
	if root.Kind != yaml.MappingNode {
		return // root tells it
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(root.Content); i += 2 {
		k := root.Content[i]
		if k.Tag == "!!merge" || !slices.Contains(Editable(), k.Value) {
			p.mistake(k.Value, k.Line, "“%s” can't be set up by the console: write it in the configuration file", clip(k.Value))
			continue
		}
		kept = append(kept, k, root.Content[i+1])
	}
	root.Content = kept
}

// byConsole says that a line stands in the console's file.
func byConsole(line int) bool { return line > ownLines }

// ownSecrets is how the secrets are written that the console keeps itself.
const ownSecrets = "file:secrets/console-"

// mayConsole says whether a text of the console's file that stands for something
// else can: a secret that the console keeps itself, and nothing besides.
func mayConsole(text string) bool {
	name, ok := strings.CutPrefix(text, ownSecrets)
	return ok && name != "" && !strings.ContainsAny(name, `/\.`)
}

// offered looks whether the console may set a source up on a network.
func (p *parser) offered(path string, d network.Driver) {
	if byConsole(p.line(path)) && d.Offer.Title == "" {
		p.amiss(path+".network", "%s reads files of this machine: write such a source in the configuration file", d.Name)
	}
}

// joined puts what the console set up beneath what people wrote.
func (p *parser) joined(file, console *yaml.Node) *yaml.Node {
	switch {
	case file == nil || file.Tag == "!!null":
		return console
	case file.Kind != yaml.MappingNode || console.Kind != yaml.MappingNode:
		return file // root tells what is wrong with it
	}
	out := *file
	out.Content = slices.Clone(file.Content)
	p.beneath(&out, console, "")
	return &out
}

// beneath adds the settings of a mapping that another does not have.
func (p *parser) beneath(file, console *yaml.Node, path string) {
	there := p.aloof(file)
	for i := 0; i+1 < len(console.Content); i += 2 {
		k, v := console.Content[i], console.Content[i+1]
		at := joined(path, k.Value)
		has := slices.IndexFunc(there, func(e pair) bool { return e.name == k.Value })
		switch {
		case has < 0 || there[has].value.Tag == "!!null":
			drop(file, k.Value)
			file.Content = append(file.Content, k, v)
		case v.Kind == yaml.MappingNode && resolved(there[has].value).Kind == yaml.MappingNode:
			own := *resolved(there[has].value)
			own.Content = slices.Clone(own.Content)
			p.beneath(&own, v, at)
			replace(file, k.Value, &own)
		case path == "" && v.Kind == yaml.SequenceNode && resolved(there[has].value).Kind == yaml.SequenceNode:
			own := *resolved(there[has].value)
			own.Content = append(slices.Clone(own.Content), p.besides(&own, v, at)...)
			replace(file, k.Value, &own)
		default:
			p.aside = append(p.aside, at)
		}
	}
}

// besides are the entries of a list whose names another does not have.
func (p *parser) besides(file, console *yaml.Node, path string) (all []*yaml.Node) {
	var taken []string
	for _, e := range file.Content {
		taken = append(taken, p.nameOf(e))
	}
	for _, e := range console.Content {
		if name := p.nameOf(e); name != "" && slices.Contains(taken, name) {
			p.aside = append(p.aside, joined(path, name))
			continue
		}
		all = append(all, e)
	}
	return all
}

// nameOf is what an entry of a list is called; "" if it is not.
func (p *parser) nameOf(n *yaml.Node) string {
	for _, e := range p.aloof(resolved(n)) {
		if e.name == "name" || e.name == "code" {
			return resolved(e.value).Value
		}
	}
	return ""
}

// aloof lists settings without a word on what is wrong with them: that is told
// when they are read.
func (p *parser) aloof(n *yaml.Node) []pair {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	return newParser(p.name, Kinds{}).pairs(n, spot{})
}

func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// replace gives a setting of a mapping another value, in the line where it stood.
func replace(n *yaml.Node, name string, v *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			n.Content[i+1] = v
			return
		}
	}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Line: v.Line}, v) // << brought it in
}

func drop(n *yaml.Node, name string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

// Aside is what the console's file sets and the file that people wrote does too,
// as section, or section.name: there it holds as people wrote it.
func (c *Config) Aside() []string {
	if c.written == nil {
		return nil
	}
	return c.written.aside
}

// ByConsole says whether a setting, as [Config.Line] reaches it, stands in the
// console's file.
func (c *Config) ByConsole(section string, more ...string) bool {
	return c.written != nil && byConsole(c.written.lines[strings.Join(append([]string{section}, more...), ".")])
}

// callings are the names by which [Config.Line] reaches what is in a list.
func (c *Config) callings() map[string][]string {
	all := c.named()
	all["macros"] = namesOf(c.Macros, func(m Macro) string { return m.Name })
	all["dispositions"] = namesOf(c.Dispositions, func(d Disposition) string { return d.Code })
	all["approvals"] = namesOf(c.Approvals, func(a Approval) string { return a.Name })
	return all
}

// Keyless are the sources and channels that the console set up and whose keys are
// gone, as sources.NAME: a folder was restored without them. They can't work until
// somebody pastes the keys again; everything else does.
func (c *Config) Keyless() []string { return c.keyless }

// lacks says that a secret is gone that stands in a part of the file.
func (p *parser) lacks(path string) bool {
	return slices.ContainsFunc(p.keyless, func(at string) bool { return within(at, path) })
}

func (p *parser) lacking(c *Config, path, name string) {
	if p.lacks(path) {
		c.keyless = append(c.keyless, name)
	}
}

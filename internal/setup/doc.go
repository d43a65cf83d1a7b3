package setup

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/form"
)

// A doc is the console's file as a tree.
type doc struct{ root *yaml.Node }

const head = `# Written by the console, at Set up. Change it there: a mistake made here keeps Amends from starting.
# What people write in the configuration file holds before what stands here.
`

func parse(b []byte) (*doc, error) {
	var n yaml.Node
	if err := yaml.Load(bytes.TrimPrefix(b, []byte(head)), &n); err != nil && !strings.Contains(err.Error(), "no documents") {
		return nil, fmt.Errorf("the console's file can't be read: %w", err)
	}
	if len(n.Content) == 0 || n.Content[0].Kind != yaml.MappingNode {
		return &doc{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}}, nil
	}
	return &doc{n.Content[0]}, nil
}

func (d *doc) bytes() ([]byte, error) {
	if len(d.root.Content) == 0 {
		return []byte(head), nil
	}
	b, err := yaml.Dump(d.root)
	return append([]byte(head), b...), err
}

// value is a setting of a mapping; nil: it is not there.
func value(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// set gives a setting of a mapping a value; nil takes it away.
func set(n *yaml.Node, name string, v *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != name {
			continue
		}
		if v == nil {
			n.Content = slices.Delete(n.Content, i, i+2)
		} else {
			n.Content[i+1] = v
		}
		return
	}
	if v != nil {
		n.Content = append(n.Content, text(name), v)
	}
}

func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.Contains(s, "\n") {
		n.Style = yaml.LiteralStyle
	}
	return n
}

// entry is what a section holds by a name, or the section where it is no list.
func (d *doc) entry(section, name string) *yaml.Node {
	all := value(d.root, section)
	if !Several(section) || all == nil {
		return all
	}
	if one := holds(section); one != "" {
		return named(all, name, one)
	}
	for _, e := range all.Content {
		if k := value(e, keyOf(section)); k != nil && k.Value == name {
			return e
		}
	}
	return nil
}

// named is what stands behind a free name, as an entry with that name.
func named(all *yaml.Node, name, one string) *yaml.Node {
	for i := 0; i+1 < len(all.Content); i += 2 {
		if k := all.Content[i]; k.Value == name {
			e := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: k.Line}
			label := *k
			e.Content = []*yaml.Node{{Kind: yaml.ScalarNode, Value: "name", Line: k.Line}, &label, {Kind: yaml.ScalarNode, Value: one, Line: k.Line}, all.Content[i+1]}
			return e
		}
	}
	return nil
}

// put sets an entry; nil takes it away.
func (d *doc) put(section, name string, v *yaml.Node) {
	all := value(d.root, section)
	one := holds(section)
	switch {
	case !Several(section):
		set(d.root, section, v)
		return
	case one != "":
		if all == nil {
			all = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		}
		if v != nil {
			v = value(v, one)
		}
		set(all, name, v)
		if len(all.Content) == 0 {
			all = nil
		}
		set(d.root, section, all)
		return
	}
	if all == nil {
		all = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	}
	at := slices.Index(all.Content, d.entry(section, name))
	switch {
	case at >= 0 && v == nil:
		all.Content = slices.Delete(all.Content, at, at+1)
	case at >= 0:
		all.Content[at] = v
	case v != nil:
		all.Content = append(all.Content, v)
	}
	if len(all.Content) == 0 {
		all = nil
	}
	set(d.root, section, all)
}

// lines are the first and last line of a part of a file.
func lines(n *yaml.Node) (from, to int) {
	from, to = n.Line, n.Line
	for _, c := range n.Content {
		f, t := lines(c)
		from, to = min(from, f), max(to, t)
	}
	return from, to
}

// values are what a part says, in the terms of a form; secrets are left out, and
// listed by their paths.
func values(n *yaml.Node, fields []form.Field) (form.Values, []string) {
	v, kept := form.Values{}, []string{}
	for _, f := range fields {
		at := value(n, f.Name)
		switch {
		case at == nil || at.Tag == "!!null":
		case f.Kind == form.Secret:
			kept = append(kept, f.Name)
		case f.Kind == form.Group:
			g, below := values(at, f.Fields)
			v[f.Name] = g
			for _, k := range below {
				kept = append(kept, f.Name+"."+k)
			}
		case f.Kind == form.Groups:
			all := []any{}
			for _, e := range at.Content {
				g, _ := values(e, f.Below(fields))
				all = append(all, g)
			}
			v[f.Name] = all
		case f.Kind == form.Words && at.Kind == yaml.ScalarNode:
			v[f.Name] = []any{at.Value} // one needs no list
		case f.Kind == form.Pairs:
			v[f.Name] = pairsOf(&f, at)
		default:
			v[f.Name] = plain(at)
		}
	}
	return v, kept
}

// pairsOf are the pairs that stand in a file.
func pairsOf(f *form.Field, n *yaml.Node) form.Values {
	m, ok := plain(n).(form.Values)
	if !ok {
		return form.Values{"daily": "all day"} // 24/7 is all that a week can be besides
	}
	for k, v := range m {
		if text, one := v.(string); one && f.Several {
			m[k] = []any{text}
		}
	}
	return m
}

func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.SequenceNode:
		all := []any{}
		for _, c := range n.Content {
			all = append(all, plain(c))
		}
		return all
	case yaml.MappingNode:
		m := form.Values{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	}
	if n.Tag == "!!bool" {
		return n.Value == "true"
	}
	return n.Value
}

// A builder makes a part of the file of what was filled in.
type builder struct {
	keep   func(path, secret string) string // keeps a secret, and says how it is written
	old    *yaml.Node                       // what stands there now; nil: nothing does
	by     string                           // names the entry's kind, which stays
	anew   bool                             // secrets have to be given again
	wrong  map[string]string
	listed []string // settings that changed
}

// address are the settings that say where secrets are sent to.
var address = regexp.MustCompile(`(^|_)(host|server|imap|smtp|url)$`)

// node is an entry as it will stand in the file.
func (b *builder) node(fields []form.Field, v form.Values) *yaml.Node {
	if was := value(b.old, "settings"); was != nil {
		given, _ := v["settings"].(form.Values)
		for _, f := range fields {
			if f.Name == "settings" {
				b.anew = moved(f.Fields, was, given)
			}
		}
	}
	return b.mapping(fields, v, b.old, "")
}

// moved says that an address among settings is another one.
func moved(fields []form.Field, was *yaml.Node, now form.Values) bool {
	for _, f := range fields {
		switch at := value(was, f.Name); {
		case f.Kind == form.Group && at != nil:
			below, _ := now[f.Name].(form.Values)
			if moved(f.Fields, at, below) {
				return true
			}
		case f.Kind == form.Text && address.MatchString(f.Name):
			before := ""
			if at != nil {
				before = at.Value
			}
			if after, _ := now[f.Name].(string); after != before {
				return true
			}
		}
	}
	return false
}

// maxDeep bounds how many names a path has: more than a tree of routes can need.
const maxDeep = 64

func (b *builder) mapping(fields []form.Field, v form.Values, old *yaml.Node, path string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	named := map[string]bool{b.by: path == ""}
	if strings.Count(path, ".") > maxDeep {
		b.wrong[strings.TrimSuffix(path, ".")] = "this lies too deep"
		return n
	}
	for _, f := range fields {
		named[f.Name] = true
		at, was := path+f.Name, value(old, f.Name)
		f.Fields, f.Again = f.Below(fields), false
		set(n, f.Name, b.made(&f, v[f.Name], was, at))
		if f.Kind != form.Group && dumped(value(n, f.Name)) != dumped(was) {
			b.listed = append(b.listed, at)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if !named[name] {
			b.wrong[path+name] = "there is no such setting"
		}
	}
	for i := 0; old != nil && i+1 < len(old.Content); i += 2 {
		if k := old.Content[i]; !named[k.Value] {
			set(n, k.Value, old.Content[i+1]) // no form has it
		}
	}
	return n
}

// made is one setting; nil: it is not set.
func (b *builder) made(f *form.Field, v any, was *yaml.Node, at string) *yaml.Node {
	switch {
	case f.Kind == form.Secret:
		return b.secret(v, was, at)
	case v == nil:
		if f.Kind != form.Group || was == nil {
			return nil
		}
		v = form.Values{}
	}
	switch got := v.(type) {
	case form.Values:
		if f.Kind == form.Group {
			if n := b.mapping(f.Fields, got, was, at+"."); len(n.Content) > 0 {
				return n
			}
			return nil
		}
		if f.Kind == form.Pairs {
			return b.pairs(f, got, at)
		}
	case []any:
		if f.Kind == form.Groups || f.Kind == form.Words {
			return b.list(f, got, at)
		}
	case bool:
		if f.Kind == form.Yes {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(got)}
		}
	case string:
		if f.Kind == form.Text || f.Kind == form.Long {
			return text(got)
		}
	case float64:
		if f.Kind == form.Text {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: strconv.FormatFloat(got, 'f', -1, 64)}
		}
	}
	b.wrong[at] = "this is not what it should be"
	return nil
}

func (b *builder) secret(v any, was *yaml.Node, at string) *yaml.Node {
	switch given, _ := v.(string); {
	case strings.TrimSpace(given) != "":
		return text(b.keep(at, given))
	case was != nil && b.anew:
		b.wrong[at] = "write it again: it would be sent to another place than before"
	case was != nil:
		return was
	}
	return nil
}

func (b *builder) pairs(f *form.Field, m form.Values, at string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		several, ok := m[k].([]any)
		switch {
		case k == "":
			b.wrong[at] = "there is a value without a name"
		case !ok:
			set(n, k, text(fmt.Sprint(m[k])))
		case len(several) == 1:
			set(n, k, text(fmt.Sprint(several[0])))
		default:
			set(n, k, b.list(f, several, at+"."+k))
		}
	}
	return n
}

func (b *builder) list(f *form.Field, all []any, at string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for i, e := range all {
		switch g := e.(type) {
		case form.Values:
			n.Content = append(n.Content, b.mapping(f.Fields, g, nil, fmt.Sprintf("%s.%d.", at, i)))
		case string:
			n.Content = append(n.Content, text(g))
		default:
			b.wrong[at] = "this is not what it should be"
		}
	}
	return n
}

// dumped is a part as text, to see whether it is another one.
func dumped(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	b, err := yaml.Dump(plain(n))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

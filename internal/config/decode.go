package config

import (
	"cmp"
	"encoding"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/sla"
)

// maxValues bounds what a file can unfold to, by & and *.
const maxValues = 300_000

// A spot is where a value stands, and what holds for it there.
type spot struct {
	path    string // policies[1].first_response; empty for the file as a whole
	line    int
	depth   int
	secret  bool // must not be in the file
	working bool // lengths are working time
}

// entry is the spot of a setting by its name.
func (s spot) entry(key string, line int) spot {
	s.path, s.line, s.depth = joined(s.path, key), line, s.depth+1
	return s
}

// item is the spot of a list's element.
func (s spot) item(i, line int) spot {
	s.path, s.line, s.depth = fmt.Sprintf("%s[%d]", s.path, i), line, s.depth+1
	return s
}

func joined(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// value puts what stands in the file into v, which keeps what it is where the
// file says nothing. Unlike the YAML library it goes on after a mistake, knows
// the line of each, and says it in words that don't come from a program.
func (p *parser) value(n *yaml.Node, at spot, v reflect.Value) {
	if p.values++; p.values > maxValues && !p.full {
		p.wrong(at, "the file holds more than %d values by now: use & and * less", maxValues)
		p.full = true
	}
	for ; n.Kind == yaml.AliasNode; at.depth++ {
		n = n.Alias
	}
	switch {
	case p.full:
		return
	case at.depth > maxDepth: // an alias that holds itself
		p.wrong(at, "this lies deeper than %d levels", maxDepth)
		return
	case strings.HasPrefix(n.Tag, "!") && !slices.Contains(coreTags(), n.Tag):
		p.wrong(at, "%s means nothing here: leave it out", clip(n.Tag))
		return
	}
	p.lines[at.path] = at.line
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return // the name with nothing behind it: as if it were not there
	}
	if v.CanAddr() && p.special(n, at, v.Addr().Interface()) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		p.settings(n, at, v)
	case reflect.Slice:
		p.list(n, at, v)
	case reflect.Map:
		p.named(n, at, v)
	case reflect.Pointer:
		made := reflect.New(v.Type().Elem())
		p.value(n, at, made.Elem())
		v.Set(made)
	default:
		p.take(n, at, func(text string) error { return scalar(text, v) })
	}
}

func coreTags() []string {
	return []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp", "!!merge"}
}

// unmarshaler is implemented by types that can be written in several ways.
type unmarshaler interface {
	UnmarshalYAML(decode func(any) error) error
}

// special reads types that have a form of their own.
func (p *parser) special(n *yaml.Node, at spot, v any) bool {
	switch v := v.(type) {
	case *network.Settings:
		// Read when it is known which network it is.
		p.foreign[at.path] = part{n, at}
		return true
	case *time.Duration:
		p.take(n, at, func(text string) (err error) {
			*v, err = parseLength(text, at.working)
			return err
		})
		return true
	case *time.Time:
		p.take(n, at, func(text string) (err error) {
			*v, err = time.Parse(time.RFC3339, text)
			if err != nil {
				err = fmt.Errorf("%q is no instant: write it as 2026-11-20T16:45:00Z, or with an offset as +01:00", clip(text))
			}
			return err
		})
		return true
	case *netip.Prefix:
		p.take(n, at, func(text string) (err error) {
			*v, err = parseRange(text)
			return err
		})
		return true
	case unmarshaler:
		p.severalForms(n, at, v)
		return true
	case encoding.TextUnmarshaler:
		p.take(n, at, func(text string) error { return v.UnmarshalText([]byte(text)) })
		return true
	}
	return false
}

// parseRange reads a range of addresses, or one.
func parseRange(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	if one, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(one.WithZone(""), one.BitLen()), nil
	}
	r, err := netip.ParsePrefix(s)
	if err != nil {
		return r, fmt.Errorf("%q is no address and no range of addresses: write 10.0.0.7 or 10.0.0.0/8", clip(s))
	}
	return r.Masked(), nil
}

// An attempt is the mistakes found when a value was read in one of several forms.
type attempt struct{ bad []*Mistake }

func (a *attempt) Error() string { return a.bad[0].Msg }

// severalForms lets a type try its forms. Only the mistakes of the attempt that
// it names at last are told.
func (p *parser) severalForms(n *yaml.Node, at spot, v unmarshaler) {
	mark := len(p.bad)
	err := v.UnmarshalYAML(func(into any) error {
		p.value(n, at, reflect.ValueOf(into).Elem())
		if len(p.bad) == mark {
			return nil
		}
		a := &attempt{slices.Clone(p.bad[mark:])}
		p.bad = p.bad[:mark]
		return a
	})
	if a, ok := err.(*attempt); ok {
		p.bad = append(p.bad, a.bad...)
	} else if err != nil {
		p.wrong(at, "%s", err)
	}
}

// A defaulter fills in what holds unless the file says otherwise.
type defaulter interface{ setDefaults() }

// settings reads a mapping into a struct.
func (p *parser) settings(n *yaml.Node, at spot, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		p.wrong(at, "settings belong here, each on a line of its own and indented, such as “%s: …”", fieldsOf(v.Type())[0].name)
		return
	}
	if d, ok := v.Addr().Interface().(defaulter); ok && at.path != "" {
		d.setDefaults()
	}
	at.working = at.working || v.Type() == reflect.TypeFor[sla.Policy]()
	fields := p.fieldsOf(v.Type())
	for _, e := range p.pairs(n, at) {
		if p.full {
			return
		}
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == e.name })
		below := at.entry(e.name, e.line)
		if i < 0 {
			p.unknown(below, e.name, fields)
			continue
		}
		into := v.FieldByIndex(fields[i].index)
		below.secret = isSecret(fields[i].name, into.Type())
		p.value(e.value, below, into)
	}
}

// isSecret says whether a setting must not stand in the file.
func isSecret(name string, t reflect.Type) bool {
	return t == reflect.TypeFor[network.Secret]() || t.Kind() == reflect.String && secretName.MatchString(name)
}

// list reads a sequence into a slice.
func (p *parser) list(n *yaml.Node, at spot, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		p.wrong(at, "a list belongs here: begin each of its entries with a dash, “- …”")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, len(n.Content)))
	for i, c := range n.Content {
		if p.full {
			return
		}
		below := at.item(i, c.Line)
		made := reflect.New(v.Type().Elem()).Elem()
		if c.Kind == yaml.ScalarNode && c.Tag == "!!null" {
			p.wrong(below, "there is nothing behind this dash: write the entry, or remove the dash")
		}
		p.value(c, below, made)
		v.Set(reflect.Append(v, made))
	}
}

// named reads a mapping whose names are free.
func (p *parser) named(n *yaml.Node, at spot, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		p.wrong(at, "names with values belong here, each on a line of its own and indented: “name: …”")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, e := range p.pairs(n, at) {
		if p.full {
			return
		}
		made := reflect.New(v.Type().Elem()).Elem()
		p.value(e.value, at.entry(e.name, e.line), made)
		v.SetMapIndex(reflect.ValueOf(e.name).Convert(v.Type().Key()), made)
	}
}

// scalar reads one text or number.
func scalar(text string, v reflect.Value) error {
	const whole = "%q is no whole number, or too large a one: write it in digits only, such as 12"
	plain := strings.ReplaceAll(strings.TrimSpace(text), "_", "")
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		switch strings.ToLower(plain) {
		case "true", "yes", "on":
			v.SetBool(true)
		case "false", "no", "off":
			v.SetBool(false)
		default:
			return fmt.Errorf("%q is neither true nor false", clip(text))
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(plain, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf(whole, clip(text))
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		i, err := strconv.ParseUint(plain, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf(whole, clip(text))
		}
		v.SetUint(i)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(plain, v.Type().Bits())
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return fmt.Errorf("%q is no number: write it as 0.6", clip(text))
		}
		v.SetFloat(f)
	default:
		panic("config: a type that can't be written in YAML: " + v.Type().String())
	}
	return nil
}

// maxText bounds one text, in bytes.
const maxText = 16 << 10

// take reads a single value. The message about one that does not fit shows what
// is written, and not what the environment has: that may be a secret gone astray.
func (p *parser) take(n *yaml.Node, at spot, read func(string) error) {
	text, ok := p.text(n, at)
	if !ok {
		return
	}
	err := read(text)
	if err != nil && text != n.Value {
		err = cmp.Or(read(n.Value), fmt.Errorf("the value of %s does not fit", clip(n.Value)))
	}
	if err != nil {
		p.wrong(at, "%s", err)
	}
}

// text is what a single value says, with variables and secrets in their places.
func (p *parser) text(n *yaml.Node, at spot) (string, bool) {
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content) == 2:
		p.wrong(at, "one value belongs here; a text with a colon in it needs quotes")
	case n.Kind != yaml.ScalarNode:
		p.wrong(at, "one value belongs here, not several")
	case len(n.Value) > maxText:
		p.wrong(at, "the text is over %d KiB", maxText>>10)
	case strings.ContainsFunc(n.Value, control):
		p.wrong(at, "there is a control character in this text: remove it")
	default:
		return p.reveal(n.Value, at)
	}
	return "", false
}

// A pair is a setting as it is written.
type pair struct {
	name  string
	line  int
	value *yaml.Node
}

// pairs lists the settings of a mapping, with those that << brings in last. What
// is written wins over what is brought in.
func (p *parser) pairs(n *yaml.Node, at spot) []pair {
	var out []pair
	var brought []*yaml.Node
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content) && !p.full; i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch line, twice := first[k.Value]; {
		case k.Tag == "!!merge":
			brought = append(brought, v)
		case k.Kind != yaml.ScalarNode || k.Value == "" || strings.ContainsFunc(k.Value, unicode.IsControl):
			below := at
			below.line = k.Line
			p.wrong(below, "there is something before this colon that is no name")
		case twice:
			p.wrong(at.entry(k.Value, k.Line), "it is there twice, first in line %d: keep one", p.place(line).Line)
		default:
			first[k.Value] = k.Line
			out = append(out, pair{k.Value, k.Line, v})
		}
	}
	for _, b := range brought {
		for _, e := range p.merged(b, at) {
			if _, there := first[e.name]; !there {
				first[e.name] = e.line
				out = append(out, e)
			}
		}
	}
	return out
}

// merged is what << brings in: the settings of one mapping, or of several.
func (p *parser) merged(n *yaml.Node, at spot) []pair {
	at.depth++
	if p.values++; p.values > maxValues || at.depth > maxDepth {
		p.wrong(at, "<< brings in too much")
		p.full = true
		return nil
	}
	switch n.Kind {
	case yaml.AliasNode:
		return p.merged(n.Alias, at)
	case yaml.MappingNode:
		return p.pairs(n, at)
	case yaml.SequenceNode:
		var out []pair
		for _, c := range n.Content {
			if p.full {
				break
			}
			out = append(out, p.merged(c, at)...)
		}
		return out
	}
	p.wrong(at, "<< brings in the settings that an & has named before: write “<<: *name”")
	return nil
}

// A field is a setting that a struct can hold.
type field struct {
	name  string
	index []int
	typ   reflect.Type
}

// fieldsOf remembers what [fieldsOf] told.
func (p *parser) fieldsOf(t reflect.Type) []field {
	fields, ok := p.fields[t]
	if !ok {
		fields = fieldsOf(t)
		p.fields[t] = fields
	}
	return fields
}

// fieldsOf lists the settings of a struct, in its order.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || name == "-":
		case options == "inline":
			for _, below := range fieldsOf(f.Type) {
				below.index = append(slices.Clone(f.Index), below.index...)
				out = append(out, below)
			}
		case name == "":
			out = append(out, field{strings.ToLower(f.Name), f.Index, f.Type})
		default:
			out = append(out, field{name, f.Index, f.Type})
		}
	}
	return out
}

package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
)

// unknown tells that there is no such setting, and where or what it may be.
func (p *parser) unknown(at spot, name string, fields []field) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	above := strings.TrimSuffix(strings.TrimSuffix(at.path, name), ".")
	msg := fmt.Sprintf("there is no setting “%s” here", clip(name))
	if above != "" {
		msg = spoken(above) + ": " + msg
	}
	near, homes := nearest(name, names), homesOf(name, reflect.TypeFor[Config](), "", 0)
	switch {
	case near != "":
		msg += fmt.Sprintf(": did you mean %s?", near)
	case p.ofNetwork(above, name):
		msg += ": it belongs under settings"
	case len(homes) == 1:
		msg += ": it belongs under " + homes[0]
	default:
		msg += "; there are " + strings.Join(names, ", ")
	}
	p.mistake(at.path, at.line, "%s", msg)
}

// ofNetwork says that a setting that stands in a source is one of its network's.
func (p *parser) ofNetwork(path, name string) bool {
	has := func(settings any) bool {
		return slices.ContainsFunc(fieldsOf(reflect.TypeOf(settings).Elem()), func(f field) bool { return f.name == name })
	}
	switch {
	case !strings.HasSuffix(path, "]"):
	case strings.HasPrefix(path, "sources["):
		return slices.ContainsFunc(p.kinds.Networks, func(d network.Driver) bool { return has(d.Settings()) })
	case strings.HasPrefix(path, "channels["):
		return slices.ContainsFunc(p.kinds.Channels, func(d notify.Driver) bool { return has(d.Settings()) })
	}
	return false
}

// homesOf lists the settings that have one of this name below them.
func homesOf(name string, t reflect.Type, path string, depth int) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || depth > 2 || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return nil
	}
	var homes []string
	for _, f := range fieldsOf(t) {
		if f.name == name && path != "" {
			homes = append(homes, path)
		}
		homes = append(homes, homesOf(name, f.typ, joined(path, f.name), depth+1)...)
	}
	return homes
}

// joints takes out what joins words in a name.
var joints = strings.NewReplacer("_", "", "-", "", " ", "")

// nearest is the name that was probably meant; empty if there is none.
func nearest(wrong string, names []string) string {
	if len(wrong) > 64 {
		return ""
	}
	best, least := "", len(wrong)/3+2
	wrong = joints.Replace(strings.ToLower(wrong))
	for _, n := range names {
		if d := distance(wrong, joints.Replace(strings.ToLower(n))); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is the number of letters to insert, remove, replace or swap with
// their neighbour to make one word of the other (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

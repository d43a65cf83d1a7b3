package configs_test

import (
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

const schemaFile = "schema.json"

var update = flag.Bool("update", false, "write the schema anew")

// TestSchema makes the schema from the structs, and what it says of each setting
// from the comments of the example. It fails when the file is another one; `make
// generate` writes it anew.
func TestSchema(t *testing.T) {
	got, err := json.MarshalIndent(newSchema(t), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(schemaFile, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("configs/schema.json is not what the structs say: run make generate")
	}
}

func newSchema(t *testing.T) *jsonschema.Schema {
	s := &schemaMaker{t: t, about: comments(t), definitions: map[string]*jsonschema.Schema{}}
	c := config.Default()
	c.Routing = route.Routing{} // its root depends on the queues there are
	root := s.object(reflect.ValueOf(*c), "", false)
	root.Schema = "http://json-schema.org/draft-07/schema#"
	root.Title = "Configuration of Amends"
	root.Definitions = s.definitions
	return root
}

// A schemaMaker makes schemas of types.
type schemaMaker struct {
	t           *testing.T
	about       map[string]string // what the example says of a setting
	definitions map[string]*jsonschema.Schema
}

// A field is a setting that a struct can hold.
type field struct {
	name  string
	index []int
}

// fieldsOf lists the settings of a struct.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for f := range t.Fields() {
		switch name, options, _ := strings.Cut(f.Tag.Get("yaml"), ","); {
		case !f.IsExported() || name == "-":
		case options == "inline":
			for _, below := range fieldsOf(f.Type) {
				out = append(out, field{below.name, append(slices.Clone(f.Index), below.index...)})
			}
		default:
			out = append(out, field{name, f.Index})
		}
	}
	return out
}

// isSecret says whether a setting must not stand in the file.
func isSecret(name string, t reflect.Type) bool {
	return t == reflect.TypeFor[network.Secret]() || t.Kind() == reflect.String && strings.HasSuffix(name, "password")
}

// fresh is a value of a type as it is by default.
func fresh(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	if s, ok := v.Addr().Interface().(*config.Source); ok {
		s.Every = everyByDefault
	}
	return v
}

// everyByDefault is held against the program by TestDefaults.
const everyByDefault = time.Minute

// TestDefaults: what the schema says of a source is what the program does.
func TestDefaults(t *testing.T) {
	c, err := config.Parse("x", []byte("sources: [{name: a, network: file, settings: {path: inbox}}]"), app.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Sources[0].Every; got != everyByDefault {
		t.Errorf("a source is polled every %v, the schema says %v", got, everyByDefault)
	}
}

// needed are the settings that something must have. TestSchemaAgrees holds them
// against what check says.
func needed(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[config.Source]():
		return []string{"name", "network"}
	case reflect.TypeFor[config.Channel]():
		return []string{"name", "kind"}
	case reflect.TypeFor[config.Person](), reflect.TypeFor[config.Escalation](), reflect.TypeFor[sla.Rota]():
		return []string{"name"}
	case reflect.TypeFor[config.Step]():
		return []string{"when"}
	case reflect.TypeFor[config.Queue](), reflect.TypeFor[sla.Policy]():
		return []string{"name"}
	case reflect.TypeFor[sla.Timetable]():
		return []string{"name", "zone", "week"}
	case reflect.TypeFor[sla.Holiday]():
		return []string{"date"}
	case reflect.TypeFor[sla.Exception]():
		return []string{"date", "hours"}
	case reflect.TypeFor[route.Example]():
		return []string{"want"}
	}
	return nil
}

// words are the values that a setting of conditions or examples can have.
func words(setting string) []any {
	switch setting {
	case "severity":
		return []any{care.Low, care.High}
	case "mood":
		return []any{care.Calm, care.Annoyed, care.Angry, care.Furious}
	case "urgency":
		return []any{care.Vulnerable, care.Safety, care.Legal, care.Press, care.Regulator, care.Cancellation, care.BrokenPromise, care.Viral}
	}
	return nil
}

// object is the schema of a struct. v holds the defaults; path is where it
// stands, without the places in lists.
func (s *schemaMaker) object(v reflect.Value, path string, working bool) *jsonschema.Schema {
	t := v.Type()
	working = working || t == reflect.TypeFor[sla.Policy]()
	o := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}, Required: needed(t), AdditionalProperties: never()}
	for _, f := range fieldsOf(t) {
		at := strings.TrimPrefix(path+"."+f.name, ".")
		var p *jsonschema.Schema
		switch field := v.FieldByIndex(f.index); {
		case isSecret(f.name, field.Type()):
			p = &jsonschema.Schema{Type: "string", Pattern: `^(file:.+|\$\{[A-Za-z_][A-Za-z0-9_]*\})$`}
		case field.Type() == reflect.TypeFor[route.OneOf]():
			p = oneOf(words(f.name))
		default:
			p = s.value(field, at, working)
		}
		if p.Description = s.about[at]; p.Description == "" {
			s.t.Errorf("configs/example.yaml has no %s with a comment that says what it is", at)
		}
		o.Properties[f.name] = p
		o.PropertyOrder = append(o.PropertyOrder, f.name)
	}
	switch t {
	case reflect.TypeFor[config.Source]():
		for _, d := range app.Drivers() {
			s.kind(o, "sources["+d.Name+"].settings", "network", d.Name, d.Settings())
		}
	case reflect.TypeFor[config.Channel]():
		for _, d := range app.Channels() {
			s.kind(o, "channels["+d.Name+"].settings", "kind", d.Name, d.Settings())
		}
	case reflect.TypeFor[config.Translation]():
		for _, d := range app.Translators() {
			s.kind(o, "translation.settings", "provider", d.Name, d.Settings())
		}
		for _, provided := range o.OneOf {
			provided.Required = []string{"provider"}
		}
		o.OneOf = append(o.OneOf, &jsonschema.Schema{Not: &jsonschema.Schema{Required: []string{"provider"}}}) // nothing is translated
	}
	return o
}

func never() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

// kind tells what settings one kind of source, channel or service has, and where
// they stand. by is the setting that names the kind.
func (s *schemaMaker) kind(of *jsonschema.Schema, path, by, name string, with network.Settings) {
	settings := orNothing(s.object(reflect.ValueOf(with).Elem(), path, false))
	is := any(name)
	of.OneOf = append(of.OneOf, &jsonschema.Schema{
		Properties:    map[string]*jsonschema.Schema{by: {Const: &is}, "settings": settings},
		PropertyOrder: []string{by, "settings"},
	})
	old := of.Properties[by]
	of.Properties[by] = &jsonschema.Schema{Type: "string", Enum: append(old.Enum, is), Description: old.Description}
}

// orNothing allows a name with nothing behind it, as it stands there when
// everything below it is commented out.
func orNothing(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Type != "" {
		s.Types, s.Type = []string{s.Type, "null"}, ""
	}
	return s
}

// value is the schema of one value.
func (s *schemaMaker) value(v reflect.Value, path string, working bool) *jsonschema.Schema {
	switch x := v.Interface().(type) {
	case time.Duration:
		units := "w|d|h|m|s|ms"
		if working {
			units = "h|m|s|ms"
		}
		return withDefault(orVariable(&jsonschema.Schema{Type: "string", Pattern: `^ *(0|([0-9.]+(` + units + `) *)+)$`}, true), length(x), x != 0)
	case time.Time:
		return orVariable(&jsonschema.Schema{Type: "string", Format: "date-time"}, false)
	case netip.Prefix:
		return &jsonschema.Schema{Type: "string"}
	case sla.Clock:
		return &jsonschema.Schema{Type: "string", Enum: []any{sla.Customer, sla.Desk}}
	case care.Lane:
		return &jsonschema.Schema{Type: "string", Enum: []any{care.Ordinary, care.Critical}}
	case sla.Margin:
		return withDefault(&jsonschema.Schema{Type: "string", Pattern: `^([0-9]{1,2} *%|([0-9.]+(h|m|s|ms))+)$`}, sla.Margin{}.String(), true)
	case sla.Date:
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$`}
	case sla.Hours:
		return &jsonschema.Schema{Type: "string"}
	case sla.Week:
		always := any("24/7")
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{Const: &always},
			{Type: "object", PropertyNames: &jsonschema.Schema{Pattern: days}, AdditionalProperties: &jsonschema.Schema{Type: "string"}},
		}}
	case route.Given:
		labels := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: never()}
		for _, key := range route.Keys() {
			labels.Properties[key] = oneOf(words(key))
			labels.PropertyOrder = append(labels.PropertyOrder, key)
		}
		return labels
	case encoding.TextUnmarshaler:
		s.t.Fatalf("%s: say here how it is written", v.Type())
	case nil: // network.Settings: see networks
		return &jsonschema.Schema{}
	}
	switch v.Kind() {
	case reflect.Struct:
		return s.structure(v, path, working)
	case reflect.Slice:
		return orNothing(&jsonschema.Schema{Type: "array", Items: s.value(fresh(v.Type().Elem()), path, working)})
	case reflect.Map:
		return orNothing(&jsonschema.Schema{Type: "object", AdditionalProperties: s.value(fresh(v.Type().Elem()), path, working)})
	case reflect.Pointer:
		return s.value(fresh(v.Type().Elem()), path, working)
	case reflect.String:
		return withDefault(&jsonschema.Schema{Type: "string"}, v.String(), v.String() != "")
	case reflect.Bool:
		return withDefault(orVariable(&jsonschema.Schema{Type: "boolean"}, false), v.Bool(), v.Bool())
	case reflect.Float32, reflect.Float64:
		return withDefault(orVariable(&jsonschema.Schema{Type: "number"}, false), v.Float(), !v.IsZero())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return withDefault(orVariable(&jsonschema.Schema{Type: "integer"}, false), v.Interface(), !v.IsZero())
	}
	s.t.Fatalf("%s: say here how it is written", v.Type())
	return nil
}

// structure is the schema of a struct; a node has others like it below, so it
// is a definition.
func (s *schemaMaker) structure(v reflect.Value, path string, working bool) *jsonschema.Schema {
	if v.Type() != reflect.TypeFor[route.Node]() {
		return orNothing(s.object(v, path, working))
	}
	const name = "node"
	if s.definitions[name] == nil {
		s.definitions[name] = &jsonschema.Schema{}
		*s.definitions[name] = *orNothing(s.object(v, path, working))
	}
	// Draft 7 ignores what stands beside a $ref.
	return &jsonschema.Schema{AllOf: []*jsonschema.Schema{{Ref: "#/definitions/" + name}}}
}

// oneOf is a value, or a list of some.
func oneOf(words []any) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		{Types: []string{"string", "number"}, Enum: words},
		{Type: "array", Items: &jsonschema.Schema{Types: []string{"string", "number"}, Enum: words}},
	}}
}

// days are how the keys of a week are written.
const days = `^ *(daily|` + weekday + `( *- *` + weekday + `)?)( *, *(daily|` + weekday + `( *- *` + weekday + `)?))* *$`

const weekday = `([Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)[a-z]*`

// orVariable allows ${NAME} in place of what is no text, and 0 for a length of time.
func orVariable(s *jsonschema.Schema, zero bool) *jsonschema.Schema {
	either := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s, {Type: "string", Pattern: `^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`}}}
	if zero {
		either.AnyOf = append(either.AnyOf, &jsonschema.Schema{Enum: []any{0}})
	}
	return either
}

func withDefault(s *jsonschema.Schema, v any, is bool) *jsonschema.Schema {
	if is {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		s.Default = b
	}
	return s
}

// length writes a length of time as people do.
func length(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day && d%(7*day) == 0:
		return fmt.Sprintf("%dw", d/(7*day))
	case d >= day && d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	}
	return regexp.MustCompile(`(\d[hm])(0m)?0s$`).ReplaceAllString(d.String(), "$1")
}

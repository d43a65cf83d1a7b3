package config

import (
	"reflect"

	"github.com/amends-care/amends/internal/network"
)

// What the schema has to say as the decoder does it.

// A Field is a setting that a struct can hold.
type Field struct {
	Name   string // in YAML
	Index  []int
	Secret bool
}

// FieldsOf lists the settings of a struct.
func FieldsOf(t reflect.Type) []Field {
	var out []Field
	for _, f := range fieldsOf(t) {
		out = append(out, Field{f.name, f.index, isSecret(f.name, f.typ)})
	}
	return out
}

// Fresh is a value of a type as it is before the file is read.
func Fresh(t reflect.Type) reflect.Value {
	v := reflect.New(t)
	if d, ok := v.Interface().(defaulter); ok {
		d.setDefaults()
	}
	return v.Elem()
}

// Paths parses a file and tells the line of each setting by its path.
func Paths(name string, b []byte, drivers []network.Driver) (*Config, map[string]int, error) {
	p := newParser(name, drivers)
	c, err := p.config(b)
	return c, p.lines, err
}

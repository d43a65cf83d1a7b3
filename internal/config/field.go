package config

import "reflect"

// A Field is a setting that a struct of the configuration can hold.
type Field struct {
	Name   string
	Index  []int
	Type   reflect.Type
	Secret bool // it must not stand in the file
}

// FieldsOf lists them, in the order of the struct.
func FieldsOf(t reflect.Type) []Field {
	var all []Field
	for _, f := range fieldsOf(t) {
		all = append(all, Field{f.name, f.index, f.typ, isSecret(f.name, f.typ)})
	}
	return all
}

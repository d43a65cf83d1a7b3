// Package configs holds the configurations that ship with the program, and the
// schema by which editors understand one. Tests hold all of them against what
// the program takes.
package configs

//go:generate go test -run ^TestSchema$ -update .

import _ "embed"

// Demo is the configuration of `amends demo`.
//
//go:embed demo.yaml
var Demo []byte

// Schema is what editors understand a configuration by, and the console's forms
// have their words of.
//
//go:embed schema.json
var Schema []byte

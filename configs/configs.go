// Package configs holds the configurations that ship with the program.
package configs

import _ "embed"

// Demo is the configuration of `amends demo`.
//
//go:embed demo.yaml
var Demo []byte

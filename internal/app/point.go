//go:build !crashpoints

package app

// point is nothing in a released program. Tests build with the tag crashpoints,
// and stop the process at a named step.
func point(string) {}

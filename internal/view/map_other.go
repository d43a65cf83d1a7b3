//go:build !unix

package view

// initialMap is small where mapping makes the file itself as large.
const initialMap = 16 << 20

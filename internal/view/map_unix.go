//go:build unix

package view

// initialMap is address space only: with room to grow, no writer ever waits for
// a reader so that the file can be mapped anew.
const initialMap = 16 << 30

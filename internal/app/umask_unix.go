//go:build unix

package app

import "syscall"

// private lets make create something that only this user may open.
func private(make func() error) error {
	old := syscall.Umask(0o177)
	defer syscall.Umask(old)
	return make()
}

package file

import (
	"os"
	"syscall"
)

// changed is when the system last dated a change of the file or of its name,
// in nanoseconds. Unlike the time of modification it can't be set, so a file
// that is moved or copied into the folder is always new there.
func changed(info os.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ctim.Nano()
	}
	return info.ModTime().UnixNano()
}

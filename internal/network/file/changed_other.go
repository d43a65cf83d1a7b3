//go:build !linux && !darwin

package file

import "os"

// changed is when the file was last modified, in nanoseconds. A file that is
// moved into the folder with an old date is not seen on these systems: copy it.
func changed(info os.FileInfo) int64 { return info.ModTime().UnixNano() }

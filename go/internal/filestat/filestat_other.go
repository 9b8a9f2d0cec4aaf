//go:build !unix

package filestat

import (
	"errors"
	"io/fs"
	"os"
)

// Owner returns no user: the system has no numbers of users.
func Owner(fs.FileInfo) (user int, ok bool) { return 0, false }

// Links returns 0: unknown.
func Links(fs.FileInfo) uint64 { return 0 }

// Device returns 0: unknown.
func Device(fs.FileInfo) uint64 { return 0 }

// OpenItself returns an error: the system cannot open a file without following
// links.
func OpenItself(path string) (*os.File, error) {
	return nil, &fs.PathError{Op: "open", Path: path, Err: errors.ErrUnsupported}
}

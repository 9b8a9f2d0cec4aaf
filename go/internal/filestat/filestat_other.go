//go:build !unix

package filestat

import "io/fs"

// Owner returns no user: the system has no numbers of users.
func Owner(fs.FileInfo) (user int, ok bool) { return 0, false }

// Links returns 0: unknown.
func Links(fs.FileInfo) uint64 { return 0 }

// Device returns 0: unknown.
func Device(fs.FileInfo) uint64 { return 0 }

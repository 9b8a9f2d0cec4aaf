//go:build unix

// Package filestat reads what a Unix system knows of a file beyond fs.FileInfo.
package filestat

import (
	"io/fs"
	"os"
	"syscall"
)

// Owner returns the number of the user that owns a file; ok: the system has
// such numbers.
func Owner(info fs.FileInfo) (user int, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Uid), true
}

// Links returns how many names a file has, 0 if unknown.
func Links(info fs.FileInfo) uint64 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return uint64(stat.Nlink)
}

// Device returns the number of the file system that has a file, 0 if unknown.
func Device(info fs.FileInfo) uint64 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return uint64(stat.Dev)
}

// OpenItself opens a file or directory for reading. It follows no link and does
// not wait for the other end of a pipe.
func OpenItself(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

//go:build unix

package swingstore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/internal/filestat"
)

// vmDir is an open directory that the VM made and may still change. Its files
// are opened by name, relative to it, without following links. Each must be a
// regular file of this process's user, with no other hard link. Errors of its
// methods are *bridge.ProtocolErrors if the VM is to blame, system errors
// otherwise. For one goroutine.
type vmDir struct{ file *os.File }

// openVMDir opens the directory at a path that childOf returned, or that agd
// moved it to. The caller closes it.
func openVMDir(path string) (*vmDir, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, blame(err, "expected a directory at %q", path)
	}
	dir := &vmDir{os.NewFile(uintptr(fd), path)}
	info, err := dir.file.Stat()
	if err == nil && !isOurs(info) {
		err = fault("expected a directory of this user at %q", path)
	}
	if err != nil {
		return nil, errors.Join(err, dir.close())
	}
	return dir, nil
}

func (d *vmDir) close() error { return d.file.Close() }

// open opens a file for reading and returns its size, which the VM may still
// change. It never blocks, not even on a pipe.
func (d *vmDir) open(name string) (file *os.File, size int64, err error) {
	if !isName(name) {
		return nil, 0, fault("expected the name of a file in %q, got %s", d.file.Name(), named(name))
	}
	fd, err := unix.Openat(int(d.file.Fd()), name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, 0, blame(err, "expected a file %s in %q", named(name), d.file.Name())
	}
	file = os.NewFile(uintptr(fd), filepath.Join(d.file.Name(), name))
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fault("expected a regular file %s in %q", named(name), d.file.Name())
	case !isOurs(info):
		err = fault("expected a file %s of this user in %q", named(name), d.file.Name())
	case filestat.Links(info) > 1:
		err = fault("expected a file %s with one name in %q", named(name), d.file.Name())
	default:
		return file, info.Size(), nil
	}
	return nil, 0, errors.Join(err, file.Close())
}

// create makes a new file, and replaces any existing one of this name. The caller closes the
// file.
func (d *vmDir) create(name string) (*os.File, error) {
	fd := int(d.file.Fd())
	if err := unix.Unlinkat(fd, name, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, blame(err, "expected a file %s in %q", named(name), d.file.Name())
	}
	made, err := unix.Openat(fd, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return nil, &fs.PathError{Op: "create", Path: filepath.Join(d.file.Name(), name), Err: err}
	}
	return os.NewFile(uintptr(made), filepath.Join(d.file.Name(), name)), nil
}

func isOurs(info fs.FileInfo) bool {
	user, ok := filestat.Owner(info)
	return ok && user == os.Geteuid()
}

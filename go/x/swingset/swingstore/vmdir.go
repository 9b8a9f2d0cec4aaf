package swingstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// fault is what the VM did that no VM may: the node ends with it.
func fault(format string, args ...any) error {
	return &bridge.ProtocolError{Message: "from agvm: " + vm.MethodSwingStoreExport + ": " + fmt.Sprintf(format, args...)}
}

// maxNamed is how many bytes of a name of the VM's an error repeats.
const maxNamed = 200

// named is a name of the VM's for an error: quoted, not too long.
func named(name string) string { return fmt.Sprintf("%q", name[:min(len(name), maxNamed)]) }

// childOf returns the path of a child of temp, the directory of the VM's files,
// as the VM names it. Nothing else that the VM names is agd's to touch. temp
// itself is agd's: the VM can neither move nor replace it. The VM may name it
// by its real path. The error is a *bridge.ProtocolError.
func childOf(temp, answer string) (string, error) {
	dir, name := filepath.Split(answer)
	if isName(name) && filepath.IsAbs(answer) && filepath.Clean(answer) == answer {
		dir = filepath.Clean(dir)
		real, err := filepath.EvalSymlinks(temp)
		if dir == filepath.Clean(temp) || err == nil && dir == real {
			return filepath.Join(temp, name), nil
		}
	}
	return "", fault("expected a directory in %q, got %s", temp, named(answer))
}

// isName tells whether a name is that of an entry of a directory, and cannot
// lead out of it.
func isName(name string) bool {
	return name != "" && name != "." && name != ".." && filepath.Base(name) == name
}

// vmDir is an open directory that the VM made and may still change. Its files
// are opened by their names in it, without following links: each must be a
// regular file of this process's user, with no other name. The errors of its
// methods are *bridge.ProtocolErrors where the VM is to blame, and the system's
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

// open opens a file for reading, and returns its size, which the VM may change.
// Nothing that a name stands for can make it wait.
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
	case links(info) > 1:
		err = fault("expected a file %s with one name in %q", named(name), d.file.Name())
	default:
		return file, info.Size(), nil
	}
	return nil, 0, errors.Join(err, file.Close())
}

// create makes a file in place of whatever has its name. The caller closes it.
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

// blame makes an error of a system call the VM's fault, if it tells of what is
// at a path and not of this machine.
func blame(err error, format string, args ...any) error {
	for _, theirs := range []error{unix.ENOENT, unix.ENOTDIR, unix.ELOOP, unix.EISDIR, unix.ENXIO, unix.EACCES, unix.EPERM, unix.ENAMETOOLONG, unix.ENODEV, unix.EINVAL} {
		if errors.Is(err, theirs) {
			return fault("%s: %v", fmt.Sprintf(format, args...), err)
		}
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

func isOurs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

func links(info fs.FileInfo) uint64 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return uint64(stat.Nlink)
}

package node

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// maxSocketPath is the maximum length of a Unix socket's path on Linux, in
// bytes.
const maxSocketPath = 107

// freeSocketPath makes sure that agd can listen at the path of a Unix socket.
// It removes a socket that an earlier run left, because neither CometBFT nor the
// SDK can listen at an existing one. A socket at which a process listens, and any
// other file, stay and are errors.
func freeSocketPath(file string) error {
	switch {
	case file == "":
		return errors.New("expected unix:// and a path")
	case file[0] == '@':
		return nil // an abstract socket: it has no file and ends with its process
	case len(file) > maxSocketPath:
		return fmt.Errorf("the path of a Unix socket has at most %d bytes, %q has %d: choose a shorter one", maxSocketPath, file, len(file))
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return fmt.Errorf("no directory %q: make it, or choose another path", filepath.Dir(file))
	}
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != os.ModeSocket:
		return fmt.Errorf("%q is not a socket: remove it, or choose another path", file)
	}
	conn, err := net.Dial("unix", file)
	if err == nil {
		_ = conn.Close()
		return fmt.Errorf("another process listens at %q: stop it, or choose another path", file)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(file)
}

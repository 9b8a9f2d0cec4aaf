package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/agd-bridge/agd-bridge/go/internal/filelock"
	"github.com/agd-bridge/agd-bridge/go/internal/filestat"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// exportDir is the directory in which an export is made, beside its target. One
// rename turns a complete export into the target. The name is fixed, so that the
// next export removes what a killed one left; a lock distinguishes that from an
// export that still runs.
type exportDir struct {
	// path becomes the target; temp is the VM's TMPDIR.
	path   string
	temp   string
	parent string // of path: everything of an incomplete export
	target string
	lock   *os.File
}

// exportParent returns the directory in which the export to a target is made.
func exportParent(target string) string {
	return filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+".agd-export")
}

// ExportTemp returns the directory of the kernel's temporary files during the
// export.
func ExportTemp(target string) string { return filepath.Join(exportParent(target), "tmp") }

// newExportDir prepares the export to target, an absolute path. The caller
// calls remove.
func newExportDir(target string) (*exportDir, error) {
	if err := checkExportTarget(target); err != nil {
		return nil, err
	}
	parent := exportParent(target)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	lock, err := os.Open(parent)
	if err != nil {
		return nil, err
	}
	if err := filelock.Try(lock); err != nil {
		_ = lock.Close()
		if !errors.Is(err, filelock.ErrHeld) {
			return nil, fmt.Errorf("cannot lock %s: %w", parent, err)
		}
		return nil, fmt.Errorf("another export to %s is in progress (%s)", target, parent)
	}
	work := &exportDir{path: filepath.Join(parent, "new"), temp: ExportTemp(target), parent: parent, target: target, lock: lock}
	for _, dir := range []string{work.path, work.temp} {
		if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o755)); err != nil {
			work.remove()
			return nil, err
		}
	}
	return work, nil
}

// checkExportTarget refuses a target that could not be renamed to.
func checkExportTarget(target string) error {
	info, err := os.Lstat(target)
	if errors.Is(err, fs.ErrNotExist) {
		return os.MkdirAll(filepath.Dir(target), 0o755)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("--%s: %s is not a directory", options.FlagExportDir, target)
	}
	entries, err := os.ReadDir(target)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("--%s: %s is not empty: name a directory that does not exist yet", options.FlagExportDir, target)
	}
	above, err := os.Stat(filepath.Dir(target))
	if err != nil {
		return err
	}
	if filestat.Device(above) != filestat.Device(info) {
		return fmt.Errorf("--%s: %s is a mount point: name a directory below it", options.FlagExportDir, target)
	}
	return nil
}

// finish renames the work to the target, once it is on the disk.
func (w *exportDir) finish() error {
	err := filepath.WalkDir(w.path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncFile(path)
	})
	if err != nil {
		return err
	}
	if err := syscall.Rename(w.path, w.target); err != nil {
		return err
	}
	return syncFile(filepath.Dir(w.target))
}

// remove removes the work unless it became the target. Idempotent.
func (w *exportDir) remove() {
	_ = os.RemoveAll(w.parent)
	_ = w.lock.Close()
}

// syncFile writes a file or a directory to the disk.
func syncFile(path string) error {
	// The VM may have changed it, so no link is followed and no pipe waited for.
	file, err := filestat.OpenItself(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

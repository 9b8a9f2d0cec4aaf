package home

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

// VMTemp is the directory of the kernel's temporary files, and of no others. An
// export for a snapshot is as large as the kernel's store, so it lies on the same
// disk, or where the operator chooses. A later start removes what a killed node
// left.
type VMTemp string

// NewVMTemp makes the directory below a home, or below the TMPDIR of the
// environment, and names it in the environment of the VM.
func NewVMTemp(env []string, home string) ([]string, VMTemp, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return env, "", err
	}
	dir := Layout(home).VMTemp()
	sum := sha256.Sum256([]byte(home))
	below := "agd-vm-" + hex.EncodeToString(sum[:6])
	switch named := environ.Get(env, "TMPDIR"); {
	case named == "" || named == dir:
	case filepath.Base(named) == below:
		dir = named // of the agd that this process was before
	default:
		if dir, err = filepath.Abs(filepath.Join(named, below)); err != nil {
			return env, "", err
		}
	}
	return environ.With(env, "TMPDIR", dir), VMTemp(dir), os.MkdirAll(dir, 0o700)
}

// Empty removes what a node that was killed left there. The caller has the
// lock on the home's data.
func (t VMTemp) Empty() error {
	return errors.Join(os.RemoveAll(string(t)), os.Mkdir(string(t), 0o700))
}

// Remove removes it, once the VM writes nothing there any more.
func (t VMTemp) Remove() { _ = os.RemoveAll(string(t)) }

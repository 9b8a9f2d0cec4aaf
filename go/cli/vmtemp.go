package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
)

// vmTemp is the directory of the kernel's temporary files, and nobody else's:
// an export for a snapshot is as large as the kernel's store, and should lie
// where that does, or where the operator says, and go when its node has gone,
// however it went.
type vmTemp string

// newVMTemp makes the directory below a home, or below the TMPDIR of the
// environment, and names it in the environment of the VM.
func newVMTemp(env []string, home string) ([]string, vmTemp, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return env, "", err
	}
	dir := filepath.Join(home, "data", "vm-tmp")
	sum := sha256.Sum256([]byte(home))
	below := "agd-vm-" + hex.EncodeToString(sum[:6])
	switch named := variable(env, "TMPDIR"); {
	case named == "" || named == dir:
	case filepath.Base(named) == below:
		dir = named // of the agd that this process was before
	default:
		if dir, err = filepath.Abs(filepath.Join(named, below)); err != nil {
			return env, "", err
		}
	}
	return withEnv(env, "TMPDIR", dir), vmTemp(dir), os.MkdirAll(dir, 0o700)
}

// empty removes what a node that was killed left there. The caller has the
// lock on the home's data.
func (t vmTemp) empty() error {
	return errors.Join(os.RemoveAll(string(t)), os.Mkdir(string(t), 0o700))
}

// remove removes it, once the VM writes nothing there any more.
func (t vmTemp) remove() { _ = os.RemoveAll(string(t)) }

package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/agd-bridge/agd-bridge/go/internal/filestat"
)

// Exists reports whether a home directory has its configuration's directory. A
// file of the configuration that this user must not read is an error, which
// names the file's owner.
func Exists(dir string) (bool, error) {
	config := filepath.Join(dir, "config")
	if _, err := os.Stat(config); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, denied(config, err)
	}
	for _, name := range []string{"client.toml", "config.toml", "app.toml"} {
		file := filepath.Join(config, name)
		opened, err := os.Open(file)
		if err == nil {
			_ = opened.Close()
		} else if errors.Is(err, fs.ErrPermission) {
			return true, denied(file, err)
		}
	}
	return true, nil
}

// denied says whose a path is that this user must not read.
func denied(path string, err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	what := path
	for {
		if info, statErr := os.Stat(what); statErr == nil {
			if id, known := filestat.Owner(info); known && id != os.Getuid() {
				owner := userName(id)
				return fmt.Errorf("cannot read %q: permission denied: %q belongs to user %s, and agd runs as %s: run agd as %s, or name another home directory with --home",
					path, what, owner, userName(os.Getuid()), owner)
			}
			return fmt.Errorf("cannot read %q: permission denied: let its owner read it (chmod u+rwX), or name another home directory with --home", path)
		}
		parent := filepath.Dir(what)
		if parent == what {
			return err
		}
		what = parent
	}
}

// userName is a user's name, or the number if the system has no name for it.
func userName(id int) string {
	number := strconv.Itoa(id)
	if known, err := user.LookupId(number); err == nil {
		return strconv.Quote(known.Username)
	}
	return number
}

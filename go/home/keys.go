package home

import (
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
)

// KeyNames returns the names of the keys in a home, and the backend of the keyring
// that has them. It reads the names of files alone: that needs no password, so
// there are none of a keyring that the system keeps.
func KeyNames(home string) (names []string, backend string) {
	for _, backend := range []string{keyring.BackendTest, keyring.BackendFile} {
		if names := KeysIn(home, backend); len(names) > 0 {
			return names, backend
		}
	}
	return nil, ""
}

// KeysIn returns the sorted names of the keys of a keyring "test" or "file" in a
// directory.
func KeysIn(dir, backend string) (names []string) {
	files, _ := filepath.Glob(filepath.Join(globEscaped.ReplaceAllString(dir, `\$0`), "keyring-"+backend, "*.info"))
	for _, file := range files {
		name, err := url.PathUnescape(strings.TrimSuffix(filepath.Base(file), ".info"))
		if err == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

var globEscaped = regexp.MustCompile(`[*?\[\\]`)

// HasKeys reports whether a directory has a keyring of files, or has had one:
// those of the backends "test" and "file", and that of "os" where the system
// keeps none.
func HasKeys(dir string) bool {
	escaped := globEscaped.ReplaceAllString(dir, `\$0`)
	for _, pattern := range []string{"keyring-*", "*.info", "keyhash"} {
		if found, _ := filepath.Glob(filepath.Join(escaped, pattern)); len(found) > 0 {
			return true
		}
	}
	return false
}

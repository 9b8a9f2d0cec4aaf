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
		files, _ := filepath.Glob(filepath.Join(globEscaped.ReplaceAllString(home, `\$0`), "keyring-"+backend, "*.info"))
		for _, file := range files {
			name, err := url.PathUnescape(strings.TrimSuffix(filepath.Base(file), ".info"))
			if err == nil {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			slices.Sort(names)
			return names, backend
		}
	}
	return nil, ""
}

var globEscaped = regexp.MustCompile(`[*?\[\\]`)

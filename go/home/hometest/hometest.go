// Package hometest makes home directories for tests.
package hometest

import (
	"os"
	"path/filepath"
	"testing"
)

// WithFiles returns a directory, with an odd name, that has these files, empty
// ones. The test removes it at its end.
func WithFiles(t *testing.T, files ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a [home]")
	for _, file := range files {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

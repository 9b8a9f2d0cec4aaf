package home

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// homeWithKeys is a directory with the files of a keyring, empty ones.
func homeWithKeys(t *testing.T, files ...string) string {
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

func TestNamesOfKeysNeedNoPassword(t *testing.T) {
	for _, c := range []struct {
		files   []string
		want    []string
		backend string
	}{
		{nil, nil, ""},
		{[]string{"keyring-file/carol.info", "keyring-file/keyhash"}, []string{"carol"}, "file"},
		{[]string{"keyring-test/a%2Fb.info", "keyring-test/0011.address"}, []string{"a/b"}, "test"},
	} {
		names, backend := KeyNames(homeWithKeys(t, append(c.files, "config/x")...))
		if !slices.Equal(names, c.want) || backend != c.backend {
			t.Errorf("%q: got %q of %q", c.files, names, backend)
		}
	}
}

package home

import (
	"slices"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/home/hometest"
)

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
		names, backend := KeyNames(hometest.WithFiles(t, append(c.files, "config/x")...))
		if !slices.Equal(names, c.want) || backend != c.backend {
			t.Errorf("%q: got %q of %q", c.files, names, backend)
		}
	}
}

package home

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

func TestTheKernelsTemporaryFilesAreInADirectoryOfItsOwn(t *testing.T) {
	home, tmp := t.TempDir(), t.TempDir()
	for _, named := range []string{"", "TMPDIR=", "TMPDIR=" + tmp, "TMPDIR=" + home} {
		env, temp, err := NewVMTemp(slices.DeleteFunc([]string{"A=1", named}, func(s string) bool { return s == "" }), home)
		if err != nil {
			t.Fatal(err)
		}
		dir := string(temp)
		below := home
		if named == "TMPDIR="+tmp {
			below = tmp
		}
		if filepath.Dir(dir) != below && filepath.Dir(dir) != filepath.Join(home, "data") {
			t.Errorf("%q: %s", named, dir)
		}
		if environ.Get(env, "TMPDIR") != dir {
			t.Errorf("%q: the environment has %q", named, env)
		}
		// The process that a node becomes for the in-process mode.
		if _, again, err := NewVMTemp(env, home); err != nil || again != temp {
			t.Errorf("%q: then %s, %v", named, again, err)
		}
		left := filepath.Join(dir, "left")
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := temp.Empty(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(left); !os.IsNotExist(err) {
			t.Errorf("%q: %v", named, err)
		}
		temp.Remove()
	}
	_, one, _ := NewVMTemp([]string{"TMPDIR=" + tmp}, home)
	_, other, _ := NewVMTemp([]string{"TMPDIR=" + tmp}, home+"-other")
	if one == other || !strings.HasPrefix(string(other), tmp) {
		t.Errorf("two homes: %s, %s", one, other)
	}
}

package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

func TestNode(t *testing.T) {
	found := supervisor.About{Node: "22.1.0", Path: "/usr/bin/node"}
	refused := found
	refused.Refusal = `cannot run on Node.js v22.1.0 ("/usr/bin/node"): needs Node.js 20 (at least 20.11): put that version first in PATH`
	for name, row := range map[string]judged{
		"supported": {Node(found, nil), OK, "22.1.0 at /usr/bin/node", ""},
		"another":   {Node(refused, nil), Fail, "cannot run on Node.js v22.1.0 (\"/usr/bin/node\"): needs Node.js 20 (at least 20.11)", "put that version first"},
		"none":      {Node(supervisor.About{}, errors.New("node is not in PATH: install Node.js 20")), Fail, "not in PATH", "README.md"},
	} {
		row.check(t, name)
		require.Equal(t, Machine, row.Group)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "agd")
	require.NoError(t, os.WriteFile(binary, nil, 0o755))
	files, err := supervisor.FilesBeside(binary)
	require.NoError(t, err)
	parts := []string{"agvm", "libagd.so", "agd-vm-jail", "libagd-signals.so", "agvm-about", "agd-devnet", "agd-localnet", "agd-ab"}
	for _, part := range parts {
		require.NoError(t, os.WriteFile(filepath.Join(dir, part), nil, 0o755))
	}
	judged{Files(files), OK, "complete in ", ""}.check(t, "all")
	require.NoError(t, os.Remove(files.Library))
	judged{Files(files), Fail, "no libagd.so in ", "make build"}.check(t, "no library")
	files.Library = ""
	judged{Files(files), OK, "complete in ", ""}.check(t, "an agd without the in-process mode")
	require.NoError(t, os.Remove(files.Jail))
	judged{Files(files), Warn, "no agd-vm-jail in ", "make build"}.check(t, "no jail")
	require.NoError(t, os.Remove(files.VM))
	judged{Files(files), Fail, "no agvm, agd-vm-jail in ", "make build"}.check(t, "no VM")
}

func TestTheVMsParts(t *testing.T) {
	type addon = struct {
		Name  string `json:"name"`
		Error string `json:"error"`
	}
	about := supervisor.About{
		ABI: "115", Bundle: true,
		Packages: map[string]string{"@agoric/xsnap": "0.15.0", "@agoric/cosmic-swingset": "0.42.0"},
		Addons: []addon{
			{"addon in-process", ""},
			{"addon split", "cannot find module"},
			{"addon in-process", "cannot find module"},
			{"better-sqlite3", "was compiled against a different Node.js version using NODE_MODULE_VERSION 127"},
		},
	}
	found := VM(about)
	for i, row := range []judged{
		{found[0], OK, "built", ""},
		{found[1], OK, "cosmic-swingset 0.42.0, xsnap 0.15.0", ""},
		{found[2], OK, "ABI 115", ""},
		{found[3], Warn, "cannot find", "pipes"},
		{found[4], Fail, "cannot find", "make build"},
		{found[5], Fail, "NODE_MODULE_VERSION 127", "ABI 115"},
	} {
		row.check(t, found[i].Name)
	}
	about.Bundle, about.Kernel = false, "the kernel is not installed: no xsnap; run `npm rebuild` in /opt"
	found = VM(about)
	judged{found[0], Fail, "not built", "make build"}.check(t, "bundle")
	judged{found[1], Fail, "no xsnap", "run `npm rebuild` in /opt"}.check(t, "kernel")
}

package supervisor_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// realNode is the program that `node` of this test's PATH runs.
func realNode(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("node", "-p", "process.execPath").Output()
	require.NoError(t, err)
	return string(out[:len(out)-1])
}

// shim puts a script as `node` first in PATH, as version managers do.
func shim(t *testing.T, text string) {
	t.Helper()
	path := write(t, "node", "#!/bin/sh\n"+text+"\n", 0o755)
	t.Setenv("PATH", filepath.Dir(path)+":"+os.Getenv("PATH"))
}

func TestAScriptNamedNodeIsAskedForTheProgram(t *testing.T) {
	node := realNode(t)
	vm := write(t, "vm.js", "", 0o644)
	for name, text := range map[string]string{
		"becomes node":     "exec " + node + ` "$@"`,
		"starts node":      node + ` "$@"; exit $?`,
		"says more":        "echo using node 20; exec " + node + ` "$@"`,
		"chooses by place": `[ -e chosen ] && exec ` + node + ` "$@"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			require.NoError(t, os.WriteFile("chosen", nil, 0o644))
			shim(t, text)
			command, err := supervisor.VMCommand(vm, nil, []string{"start"})
			require.NoError(t, err)
			require.Equal(t, []string{node, vm, "start"}, command)
			require.ErrorContains(t, supervisor.CheckNodeArgs([]string{"--no-such-option"}, os.Environ()), "node: bad option")
		})
	}
}

// Volta's node is a link to a program of volta's.
func TestAProgramOfAnotherNameBehindNodeIsAsked(t *testing.T) {
	program, err := exec.LookPath("true")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.Symlink(program, filepath.Join(dir, "node")))
	t.Setenv("PATH", dir)
	_, err = supervisor.VMCommand(write(t, "vm.js", "", 0o644), nil, nil)
	require.ErrorContains(t, err, `/node" runs no Node.js: its process.execPath is ""`)
}

func TestAScriptNamedNodeThatRunsNoneIsNamed(t *testing.T) {
	vm := write(t, "vm.js", "", 0o644)
	for text, want := range map[string]string{
		"echo No version is set >&2; echo Consider adding one >&2; exit 126": `/node" runs no Node.js: No version is set Consider adding one: choose a version, or put one first in PATH`,
		"exit 3":       `/node" runs no Node.js: exit status 3: choose`,
		"echo 20.11.0": `/node" runs no Node.js: its process.execPath is "20.11.0": put Node.js first in PATH`,
		"":             `/node" runs no Node.js: its process.execPath is "": put`,
	} {
		t.Run(text, func(t *testing.T) {
			shim(t, text)
			_, err := supervisor.VMCommand(vm, nil, nil)
			require.ErrorContains(t, err, want)
		})
	}
}

func TestTheVersionToInstallIsThatOfTheEntrysPackage(t *testing.T) {
	root := t.TempDir()
	bin := filepath.Join(root, "packages", "vm", "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	for path, text := range map[string]string{
		filepath.Join(root, "package.json"):                   `{"engines":{"node":"^20.11.0 || ^22.11.0"}}`,
		filepath.Join(root, "packages", "vm", "package.json"): `{"name":"vm"}`,
		filepath.Join(bin, "vm.js"):                           "",
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	link := filepath.Join(t.TempDir(), "vm.js")
	require.NoError(t, os.Symlink(filepath.Join(bin, "vm.js"), link))
	t.Setenv("PATH", "")
	_, err := supervisor.VMCommand(link, nil, nil)
	require.EqualError(t, err, "node is not in PATH: install Node.js 20 or 22")
}

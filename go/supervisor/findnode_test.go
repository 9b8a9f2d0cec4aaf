package supervisor_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
			require.ErrorContains(t, supervisor.CheckNodeArgs(vm, []string{"--no-such-option"}, os.Environ()), "node: bad option")
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
	require.EqualError(t, err, "node is not in PATH: install Node.js 20 (at least 20.11) or 22 (at least 22.11)")
}

func TestTheInstallationsOwnNodeComesFirst(t *testing.T) {
	node := realNode(t)
	vm := entryWith(t, "*")
	own := filepath.Join(filepath.Dir(vm), "node", "bin", "node")
	require.NoError(t, os.MkdirAll(filepath.Dir(own), 0o755))
	require.NoError(t, os.Symlink(node, own))
	t.Setenv("PATH", "")
	command, err := supervisor.VMCommand(vm, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []string{own, vm}, command)
	require.ErrorContains(t, supervisor.CheckNodeArgs(vm, []string{"--no-such-option"}, nil), "node: bad option")
}

// entryWith is a VM whose package has these engines.
func entryWith(t *testing.T, engines string) string {
	t.Helper()
	entry := write(t, "vm.js", "", 0o644)
	text := `{"engines":{"node":"` + engines + `"}}`
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(entry), "package.json"), []byte(text), 0o644))
	return entry
}

func TestAnotherVersionOfNodeIsRefused(t *testing.T) {
	node := realNode(t)
	out, err := exec.Command(node, "--version").Output()
	require.NoError(t, err)
	version := strings.TrimSpace(string(out))
	var major, minor int
	_, err = fmt.Sscanf(version, "v%d.%d", &major, &minor)
	require.NoError(t, err)
	at := func(major, minor int) string { return fmt.Sprintf("^%d.%d.0", major, minor) }
	words := func(major, minor int) string { return fmt.Sprintf("%d (at least %d.%d)", major, major, minor) }
	for engines, wanted := range map[string]string{
		at(major, minor): "",
		at(major, 0):     "",
		at(major-2, 0) + " || " + at(major, minor): "",
		">=1":              "",
		at(major, minor+1): words(major, minor+1),
		at(major+1, 0):     words(major+1, 0),
		at(major-1, minor) + " || " + at(major+2, minor): words(major-1, minor) + " or " + words(major+2, minor),
	} {
		t.Run(engines, func(t *testing.T) {
			_, err := supervisor.VMCommand(entryWith(t, engines), nil, nil)
			if wanted == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, fmt.Sprintf("cannot run on Node.js %s (%q): needs Node.js %s: put that version first in PATH", version, node, wanted))
		})
	}
}

func TestOurOwnRangeHasTheFormThatIsChecked(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := supervisor.VMCommand("../../packages/agvm/bin/agvm", nil, nil)
	require.ErrorContains(t, err, "install Node.js ")
	require.ErrorContains(t, err, " (at least ")
}

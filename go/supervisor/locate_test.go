package supervisor_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

func write(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), mode))
	return path
}

func TestThePartsAreFoundBesideTheRealBinary(t *testing.T) {
	binary := write(t, "agd", "", 0o755)
	link := filepath.Join(t.TempDir(), "bin-agd")
	require.NoError(t, os.Symlink(binary, link))
	files, err := supervisor.FilesBeside(link)
	require.NoError(t, err)
	dir, err := filepath.EvalSymlinks(filepath.Dir(binary))
	require.NoError(t, err)
	require.Equal(t, supervisor.Files{
		Binary:   filepath.Join(dir, "agd"),
		VM:       filepath.Join(dir, "agvm"),
		Library:  filepath.Join(dir, "libagd.so"),
		AB:       filepath.Join(dir, "agd-ab"),
		Localnet: filepath.Join(dir, "agd-localnet"),
		Devnet:   filepath.Join(dir, "agd-devnet"),
		About:    filepath.Join(dir, "agvm-about"),
		Jail:     filepath.Join(dir, "agd-vm-jail"),

		EarlySignals: filepath.Join(dir, "libagd-signals.so"),
	}, files)
}

func TestAScriptOfNodeIsStartedByNode(t *testing.T) {
	for name, text := range map[string]string{"vm.js": "", "vm.mjs": "", "agvm": "#!/usr/bin/env node\n"} {
		path := write(t, name, text, 0o755)
		command, err := supervisor.VMCommand(path, nil, []string{"start"})
		require.NoError(t, err)
		require.Len(t, command, 3)
		require.Equal(t, "node", filepath.Base(command[0]))
		require.Equal(t, []string{path, "start"}, command[1:])
	}
}

func TestAnExecutableIsStartedAsItIs(t *testing.T) {
	path := write(t, "wrapper", "#!/bin/sh\n", 0o755)
	command, err := supervisor.VMCommand(path, nil, []string{"start"})
	require.NoError(t, err)
	require.Equal(t, []string{path, "start"}, command)
}

func TestOptionsOfNodeStandBeforeTheScript(t *testing.T) {
	path := write(t, "vm.js", "", 0o644)
	command, err := supervisor.VMCommand(path, []string{"--title=vm", "--cpu-prof"}, []string{"start"})
	require.NoError(t, err)
	require.Equal(t, []string{"--title=vm", "--cpu-prof", path, "start"}, command[1:])
}

func TestAnExecutableHasNoOptionsOfNode(t *testing.T) {
	path := write(t, "wrapper", "#!/bin/sh\n", 0o755)
	_, err := supervisor.VMCommand(path, []string{"--cpu-prof"}, nil)
	require.ErrorContains(t, err, "wrapper is not a script that node runs, so it cannot have node's option --cpu-prof")
}

func TestOptionsThatNodeTakesAreFound(t *testing.T) {
	for _, args := range [][]string{nil, {"--max-old-space-size=4096"}, {"--cpu-prof", "--title=a b"}, {"--require=./not-run-here.cjs"}} {
		require.NoError(t, supervisor.CheckNodeArgs("", args, os.Environ()), args)
	}
}

func TestOptionsThatNodeDoesNotTakeAreNamed(t *testing.T) {
	for arg, expected := range map[string]string{
		"--no-such-option":         "node: bad option: --no-such-option",
		"--title":                  "node: --title requires an argument",
		"--max-old-space-size=abc": "node: Error: illegal value for flag --max-old-space-size=abc of type size_t",
		"other.js":                 `each with its value after =, such as --require=./file.cjs: got "other.js"`,
		"--":                       `got "--"`,
		"-e":                       `got "-e"`,
		"--eval=1":                 "node does not run the VM with --eval",
		"--version":                "node does not run the VM with --version",
	} {
		require.ErrorContains(t, supervisor.CheckNodeArgs("", []string{arg}, os.Environ()), expected)
	}
}

func TestAVMThatCannotBeStartedIsNamed(t *testing.T) {
	_, err := supervisor.VMCommand("/no/such/vm", nil, nil)
	require.ErrorContains(t, err, "no VM at /no/such/vm: run `make build`")
	_, err = supervisor.VMCommand(t.TempDir(), nil, nil)
	require.ErrorContains(t, err, "is a directory")
	_, err = supervisor.VMCommand(write(t, "plain", "text", 0o644), nil, nil)
	require.ErrorContains(t, err, "neither executable nor a .js file")
	t.Setenv("PATH", "")
	_, err = supervisor.VMCommand(write(t, "vm.js", "", 0o644), nil, nil)
	require.EqualError(t, err, "node is not in PATH: install Node.js")
}

func TestARelativeEntryCountsFromTheWorkingDirectory(t *testing.T) {
	path := write(t, "wrapper", "#!/bin/sh\n", 0o755)
	t.Chdir(filepath.Dir(path))
	command, err := supervisor.VMCommand("wrapper", nil, nil)
	require.NoError(t, err)
	require.True(t, filepath.IsAbs(command[0]), command[0])
}

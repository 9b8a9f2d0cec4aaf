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
		Binary:  filepath.Join(dir, "agd"),
		VM:      filepath.Join(dir, "agvm"),
		Library: filepath.Join(dir, "libagd.so"),
	}, files)
}

func TestAScriptOfNodeIsStartedByNode(t *testing.T) {
	for name, text := range map[string]string{"vm.js": "", "vm.mjs": "", "agvm": "#!/usr/bin/env node\n"} {
		path := write(t, name, text, 0o755)
		command, err := supervisor.VMCommand(path, []string{"start"})
		require.NoError(t, err)
		require.Len(t, command, 3)
		require.Equal(t, "node", filepath.Base(command[0]))
		require.Equal(t, []string{path, "start"}, command[1:])
	}
}

func TestAnExecutableIsStartedAsItIs(t *testing.T) {
	path := write(t, "wrapper", "#!/bin/sh\n", 0o755)
	command, err := supervisor.VMCommand(path, []string{"start"})
	require.NoError(t, err)
	require.Equal(t, []string{path, "start"}, command)
}

func TestAVMThatCannotBeStartedIsNamed(t *testing.T) {
	_, err := supervisor.VMCommand("/no/such/vm", nil)
	require.ErrorContains(t, err, "no VM at /no/such/vm: run `make build`")
	_, err = supervisor.VMCommand(t.TempDir(), nil)
	require.ErrorContains(t, err, "is a directory")
	_, err = supervisor.VMCommand(write(t, "plain", "text", 0o644), nil)
	require.ErrorContains(t, err, "neither executable nor a .js file")
	t.Setenv("PATH", "")
	_, err = supervisor.VMCommand(write(t, "vm.js", "", 0o644), nil)
	require.EqualError(t, err, "node is not in PATH: install Node.js 20")
}

func TestARelativeEntryCountsFromTheWorkingDirectory(t *testing.T) {
	path := write(t, "wrapper", "#!/bin/sh\n", 0o755)
	t.Chdir(filepath.Dir(path))
	command, err := supervisor.VMCommand("wrapper", nil)
	require.NoError(t, err)
	require.True(t, filepath.IsAbs(command[0]), command[0])
}

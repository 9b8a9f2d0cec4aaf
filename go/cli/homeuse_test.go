package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/app"
)

// setupSDK may be called by every test; the SDK allows it once.
var setupSDK = sync.OnceFunc(app.SetupSDK)

// runCommand runs one command line in this process.
func runCommand(args ...string) (code int, out, err string) {
	var stdout, stderr bytes.Buffer
	setupSDK()
	code = runOne(Host{Args: args, Stdout: &stdout, Stderr: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestACommandLeavesNoHomeBehind(t *testing.T) {
	setupSDK()
	for _, command := range [][]string{
		{"start"}, {"export"}, {"prune"}, {"snapshots", "list"}, {"comet", "show-node-id"},
		{"comet", "show-validator"}, {"comet", "unsafe-reset-all"}, {"genesis", "collect-gentxs"}, {"config", "get", "app", "split"},
	} {
		dir := filepath.Join(t.TempDir(), "typo")
		code, _, said := runCommand(append(command, "--home", dir)...)
		require.Equal(t, 1, code, command)
		require.Contains(t, said, "\""+dir+"\" is no home directory: check --home, or make one with `agd init MONIKER`", command)
		require.NoDirExists(t, dir, command)
	}
	for _, command := range [][]string{
		{"version"}, {"config", "home"}, {"comet", "version"}, {"debug", "codec", "list-interfaces"},
	} {
		dir := filepath.Join(t.TempDir(), "none")
		code, _, said := runCommand(append(command, "--home", dir)...)
		require.Equal(t, 0, code, "%v: %s", command, said)
		require.NoDirExists(t, dir, command)
	}
	// The SDK makes a directory to look for a key.
	for _, command := range [][]string{
		{"keys", "list", "--keyring-backend", "test"}, {"keys", "show", "bob", "--keyring-backend", "test"},
		{"tx", "bank", "send", "alice", "bob", "1ubld", "--keyring-backend", "test"},
	} {
		above := t.TempDir()
		_, _, said := runCommand(append(command, "--home", filepath.Join(above, "none", "below"))...)
		entries, err := os.ReadDir(above)
		require.NoError(t, err)
		require.Empty(t, entries, "%v: %s", command, said)
	}
	dir := filepath.Join(t.TempDir(), "none")
	for _, query := range [][]string{{"status"}, {"query", "bank", "balances", sdk.AccAddress("01234567890123456789").String()}, {"query", "vstorage", "data", "a"}} {
		code, _, said := runCommand(append(query, "--home", dir, "--node", "tcp://127.0.0.1:1")...)
		require.Equal(t, 1, code)
		require.Equal(t, "agd: no node at \"127.0.0.1:1\": connection refused: is agd running? start it, or name its address with --node\n", said, query)
		require.NoDirExists(t, dir, query)
	}
}

func TestAHomeThatCannotBeMadeIsNotNeeded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	code, out, said := runCommand("version", "--home", filepath.Join(file, "home"))
	require.Equal(t, 0, code, said)
	require.NotEmpty(t, out)
}

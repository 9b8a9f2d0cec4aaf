package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home/hometest"
)

// setupSDK may be called by every test; the SDK allows it once.
var setupSDK = sync.OnceFunc(app.SetupSDK)

// runCommand runs one command line in this process.
func runCommand(args ...string) (code int, out, err string) { return runCommandIn(nil, args...) }

// runCommandIn is runCommand in an environment.
func runCommandIn(env []string, args ...string) (code int, out, err string) {
	var stdout, stderr bytes.Buffer
	setupSDK()
	code = runOne(Host{Args: args, Env: env, Stdout: &stdout, Stderr: &stderr})
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
		require.Contains(t, said, `"`+dir+`" is no home directory: check --home, make a local chain with "agd devnet --home `+dir+`", or a home with "agd init MONIKER --home `+dir+`"`, command)
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

func TestAMistypedHomeIsNamed(t *testing.T) {
	setupSDK()
	address := sdk.AccAddress("01234567890123456789").String()
	other := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(other, "notes"), nil, 0o600))
	absent := filepath.Join(t.TempDir(), "none", "typo")
	test := []string{"--keyring-backend", "test"}
	for _, command := range [][]string{
		append([]string{"keys", "list"}, test...), append([]string{"keys", "show", "bob"}, test...),
		append([]string{"keys", "export", "bob"}, test...), append([]string{"keys", "delete", "bob"}, test...),
		append([]string{"tx", "bank", "send", "alice", "bob", "1ubld"}, test...),
		{"query", "bank", "balances", address}, {"query", "vstorage", "data", "a"}, {"query", "tx", "AB"}, {"status"},
	} {
		for dir, why := range map[string]string{absent: "it does not exist", other: "it has neither a configuration nor keys"} {
			want := fmt.Sprintf("agd: %q is no home directory: %s: check --home, make a local chain with \"agd devnet --home %s\", or a home with \"agd init MONIKER --home %s\"\n", dir, why, dir, dir)
			code, _, said := runCommand(append(command, "--home", dir)...)
			require.Equal(t, 1, code, command)
			require.Equal(t, want, said, command)
			_, _, said = runCommandIn([]string{"AGD_HOME=" + dir}, command...)
			require.Contains(t, said, "check --home and AGD_HOME", command)
		}
		require.NoDirExists(t, filepath.Dir(absent), command)
	}
	// What does not need the home, or makes one.
	for _, command := range [][]string{
		append([]string{"keys", "add", "bob"}, test...), {"keys", "mnemonic"}, {"keys", "parse", address},
		append([]string{"keys", "list", "--keyring-dir", t.TempDir()}, test...), {"tx", "decode", ""},
		{"keys", "list", "--keyring-backend", "memory"},
	} {
		_, _, said := runCommand(append(command, "--home", filepath.Join(t.TempDir(), "new"))...)
		require.NotContains(t, said, "no home directory", command)
	}
	_, _, said := runCommandIn([]string{"AGD_NODE=tcp://127.0.0.1:1"}, "status", "--home", absent)
	require.Contains(t, said, "no node at")
	// A home of keys alone, and the default home.
	keys := hometest.WithFiles(t, "keyring-test/bob.info")
	_, _, said = runCommand(append([]string{"keys", "show", "carol", "--home", keys}, test...)...)
	require.NotContains(t, said, "no home directory")
	defer func(dir string) { app.DefaultNodeHome = dir }(app.DefaultNodeHome)
	app.DefaultNodeHome = absent
	for _, command := range [][]string{{"keys", "list", "--keyring-backend", "test"}, {"query", "bank", "balances", address}} {
		_, _, said = runCommand(command...)
		require.NotContains(t, said, "no home directory")
	}
}

func TestDoctorSaysWhatADirectoryIsThatIsNoHome(t *testing.T) {
	dir := t.TempDir()
	doctor := func() string {
		_, printed, _ := runCommand("doctor", "--json", "--home", dir)
		return printed
	}
	require.Contains(t, doctor(), "no home: "+dir+" is an empty directory, without config")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes"), nil, 0o600))
	require.Contains(t, doctor(), "is a directory with notes, without config")
	require.Contains(t, doctor(), `\"agd init MONIKER --home `+dir+`\"`)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "config"), 0o700))
	require.NotContains(t, doctor(), "no home: ")
}

func TestAHomeThatCannotBeMadeIsNotNeeded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	code, out, said := runCommand("version", "--home", filepath.Join(file, "home"))
	require.Equal(t, 0, code, said)
	require.NotEmpty(t, out)
}

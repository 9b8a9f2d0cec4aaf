package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/home/hometest"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
)

func TestADirectoryOfANetworkIsNoHomeButItsNodesAre(t *testing.T) {
	setupSDK()
	dir := hometest.WithFiles(t, "node1/config/genesis.json")
	for _, command := range [][]string{{"start"}, {"status"}, {"keys", "list"}, {"config", "get", "app", "split"}} {
		code, _, said := runCommand(append(command, "--home", dir)...)
		require.Equal(t, 1, code, command)
		require.Contains(t, said, "use one of them, such as --home "+shell.Quote(filepath.Join(dir, "node1")), command)
	}
}

func TestAMissingKeyIsReportedWithItsKeyring(t *testing.T) {
	setupSDK()
	full := hometest.WithFiles(t, "keyring-test/bob.info", "config/genesis.json")
	empty := hometest.WithFiles(t, "config/genesis.json")
	test := []string{"--keyring-backend", "test"}
	for _, command := range [][]string{
		append([]string{"keys", "show", "carol"}, test...),
		append([]string{"keys", "delete", "carol", "--yes"}, test...),
		append([]string{"keys", "rename", "carol", "dave", "--yes"}, test...),
		append([]string{"tx", "bank", "send", "carol", "agoric1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqwrpa2", "1ubld", "--yes"}, test...),
		append([]string{"tx", "slashing", "unjail", "--from", "carol", "--yes"}, test...),
	} {
		code, _, said := runCommand(append(command, "--home", empty)...)
		require.Equal(t, 1, code, command)
		require.Equal(t, fmt.Sprintf("agd: no key \"carol\": the home directory %q has no keys: name the chain's home with --home, or add a key with \"agd keys add NAME --home %s\"\n", empty, shell.Quote(empty)), said, command)
		_, _, said = runCommand(append(command, "--home", full)...)
		require.Contains(t, said, fmt.Sprintf("no key in the keyring \"test\" of %q has the name \"carol\": see", full), command)
	}
	for _, command := range []string{"show", "delete"} { // of several names, each
		_, _, said := runCommand(append([]string{"keys", command, "bob", "carol", "--home", full}, test...)...)
		require.Contains(t, said, `has the name "carol"`, command)
	}
	elsewhere := t.TempDir()
	_, _, said := runCommand(append([]string{"keys", "show", "carol", "--home", full, "--keyring-dir", elsewhere}, test...)...)
	require.Contains(t, said, fmt.Sprintf("no key \"carol\": the directory %q has no keys", elsewhere))
	code, out, said := runCommand(append([]string{"keys", "list", "--home", empty}, test...)...)
	require.Equal(t, 0, code)
	require.Empty(t, out)
	require.Contains(t, said, fmt.Sprintf("no keys: the home directory %q has no keys: name the chain's home with --home", empty))
}

func TestAnAbsentTransactionHasItsExitCode(t *testing.T) {
	hash := strings.Repeat("AB", 32)
	err := explainNoTx(errors.New("RPC error -32603 - Internal error: tx (" + hash + ") not found"))
	require.ErrorContains(t, err, "no transaction "+hash+" in a block of this node")
	require.Equal(t, exitAbsent, failureCode(err))
	require.NoError(t, explainNoTx(nil))
}

func TestAnAmountWithoutADenominationShowsAnExample(t *testing.T) {
	for _, text := range []string{"invalid decimal coin expression: 1000", "invalid coin expression: 1000"} {
		require.EqualError(t, explainNoCoins(errors.New(text)), `"1000" is no amount of coins: expected a number with a denomination, such as 1000uist`)
	}
}

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/home"
)

// Flags and environment are options of one run: the files of a new home have
// the defaults, and the commands change only what they are for.
func TestOptionsOfARunAreNotSaved(t *testing.T) {
	env := []string{
		"AGD_RPC_LADDR=tcp://127.0.0.1:7", "AGD_MONIKER=other", "AGD_P2P_SEEDS=seed@127.0.0.1:7", "AGD_CONSENSUS_TIMEOUT_COMMIT=7s",
		"AGD_API_ENABLE=true", "AGD_GRPC_ADDRESS=127.0.0.1:7", "AGD_SPLIT=true",
		"AGD_NODE=tcp://127.0.0.1:7", "AGD_OUTPUT=json", "AGD_BROADCAST_MODE=async",
	}
	files := func(dir string) (texts []string) {
		for _, name := range []string{"config", "app", "client"} {
			text, err := os.ReadFile(home.Layout(dir).ConfigFile(name))
			require.NoError(t, err)
			texts = append(texts, string(text))
		}
		return texts
	}
	run := func(env []string, dir string, args ...string) {
		code, _, said := runCommandIn(env, append(args, "--home", dir)...)
		require.Equal(t, 0, code, "%v: %s", args, said)
	}
	given, plain := filepath.Join(t.TempDir(), "given"), filepath.Join(t.TempDir(), "plain")
	run(env, given, "init", "here", "--chain-id", "c", "--log_level", "debug")
	run(nil, plain, "init", "here", "--chain-id", "c")
	require.Equal(t, files(plain), files(given))
	require.Contains(t, files(given)[0], `moniker = "here"`)

	// With a setting of the user's, which stays.
	run(env, given, "config", "set", "config", "rpc.laddr", "tcp://127.0.0.1:8")
	test := []string{"--keyring-backend", "test"}
	run(env, given, append([]string{"keys", "add", "a"}, test...)...)
	run(env, given, append([]string{"genesis", "add-genesis-account", "a", "1000000ubld"}, test...)...)
	before := files(given)
	code, _, said := runCommandIn(env, "genesis", "collect-gentxs", "--home", given)
	require.Equal(t, 1, code, said)
	require.Equal(t, before, files(given), "a failure changes nothing")
	run(env, given, append([]string{"genesis", "gentx", "a", "1000000ubld", "--chain-id", "c", "--ip", "10.0.0.1"}, test...)...)
	run(env, given, "genesis", "collect-gentxs")
	after := files(given)
	require.Contains(t, after[0], `laddr = "tcp://127.0.0.1:8"`)
	require.NotContains(t, after[0], "seed@")
	require.NotContains(t, after[0], `"7s"`)
	require.Equal(t, before[1:], after[1:])
}

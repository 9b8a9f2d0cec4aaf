package cli

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnEmptyHomeIsRefusedByEveryCommand(t *testing.T) {
	for _, command := range [][]string{
		{"start"}, {"status"}, {"keys", "list"}, {"query", "bank", "total"}, {"init", "node"},
		{"devnet"}, {"devnet", "fund", "bob"}, {"devnet", "reset"}, {"localnet"}, {"doctor"}, {"top", "--once"},
	} {
		for _, flag := range [][]string{{"--home", ""}, {"--home="}} {
			t.Setenv("HOME", t.TempDir())
			code, _, said := runCommandIn(nil, append(command, flag...)...)
			require.Equal(t, 1, code, command)
			require.Contains(t, said, "--home must not be empty", command)
		}
	}
}

func TestADevnetIsNotMadeWhereItsNodeCouldNotListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	for option, value := range map[string]string{
		"AGD_RPC_LADDR":    "tcp://" + taken.Addr().String(),
		"AGD_P2P_LADDR":    "tcp://" + taken.Addr().String(),
		"AGD_GRPC_ADDRESS": taken.Addr().String(),
		"AGD_INSTRUMENTATION_PROMETHEUS_LISTEN_ADDR": taken.Addr().String(),
	} {
		env := []string{
			"AGD_RPC_LADDR=tcp://127.0.0.1:0", "AGD_P2P_LADDR=tcp://127.0.0.1:0", "AGD_GRPC_ADDRESS=127.0.0.1:0",
			"AGD_INSTRUMENTATION_PROMETHEUS_LISTEN_ADDR=127.0.0.1:0",
		}
		require.NoError(t, checkNewDevnet(env))
		require.ErrorContains(t, checkNewDevnet(append(env, option+"="+value)), "choose another with "+option)

		dir := filepath.Join(t.TempDir(), "home")
		host := Host{Env: append(env, option+"="+value), Exec: func([]string, []string) error { return nil }}
		require.ErrorContains(t, host.runDevnet(devnetOptions{home: dir}, nil), "choose another with "+option)
		require.NoDirExists(t, dir)
	}
}

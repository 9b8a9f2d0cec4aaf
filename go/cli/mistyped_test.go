package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMistypedVariableIsFoundAndNoOther(t *testing.T) {
	setupSDK()
	root, err := newRootCommand(Host{})
	require.NoError(t, err)
	keys := []string{"split", "bridge-trace", "rpc.laddr", "grpc.address"}
	env := []string{
		"AGD_SPLTI=true", "AGD_RPC_LADR=x", "AGD_SPLIT=true", "AGD_RPC_LADDR=y", "AGD_NODE=z",
		"AGD_BRIDGE=beginning of another", "AGD_OTHER_PROGRAM=1", "SPLTI=1", "AGD_", "AGD",
	}
	require.Equal(t, []mistypedVariable{
		{"AGD_SPLTI", "AGD_SPLIT"}, {"AGD_RPC_LADR", "AGD_RPC_LADDR"},
	}, mistypedVariables(root, keys, env))
}

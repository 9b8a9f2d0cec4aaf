package app

import (
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	reflectionv1 "cosmossdk.io/api/cosmos/reflection/v1"
)

func TestClientsCanAskForCommandsAndTypes(t *testing.T) {
	c := newTestChain(t, nil)
	ask := func(path string, answer proto.Message) {
		res, err := c.Query(t.Context(), &abci.RequestQuery{Path: path})
		require.NoError(t, err)
		require.Zero(t, res.Code, res.Log)
		require.NoError(t, proto.Unmarshal(res.Value, answer))
	}
	var options autocliv1.AppOptionsResponse
	ask("/cosmos.autocli.v1.Query/AppOptions", &options)
	require.Equal(t, "agoric.swingset.Query", options.ModuleOptions["swingset"].Query.Service)
	require.Equal(t, "cosmos.bank.v1beta1.Query", options.ModuleOptions["bank"].Query.Service)

	var files reflectionv1.FileDescriptorsResponse
	ask("/cosmos.reflection.v1.ReflectionService/FileDescriptors", &files)
	var names []string
	for _, file := range files.Files {
		names = append(names, file.GetName())
	}
	require.Subset(t, names, []string{"agoric/swingset/msgs.proto", "ibc/core/channel/v1/tx.proto", "cosmos/bank/v1beta1/tx.proto"})
}

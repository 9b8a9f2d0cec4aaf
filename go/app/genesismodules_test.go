package app

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"
	ibcexported "github.com/cosmos/ibc-go/v11/modules/core/exported"

	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
)

func TestAGenesisOfTheFormerReleaseGetsTheNewModules(t *testing.T) {
	c := newTestChain(t, func(_ *App, genesis map[string]json.RawMessage) {
		for _, name := range []string{ibcexported.ModuleName, transfertypes.ModuleName, vibctypes.ModuleName} {
			delete(genesis, name)
		}
	})
	openLoop(t, c)
}

func TestTheStateOfAnUnknownModuleIsRefused(t *testing.T) {
	require.EqualError(t, CheckModules(json.RawMessage(`{"bank":{},"wasm":{"codes":[]}}`)),
		"genesis app_state.wasm: this build has no such module: run a release that has it, or remove its state from the genesis")
	for _, fine := range []string{`{}`, `{"params":null,"capability":{ }}`, `{"ibc":{},"vibc":{"ports":[]}}`} {
		require.NoError(t, CheckModules(json.RawMessage(fine)), fine)
	}
	c := newTestChain(t, nil)
	all, err := json.Marshal(c.DefaultGenesis())
	require.NoError(t, err)
	require.NoError(t, CheckModules(all))
}

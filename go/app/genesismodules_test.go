package app

import (
	"encoding/json"
	"testing"

	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

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

func TestAGenesisWithoutValidatorIsRefused(t *testing.T) {
	for state, fine := range map[string]bool{
		`{}`: false, `{"genutil":{"gen_txs":[]},"staking":{"validators":null}}`: false,
		`{"genutil":{"gen_txs":[{}]}}`: true, `{"staking":{"validators":[{}]}}`: true,
	} {
		err := CheckValidators(&genutiltypes.AppGenesis{AppState: json.RawMessage(state)})
		if fine {
			require.NoError(t, err, state)
		} else {
			require.ErrorContains(t, err, "the genesis has no validator: ", state)
		}
	}
	exported := &genutiltypes.ConsensusGenesis{Validators: []cmttypes.GenesisValidator{{}}}
	require.NoError(t, CheckValidators(&genutiltypes.AppGenesis{AppState: json.RawMessage(`{}`), Consensus: exported}))
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

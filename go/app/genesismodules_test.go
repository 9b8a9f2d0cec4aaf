package app

import (
	"encoding/json"
	"fmt"
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

func TestAFieldOfAnotherReleaseIsNamed(t *testing.T) {
	c := newTestChain(t, nil)
	genesis := c.DefaultGenesis()
	whole := func() json.RawMessage {
		all, err := json.Marshal(genesis)
		require.NoError(t, err)
		return all
	}
	require.NoError(t, CheckStates(whole()))
	for name, state := range map[string]string{
		"vbank":                  `{"params":{"reward_epoch":5}}`,
		"vtransfer":              `{"watchers":[]}`,
		"vibc":                   `{"router":"dynamic"}`,
		"mint":                   `{"minter":{"inflation":"0","later":"1"}}`,
		"transfer":               `{"port_id":"transfer","later":[]}`,
		"interchainaccounts":     `{"controller_genesis_state":{"ports":["icacontroller-1"]},"host_genesis_state":{"port":"icahost"}}`,
		"packetfowardmiddleware": `{"later":{}}`,
	} {
		good := genesis[name]
		genesis[name] = json.RawMessage(state)
		err := CheckStates(whole())
		require.ErrorContains(t, err, "genesis app_state."+name+": ", name)
		require.Regexp(t, `reward_epoch|watchers|router|later|controller_genesis_state`, err.Error(), name)
		genesis[name] = good
	}

	for name, c := range map[string]struct{ module, state, want string }{
		"an account of Agoric's fork": {
			"auth", `{"accounts":[{"@type":"/cosmos.auth.v1beta1.BaseAccount","address":"` + testAddressText + `"},{"@type":"/cosmos.vesting.v1beta1.ClawbackVestingAccount","base_vesting_account":{}}]}`,
			`genesis app_state.auth.accounts[1]: this build has no type "/cosmos.vesting.v1beta1.ClawbackVestingAccount": only Agoric's fork of the Cosmos SDK has clawback vesting accounts: replace it in the genesis by /cosmos.vesting.v1beta1.PeriodicVestingAccount or /cosmos.auth.v1beta1.BaseAccount`,
		},
		"a message in a proposal": {
			"gov", `{"proposals":[{"messages":[{"authority":"x","@type":"/other.v1.Msg"}]}]}`,
			`genesis app_state.gov.proposals[0].messages[0]: this build has no type "/other.v1.Msg": run a release that has it, or replace it in the genesis`,
		},
		"a right": {
			"authz", `{"authorization":[{"granter":"a","authorization":{"@type":"/other.v1.Grant"}}]}`,
			`genesis app_state.authz.authorization[0].authorization: this build has no type "/other.v1.Grant": run a release that has it, or replace it in the genesis`,
		},
		"no type": {
			"evidence", `{"evidence":[{"@type":7}]}`,
			`genesis app_state.evidence.evidence[0]: @type must be a type URL, such as /cosmos.auth.v1beta1.BaseAccount`,
		},
	} {
		good := genesis[c.module]
		genesis[c.module] = json.RawMessage(c.state)
		require.EqualError(t, CheckGenesis(whole()), c.want, name)
		genesis[c.module] = good
	}

	// As Agoric's chain exports these modules.
	genesis["vtransfer"] = json.RawMessage(fmt.Sprintf(`{"watched_addresses":[%q]}`, testAddressText))
	genesis["interchainaccounts"] = json.RawMessage(`{"controller_genesis_state":{"active_channels":[],"interchain_accounts":[],"ports":[],"params":{"controller_enabled":true}},"host_genesis_state":{"active_channels":[],"interchain_accounts":[],"port":"icahost","params":{"host_enabled":true,"allow_messages":["*"]}}}`)
	var swingset map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(genesis["swingset"], &swingset))
	own := len(swingset)
	delete(swingset, "kernel_store")
	delete(swingset, "pending_installations")
	require.Len(t, swingset, own-2)
	text, err := json.Marshal(swingset)
	require.NoError(t, err)
	genesis["swingset"] = text
	genesis["params"] = json.RawMessage(`null`)
	delete(genesis, "vibc")
	delete(genesis, "vlocalchain")
	require.NoError(t, CheckGenesis(whole()))
}

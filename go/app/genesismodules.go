package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	dbm "github.com/cosmos/cosmos-db"

	"cosmossdk.io/log/v2"

	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	"github.com/cosmos/cosmos-sdk/types/module"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/internal/panics"
)

// CheckGenesis returns an error if this build cannot begin a chain with a
// genesis. It names the field, and why.
func CheckGenesis(appState json.RawMessage) error {
	for _, check := range []func(json.RawMessage) error{CheckModules, CheckStates, CheckAccounts} {
		if err := check(appState); err != nil {
			return err
		}
	}
	return nil
}

// CheckModules returns an error if a genesis has the state of a module that
// this build lacks. The SDK would ignore it, and coins or rights with it.
func CheckModules(appState json.RawMessage) error {
	genesis, err := modulesOf(appState)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(genesis)) {
		if !slices.Contains(genesisOrder, name) && !isEmptyState(genesis[name]) {
			return fmt.Errorf("genesis app_state.%s: this build has no such module: run a release that has it, or remove its state from the genesis", name)
		}
	}
	return nil
}

// CheckStates returns an error if a module cannot read its state in a genesis,
// for example because the state has a field of another release.
func CheckStates(appState json.RawMessage) error {
	genesis, err := modulesOf(appState)
	if err != nil {
		return err
	}
	scratch, err := New(log.NewNopLogger(), dbm.NewMemDB(), ChainHooks{}, simtestutil.EmptyAppOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = scratch.Close() }()
	if err := checkTypes(scratch.encoding.Registry, genesis); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(genesis)) {
		reader, is := scratch.Basics[name].(module.HasGenesisBasics)
		if !is || isEmptyState(genesis[name]) {
			continue
		}
		err := panics.Recovered(panics.NoTrace, func() error {
			return reader.ValidateGenesis(scratch.encoding.Codec, scratch.encoding.TxConfig, genesis[name])
		})
		if err != nil {
			return fmt.Errorf("genesis app_state.%s: %w", name, err)
		}
	}
	return nil
}

// CheckValidators returns an error if a genesis has no validator: neither one of
// an exported chain, nor the transaction of one.
func CheckValidators(genesis *genutiltypes.AppGenesis) error {
	if genesis.Consensus != nil && len(genesis.Consensus.Validators) > 0 {
		return nil
	}
	var state struct {
		Genutil struct {
			GenTxs []json.RawMessage `json:"gen_txs"`
		} `json:"genutil"`
		Staking struct {
			Validators []json.RawMessage `json:"validators"`
		} `json:"staking"`
	}
	if err := json.Unmarshal(genesis.AppState, &state); err != nil {
		return fmt.Errorf("genesis app_state: %w", err)
	}
	if len(state.Genutil.GenTxs)+len(state.Staking.Validators) > 0 {
		return nil
	}
	return errors.New("the genesis has no validator: copy the genesis of the network that the node joins, add one with `agd genesis gentx` and `agd genesis collect-gentxs` (docs/operating.md), or make a local chain with agd devnet")
}

// isEmptyState reports whether a module's state is null or {}.
func isEmptyState(state json.RawMessage) bool {
	text := strings.Join(strings.Fields(string(state)), "")
	return text == "" || text == "null" || text == "{}"
}

// completeModules gives the default state to modules that a genesis lacks, such
// as one that an earlier release exported.
func (app *App) completeModules(genesis map[string]json.RawMessage) {
	for name, state := range app.DefaultGenesis() {
		if isEmptyState(genesis[name]) && !isEmptyState(state) {
			genesis[name] = state
		}
	}
}

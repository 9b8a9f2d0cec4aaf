package home

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	cmtcfg "github.com/cometbft/cometbft/config"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	sm "github.com/cometbft/cometbft/state"
	cmttypes "github.com/cometbft/cometbft/types"

	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
)

// cometGenesisKey is where CometBFT keeps its genesis in the state database
// (its node/setup.go, genesisDocKey).
var cometGenesisKey = []byte("genesisDoc")

// CheckChain refuses a home whose data were made by another chain, or from
// another genesis, because CometBFT would silently use the genesis that it stored.
// Until the chain has begun with it, in InitChain, CheckChain deletes the stored
// genesis and returns fresh, so that the operator can correct a genesis from
// which the kernel could not boot.
func CheckChain(comet *cmtcfg.Config, genesis *genutiltypes.AppGenesis) (fresh bool, err error) {
	if _, err := os.Stat(filepath.Join(comet.DBDir(), "state.db")); err != nil {
		return true, nil // nothing there yet
	}
	db, err := OpenCometStore(&cmtcfg.DBContext{ID: "state", Config: comet})
	if err != nil {
		return false, err
	}
	defer db.Close()
	var state sm.State
	err = errOf(filepath.Join(comet.DBDir(), "state.db"), func() (err error) {
		state, err = sm.NewStore(db, sm.StoreOptions{}).Load()
		return err
	})
	if err != nil {
		return false, err
	}
	if state.IsEmpty() {
		return true, db.DeleteSync(cometGenesisKey)
	}
	if state.ChainID != genesis.ChainID {
		return false, fmt.Errorf("the data in %s are of chain %s, but the genesis is of chain %s: use another --home, or reset with `agd comet unsafe-reset-all`",
			comet.RootDir, state.ChainID, genesis.ChainID)
	}
	return false, checkKeptGenesis(db, comet.GenesisFile(), genesis)
}

// checkKeptGenesis refuses a genesis file that says another thing than the
// genesis that CometBFT has kept, from which the chain has begun. How the file
// is written does not matter, nor does what the SDK notes of its making.
func checkKeptGenesis(state interface{ Get([]byte) ([]byte, error) }, file string, genesis *genutiltypes.AppGenesis) error {
	raw, err := state.Get(cometGenesisKey)
	if err != nil || len(raw) == 0 {
		return err
	}
	var kept *cmttypes.GenesisDoc
	if err := cmtjson.Unmarshal(raw, &kept); err != nil {
		return fmt.Errorf("the genesis that CometBFT has kept: %w: restore the whole home directory from a backup, or reset with `agd comet unsafe-reset-all`", err)
	}
	now, err := genesis.ToGenesisDoc()
	if err != nil {
		return fmt.Errorf("genesis %s: %w", file, err)
	}
	if now.GenesisTime.IsZero() {
		now.GenesisTime = kept.GenesisTime // CometBFT's choice, then
	}
	member, err := firstDifference(kept, now)
	if err == nil && member != "" {
		err = fmt.Errorf("the genesis %q differs in %q from the one that this chain began with: restore the file, or begin anew with `agd comet unsafe-reset-all`", file, member)
	}
	return err
}

// firstDifference names a member in which two genesis documents differ.
func firstDifference(a, b *cmttypes.GenesisDoc) (string, error) {
	membersA, err := genesisMembers(a)
	if err != nil {
		return "", err
	}
	membersB, err := genesisMembers(b)
	if err != nil {
		return "", err
	}
	member, err := differing(membersA, membersB)
	if err != nil || member != "app_state" {
		return member, err
	}
	var statesA, statesB map[string]json.RawMessage
	if json.Unmarshal(membersA[member], &statesA) != nil || json.Unmarshal(membersB[member], &statesB) != nil {
		return member, nil
	}
	module, err := differing(statesA, statesB)
	return member + "." + module, err
}

// genesisMembers are a document's, completed by CometBFT's defaults.
func genesisMembers(doc *cmttypes.GenesisDoc) (map[string]json.RawMessage, error) {
	if err := doc.ValidateAndComplete(); err != nil {
		return nil, err
	}
	raw, err := cmtjson.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	return members, json.Unmarshal(raw, &members)
}

// differing returns the first member, in alphabetical order, whose values differ
// between two objects, or "".
func differing(a, b map[string]json.RawMessage) (string, error) {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		same, err := sameJSON(a[name], b[name])
		if err != nil || !same {
			return name, err
		}
	}
	return "", nil
}

// sameJSON compares values whose members may be in another order.
func sameJSON(a, b json.RawMessage) (bool, error) {
	if bytes.Equal(a, b) {
		return true, nil
	}
	if a == nil || b == nil {
		return false, nil
	}
	var values [2]any
	for i, raw := range []json.RawMessage{a, b} {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if err := decoder.Decode(&values[i]); err != nil {
			return false, err
		}
	}
	return reflect.DeepEqual(values[0], values[1]), nil
}

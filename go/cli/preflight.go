package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	sm "github.com/cometbft/cometbft/state"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
)

// preflight finds what would make start fail, before a kernel is started and
// before anything is written: bad options, a genesis that cannot be read or is
// of another chain, damaged files and stores of the home, addresses where nobody
// can listen.
func (host Host) preflight(v *viper.Viper, comet *cmtcfg.Config, config serverconfig.Config) error {
	genesis, err := checkGenesis(comet, v.GetString(flags.FlagChainID), v.GetString(flagGenesisHash))
	if err != nil {
		return err
	}
	fresh, err := checkChain(comet, genesis)
	if err != nil {
		return err
	}
	switch {
	case fresh && comet.StateSync.Enable:
		err = checkNoChainStore(comet.RootDir, v)
	case fresh:
		if err = app.CheckAccounts(genesis.AppState); err == nil {
			err = app.CheckKernelExport(genesis.AppState, v)
		}
	}
	if err != nil {
		return err
	}
	if err := checkHomeFiles(comet); err != nil {
		return err
	}
	if err := checkDatabases(comet, v); err != nil {
		return err
	}
	inspector, err := host.inspector(v)
	if err != nil {
		return err
	}
	return checkAddresses(addressesOf(comet, config, inspector, host.Env))
}

// checkNoChainStore refuses a home that is to state-sync and has a chain's
// store, though no block: a state-sync before did not end.
func checkNoChainStore(home string, options *viper.Viper) error {
	height, err := storeHeight(home, options)
	if err == nil && height > 0 {
		err = fmt.Errorf("%s has a chain's store at height %d, but no block: a state-sync did not end; reset with `agd comet unsafe-reset-all`, and start again", home, height)
	}
	return err
}

func checkGenesis(comet *cmtcfg.Config, wanted, hash string) (*genutiltypes.AppGenesis, error) {
	file := comet.GenesisFile()
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("no genesis at %s: run `agd init MONIKER`, or copy the network's genesis there", file)
	}
	if err := checkHash(file, hash); err != nil {
		return nil, err
	}
	var genesis *genutiltypes.AppGenesis
	var at time.Time
	err := recovered(noTrace, func() error {
		text, err := os.Open(file)
		if err != nil {
			return err
		}
		defer text.Close()
		if genesis, err = genutiltypes.AppGenesisFromReader(text); err != nil {
			return err
		}
		at = genesis.GenesisTime
		return genesis.ValidateAndComplete()
	})
	if err != nil {
		return nil, fmt.Errorf("genesis %s: %w: copy the network's genesis there", file, err)
	}
	genesis.GenesisTime = at // zero, if the file has none
	if wanted != "" && wanted != genesis.ChainID {
		return nil, fmt.Errorf("--chain-id is %s, but the genesis of this home is of chain %s", wanted, genesis.ChainID)
	}
	return genesis, nil
}

// checkHash compares a file with the hash of --genesis_hash, "" for any. CometBFT
// defines that flag, and does not read it.
func checkHash(file, wanted string) error {
	if wanted == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if hash := sha256.Sum256(text); !strings.EqualFold(hex.EncodeToString(hash[:]), wanted) {
		return fmt.Errorf("genesis %s: its SHA-256 is %x, but --%s is %s", file, hash, flagGenesisHash, wanted)
	}
	return nil
}

// checkChain refuses a home whose data were made by another chain, or from
// another genesis: CometBFT would go on with the genesis that it has kept, and
// not say so. Until the chain has begun with it, in InitChain, checkChain
// forgets the one that was kept, so that one that the kernel could not boot from
// can be corrected; fresh tells so.
func checkChain(comet *cmtcfg.Config, genesis *genutiltypes.AppGenesis) (fresh bool, err error) {
	if _, err := os.Stat(filepath.Join(comet.DBDir(), "state.db")); err != nil {
		return true, nil // nothing there yet
	}
	db, err := openCometStore(&cmtcfg.DBContext{ID: "state", Config: comet})
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

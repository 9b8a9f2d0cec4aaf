package node

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"

	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/panics"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// preflight returns an error for anything that would make start fail, before a
// kernel starts and before agd writes anything: bad options, a genesis that
// cannot be read, belongs to another chain or has no validator, damaged files
// and stores of the home, addresses at which agd cannot listen.
//
// env is the environment of the VM. hosted: Node.js hosts agd.
func preflight(svr *server.Context, config serverconfig.Config, opts options.Options, env []string, hosted bool) error {
	v, comet := svr.Viper, svr.Config
	genesis, err := checkGenesis(comet, opts.ChainID, opts.GenesisHash)
	if err != nil {
		return err
	}
	if err := home.RemoveUnborn(comet.DBDir()); err != nil {
		return err
	}
	fresh, err := home.CheckChain(comet, genesis)
	if err != nil {
		return err
	}
	switch {
	case fresh && comet.StateSync.Enable:
		err = home.CheckNoChainStore(comet.RootDir, v)
	case fresh:
		if err = app.CheckGenesis(genesis.AppState); err == nil {
			err = app.CheckKernelExport(genesis.AppState, v)
		}
	}
	if err != nil {
		return err
	}
	if err := home.CheckFiles(comet); err != nil {
		return err
	}
	if err := home.CheckDatabases(comet, v); err != nil {
		return err
	}
	inspector, err := inspectorOf(opts, hosted)
	if err != nil {
		return err
	}
	if err := checkAddresses(addressesOf(comet, config, inspector, env)); err != nil {
		return err
	}
	if fresh && !comet.StateSync.Enable {
		return app.CheckValidators(genesis)
	}
	return nil
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
	err := panics.Recovered(panics.NoTrace, func() error {
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
	genesis.GenesisTime = at // zero if the file has none
	if wanted != "" && wanted != genesis.ChainID {
		return nil, fmt.Errorf("--chain-id is %s, but the genesis of this home is of chain %s", wanted, genesis.ChainID)
	}
	return genesis, nil
}

// checkHash compares a file with the hash of --genesis_hash, "" for any.
// CometBFT defines that flag but does not read it.
func checkHash(file, wanted string) error {
	if wanted == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if hash := sha256.Sum256(text); !strings.EqualFold(hex.EncodeToString(hash[:]), wanted) {
		return fmt.Errorf("genesis %s: its SHA-256 is %x, but --%s is %s", file, hash, options.FlagGenesisHash, wanted)
	}
	return nil
}

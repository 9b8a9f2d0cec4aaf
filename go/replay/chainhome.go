package replay

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtcfg "github.com/cometbft/cometbft/config"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/spf13/viper"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/panics"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// ChainHome is the home of the recorded node, and the replay's own home with a
// copy of its chain's store. OpenChainHome opens it; its caller calls Close.
type ChainHome struct {
	from, work home.Layout
	options    *viper.Viper
	genesis    *cmttypes.GenesisDoc
	// genesisHash is that of the file.
	genesisHash string
	lock        io.Closer
	blocks      *store.BlockStore
	states      sm.Store
	// last is CometBFT's state after the last block.
	last sm.State
}

// OpenChainHome opens a home that no agd runs on, with CometBFT's configuration
// and its other options. It reads the blocks where they are. work is an empty
// directory. It takes over the options.
func OpenChainHome(work home.Layout, comet *cmtcfg.Config, options *viper.Viper) (*ChainHome, error) {
	h := &ChainHome{from: home.Layout(comet.RootDir), work: work, options: options}
	genesis, err := genutiltypes.AppGenesisFromFile(comet.GenesisFile())
	if err != nil {
		return nil, err
	}
	if h.genesis, err = genesis.ToGenesisDoc(); err != nil {
		return nil, fmt.Errorf("%s: %w", comet.GenesisFile(), err)
	}
	if err := h.genesis.ValidateAndComplete(); err != nil {
		return nil, fmt.Errorf("%s: %w", comet.GenesisFile(), err)
	}
	h.genesisHash = vmproc.FileHash(comet.GenesisFile())
	for option, value := range map[string]any{
		flags.FlagHome: string(work), flags.FlagChainID: h.genesis.ChainID,
		// These are for a node.
		server.FlagHaltHeight: 0, server.FlagHaltTime: 0, server.FlagStateSyncSnapshotInterval: 0,
	} {
		options.Set(option, value)
	}
	if options.GetString(app.FlagSwingStoreExportDir) == "" {
		options.Set(app.FlagSwingStoreExportDir, h.from.KernelExport())
	}
	if h.lock, err = home.Lock(string(h.from)); err != nil {
		return nil, err
	}
	if err := h.openBlocks(comet); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, os.MkdirAll(work.Data(), 0o700)
}

func (h *ChainHome) openBlocks(comet *cmtcfg.Config) error {
	blocks, err := home.OpenCometStore(&cmtcfg.DBContext{ID: "blockstore", Config: comet})
	if err != nil {
		return err
	}
	h.blocks = store.NewBlockStore(blocks)
	states, err := home.OpenCometStore(&cmtcfg.DBContext{ID: "state", Config: comet})
	if err != nil {
		return err
	}
	h.states = sm.NewStore(states, sm.StoreOptions{})
	h.last, err = h.states.Load()
	return err
}

// Close closes the home.
func (h *ChainHome) Close() error {
	var err error
	if h.blocks != nil {
		err = h.blocks.Close()
	}
	if h.states != nil {
		err = errors.Join(err, h.states.Close())
	}
	return errors.Join(err, h.lock.Close())
}

// String returns the path.
func (h *ChainHome) String() string { return string(h.from) }

// belongsTo refuses the trace of another chain, by its Init.
func (h *ChainHome) belongsTo(init *Exchange) error {
	return sameChain(init, h.genesis.ChainID, h.from)
}

// sameChain refuses the trace of another chain than that of a home.
func sameChain(init *Exchange, chainID string, of home.Layout) error {
	var action struct {
		ChainID string `json:"chainID"`
	}
	if len(init.Params) > 0 {
		if err := json.Unmarshal(init.Params[0], &action); err != nil {
			return err
		}
	}
	if action.ChainID == chainID {
		return nil
	}
	return fmt.Errorf("the trace is of chain %q, and %s is of chain %q: name the home directory of the recorded node with --home",
		action.ChainID, of, chainID)
}

// block returns a block.
func (h *ChainHome) block(height int64) (*cmttypes.Block, error) {
	if block := h.blocks.LoadBlock(height); block != nil {
		return block, nil
	}
	return nil, fmt.Errorf("%s has blocks %d to %d, and not block %d: name the home directory of the recorded node, from after the trace, with --home",
		h, h.blocks.Base(), h.blocks.Height(), height)
}

// appHash returns the node's app hash after a block, in hexadecimal; "" if the
// home does not have it.
func (h *ChainHome) appHash(height int64) string {
	if next := h.blocks.LoadBlockMeta(height + 1); next != nil {
		return hex.EncodeToString(next.Header.AppHash)
	}
	if h.last.LastBlockHeight == height {
		return hex.EncodeToString(h.last.AppHash)
	}
	return ""
}

// initChain returns the request that begins the chain, as CometBFT makes it.
func (h *ChainHome) initChain() (*abci.RequestInitChain, error) {
	validators := make([]*cmttypes.Validator, len(h.genesis.Validators))
	for i, validator := range h.genesis.Validators {
		validators[i] = cmttypes.NewValidator(validator.PubKey, validator.Power)
	}
	params := h.genesis.ConsensusParams.ToProto()
	return &abci.RequestInitChain{
		Time: h.genesis.GenesisTime, ChainId: h.genesis.ChainID, InitialHeight: h.genesis.InitialHeight,
		ConsensusParams: &params, Validators: cmttypes.TM2PB.ValidatorUpdates(cmttypes.NewValidatorSet(validators)),
		AppStateBytes: h.genesis.AppState,
	}, nil
}

// openChain opens the application on the copy.
func (h *ChainHome) openChain(logger log.Logger, hooks app.ChainHooks) (*app.App, error) {
	db, err := home.OpenChainStore(string(h.work), h.options)
	if err != nil {
		return nil, err
	}
	chain, err := app.New(logger, db, hooks, h.options, app.BaseOptions(h.options)...)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return chain, nil
}

// prepare makes the copy of the chain's store as it was after a block. The
// application must not be open. A chain that begins has an empty store.
func (h *ChainHome) prepare(height int64, begins bool) error {
	if begins {
		return os.RemoveAll(h.work.ChainStore())
	}
	has, err := home.Height(string(h.work), h.options)
	if err == nil && has < height {
		err = h.copyStore()
	}
	if err != nil {
		return err
	}
	chain, err := h.openChain(log.NewNopLogger(), app.ChainHooks{})
	if err != nil {
		return err
	}
	latest := chain.LastBlockHeight()
	switch {
	case latest < height:
		err = fmt.Errorf("the chain's store of %s is at block %d: a replay from block %d needs that of block %d or later: name another with --home", h, latest, height+1, height)
	case latest > height:
		err = panics.Recovered(panics.NoTrace, func() error { return chain.CommitMultiStore().RollbackToVersion(height) })
		if err != nil {
			err = fmt.Errorf("the chain's store of %s, of block %d, no longer has block %d (%w): name the home directory of that block with --home, or a later block with --from", h, latest, height, err)
		}
	}
	return errors.Join(err, chain.Close())
}

// copyStore copies the chain's store.
func (h *ChainHome) copyStore() error {
	if _, err := os.Stat(h.from.ChainStore()); err != nil {
		return fmt.Errorf("%s has no chain's store: %w", h, errors.Unwrap(err))
	}
	if err := os.RemoveAll(h.work.ChainStore()); err != nil {
		return err
	}
	return os.CopyFS(h.work.ChainStore(), os.DirFS(string(h.from.ChainStore())))
}

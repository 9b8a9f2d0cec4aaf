package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cast"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/version"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/swingset"
)

// App is the chain's application. It owns its stores; Close closes them.
type App struct {
	*baseapp.BaseApp
	Keepers
	Modules *module.Manager
	Basics  module.BasicManager

	encoding     Encoding
	stores       stores
	configurator module.Configurator
	watch        Watcher
	pause        Pause
	halt         halt
	controller   *vm.Controller
	swingStore   swingStoreDirs
	snapshots    *snapshots
	// block is the context of the last executed block. Commit runs the kernel's
	// commit actions with it. Only consensus' goroutine uses it.
	block sdk.Context
	// writing is held while a block's changes are written to the stores that
	// simulations read, and while they are committed. writes is set while
	// consensus' goroutine, which alone uses it, holds writing.
	writing sync.RWMutex
	writes  bool
}

var _ servertypes.Application = (*App)(nil)

// Watcher receives the outcome of blocks. Its methods must not block.
// BlockCommitted and BlockFailed are called from consensus' goroutine.
type Watcher interface {
	// BlockCommitted is called after both stores have committed the block.
	BlockCommitted(height int64)
	// BlockFailed is called when a block could not be executed or committed.
	// CometBFT then stops consensus but keeps the process running; the watcher
	// ends the process.
	BlockFailed(err error)
	// VMFailed is called, from any goroutine, when the VM violates the protocol
	// outside a block. The watcher ends the process.
	VMFailed(err error)
}

// noWatcher is for commands that run no blocks.
type noWatcher struct{}

func (noWatcher) BlockCommitted(int64) {}
func (noWatcher) BlockFailed(error)    {}
func (noWatcher) VMFailed(error)       {}

// ChainHooks connect the app's blocks with the process: the controller that
// sends block actions to the kernel, the watcher, the pause, and the directory
// for the VM's files. Each may be nil; without a controller the app only opens
// its stores.
type ChainHooks struct {
	*vm.Controller
	Watcher
	Pause
	// Temp is the VM's TMPDIR, absolute; if empty, the app makes no snapshots.
	Temp string
}

// New opens the application on db at its latest version. The caller keeps
// ownership of hooks. Errors name the faulty store or option.
func New(logger log.Logger, db dbm.DB, hooks ChainHooks, opts servertypes.AppOptions, baseOptions ...func(*baseapp.BaseApp)) (*App, error) {
	app, err := newApp(logger, db, hooks, opts, baseOptions)
	if err != nil {
		return nil, err
	}
	app.SetStoreLoader(app.storeLoader(db, hooks.Controller != nil))
	if err := app.LoadLatestVersion(); err != nil {
		return nil, storeError(opts, err)
	}
	// A process without a kernel runs no blocks.
	if err := app.checkVersions(hooks.Controller != nil); err != nil {
		return nil, err
	}
	return app, nil
}

func newApp(logger log.Logger, db dbm.DB, hooks ChainHooks, opts servertypes.AppOptions, baseOptions []func(*baseapp.BaseApp)) (*App, error) {
	encoding, err := NewEncoding()
	if err != nil {
		return nil, err
	}
	if hooks.Controller == nil {
		hooks.Controller = vm.NewController(nil)
	}
	if hooks.Watcher == nil {
		hooks.Watcher = noWatcher{}
	}
	if hooks.Pause == nil {
		hooks.Pause = noPause
	}
	base := baseapp.NewBaseApp(Name, logger, db, encoding.TxConfig.TxDecoder(), baseOptions...)
	base.SetVersion(version.Version)
	base.SetInterfaceRegistry(encoding.Registry)
	base.SetTxEncoder(encoding.TxConfig.TxEncoder())
	base.AddRunTxRecoveryHandler(recovered(logger))

	kernelConfig, err := swingset.KernelConfig(opts)
	if err != nil {
		return nil, err
	}

	stores := newStores()
	app := &App{BaseApp: base, encoding: encoding, watch: hooks.Watcher, pause: hooks.Pause, halt: haltOf(opts), controller: hooks.Controller}
	if app.swingStore, err = swingStoreDirsOf(opts, hooks.Temp); err != nil {
		return nil, err
	}
	app.Keepers = newKeepers(keeperEnv{
		Encoding: encoding, stores: stores, base: base, blocks: hooks.Controller, kernelConfig: kernelConfig,
		home:   cast.ToString(opts.Get(flags.FlagHome)),
		skip:   skippedUpgrades(opts),
		logger: logger,
	})
	app.Modules = newModuleManager(app)
	app.Basics = newBasicManager(app.Modules, encoding)
	app.configurator = module.NewConfigurator(encoding.Codec, app.MsgServiceRouter(), app.GRPCQueryRouter())
	if err := app.Modules.RegisterServices(app.configurator); err != nil {
		return nil, err
	}
	app.registerDescriptions()
	app.setHandlers()
	app.setUpgradeHandlers()
	app.stores = stores
	app.MountKVStores(stores.kv)
	app.MountTransientStores(stores.transient)
	app.snapshots, err = newSnapshots(app, opts)
	return app, err
}

func (app *App) setHandlers() {
	app.SetAnteHandler(app.anteHandler())
	app.SetInitChainer(app.initChain)
	app.SetPreBlocker(func(ctx sdk.Context, _ *abci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
		return app.Modules.PreBlock(ctx)
	})
	app.SetBeginBlocker(func(ctx sdk.Context) (sdk.BeginBlock, error) { return app.Modules.BeginBlock(ctx) })
	app.SetEndBlocker(func(ctx sdk.Context) (sdk.EndBlock, error) {
		app.block = ctx
		app.pause(BeforeEndBlock, ctx.BlockHeight())
		end, err := app.Modules.EndBlock(ctx)
		if err == nil {
			app.pause(AfterEndBlock, ctx.BlockHeight())
			app.beginWriting()
		}
		return end, err
	})
}

// initChain sets every module's genesis and creates the module accounts. It
// then boots the kernel on that genesis, or restores the kernel that the
// genesis belongs to.
func (app *App) initChain(ctx sdk.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	var genesis map[string]json.RawMessage
	if err := json.Unmarshal(req.AppStateBytes, &genesis); err != nil {
		return nil, fmt.Errorf("genesis app_state: %w", err)
	}
	if err := CheckModules(req.AppStateBytes); err != nil {
		return nil, err
	}
	kernelData, err := readKernelExport(app.encoding.Codec, genesis, app.swingStore.export)
	if err != nil {
		return nil, err
	}
	app.completeModules(genesis)
	if err := completeAccounts(app.encoding.Codec, genesis); err != nil {
		return nil, err
	}
	if err := app.Upgrade.SetModuleVersionMap(ctx, app.Modules.GetVersionMap()); err != nil {
		return nil, err
	}
	response, err := app.Modules.InitGenesis(ctx, app.encoding.Codec, genesis)
	if err != nil {
		return nil, err
	}
	app.makeModuleAccounts(ctx)
	if len(kernelData) > 0 {
		err = app.restoreKernel(req.InitialHeight, kernelData)
	} else {
		err = app.SwingSet.Bootstrap(ctx)
	}
	if err != nil {
		return nil, err
	}
	app.pause(AtInit, req.InitialHeight)
	return response, nil
}

// Encoding returns the encodings of the chain's types.
func (app *App) Encoding() Encoding { return app.encoding }

// Downcalls returns every module's downcalls, for a bridge to serve.
func (app *App) Downcalls() []vm.Downcalls {
	return []vm.Downcalls{
		app.VStorage.Downcalls(),
		app.VBank.Downcalls(),
		app.SwingSet.Downcalls(),
		app.VIBC.Downcalls(),
		app.VLocalchain.Downcalls(),
		app.VTransfer.Downcalls(),
	}
}

// RegisterAPIRoutes implements servertypes.Application.
func (app *App) RegisterAPIRoutes(rest *api.Server, config serverconfig.APIConfig) {
	ctx := rest.ClientCtx
	authtx.RegisterGRPCGatewayRoutes(ctx, rest.GRPCGatewayRouter)
	cmtservice.RegisterGRPCGatewayRoutes(ctx, rest.GRPCGatewayRouter)
	nodeservice.RegisterGRPCGatewayRoutes(ctx, rest.GRPCGatewayRouter)
	app.Basics.RegisterGRPCGatewayRoutes(ctx, rest.GRPCGatewayRouter)
	if err := server.RegisterSwaggerAPI(ctx, rest.Router, config.Swagger); err != nil {
		panic(err) // the pages are embedded in this program
	}
}

// RegisterTxService implements servertypes.Application.
func (app *App) RegisterTxService(ctx client.Context) {
	authtx.RegisterTxService(app.GRPCQueryRouter(), ctx, app.Simulate, app.encoding.Registry)
}

// RegisterTendermintService implements servertypes.Application.
func (app *App) RegisterTendermintService(ctx client.Context) {
	query := server.NewCometABCIWrapper(app).Query
	cmtservice.RegisterTendermintService(ctx, app.GRPCQueryRouter(), app.encoding.Registry, query)
}

// RegisterNodeService implements servertypes.Application.
func (app *App) RegisterNodeService(ctx client.Context, config serverconfig.Config) {
	nodeservice.RegisterNodeService(ctx, app.GRPCQueryRouter(), config, func() int64 {
		return app.CommitMultiStore().EarliestVersion()
	})
}

func skippedUpgrades(opts servertypes.AppOptions) map[int64]bool {
	skip := map[int64]bool{}
	for _, height := range cast.ToIntSlice(opts.Get(server.FlagUnsafeSkipUpgrades)) {
		skip[int64(height)] = true
	}
	return skip
}

// storeError adds the path of the unreadable store to an error, except if the
// store can be read but another release must continue it.
func storeError(opts servertypes.AppOptions, err error) error {
	if other := otherRelease(""); errors.As(err, &other) {
		return other
	}
	layout := home.Layout(cast.ToString(opts.Get(flags.FlagHome)))
	return fmt.Errorf("chain store: %s: %w", layout.ChainStore(), err)
}

// NewAt opens the application at one height (-1: the latest), for export.
func NewAt(logger log.Logger, db dbm.DB, height int64, opts servertypes.AppOptions) (*App, error) {
	if height == -1 {
		return New(logger, db, ChainHooks{}, opts)
	}
	app, err := newApp(logger, db, ChainHooks{}, opts, nil)
	if err != nil {
		return nil, err
	}
	if err := app.checkStores(height); err != nil {
		return nil, err
	}
	if err := app.LoadVersion(height); err != nil {
		return nil, storeError(opts, err)
	}
	if err := app.checkVersions(false); err != nil {
		return nil, err
	}
	return app, nil
}

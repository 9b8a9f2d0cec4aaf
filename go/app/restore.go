package app

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cast"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// FlagSwingStoreExportDir names the directory of the export that a genesis
// belongs to.
const FlagSwingStoreExportDir = "swing-store-export-dir"

// swingStoreDirs are the directories of the kernel's store and its exports,
// absolute.
type swingStoreDirs struct {
	swingstore.Dirs
	// store is the kernel's database, in State.
	store string
	// export is the directory of the export that a genesis is restored from.
	export string
}

func swingStoreDirsOf(opts servertypes.AppOptions, temp string) (dirs swingStoreDirs, err error) {
	if dirs.export, err = SwingStoreExportDir(opts); err != nil {
		return dirs, err
	}
	root, err := filepath.Abs(cast.ToString(opts.Get(flags.FlagHome)))
	layout := home.Layout(root)
	dirs.store = layout.KernelStore()
	dirs.Dirs = dirsOf(layout, temp)
	return dirs, err
}

func dirsOf(layout home.Layout, temp string) swingstore.Dirs {
	return swingstore.Dirs{
		State:    layout.KernelState(),
		Temp:     temp,
		Work:     filepath.Join(layout.VMInput(), "swing-store-restore"),
		Received: filepath.Join(layout.VMInput(), "swing-store-received"),
	}
}

// SwingStoreExportDir returns the directory of the kernel store's export for a
// genesis that holds its hash. Without an option it is beside the genesis.
func SwingStoreExportDir(opts servertypes.AppOptions) (string, error) {
	dir := cast.ToString(opts.Get(FlagSwingStoreExportDir))
	if dir == "" {
		dir = home.Layout(cast.ToString(opts.Get(flags.FlagHome))).KernelExport()
	}
	return filepath.Abs(dir)
}

// modulesOf splits a genesis' app_state by module.
func modulesOf(appState json.RawMessage) (genesis map[string]json.RawMessage, err error) {
	if err := json.Unmarshal(appState, &genesis); err != nil {
		return nil, fmt.Errorf("genesis app_state: %w", err)
	}
	return genesis, nil
}

// CheckKernelExport checks the export of the kernel's store that a genesis
// belongs to, if any. The kernel checks the artifacts when it imports them.
func CheckKernelExport(appState json.RawMessage, opts servertypes.AppOptions) error {
	dir, err := SwingStoreExportDir(opts)
	if err != nil {
		return err
	}
	_, err = KernelExportData(appState, dir)
	return err
}

// KernelExportData returns the kernel's export data that a genesis begins with,
// whose artifacts are in dir. A genesis with an empty kernel has none.
func KernelExportData(appState json.RawMessage, dir string) ([]*swingsettypes.SwingStoreExportDataEntry, error) {
	genesis, err := modulesOf(appState)
	if err != nil {
		return nil, err
	}
	encoding, err := NewEncoding()
	if err != nil {
		return nil, err
	}
	return readKernelExport(encoding.Codec, genesis, dir)
}

// Genesis is the part of a genesis that determines which store a kernel may
// have before the chain's first block.
type Genesis struct {
	InitialHeight int64
	AppState      json.RawMessage
}

// CheckKernelStore returns an error if the kernel's store does not belong to
// the chain's store. kernel must not have been started. genesis and blockTime
// are called only if needed; blockTime returns the time of a block that
// CometBFT has.
func (app *App) CheckKernelStore(ctx context.Context, kernel swingstore.Upcaller, genesis func() (Genesis, error), blockTime func(height int64) (time.Time, bool, error)) error {
	pairing := swingstore.Pairing{
		File:      app.swingStore.store,
		Height:    app.LastBlockHeight(),
		BlockTime: blockTime,
	}
	if pairing.Height > 0 {
		latest := app.NewContext(true)
		pairing.ExportData = func(key string) (string, bool, error) { return app.SwingSet.ExportDataEntry(latest, key) }
		return swingstore.CheckPairing(ctx, kernel, pairing)
	}
	first, err := genesis()
	if err != nil {
		return err
	}
	pairing.First = first.InitialHeight
	if pairing.Restored, err = app.restoresKernel(first.AppState); err != nil {
		return err
	}
	return swingstore.CheckPairing(ctx, kernel, pairing)
}

// restoresKernel reports whether a genesis belongs to an export of the kernel's
// store.
func (app *App) restoresKernel(appState json.RawMessage) (bool, error) {
	genesis, err := modulesOf(appState)
	if err != nil {
		return false, err
	}
	raw, found := genesis[swingsettypes.ModuleName]
	if !found {
		return false, nil
	}
	var state swingsettypes.GenesisState
	if err := app.encoding.Codec.UnmarshalJSON(raw, &state); err != nil {
		return false, fmt.Errorf("genesis app_state.%s: %w", swingsettypes.ModuleName, err)
	}
	return len(state.SwingStoreExportData) > 0 || state.SwingStoreExportDataHash != "", nil
}

// readKernelExport returns the kernel's export data that a genesis belongs to,
// and puts them in place of their hash. Without any, a new kernel must boot.
func readKernelExport(cdc codec.Codec, genesis map[string]json.RawMessage, dir string) ([]*swingsettypes.SwingStoreExportDataEntry, error) {
	raw, found := genesis[swingsettypes.ModuleName]
	if !found {
		return nil, nil
	}
	var state swingsettypes.GenesisState
	if err := cdc.UnmarshalJSON(raw, &state); err != nil {
		return nil, fmt.Errorf("genesis app_state.%s: %w", swingsettypes.ModuleName, err)
	}
	restore, err := swingstore.Complete(&state, dir)
	if err != nil || !restore {
		return nil, err
	}
	genesis[swingsettypes.ModuleName], err = cdc.MarshalJSON(&state)
	return state.SwingStoreExportData, err
}

// restoreKernel restores the kernel's store so that the chain's first block is
// the kernel's next one. The kernel starts with that block. After a crash
// before the chain's first commit CometBFT repeats InitChain, and so this
// function; the kernel then runs that block again.
func (app *App) restoreKernel(initialHeight int64, data []*swingsettypes.SwingStoreExportDataEntry) error {
	restoration := kernelRestoration(app.swingStore, data, initialHeight)
	app.Logger().Info("restoring the kernel's store", "from", restoration.Dir, "height", restoration.Height)
	if err := swingstore.Restore(context.Background(), app.controller, restoration); err != nil {
		return fmt.Errorf("the kernel's store could not be restored from %s: %w", restoration.Dir, err)
	}
	return nil
}

func kernelRestoration(dirs swingStoreDirs, data []*swingsettypes.SwingStoreExportDataEntry, initialHeight int64) swingstore.Restoration {
	return swingstore.Restoration{
		Dir: dirs.export, Data: data, Height: max(1, initialHeight) - 1,
		State: dirs.State, Work: dirs.Work,
	}
}

// KernelRestoration describes how the kernel's store of a home is restored from
// the export in dir, an absolute path, as a chain that begins at initialHeight
// does.
func KernelRestoration(layout home.Layout, dir string, data []*swingsettypes.SwingStoreExportDataEntry, initialHeight int64) swingstore.Restoration {
	return kernelRestoration(swingStoreDirs{Dirs: dirsOf(layout, ""), export: dir}, data, initialHeight)
}

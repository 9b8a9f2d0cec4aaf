package replay

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
)

// KernelHome is a home whose kernel's store a replay begins with. The zero value
// is none: the store is empty.
type KernelHome struct {
	Path home.Layout
	// ChainID is that of its genesis; "" without one.
	ChainID string
	// Export is restored before the trace's first start, for a chain that begins
	// with an export and has no store yet; nil: none.
	Export *swingstore.Restoration
}

// OpenKernelHome copies the kernel's store of a home that no agd runs on into
// another one. A home without a store may have the export that its chain begins
// with.
func OpenKernelHome(from, to home.Layout) (KernelHome, error) {
	h := KernelHome{Path: from}
	genesis, err := genutiltypes.AppGenesisFromFile(filepath.Join(string(from), "config", "genesis.json"))
	switch {
	case err == nil:
		h.ChainID = genesis.ChainID
	case !errors.Is(err, os.ErrNotExist): // a copy of the store alone has none
		return h, err
	}
	if _, err := os.Stat(from.KernelStore()); err != nil {
		if h.ChainID != "" {
			var failed error
			if h.Export, failed = exportOf(from, to, genesis); failed != nil || h.Export != nil {
				return h, failed
			}
		}
		return h, fmt.Errorf("%s has no kernel's store: %w", from, errors.Unwrap(err))
	}
	lock, err := home.Lock(string(from))
	if err != nil {
		return h, err
	}
	defer lock.Close()
	return h, os.CopyFS(to.KernelState(), os.DirFS(from.KernelState()))
}

// exportOf returns how the kernel's store of another home is restored from the
// export that a home's chain begins with; nil if it begins with an empty kernel.
func exportOf(from, to home.Layout, genesis *genutiltypes.AppGenesis) (*swingstore.Restoration, error) {
	dir, err := filepath.Abs(from.KernelExport())
	if err != nil {
		return nil, err
	}
	data, err := app.KernelExportData(genesis.AppState, dir)
	if err != nil || data == nil {
		return nil, err
	}
	export := app.KernelRestoration(to, dir, data, genesis.InitialHeight)
	return &export, nil
}

package app

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// A simulation reads the live stores through the SDK's inter-block cache, where
// all other queries read a committed version. A value read while a block changes
// it could enter that cache and be read by the next block, on this node alone.
// CometBFT's lock does not help: requests over gRPC never take it, and
// queries must not wait for the kernel.

// Simulate executes a transaction on the state of the last block, without
// effect. It waits while a block is being written or committed, but not while
// the kernel runs one. It may be called concurrently.
func (app *App) Simulate(tx []byte) (sdk.GasInfo, *sdk.Result, error) {
	app.writing.RLock()
	defer app.writing.RUnlock()
	return app.BaseApp.Simulate(tx)
}

// Query implements abci.Application. It may be called concurrently.
func (app *App) Query(ctx context.Context, req *abci.RequestQuery) (*abci.ResponseQuery, error) {
	path := baseapp.SplitABCIQueryPath(req.Path)
	if len(path) >= 2 && path[0] == baseapp.QueryPathApp && path[1] == "simulate" {
		app.writing.RLock()
		defer app.writing.RUnlock()
	}
	return app.BaseApp.Query(ctx, req)
}

// beginWriting keeps simulations away from the stores until endWriting.
func (app *App) beginWriting() {
	app.writing.Lock()
	app.writes = true
}

// endWriting ends beginWriting; without it, it has no effect.
func (app *App) endWriting() {
	if app.writes {
		app.writes = false
		app.writing.Unlock()
	}
}

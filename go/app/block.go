package app

import (
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
)

// InitChain implements abci.Application; failures reach the watcher.
func (app *App) InitChain(req *abci.RequestInitChain) (res *abci.ResponseInitChain, err error) {
	defer app.watchFailure("InitChain", &err)
	return app.BaseApp.InitChain(req)
}

// FinalizeBlock implements abci.Application; failures reach the watcher.
func (app *App) FinalizeBlock(req *abci.RequestFinalizeBlock) (res *abci.ResponseFinalizeBlock, err error) {
	defer app.watchFailure("FinalizeBlock", &err)
	defer app.endWriting()
	if err := app.halt.check(req.Height, req.Time); err != nil {
		return nil, err
	}
	return app.BaseApp.FinalizeBlock(req)
}

// Commit commits the block in two stores: first the kernel's, then the chain's.
// A crash between the two leaves the kernel one block ahead. The kernel then
// replays that block's downcalls instead of running the block again
// (cosmic-swingset's src/launch-chain.js, blockNeedsExecution).
func (app *App) Commit() (res *abci.ResponseCommit, err error) {
	defer app.watchFailure("Commit", &err)
	ctx := app.block
	height := ctx.BlockHeight()
	app.pause(BeforeCommit, height)
	app.snapshots.settle()
	if err := app.SwingSet.CommitBlock(ctx); err != nil {
		return nil, err
	}
	app.pause(AfterCommitBlock, height)
	app.snapshots.countPruning(height)
	app.beginWriting()
	res, err = app.BaseApp.Commit()
	app.endWriting()
	if err != nil {
		return nil, err
	}
	res.RetainHeight = app.snapshots.retained(res.RetainHeight, height)
	app.pause(AfterChainCommit, height)
	if err := app.SwingSet.AfterCommitBlock(ctx); err != nil {
		return nil, err
	}
	app.snapshots.begin(height)
	app.watch.BlockCommitted(height)
	app.pause(AfterAfterCommit, height)
	return res, nil
}

// watchFailure reports an error or a panic to the watcher and passes it on to
// CometBFT.
func (app *App) watchFailure(phase string, err *error) {
	if thrown := recover(); thrown != nil {
		app.watch.BlockFailed(fmt.Errorf("%s: %v", phase, thrown))
		panic(thrown)
	}
	if *err != nil {
		app.watch.BlockFailed(fmt.Errorf("%s: %w", phase, *err))
	}
}

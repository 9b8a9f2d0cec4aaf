package node

import (
	"context"

	abcicli "github.com/cometbft/cometbft/abci/client"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/libs/sync"
	"github.com/cometbft/cometbft/proxy"
)

// abciClients makes CometBFT's clients of the application in this process. They
// share one lock, as CometBFT's own local clients do, except for queries: those
// read committed state only, and must not wait for a block that waits for the
// kernel. Queries over gRPC do not wait either.
type abciClients struct {
	lock sync.Mutex
	app  abci.Application
}

var _ proxy.ClientCreator = (*abciClients)(nil)

// NewABCIClient implements proxy.ClientCreator.
func (c *abciClients) NewABCIClient() (abcicli.Client, error) {
	return unlockedQueries{abcicli.NewLocalClient(&c.lock, parking{c.app}), c.app}, nil
}

type unlockedQueries struct {
	abcicli.Client
	app abci.Application
}

// Query implements abcicli.Client.
func (c unlockedQueries) Query(ctx context.Context, req *abci.RequestQuery) (*abci.ResponseQuery, error) {
	return c.app.Query(ctx, req)
}

// parking hides a failed block from CometBFT. The app's watcher already knows
// of the failure and ends the process. CometBFT would panic: in consensus it
// logs the panic and continues, in block sync it ends the process at once, with
// another exit code and a stack.
type parking struct{ abci.Application }

// InitChain implements abci.Application.
func (p parking) InitChain(ctx context.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	defer parkIfPanics()
	return parkIfFailed(p.Application.InitChain(ctx, req))
}

// FinalizeBlock implements abci.Application.
func (p parking) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	defer parkIfPanics()
	return parkIfFailed(p.Application.FinalizeBlock(ctx, req))
}

// Commit implements abci.Application.
func (p parking) Commit(ctx context.Context, req *abci.RequestCommit) (*abci.ResponseCommit, error) {
	defer parkIfPanics()
	return parkIfFailed(p.Application.Commit(ctx, req))
}

func parkIfFailed[R any](response R, err error) (R, error) {
	if err != nil {
		select {}
	}
	return response, nil
}

func parkIfPanics() {
	if thrown := recover(); thrown != nil {
		select {}
	}
}

package cli

import (
	"context"

	abcicli "github.com/cometbft/cometbft/abci/client"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/libs/sync"
	"github.com/cometbft/cometbft/proxy"
)

// abciClients makes CometBFT's clients of the application in this process.
// They share one lock, as CometBFT's own local clients do, except for queries:
// those read committed state only, and must not wait for a block that waits
// for the kernel. Over gRPC they never did.
type abciClients struct {
	lock sync.Mutex
	app  abci.Application
}

var _ proxy.ClientCreator = (*abciClients)(nil)

// NewABCIClient implements proxy.ClientCreator.
func (c *abciClients) NewABCIClient() (abcicli.Client, error) {
	return unlockedQueries{abcicli.NewLocalClient(&c.lock, c.app), c.app}, nil
}

type unlockedQueries struct {
	abcicli.Client
	app abci.Application
}

// Query implements abcicli.Client.
func (c unlockedQueries) Query(ctx context.Context, req *abci.RequestQuery) (*abci.ResponseQuery, error) {
	return c.app.Query(ctx, req)
}

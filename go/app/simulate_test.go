package app

import (
	"context"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
)

// writes is a listener that the SDK calls when a block's changes are in the
// stores, and when they are committed.
type writes struct{ each func() }

func (w writes) ListenFinalizeBlock(context.Context, abci.RequestFinalizeBlock, abci.ResponseFinalizeBlock) error {
	w.each()
	return nil
}

func (w writes) ListenCommit(context.Context, abci.ResponseCommit, []*storetypes.StoreKVPair) error {
	w.each()
	return nil
}

func TestSimulationsWaitWhileABlockIsWritten(t *testing.T) {
	c := newTestChain(t, nil)
	for name, simulate := range map[string]func(){
		"Simulate": func() { _, _, _ = c.Simulate(nil) },
		"Query": func() {
			_, _ = c.Query(context.Background(), &abci.RequestQuery{Path: "/app/simulate"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulate()
			c.during = simulate // the kernel's time is free
			var waiting []chan struct{}
			c.SetStreamingManager(storetypes.StreamingManager{ABCIListeners: []storetypes.ABCIListener{writes{func() {
				done := make(chan struct{})
				waiting = append(waiting, done)
				go func() {
					defer close(done)
					simulate()
				}()
				select {
				case <-done:
					t.Error("a simulation read the stores while they changed")
				case <-time.After(20 * time.Millisecond):
				}
			}}}})
			c.block()
			require.Len(t, waiting, 2)
			for _, done := range waiting {
				<-done
			}
		})
	}
}

package keeper

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/internal/counters/counterstest"
)

func TestSizesOfChangesAreCountedWithoutGas(t *testing.T) {
	change := func() uint64 {
		k, ctx := newKeeper(t)
		before := ctx.GasMeter().GasConsumed()
		set(t, k, ctx, "a.b", "four")
		set(t, k, ctx, "a.b", "two")
		remove(t, k, ctx, "a.b")
		require.Empty(t, contents(t, k, ctx))
		return ctx.GasMeter().GasConsumed() - before
	}
	off := change()
	read := counterstest.Start(t)
	require.Equal(t, off, change(), "a node with telemetry would leave the chain")
	// The keys are 2, 3 and 5 bytes, placeholders 1, the data 5 and 4.
	require.Contains(t, read(), "\nstore_size_increase{storeKey=\"vstorage\"} 21\n")
	require.Contains(t, read(), "\nstore_size_decrease{storeKey=\"vstorage\"} 21\n")
}

package keeper

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// events ends the block and returns the events it emits.
func events(t *testing.T, k Keeper, ctx sdk.Context) sdk.Events {
	t.Helper()
	ctx = ctx.WithEventManager(sdk.NewEventManager())
	require.NoError(t, k.EmitChanges(ctx))
	return ctx.EventManager().Events()
}

func TestChangesAreToldOncePerPathInOrder(t *testing.T) {
	k, ctx := newKeeper(t)
	set(t, k, ctx, "same", "1")
	set(t, k, ctx, "gone", "1")
	for _, entry := range []types.Entry{
		types.NewEntry("new.b", "first"), types.NewEntry("new.b", "last"),
		types.NewEntry("same", "2"), types.NewEntry("same", "1"),
		{Key: "gone"}, types.NewEntry("new.a", "x"),
	} {
		require.NoError(t, k.Set(ctx, entry))
	}
	set(t, k, ctx, "silent", "x")
	require.Equal(t, sdk.Events{
		types.NewStateChangeEvent("gone", ""),
		types.NewStateChangeEvent("new.a", "x"),
		types.NewStateChangeEvent("new.b", "last"),
	}, events(t, k, ctx))
}

func TestLegacyChangeHasBothEvents(t *testing.T) {
	k, ctx := newKeeper(t)
	require.NoError(t, k.LegacySet(ctx, types.NewEntry("mailbox.x", "1")))
	require.NoError(t, k.Set(ctx, types.NewEntry("mailbox.x", "2")))
	require.Equal(t, sdk.Events{
		types.NewLegacyStorageEvent("mailbox.x", "2"),
		types.NewStateChangeEvent("mailbox.x", "2"),
	}, events(t, k, ctx))
}

func TestStateChangeEventIsAgorics(t *testing.T) {
	require.Equal(t, sdk.NewEvent("state_change",
		sdk.NewAttribute("store", "vstorage"),
		sdk.NewAttribute("key", "2\x00a\x00b"),
		sdk.NewAttribute("anckey", "\x012\x00a\x00b\x01"),
		sdk.NewAttribute("value", "v"),
	), types.NewStateChangeEvent("a.b", "v"))
}

func TestFailedTransactionTakesItsChangesBack(t *testing.T) {
	k, ctx := newKeeper(t)
	branch, _ := ctx.CacheContext()
	require.NoError(t, k.Set(branch, types.NewEntry("a", "1")))
	require.Empty(t, events(t, k, ctx))
}

func TestAppendCollectsTheBlocksValues(t *testing.T) {
	k, ctx := newKeeper(t)
	get := func() string {
		value, _, err := k.Get(ctx, "stream")
		require.NoError(t, err)
		return value
	}
	set(t, k, ctx, "stream", "no cell")
	require.NoError(t, k.Append(ctx, "stream", "<a>"))
	require.NoError(t, k.Append(ctx, "stream", "b"))
	require.Equal(t, `{"blockHeight":"7","values":["<a>","b"]}`, get())
	require.Equal(t, sdk.Events{types.NewStateChangeEvent("stream", get())}, events(t, k, ctx))

	require.NoError(t, k.Append(ctx.WithBlockHeight(8), "stream", "c"))
	require.Equal(t, `{"blockHeight":"8","values":["c"]}`, get())
}

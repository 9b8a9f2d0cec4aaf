package keeper

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// newKeeper returns a keeper on real stores and the context of block 7.
func newKeeper(t *testing.T) (Keeper, sdk.Context) {
	t.Helper()
	key := storetypes.NewKVStoreKey(types.StoreKey)
	transient := storetypes.NewTransientStoreKey(types.TransientStoreKey)
	ctx := testutil.DefaultContext(key, transient).WithBlockHeight(7)
	return NewKeeper(runtime.NewKVStoreService(key), runtime.NewTransientStoreService(transient)), ctx
}

// contents returns what the store holds, by key.
func contents(t *testing.T, k Keeper, ctx sdk.Context) map[string]string {
	t.Helper()
	iterator, err := k.store.OpenKVStore(ctx).Iterator(nil, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, iterator.Close()) }()
	all := map[string]string{}
	for ; iterator.Valid(); iterator.Next() {
		all[string(iterator.Key())] = string(iterator.Value())
	}
	return all
}

func set(t *testing.T, k Keeper, ctx sdk.Context, path, value string) {
	t.Helper()
	require.NoError(t, k.SetWithoutNotify(ctx, types.NewEntry(path, value)))
}

func remove(t *testing.T, k Keeper, ctx sdk.Context, path string) {
	t.Helper()
	require.NoError(t, k.SetWithoutNotify(ctx, types.Entry{Key: path}))
}

func TestSetMakesPlaceholdersAboveThePath(t *testing.T) {
	k, ctx := newKeeper(t)
	set(t, k, ctx, "a.b.c", "x")
	require.Equal(t, map[string]string{
		"0\x00": "\xff", "1\x00a": "\xff", "2\x00a\x00b": "\xff", "3\x00a\x00b\x00c": "\x00x",
	}, contents(t, k, ctx))

	set(t, k, ctx, "a", "")
	require.Equal(t, "\x00", contents(t, k, ctx)["1\x00a"], "empty data is not a placeholder")
	value, found, err := k.Get(ctx, "a")
	require.NoError(t, err)
	require.True(t, found)
	require.Empty(t, value)
}

func TestDeleteKeepsWhatDescendantsNeed(t *testing.T) {
	k, ctx := newKeeper(t)
	set(t, k, ctx, "a.b", "1")
	set(t, k, ctx, "a.b.c.d", "2")
	set(t, k, ctx, "a.x", "3")

	remove(t, k, ctx, "a.b")
	found, err := k.Has(ctx, "a.b")
	require.NoError(t, err)
	require.False(t, found)
	entry, err := k.HasEntry(ctx, "a.b")
	require.NoError(t, err)
	require.True(t, entry, "a.b.c.d needs it")

	remove(t, k, ctx, "a.b.c.d")
	require.Equal(t, map[string]string{
		"0\x00": "\xff", "1\x00a": "\xff", "2\x00a\x00x": "\x003",
	}, contents(t, k, ctx))

	remove(t, k, ctx, "a.x")
	require.Empty(t, contents(t, k, ctx))
	remove(t, k, ctx, "never.was")
	require.Empty(t, contents(t, k, ctx))
}

func TestDeleteKeepsAncestorWithData(t *testing.T) {
	k, ctx := newKeeper(t)
	set(t, k, ctx, "a", "1")
	set(t, k, ctx, "a.b.c", "2")
	remove(t, k, ctx, "a.b.c")
	require.Equal(t, map[string]string{"0\x00": "\xff", "1\x00a": "\x001"}, contents(t, k, ctx))
}

func TestReadsBelowAPath(t *testing.T) {
	k, ctx := newKeeper(t)
	set(t, k, ctx, "a.z", "1")
	set(t, k, ctx, "a.b.c", "2")
	set(t, k, ctx, "ab", "3")

	children, err := k.Children(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, []string{"b", "z"}, children)
	children, err = k.Children(ctx, "")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "ab"}, children)
	size, err := k.Size(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, 2, size)
	entries, err := k.Entries(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, []types.Entry{{Key: "b"}, types.NewEntry("z", "1")}, entries)
	values, err := k.Values(ctx, "")
	require.NoError(t, err)
	require.Len(t, values, 2)
	require.Nil(t, values[0])
	require.Equal(t, "3", *values[1])
}

func TestBadPathIsAnError(t *testing.T) {
	k, ctx := newKeeper(t)
	const want = `path "a..b" contains doubled separators`
	_, _, err := k.Get(ctx, "a..b")
	require.EqualError(t, err, want)
	_, err = k.Children(ctx, "a..b")
	require.EqualError(t, err, want)
	require.EqualError(t, k.Set(ctx, types.NewEntry("a..b", "")), want)
	require.EqualError(t, k.SetWithoutNotify(ctx, types.NewEntry("a..b", "")), want)
	require.EqualError(t, k.Append(ctx, "a..b", ""), want)
}

func TestQueue(t *testing.T) {
	k, ctx := newKeeper(t)
	require.NoError(t, k.PushQueueItem(ctx, "actionQueue", `{"first":1}`))
	require.NoError(t, k.PushQueueItem(ctx, "actionQueue", `{"second":2}`))
	values := map[string]string{"tail": "2", "0": `{"first":1}`, "1": `{"second":2}`}
	for name, want := range values {
		value, _, err := k.Get(ctx, "actionQueue."+name)
		require.NoError(t, err)
		require.Equal(t, want, value, name)
	}
	length, err := k.QueueLength(ctx, "actionQueue")
	require.NoError(t, err)
	require.EqualValues(t, 2, length)

	// The state after the kernel has consumed one of two items.
	remove(t, k, ctx, "actionQueue.0")
	set(t, k, ctx, "actionQueue.head", "1")
	length, err = k.QueueLength(ctx, "actionQueue")
	require.NoError(t, err)
	require.EqualValues(t, 1, length)
	require.NoError(t, k.PushQueueItem(ctx, "actionQueue", "3"))
	value, _, err := k.Get(ctx, "actionQueue.2")
	require.NoError(t, err)
	require.Equal(t, "3", value)

	length, err = k.QueueLength(ctx, "highPriorityQueue")
	require.NoError(t, err)
	require.Zero(t, length)
}

func TestQueueRefusesBadIndex(t *testing.T) {
	k, ctx := newKeeper(t)
	set(t, k, ctx, "q.tail", "-1")
	require.EqualError(t, k.PushQueueItem(ctx, "q", ""), `q.tail: not an index: "-1"`)
	set(t, k, ctx, "q.tail", "18446744073709551615")
	require.EqualError(t, k.PushQueueItem(ctx, "q", ""), "queue q overflows")
	set(t, k, ctx, "p.head", "2")
	_, err := k.QueueLength(ctx, "p")
	require.EqualError(t, err, "queue p: head 2 is past tail 0")
}

func TestGenesisRoundTrip(t *testing.T) {
	k, ctx := newKeeper(t)
	state := &types.GenesisState{Data: []*types.DataEntry{
		{Path: "b", Value: ""}, {Path: "a.b.c", Value: "x"},
	}}
	require.NoError(t, k.InitGenesis(ctx, state))
	exported, err := k.ExportGenesis(ctx)
	require.NoError(t, err)
	require.Equal(t, state, exported)

	other, otherCtx := newKeeper(t)
	require.NoError(t, other.InitGenesis(otherCtx, exported))
	require.Equal(t, contents(t, k, ctx), contents(t, other, otherCtx))
	require.Empty(t, events(t, k, ctx))
}

package app

import (
	"testing"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	icahosttypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host/types"
	icatypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/types"

	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// ofOtherStores makes the chain's next version as a release does whose stores
// are without some of this build's and with others, which have one entry each.
// The upgrade "next" is due at the height after it.
func ofOtherStores(c *testChain, without, with []string) {
	changes := &storetypes.StoreUpgrades{Added: with}
	ms := rootmulti.NewStore(c.db, log.NewNopLogger())
	for name, key := range c.storeKeys() {
		ms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
		for _, lacks := range without {
			if name == lacks {
				changes.Deleted = append(changes.Deleted, name)
			}
		}
	}
	added := storetypes.NewKVStoreKeys(with...)
	for _, key := range added {
		ms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(c.t, ms.LoadLatestVersionAndUpgrade(changes))
	ctx := sdk.NewContext(ms, cmtproto.Header{Height: c.LastBlockHeight() + 1}, false, log.NewNopLogger())
	for _, key := range added {
		ctx.KVStore(key).Set([]byte("k"), []byte("of "+key.Name()))
	}
	require.NoError(c.t, c.Upgrade.ScheduleUpgrade(ctx, upgradetypes.Plan{Name: "next", Height: ctx.BlockHeight() + 1}))
	versions := c.Modules.GetVersionMap()
	for _, name := range without {
		if name == icahosttypes.StoreKey {
			name = icatypes.ModuleName
		}
		delete(versions, name)
	}
	for name := range c.Modules.GetVersionMap() {
		ctx.KVStore(c.storeKeys()[upgradetypes.StoreKey]).Delete(append([]byte{upgradetypes.VersionMapByte}, name...))
	}
	require.NoError(c.t, c.Upgrade.SetModuleVersionMap(ctx, versions))
	ms.Commit()
}

// releaseWith makes this build one that renames and deletes stores of earlier
// releases.
func releaseWith(t *testing.T, renamed []storetypes.StoreRename, deleted []string) {
	t.Helper()
	r, d := renamedStores, deletedStores
	renamedStores, deletedStores = renamed, deleted
	t.Cleanup(func() { renamedStores, deletedStores = r, d })
}

func (c *testChain) committedStores() []string {
	names, err := storesAt(c.CommitMultiStore(), c.LastBlockHeight())
	require.NoError(c.t, err)
	return names
}

// storeHash returns a store's part of the app hash.
func (c *testChain) storeHash(name string) []byte {
	info, err := c.CommitMultiStore().(*rootmulti.Store).GetCommitInfo(c.LastBlockHeight())
	require.NoError(c.t, err)
	for _, store := range info.StoreInfos {
		if store.Name == name {
			return store.CommitId.Hash
		}
	}
	require.FailNow(c.t, "no store "+name)
	return nil
}

func TestAnUpgradeAddsTheStoresThatTheChainLacks(t *testing.T) {
	var hashes [][]byte
	add := func(interrupt func(c *testChain)) func(t *testing.T) {
		return func(t *testing.T) {
			c := newTestChain(t, nil)
			ofOtherStores(c, []string{vbanktypes.StoreKey}, nil)
			const refusal = `the chain's state at height 3 is of another release: it lacks the store "vbank": run the release that made it, until the network's upgrade (docs/operating.md)`
			require.EqualError(t, c.open(), refusal, "a build that carries out no upgrade")
			buildFor(t, "other")
			require.EqualError(t, c.open(), refusal, "a build for another plan")
			buildFor(t, "next")
			for _, height := range []int64{-1, 3} {
				_, err := NewAt(log.NewNopLogger(), c.db, height, simtestutil.EmptyAppOptions{})
				require.EqualError(t, err, refusal, "an export reads before the upgrade")
			}
			interrupt(c)
			require.NoError(t, c.open(), "the upgrade is in the next block")
			c.block()
			require.Contains(t, c.committedStores(), vbanktypes.StoreKey)
			params, err := c.VBank.Params(c.NewContext(true))
			require.NoError(t, err)
			require.Equal(t, vbanktypes.DefaultParams(), params, "the module has its default genesis")
			require.NoError(t, c.open(), "once more")
			requireProofs(t, c, c.block())
			hashes = append(hashes, c.storeHash(vbanktypes.StoreKey))
		}
	}
	t.Run("at once", add(func(*testChain) {}))
	// The commit of the upgrade's block ended after the added store's.
	t.Run("after a crash", add(func(c *testChain) {
		require.NoError(c.t, clearStore(c.db, vbanktypes.StoreKey))
		key := storetypes.NewKVStoreKey(vbanktypes.StoreKey)
		ms := rootmulti.NewStore(c.db, log.NewNopLogger())
		ms.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
		require.NoError(c.t, ms.LoadLatestVersionAndUpgrade(&storetypes.StoreUpgrades{Added: []string{vbanktypes.StoreKey}}))
		store := ms.GetKVStore(key).(storetypes.CommitKVStore)
		store.Set([]byte("interrupted"), []byte("x"))
		store.Commit()
	}))
	require.Len(t, hashes, 2)
	require.Equal(t, hashes[0], hashes[1])
}

func TestAnUpgradeRenamesAndDeletesStores(t *testing.T) {
	c := newTestChain(t, nil)
	ofOtherStores(c, []string{vbanktypes.StoreKey}, []string{"bankOfOld", "useless"})
	buildFor(t, "next")
	require.EqualError(t, c.open(), `the chain's state at height 3 is of another release: it has a store "bankOfOld", which this build does not know: run the release that made it (docs/operating.md)`)
	releaseWith(t, []storetypes.StoreRename{{OldKey: "bankOfOld", NewKey: vbanktypes.StoreKey}}, []string{"useless"})
	require.NoError(t, c.open())
	c.block()
	stores := c.committedStores()
	require.Contains(t, stores, vbanktypes.StoreKey)
	require.NotContains(t, stores, "bankOfOld")
	require.NotContains(t, stores, "useless")
	ctx := c.NewContext(true)
	require.Equal(t, "of bankOfOld", string(ctx.KVStore(c.storeKeys()[vbanktypes.StoreKey]).Get([]byte("k"))))
	require.NoError(t, c.open(), "once more")
	requireProofs(t, c, c.block())
}

func TestAStoreIsDeletedOnlyByAnUpgrade(t *testing.T) {
	c := newTestChain(t, nil)
	ofOtherStores(c, nil, []string{"useless"})
	releaseWith(t, nil, []string{"useless"})
	require.EqualError(t, c.open(), `the chain's state at height 3 is of another release: it still has the store "useless": run the release that made it, until the network's upgrade (docs/operating.md)`)
	buildFor(t, "next")
	require.NoError(t, c.open())
	c.block()
	require.NotContains(t, c.committedStores(), "useless")
	require.NotEmpty(t, c.Bank.GetAllBalances(c.NewContext(true), testAddress))
}

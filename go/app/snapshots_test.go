package app

import (
	"testing"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	pruningtypes "github.com/cosmos/cosmos-sdk/store/v2/pruning/types"
	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	sdksnapshots "github.com/cosmos/cosmos-sdk/store/v2/snapshots"
	snapshottypes "github.com/cosmos/cosmos-sdk/store/v2/snapshots/types"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
)

// prunedChain is a chain's store, pruned every ten blocks to the last two, with
// snapshots as the app makes them, without the kernel's part. Each process
// opens it again.
type prunedChain struct {
	t     *testing.T
	db    dbm.DB
	store *rootmulti.Store
	*snapshots
	height int64
}

func newPrunedChain(t *testing.T) *prunedChain {
	c := &prunedChain{t: t, db: dbm.NewMemDB()}
	c.open(0)
	return c
}

// open starts a process that makes a snapshot at every interval; 0: none.
func (c *prunedChain) open(interval uint64) {
	c.store = rootmulti.NewStore(c.db, log.NewNopLogger())
	c.store.SetIAVLSyncPruning(true)
	c.store.SetPruning(pruningtypes.NewCustomPruningOptions(2, 10))
	c.store.MountStoreWithDB(storetypes.NewKVStoreKey("a"), storetypes.StoreTypeIAVL, nil)
	c.store.SetSnapshotInterval(interval)
	require.NoError(c.t, c.store.LoadLatestVersion())
	c.snapshots = &snapshots{store: c.store, interval: interval, manager: c.newManager(c.t.TempDir())}
}

func (c *prunedChain) newManager(dir string) *sdksnapshots.Manager {
	kept, err := sdksnapshots.NewStore(dbm.NewMemDB(), dir)
	require.NoError(c.t, err)
	return sdksnapshots.NewManager(kept, snapshottypes.NewSnapshotOptions(0, 0), c.store, nil, log.NewNopLogger())
}

// run commits blocks up to a height and makes the snapshots that are due.
func (c *prunedChain) run(to int64) {
	for c.height < to {
		c.height++
		c.store.GetKVStore(c.store.StoreKeysByName()["a"]).Set([]byte{byte(c.height)}, []byte{1})
		c.countPruning(c.height)
		require.Equal(c.t, c.height, c.store.Commit().Version)
		if c.interval != 0 && uint64(c.height)%c.interval == 0 {
			_, err := c.manager.Create(uint64(c.height))
			require.NoError(c.t, err)
		}
	}
}

// requireOldest requires that lower heights are pruned and this one is not.
func (c *prunedChain) requireOldest(height int64) {
	c.t.Helper()
	_, err := c.store.CacheMultiStoreWithVersion(height - 1)
	require.Error(c.t, err, "height %d is still there", height-1)
	_, err = c.store.CacheMultiStoreWithVersion(height)
	require.NoError(c.t, err)
}

func TestPruningGoesOnWhereSnapshotsAreSwitchedOnLater(t *testing.T) {
	c := newPrunedChain(t)
	c.run(37)
	c.open(10)
	c.run(40) // the first snapshot is at 40, not at 10
	c.requireOldest(38)
	c.run(70)
	c.requireOldest(68)
	c.open(10) // another process continues from the snapshot at 70
	c.run(90)
	c.requireOldest(88)
	c.open(25) // with another interval: the next snapshots are at 100, 125, …
	c.run(130)
	c.requireOldest(128)
}

func TestPruningGoesOnWhereTheFirstHeightIsALaterOne(t *testing.T) {
	c := newPrunedChain(t)
	c.open(10)
	require.NoError(t, c.store.SetInitialVersion(95))
	c.height = 94
	c.run(120)
	c.requireOldest(118)
}

func TestPruningGoesOnAfterAStateSync(t *testing.T) {
	maker := newPrunedChain(t)
	maker.open(10)
	maker.run(30)
	for _, interval := range []uint64{10, 7} {
		c := newPrunedChain(t)
		c.open(interval)
		restore(t, maker, c)
		c.height = 30
		c.run(60)
		c.requireOldest(58)
	}
}

// restore restores the maker's last snapshot.
func restore(t *testing.T, maker, taker *prunedChain) {
	t.Helper()
	all, err := maker.manager.List()
	require.NoError(t, err)
	last := all[0]
	require.NoError(t, taker.manager.Restore(*last))
	for i := range last.Chunks {
		chunk, err := maker.manager.LoadChunk(last.Height, last.Format, i)
		require.NoError(t, err)
		_, err = taker.manager.RestoreChunk(chunk)
		require.NoError(t, err)
	}
}

func TestASnapshotKeepsItsHeightUntilItIsMade(t *testing.T) {
	c := newPrunedChain(t)
	c.run(37)
	c.open(10)
	c.run(39)
	c.store.AnnounceSnapshotHeight(40)
	c.interval = 1000 // its snapshot is in progress
	c.run(60)
	_, err := c.store.CacheMultiStoreWithVersion(40)
	require.NoError(t, err)
	c.store.PruneSnapshotHeight(40)
	c.run(70)
	_, err = c.store.CacheMultiStoreWithVersion(40)
	require.Error(t, err)
}

package app

import (
	"fmt"
	"slices"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// Stores of earlier releases that this release has no more. An upgrade renames
// and deletes these, and adds every store that the chain lacks. It refuses a
// chain with any other store, because that store belongs to a module that this
// build lacks.
var (
	renamedStores []storetypes.StoreRename
	deletedStores []string
)

// storeLoader loads the chain's stores. If the next block is an upgrade of this
// build, it first makes the chain's stores this build's. The chain's state
// decides, not data/upgrade-info.json: a home that never ran the former release
// has no such file, for example after a state-sync.
func (app *App) storeLoader(db dbm.DB, mayUpgrade bool) baseapp.StoreLoader {
	return func(ms storetypes.CommitMultiStore) error {
		height := rootmulti.GetLatestVersion(db)
		if height == 0 {
			return ms.LoadLatestVersion()
		}
		committed, err := storesAt(ms, height)
		if err != nil {
			return err
		}
		changes, err := storeChanges(height, committed, app.stores.kv)
		if err != nil {
			return err
		}
		if changes == nil {
			return ms.LoadLatestVersion()
		}
		if next, err := app.upgradesAfter(db, height); err != nil || !mayUpgrade || !next {
			if err != nil {
				return err
			}
			return otherStores(height, changes)
		}
		app.Logger().Info("the upgrade changes the chain's stores", "height", height+1,
			"added", changes.Added, "renamed", changes.Renamed, "deleted", changes.Deleted)
		for _, name := range newStoreNames(changes) {
			if err := clearStore(db, name); err != nil {
				return fmt.Errorf("clear store %q: %w", name, err)
			}
		}
		return ms.LoadLatestVersionAndUpgrade(changes)
	}
}

// checkStores refuses a height at which the chain had other stores.
func (app *App) checkStores(height int64) error {
	committed, err := storesAt(app.CommitMultiStore(), height)
	if err != nil {
		return nil // LoadVersion says why the height cannot be loaded
	}
	changes, err := storeChanges(height, committed, app.stores.kv)
	if err != nil || changes == nil {
		return err
	}
	return otherStores(height, changes)
}

// otherRelease is the error for a chain's state that another release must
// continue.
type otherRelease string

// Error implements error.
func (e otherRelease) Error() string { return string(e) }

// storesAt returns the names of the stores that the chain committed at a
// height.
func storesAt(ms storetypes.CommitMultiStore, height int64) ([]string, error) {
	info, err := ms.(*rootmulti.Store).GetCommitInfo(height)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, store := range info.StoreInfos {
		names = append(names, store.Name)
	}
	return names, nil
}

// storeChanges returns what makes the committed stores this build's, nil if
// nothing is to be done.
func storeChanges(height int64, committed []string, ours map[string]*storetypes.KVStoreKey) (*storetypes.StoreUpgrades, error) {
	changes := &storetypes.StoreUpgrades{}
	for name := range ours {
		if !slices.Contains(committed, name) {
			changes.Added = append(changes.Added, name)
		}
	}
	slices.Sort(changes.Added)
	for _, name := range committed {
		if _, has := ours[name]; has {
			continue
		}
		to := slices.IndexFunc(renamedStores, func(rename storetypes.StoreRename) bool {
			return rename.OldKey == name && slices.Contains(changes.Added, rename.NewKey)
		})
		switch {
		case to >= 0:
			changes.Renamed = append(changes.Renamed, renamedStores[to])
			changes.Added = slices.DeleteFunc(changes.Added, func(added string) bool { return added == renamedStores[to].NewKey })
		case slices.Contains(deletedStores, name):
			changes.Deleted = append(changes.Deleted, name)
		default:
			return nil, otherRelease(fmt.Sprintf("the chain's state at height %d is of another release: it has a store %q, which this build does not know: run the release that made it (docs/operating.md)",
				height, name))
		}
	}
	if len(changes.Added)+len(changes.Renamed)+len(changes.Deleted) == 0 {
		return nil, nil
	}
	return changes, nil
}

// newStoreNames returns the names that the committed state does not have.
func newStoreNames(changes *storetypes.StoreUpgrades) []string {
	names := slices.Clone(changes.Added)
	for _, rename := range changes.Renamed {
		names = append(names, rename.NewKey)
	}
	return names
}

// otherStores is the error for a chain whose stores this build must not change
// now.
func otherStores(height int64, changes *storetypes.StoreUpgrades) error {
	what := "it lacks"
	var name string
	switch {
	case len(changes.Added) > 0:
		name = changes.Added[0]
	case len(changes.Renamed) > 0:
		name = changes.Renamed[0].NewKey
	default:
		what, name = "it still has", changes.Deleted[0]
	}
	return otherRelease(fmt.Sprintf("the chain's state at height %d is of another release: %s the store %q: run the release that made it, until the network's upgrade (docs/operating.md)",
		height, what, name))
}

// upgradesAfter is upgradesNext before the chain's stores are loaded: it reads
// x/upgrade's store alone.
func (app *App) upgradesAfter(db dbm.DB, height int64) (bool, error) {
	ms := rootmulti.NewStore(db, app.Logger())
	ms.MountStoreWithDB(app.stores.kv[upgradetypes.StoreKey], storetypes.StoreTypeIAVL, nil)
	if err := ms.LoadVersion(height); err != nil {
		return false, err
	}
	return app.upgradesNext(sdk.NewContext(ms, cmtproto.Header{Height: height}, false, app.Logger())), nil
}

// clearStore deletes what the database has of a store that the chain's state
// does not have: a commit of the upgrade's block that a crash interrupted, or a
// store of the same name that an earlier upgrade deleted. Left in place, it
// would become part of the new store on this node alone.
func clearStore(db dbm.DB, name string) error {
	// Source: storePrefix in store/v2/rootmulti.
	prefix := []byte("s/k:" + name + "/")
	batch := db.NewBatch()
	defer func() { _ = batch.Close() }()
	entries, err := db.Iterator(prefix, storetypes.PrefixEndBytes(prefix))
	if err != nil {
		return err
	}
	for ; entries.Valid(); entries.Next() {
		if err := batch.Delete(slices.Clone(entries.Key())); err != nil {
			_ = entries.Close()
			return err
		}
	}
	if err := entries.Close(); err != nil {
		return err
	}
	return batch.WriteSync()
}

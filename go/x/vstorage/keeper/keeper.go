// Package keeper holds the chain's storage: a tree of dot-separated paths,
// some of which have a string.
package keeper

import (
	"bytes"
	"context"
	"fmt"

	corestore "cosmossdk.io/core/store"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// A value in the store is NUL and the data, or the placeholder if only
// descendants have data. Data may be empty, which differs from the placeholder.
const dataPrefix = 0

var placeholder = []byte{0xff}

// Keeper reads and writes the storage. The store has a key for a path if and
// only if the path or a descendant has data. It is a value without state of
// its own; it may be used from any goroutine that may use the context.
type Keeper struct {
	store     corestore.KVStoreService
	transient corestore.TransientStoreService
}

// NewKeeper returns a keeper of the data in store. transient records the paths
// that the block changed.
func NewKeeper(store corestore.KVStoreService, transient corestore.TransientStoreService) Keeper {
	return Keeper{store: store, transient: transient}
}

// Get returns the data at path; found is false if there are none.
func (k Keeper) Get(ctx context.Context, path string) (value string, found bool, err error) {
	if err := types.ValidatePath(path); err != nil {
		return "", false, err
	}
	return getData(k.store.OpenKVStore(ctx), path)
}

// Has reports whether path has data.
func (k Keeper) Has(ctx context.Context, path string) (bool, error) {
	_, found, err := k.Get(ctx, path)
	return found, err
}

// HasEntry reports whether path or a descendant has data.
func (k Keeper) HasEntry(ctx context.Context, path string) (bool, error) {
	if err := types.ValidatePath(path); err != nil {
		return false, err
	}
	return k.store.OpenKVStore(ctx).Has(types.PathToKey(path))
}

// Children returns the names directly below path, in key order.
func (k Keeper) Children(ctx context.Context, path string) (children []string, err error) {
	if err := types.ValidatePath(path); err != nil {
		return nil, err
	}
	children = []string{}
	prefix := types.ChildrenPrefix(path)
	iterator, err := k.store.OpenKVStore(ctx).Iterator(prefix, storetypes.PrefixEndBytes(prefix))
	if err != nil {
		return nil, err
	}
	defer func() { err = closeIterator(iterator, err) }()
	for ; iterator.Valid(); iterator.Next() {
		children = append(children, string(iterator.Key()[len(prefix):]))
	}
	return children, nil
}

// Size returns the number of names directly below path.
func (k Keeper) Size(ctx context.Context, path string) (int, error) {
	children, err := k.Children(ctx, path)
	return len(children), err
}

// Entries returns the names directly below path with their data.
func (k Keeper) Entries(ctx context.Context, path string) ([]types.Entry, error) {
	children, err := k.Children(ctx, path)
	if err != nil {
		return nil, err
	}
	store := k.store.OpenKVStore(ctx)
	entries := make([]types.Entry, len(children))
	for i, child := range children {
		value, found, err := getData(store, joinPath(path, child))
		if err != nil {
			return nil, err
		}
		entries[i] = types.Entry{Key: child}
		if found {
			entries[i].Value = &value
		}
	}
	return entries, nil
}

// Values returns the data directly below path, nil for a name without data.
func (k Keeper) Values(ctx context.Context, path string) ([]*string, error) {
	entries, err := k.Entries(ctx, path)
	if err != nil {
		return nil, err
	}
	values := make([]*string, len(entries))
	for i, entry := range entries {
		values[i] = entry.Value
	}
	return values, nil
}

// SetWithoutNotify sets the data at a path, or deletes them if the entry has no
// value. It emits no event. It refuses data that the kernel could not read.
func (k Keeper) SetWithoutNotify(ctx context.Context, entry types.Entry) error {
	if err := entry.Validate(); err != nil {
		return vm.Refuse(err.Error()) // a vat's Append may come here
	}
	store := k.writable(ctx)
	if entry.Value == nil {
		return deleteData(store, entry.Key)
	}
	data := append([]byte{dataPrefix}, *entry.Value...)
	if err := store.Set(types.PathToKey(entry.Key), data); err != nil {
		return err
	}
	return addAncestors(store, entry.Key)
}

func getData(store corestore.KVStore, path string) (string, bool, error) {
	raw, err := store.Get(types.PathToKey(path))
	if err != nil || len(raw) == 0 || bytes.Equal(raw, placeholder) {
		return "", false, err
	}
	if raw[0] != dataPrefix {
		return "", false, fmt.Errorf("value at path %q starts with unexpected prefix", path)
	}
	return string(raw[1:]), true, nil
}

// addAncestors adds placeholders above path up to the first existing entry; all
// above that exist already.
func addAncestors(store corestore.KVStore, path string) error {
	for path != "" {
		path = types.ParentPath(path)
		key := types.PathToKey(path)
		has, err := store.Has(key)
		if err != nil || has {
			return err
		}
		if err := store.Set(key, placeholder); err != nil {
			return err
		}
	}
	return nil
}

// deleteData removes the data at path, and every placeholder at or above it
// that no descendant needs.
func deleteData(store corestore.KVStore, path string) error {
	children, err := hasChildren(store, path)
	if err != nil {
		return err
	}
	if children {
		return store.Set(types.PathToKey(path), placeholder)
	}
	if err := store.Delete(types.PathToKey(path)); err != nil {
		return err
	}
	for path != "" {
		path = types.ParentPath(path)
		if _, found, err := getData(store, path); err != nil || found {
			return err
		}
		if children, err := hasChildren(store, path); err != nil || children {
			return err
		}
		if err := store.Delete(types.PathToKey(path)); err != nil {
			return err
		}
	}
	return nil
}

func hasChildren(store corestore.KVStore, path string) (has bool, err error) {
	prefix := types.ChildrenPrefix(path)
	iterator, err := store.Iterator(prefix, storetypes.PrefixEndBytes(prefix))
	if err != nil {
		return false, err
	}
	defer func() { err = closeIterator(iterator, err) }()
	return iterator.Valid(), nil
}

func closeIterator(iterator corestore.Iterator, err error) error {
	if closing := iterator.Close(); err == nil {
		return closing
	}
	return err
}

func joinPath(path, child string) string {
	if path == "" {
		return child
	}
	return path + types.PathSeparator + child
}

package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	collcodec "cosmossdk.io/collections/codec"
	corestore "cosmossdk.io/core/store"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
)

// exportDataPrefix is the prefix of the export data's keys in the store.
var exportDataPrefix = []byte("swingStore.")

// exportDataMark is the first byte of their values, as in x/vstorage and the
// kernel's store. The tree cannot prove an empty value, nor the absence of a
// neighbour of one (ICS-23).
const exportDataMark = 0

// markedText encodes a text with the mark.
type markedText struct {
	collcodec.ValueCodec[string]
}

// Encode implements codec.ValueCodec.
func (markedText) Encode(text string) ([]byte, error) {
	return append([]byte{exportDataMark}, text...), nil
}

// Decode implements codec.ValueCodec.
func (markedText) Decode(raw []byte) (string, error) {
	if len(raw) == 0 || raw[0] != exportDataMark {
		return "", errors.New("a value of the swing-store's export data has no mark: it was written before the upgrade")
	}
	return string(raw[1:]), nil
}

func newExportData(schema *collections.SchemaBuilder) collections.Map[string, string] {
	return collections.NewMap(schema, collections.NewPrefix(exportDataPrefix), "export_data",
		collections.StringKey, collcodec.ValueCodec[string](markedText{collections.StringValue}))
}

// migrateBatch is the number of entries that a migration holds in memory.
const migrateBatch = 10_000

// Migrate1to2 adds the mark to the export data.
func (k *Keeper) Migrate1to2(ctx context.Context) error {
	store := k.store.OpenKVStore(ctx)
	for next := exportDataPrefix; next != nil; {
		entries, err := readBatch(store, next)
		if err != nil {
			return err
		}
		next = nil
		for _, e := range entries {
			if err := store.Set(e.key, append([]byte{exportDataMark}, e.value...)); err != nil {
				return fmt.Errorf("export data: %w", err)
			}
			next = append(append([]byte{}, e.key...), 0)
		}
	}
	return nil
}

type rawEntry struct{ key, value []byte }

// readBatch returns entries from a key on; none at the end.
func readBatch(store corestore.KVStore, from []byte) (entries []rawEntry, err error) {
	iterator, err := store.Iterator(from, storetypes.PrefixEndBytes(exportDataPrefix))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, iterator.Close()) }()
	for ; iterator.Valid() && len(entries) < migrateBatch; iterator.Next() {
		entries = append(entries, rawEntry{iterator.Key(), iterator.Value()})
	}
	return entries, nil
}

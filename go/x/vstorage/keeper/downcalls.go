package keeper

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// Downcalls returns the storage's downcalls. Each takes the arguments of the
// kernel's message of the same name, which its schema has checked. It returns
// the same JSON text as Agoric's chain, because the kernel compares texts when
// it replays a block.
func (k Keeper) Downcalls() vm.Downcalls {
	children := onPath(func(ctx context.Context, path string) (any, error) { return k.Children(ctx, path) })
	return vm.Downcalls{
		"vstorage.Get":         onPath(k.getOrNull),
		"vstorage.GetStoreKey": onPath(storeKey),
		"vstorage.Has":         onPath(func(ctx context.Context, path string) (any, error) { return k.Has(ctx, path) }),
		"vstorage.Children":    children,
		"vstorage.Keys":        children, // its former name
		"vstorage.Entries":     onPath(func(ctx context.Context, path string) (any, error) { return k.Entries(ctx, path) }),
		"vstorage.Values":      onPath(func(ctx context.Context, path string) (any, error) { return k.Values(ctx, path) }),
		"vstorage.Size":        onPath(k.sizeText),

		"vstorage.Set":              onEntries(func(ctx context.Context, e types.Entry) error { return k.Set(ctx, e) }),
		"vstorage.LegacySet":        onEntries(func(ctx context.Context, e types.Entry) error { return k.LegacySet(ctx, e) }),
		"vstorage.SetWithoutNotify": onEntries(func(ctx context.Context, e types.Entry) error { return k.SetWithoutNotify(ctx, e) }),
		"vstorage.Append":           onEntries(k.appendEntry),
	}
}

func (k Keeper) getOrNull(ctx context.Context, path string) (any, error) {
	value, found, err := k.Get(ctx, path)
	if err != nil || !found {
		return nil, err
	}
	return value, nil
}

func (k Keeper) sizeText(ctx context.Context, path string) (any, error) {
	size, err := k.Size(ctx, path)
	return json.RawMessage(strconv.Itoa(size)), err
}

func (k Keeper) appendEntry(ctx context.Context, entry types.Entry) error {
	return k.Append(ctx, entry.Key, *entry.Value)
}

// storeKey returns where in the chain's store a follower finds a path's data,
// to verify a proof of it. The path is valid. JSON loses bytes that are not
// text, which followers expect.
func storeKey(_ context.Context, path string) (any, error) {
	return struct {
		StoreName       string `json:"storeName"`
		StoreSubkey     string `json:"storeSubkey"`
		DataPrefixBytes string `json:"dataPrefixBytes"`
		NoDataValue     string `json:"noDataValue"`
	}{
		types.StoreKey, string(types.PathToKey(path)), string([]byte{dataPrefix}), string(placeholder),
	}, nil
}

// onPath returns a downcall with one path.
func onPath(answer func(ctx context.Context, path string) (any, error)) vm.Downcall {
	return func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
		var path string
		if err := json.Unmarshal(params[0], &path); err != nil {
			return nil, err
		}
		if err := types.ValidatePath(path); err != nil {
			return nil, vm.Refuse(err.Error())
		}
		result, err := answer(ctx, path)
		if err != nil {
			return nil, err
		}
		return vm.Marshal(result)
	}
}

// onEntries returns a downcall with any number of entries. It checks all of
// them before it writes the first.
func onEntries(write func(ctx context.Context, entry types.Entry) error) vm.Downcall {
	return func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
		entries := make([]types.Entry, len(params))
		for i, param := range params {
			if err := entries[i].UnmarshalJSON(param); err != nil {
				return nil, vm.Refuse(err.Error())
			}
			if err := entries[i].Validate(); err != nil {
				return nil, vm.Refuse(err.Error())
			}
		}
		for _, entry := range entries {
			if err := write(ctx, entry); err != nil {
				return nil, err
			}
		}
		return json.RawMessage("true"), nil
	}
}

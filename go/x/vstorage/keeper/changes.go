package keeper

import (
	"context"
	"encoding/json"
	"strconv"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// The transient store has a key for each path that the block changed, so that a
// failed transaction reverts its changes. The value is one of these bytes,
// followed by the data from before the block.
const (
	changeNew    = 0 // reported by the state_change event only
	changeLegacy = 1 // and by the legacy event
)

// Set is SetWithoutNotify with an event at the end of the block, if the data
// then differ from those before the block.
func (k Keeper) Set(ctx context.Context, entry types.Entry) error {
	return k.setAndNotify(ctx, entry, changeNew)
}

// LegacySet is Set with the legacy event too.
func (k Keeper) LegacySet(ctx context.Context, entry types.Entry) error {
	return k.setAndNotify(ctx, entry, changeLegacy)
}

func (k Keeper) setAndNotify(ctx context.Context, entry types.Entry, kind byte) error {
	before, _, err := k.Get(ctx, entry.Key)
	if err != nil {
		return err
	}
	changes := k.transient.OpenTransientStore(ctx)
	record, err := changes.Get([]byte(entry.Key))
	if err != nil {
		return err
	}
	if record == nil {
		record = append([]byte{kind}, before...)
	} else {
		record = append([]byte{max(kind, record[0])}, record[1:]...)
	}
	if err := changes.Set([]byte(entry.Key), record); err != nil {
		return err
	}
	return k.SetWithoutNotify(ctx, entry)
}

// EmitChanges emits the events of the paths that the block changed, in the
// order of the paths. It is called once, at the end of the block.
func (k Keeper) EmitChanges(ctx sdk.Context) (err error) {
	iterator, err := k.transient.OpenTransientStore(ctx).Iterator(nil, nil)
	if err != nil {
		return err
	}
	defer func() { err = closeIterator(iterator, err) }()
	for ; iterator.Valid(); iterator.Next() {
		path, record := string(iterator.Key()), iterator.Value()
		value, _, err := k.Get(ctx, path)
		if err != nil {
			return err
		}
		if value == string(record[1:]) {
			continue
		}
		if record[0] == changeLegacy {
			ctx.EventManager().EmitEvent(types.NewLegacyStorageEvent(path, value))
		}
		ctx.EventManager().EmitEvent(types.NewStateChangeEvent(path, value))
	}
	return nil
}

// StreamCell is the data at a path that is appended to: the values of the last
// block that appended. Off-chain followers parse its JSON.
type StreamCell struct {
	BlockHeight string   `json:"blockHeight"`
	Values      []string `json:"values"`
}

// Append adds a value to the stream cell at path. It replaces values of earlier
// blocks, and data that are not a stream cell.
func (k Keeper) Append(ctx context.Context, path, value string) error {
	data, _, err := k.Get(ctx, path)
	if err != nil {
		return err
	}
	height := strconv.FormatInt(sdk.UnwrapSDKContext(ctx).BlockHeight(), 10)
	var cell StreamCell
	if json.Unmarshal([]byte(data), &cell) != nil || cell.BlockHeight != height {
		cell = StreamCell{BlockHeight: height}
	}
	cell.Values = append(cell.Values, value)
	text, err := vm.Marshal(cell)
	if err != nil {
		return err
	}
	return k.Set(ctx, types.NewEntry(path, string(text)))
}

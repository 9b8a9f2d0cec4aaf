package keeper

import (
	"context"
	"encoding/json"
	"strconv"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// A path that the block changed is a key of the transient store, so that a
// failed transaction takes its changes back. Its value is one of these bytes
// and the data from before the block.
const (
	changeNew    = 0 // told of by the state_change event alone
	changeLegacy = 1 // and by the legacy event
)

// Set is SetWithoutNotify, and an event at the end of the block, if the data
// is then another than before the block.
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

// StreamCell is the data at a path that was appended to: the values of the
// last block that did. Off-chain followers parse its JSON.
type StreamCell struct {
	BlockHeight string   `json:"blockHeight"`
	Values      []string `json:"values"`
}

// Append adds a value to the stream cell at path. Values of earlier blocks,
// and data that is no stream cell, give way to it.
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

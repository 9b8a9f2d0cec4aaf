package keeper

import (
	"context"
	"encoding/json"

	"github.com/agd-bridge/agd-bridge/go/vm"
	vstoragetypes "github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// Downcalls returns x/swingset's downcalls: for the kernel's export data, and
// for its store inside the chain's.
func (k *Keeper) Downcalls() vm.Downcalls {
	calls := k.kernelStore.Downcalls()
	calls["swingset.SwingStoreUpdateExportData"] = k.updateExportData
	return calls
}

// updateExportData takes entries [key, value], or [key] to delete one.
func (k *Keeper) updateExportData(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
	entries := make([]vstoragetypes.Entry, len(params))
	for i, param := range params {
		if err := entries[i].UnmarshalJSON(param); err != nil {
			return nil, vm.Refuse(err.Error())
		}
	}
	for _, entry := range entries {
		var err error
		if entry.Value == nil {
			err = k.exportData.Remove(ctx, entry.Key)
		} else {
			err = k.exportData.Set(ctx, entry.Key, *entry.Value)
		}
		if err != nil {
			return nil, err
		}
	}
	return json.RawMessage("true"), nil
}

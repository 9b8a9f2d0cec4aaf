// Package types has the names, the state and the address hooks of x/vtransfer.
package types

import (
	"bytes"
	"encoding/json"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"

	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
)

const (
	// ModuleName names the module, and the kernel's port.
	ModuleName = "vtransfer"
	// StoreKey names the store of watched addresses and pending packets.
	StoreKey = ModuleName
	// MaxTargetBytes bounds a watched address; the module of transfers refuses
	// longer receivers.
	MaxTargetBytes = transfertypes.MaximumReceiverLength
)

// NewHeader returns the header of an event of this block for a watched address.
func NewHeader(ctx sdk.Context, event, target string) vibctypes.Header {
	header := vibctypes.NewHeader(ctx, event)
	header.Type, header.Target = "VTRANSFER_IBC_EVENT", target
	return header
}

// WriteAcknowledgement is the event writeAcknowledgement: the kernel writes the
// packet's acknowledgement.
type WriteAcknowledgement struct {
	vibctypes.Header
	Packet          vibctypes.Packet `json:"packet"`
	Acknowledgement []byte           `json:"acknowledgement"`
	Relayer         sdk.AccAddress   `json:"relayer"`
}

// Pending is what the module keeps of a packet, by its key.
type Pending struct {
	Key   string `json:"key"`
	Value []byte `json:"value"`
}

// GenesisState is the module's state.
type GenesisState struct {
	WatchedAddresses []string `json:"watched_addresses"`
	// OriginalData are the data of packets whose address is hooked.
	OriginalData []Pending `json:"original_data"`
	// Acknowledgements are those that the kernel has not written yet.
	Acknowledgements []Pending `json:"acknowledgements"`
}

// ParseGenesis reads a genesis. It refuses members that the state does not
// have, and empty values, which have no proof.
func ParseGenesis(text json.RawMessage) (state GenesisState, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&state); err != nil {
		return state, fmt.Errorf("%s: %w", ModuleName, err)
	}
	for i, address := range state.WatchedAddresses {
		if address == "" || len(address) > MaxTargetBytes {
			return state, fmt.Errorf("%s: watched_addresses[%d]: expected an address of at most %d bytes", ModuleName, i, MaxTargetBytes)
		}
	}
	for name, list := range map[string][]Pending{"original_data": state.OriginalData, "acknowledgements": state.Acknowledgements} {
		for i, pending := range list {
			if pending.Key == "" || len(pending.Value) == 0 {
				return state, fmt.Errorf("%s: %s[%d]: expected a key and a value", ModuleName, name, i)
			}
		}
	}
	return state, nil
}

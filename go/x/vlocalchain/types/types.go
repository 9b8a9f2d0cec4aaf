// Package types has the names and the state of x/vlocalchain.
package types

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"cosmossdk.io/core/address"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// ModuleName names the module, and the kernel's port.
	ModuleName = "vlocalchain"
	// StoreKey names the store of the last sequence.
	StoreKey = ModuleName
)

// AccountKeeper is the part of x/auth that the module uses.
type AccountKeeper interface {
	AddressCodec() address.Codec
	NewAccountWithAddress(ctx context.Context, address sdk.AccAddress) sdk.AccountI
	HasAccount(ctx context.Context, address sdk.AccAddress) bool
	SetAccount(ctx context.Context, account sdk.AccountI)
}

// MsgRouter finds the handler of a message.
type MsgRouter interface {
	Handler(msg sdk.Msg) baseapp.MsgServiceHandler
}

// QueryRouter finds the handler of a query.
type QueryRouter interface {
	Route(method string) baseapp.GRPCQueryHandler
}

// GenesisState is the module's state.
type GenesisState struct {
	// LastSequence counts the addresses that the module has derived.
	LastSequence uint64 `json:"last_sequence,string"`
}

// ParseGenesis reads a genesis. It refuses members that the state does not
// have.
func ParseGenesis(text json.RawMessage) (state GenesisState, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&state); err != nil {
		return state, fmt.Errorf("%s: %w", ModuleName, err)
	}
	return state, nil
}

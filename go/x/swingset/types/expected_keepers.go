package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	vstoragetypes "github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// BankKeeper is what the module needs of x/bank.
type BankKeeper interface {
	GetSupply(ctx context.Context, denom string) sdk.Coin
	HasBalance(ctx context.Context, address sdk.AccAddress, amount sdk.Coin) bool
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amount sdk.Coins) error
}

// AccountKeeper is what the module needs of x/auth.
type AccountKeeper interface {
	GetAccount(ctx context.Context, address sdk.AccAddress) sdk.AccountI
	NewAccountWithAddress(ctx context.Context, address sdk.AccAddress) sdk.AccountI
	SetAccount(ctx context.Context, account sdk.AccountI)
}

// StorageKeeper is what the module needs of x/vstorage.
type StorageKeeper interface {
	Get(ctx context.Context, path string) (value string, found bool, err error)
	HasEntry(ctx context.Context, path string) (bool, error)
	SetWithoutNotify(ctx context.Context, entry vstoragetypes.Entry) error
	LegacySet(ctx context.Context, entry vstoragetypes.Entry) error
	PushQueueItem(ctx context.Context, queuePath, item string) error
	QueueLength(ctx context.Context, queuePath string) (uint64, error)
}

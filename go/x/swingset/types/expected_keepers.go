package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// BankKeeper is what the module needs of x/bank.
type BankKeeper interface {
	GetSupply(ctx context.Context, denom string) sdk.Coin
}

// StorageKeeper is what the module needs of x/vstorage.
type StorageKeeper interface {
	HasEntry(ctx context.Context, path string) (bool, error)
	PushQueueItem(ctx context.Context, queuePath, item string) error
	QueueLength(ctx context.Context, queuePath string) (uint64, error)
}

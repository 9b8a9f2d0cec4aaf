package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// BankKeeper is what the module needs of x/bank.
type BankKeeper interface {
	GetSupply(ctx context.Context, denom string) sdk.Coin
}

// QueueKeeper is what the module needs of x/vstorage.
type QueueKeeper interface {
	PushQueueItem(ctx context.Context, queuePath, item string) error
	QueueLength(ctx context.Context, queuePath string) (uint64, error)
}

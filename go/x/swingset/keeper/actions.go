package keeper

import (
	"crypto/sha256"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// What the messages queue for the kernel: cosmic-swingset's
// src/launch-chain.js and the vats behind its bridge read it.

// actionHeader is in every action.
type actionHeader struct {
	Type        string `json:"type"`
	BlockHeight int64  `json:"blockHeight"`
	BlockTime   int64  `json:"blockTime"` // seconds since 1970
}

func headerOf(ctx sdk.Context, kind string) actionHeader {
	return actionHeader{Type: kind, BlockHeight: ctx.BlockHeight(), BlockTime: ctx.BlockTime().Unix()}
}

type walletAction struct {
	actionHeader
	Owner  string `json:"owner"`
	Action string `json:"action"`
}

type walletSpendAction struct {
	actionHeader
	Owner       string `json:"owner"`
	SpendAction string `json:"spendAction"`
}

// pushFromTx queues the action of the message that ctx handles.
func (k *Keeper) pushFromTx(ctx sdk.Context, urgent bool, action any) error {
	txHash := fmt.Sprintf("%X", sha256.Sum256(ctx.TxBytes()))
	if urgent {
		return k.PushHighPriorityAction(ctx, action, txHash, ctx.MsgIndex())
	}
	return k.PushAction(ctx, action, txHash, ctx.MsgIndex())
}

package keeper

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/internal/counters"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Admit decides whether a transaction's messages reach their handlers. The
// kernel's queues must have room for all of them, their signers must pay, and
// the kernel must be able to read each. Its charges stay even if a handler
// fails.
func (k *Keeper) Admit(ctx sdk.Context, msgs []sdk.Msg) error {
	actions := 0
	var last sdk.Msg
	for _, msg := range msgs {
		queues, err := k.queues(ctx, msg)
		if err != nil {
			return err
		}
		if queues {
			actions++
			last = msg
		}
	}
	if err := k.requireRoom(ctx, actions); err != nil {
		return refused(ctx, "inbound_not_allowed", last, err)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	for _, msg := range msgs {
		if err := k.charge(ctx, params, msg); err != nil {
			return refused(ctx, "admission_refused", msg, err)
		}
	}
	for _, msg := range msgs {
		if err := requireDeliverable(ctx, msg); err != nil {
			return refused(ctx, "admission_refused", msg, err)
		}
	}
	return nil
}

// refused counts a refusal, and returns its error. A simulation continues, so it
// is not refused.
func refused(ctx sdk.Context, what string, msg sdk.Msg, err error) error {
	if ctx.ExecMode() != sdk.ExecModeSimulate {
		counters.Refused(what, sdk.MsgTypeURL(msg))
	}
	return err
}

// queues reports whether a message needs room in the kernel's queues. Urgent
// messages do not.
func (k *Keeper) queues(ctx sdk.Context, msg sdk.Msg) (bool, error) {
	switch msg := msg.(type) {
	case *types.MsgWalletAction, *types.MsgProvision, *types.MsgInstallBundle, *types.MsgSendChunk, *types.MsgDeliverInbound:
		return true, nil
	case *types.MsgWalletSpendAction:
		urgent, err := k.IsHighPrioritySender(ctx, msg.Owner)
		return !urgent, err
	}
	return false, nil
}

// requireRoom fails if the inbound queues cannot take this many more actions.
// Transactions in the mempool may fill only half, so that the rest stays free
// for those that reach a block earlier.
func (k *Keeper) requireRoom(ctx sdk.Context, actions int) error {
	if actions == 0 {
		return nil
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	queued, err := k.queued(ctx)
	if err != nil {
		return err
	}
	most, _ := types.Size(params.QueueMax, types.QueueInbound)
	if ctx.IsCheckTx() {
		most /= 2
	}
	if queued+uint64(actions) > uint64(max(0, most)) {
		return errorsmod.Wrapf(sdkerrors.ErrMempoolIsFull, "the kernel has %d actions to do, of %d at most: no room for %d more", queued, max(0, most), actions)
	}
	return nil
}

package keeper

import (
	"crypto/sha256"
	"fmt"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// The actions that messages queue for the kernel. cosmic-swingset's
// src/launch-chain.js and the vats behind its bridge read them.

// actionHeader is part of every action.
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

func walletActionOf(ctx sdk.Context, msg *types.MsgWalletAction) walletAction {
	return walletAction{headerOf(ctx, "WALLET_ACTION"), msg.Owner.String(), msg.Action}
}

func walletSpendActionOf(ctx sdk.Context, msg *types.MsgWalletSpendAction) walletSpendAction {
	return walletSpendAction{headerOf(ctx, "WALLET_SPEND_ACTION"), msg.Owner.String(), msg.SpendAction}
}

// pushFromTx queues the action of the message that ctx handles.
func (k *Keeper) pushFromTx(ctx sdk.Context, urgent bool, action any) error {
	txHash := fmt.Sprintf("%X", sha256.Sum256(ctx.TxBytes()))
	if urgent {
		return k.PushHighPriorityAction(ctx, action, txHash, ctx.MsgIndex())
	}
	return k.PushAction(ctx, action, txHash, ctx.MsgIndex())
}

// PushTxAction queues an action of the message that ctx handles.
func (k *Keeper) PushTxAction(ctx sdk.Context, action any) error {
	return k.pushFromTx(ctx, false, action)
}

// MaxActionBytes bounds the bytes of an action for vats, quoted three times.
// The kernel quotes the action in the message to a vat, the vat may quote it in
// a message it sends, and the kernel quotes that in its export data, which
// reach the chain in one downcall. Half of vm.MaxTextBytes leaves room for two
// copies.
const MaxActionBytes = vm.MaxTextBytes / 2

const quotingsOfAction = 3

// recordOf returns the text of an action in the kernel's queue. It refuses an
// action that the kernel could not read or pass on.
func recordOf(ctx sdk.Context, action any, txHash string, msgIdx int) (string, error) {
	text, err := vm.Marshal(types.QueueRecord{
		Action:  action,
		Context: types.ActionContext{BlockHeight: ctx.BlockHeight(), TxHash: txHash, MsgIdx: msgIdx},
	})
	if err != nil {
		return "", err
	}
	record := string(text)
	if _, is := action.(installBundleAction); is {
		// No vat gets a bundle: the kernel reads it from its queue and keeps
		// it.
		if !vm.Quotable(record, 1, vm.MaxTextBytes) {
			return "", errorsmod.Wrapf(sdkerrors.ErrTxTooLarge,
				"the bundle is too large for the kernel: %d bytes as it reads it, of at most %d (maxTextBytes)",
				vm.QuotedBytes(record, 1), vm.MaxTextBytes)
		}
		return record, nil
	}
	if !vm.Quotable(record, quotingsOfAction, MaxActionBytes) {
		return "", errorsmod.Wrapf(sdkerrors.ErrTxTooLarge,
			"the action is too large for the kernel: %d bytes as it quotes it, of at most %d (maxActionBytes)",
			vm.QuotedBytes(record, quotingsOfAction), MaxActionBytes)
	}
	return record, nil
}

// requireDeliverable refuses a message whose action the kernel could not read,
// as the message's handler would. The action's block height and time are not
// known yet, but they matter only at the very limit. A bundle within
// MaxBundleSize can always be read.
func requireDeliverable(ctx sdk.Context, msg sdk.Msg) error {
	var action any
	switch msg := msg.(type) {
	case *types.MsgWalletAction:
		action = walletActionOf(ctx, msg)
	case *types.MsgWalletSpendAction:
		action = walletSpendActionOf(ctx, msg)
	case *types.MsgProvision:
		action = provisionAction{headerOf(ctx, "PLEASE_PROVISION"), msg, false}
	case *types.MsgDeliverInbound:
		action = deliverInboundOf(ctx, msg)
	default:
		return nil
	}
	_, err := recordOf(ctx, action, fmt.Sprintf("%X", sha256.Sum256(nil)), ctx.MsgIndex())
	return err
}

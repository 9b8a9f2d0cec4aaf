package keeper

import (
	"context"
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

type installBundleAction struct {
	actionHeader
	*types.MsgInstallBundle
}

// InstallBundle implements types.MsgServer. The kernel gets the bundle
// uncompressed.
func (s MsgServer) InstallBundle(goCtx context.Context, msg *types.MsgInstallBundle) (*types.MsgInstallBundleResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := s.admit(ctx, msg, false); err != nil {
		return nil, err
	}
	action, err := installBundleOf(ctx, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgInstallBundleResponse{}, s.keeper.pushFromTx(ctx, false, action)
}

// installBundleOf decompresses the bundle, which must match the message's size.
func installBundleOf(ctx sdk.Context, msg *types.MsgInstallBundle) (action installBundleAction, err error) {
	plain, err := msg.Uncompressed()
	if err != nil {
		return action, err
	}
	if !utf8.ValidString(plain.Bundle) {
		return action, errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "the bundle is not UTF-8")
	}
	if !types.IsBundle(plain.Bundle) {
		return action, errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "the bundle is not a JSON object")
	}
	return installBundleAction{headerOf(ctx, "INSTALL_BUNDLE"), plain}, nil
}

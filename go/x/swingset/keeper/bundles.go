package keeper

import (
	"context"

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
	plain, err := msg.Uncompressed()
	if err != nil {
		return nil, err
	}
	if !types.IsBundle(plain.Bundle) {
		return nil, errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "the bundle is not a JSON object")
	}
	action := installBundleAction{headerOf(ctx, "INSTALL_BUNDLE"), plain}
	return &types.MsgInstallBundleResponse{}, s.keeper.pushFromTx(ctx, false, action)
}

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
// uncompressed; one in chunks, when the last chunk has arrived.
func (s MsgServer) InstallBundle(goCtx context.Context, msg *types.MsgInstallBundle) (*types.MsgInstallBundleResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := s.admit(ctx, msg, false); err != nil {
		return nil, err
	}
	params, err := s.keeper.Params(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.ValidateBundle(msg); err != nil {
		return nil, err
	}
	if msg.ChunkedArtifact != nil {
		id, err := s.keeper.announce(ctx, msg)
		return &types.MsgInstallBundleResponse{ChunkedArtifactId: id}, err
	}
	return &types.MsgInstallBundleResponse{}, s.keeper.install(ctx, msg)
}

// install queues a bundle for the kernel.
func (k *Keeper) install(ctx sdk.Context, msg *types.MsgInstallBundle) error {
	action, err := installBundleOf(ctx, msg)
	if err != nil {
		return err
	}
	return k.pushFromTx(ctx, false, action)
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

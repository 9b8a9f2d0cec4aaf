package keeper

import (
	"context"
	"encoding/json"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Querier serves the module's queries.
type Querier struct{ keeper *Keeper }

var _ types.QueryServer = Querier{}

// NewQuerier returns the query server of a keeper.
func NewQuerier(keeper *Keeper) Querier { return Querier{keeper} }

// Params implements types.QueryServer.
func (q Querier) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.keeper.Params(ctx)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Egress implements types.QueryServer.
func (q Querier) Egress(ctx context.Context, req *types.QueryEgressRequest) (*types.QueryEgressResponse, error) {
	text, err := q.of(ctx, types.PathEgress, req.GetPeer())
	if err != nil {
		return nil, err
	}
	var egress types.Egress
	if err := json.Unmarshal([]byte(text), &egress); err != nil {
		return nil, status.Errorf(codes.Internal, "egress: %s", err)
	}
	return &types.QueryEgressResponse{Egress: &egress}, nil
}

// Mailbox implements types.QueryServer.
func (q Querier) Mailbox(ctx context.Context, req *types.QueryMailboxRequest) (*types.QueryMailboxResponse, error) {
	text, err := q.of(ctx, types.PathMailbox, req.GetPeer())
	if err != nil {
		return nil, err
	}
	return &types.QueryMailboxResponse{Value: text}, nil
}

// ChunkedArtifactStatus implements types.QueryServer.
func (q Querier) ChunkedArtifactStatus(ctx context.Context, req *types.QueryChunkedArtifactStatusRequest) (*types.QueryChunkedArtifactStatusResponse, error) {
	id := req.GetChunkedArtifactId()
	install, err := q.keeper.pending.installs.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, status.Errorf(codes.NotFound, "no pending chunked artifact with id %d; it may have expired or been finalized", id)
	}
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryChunkedArtifactStatusResponse{
		ChunkedArtifactId: id,
		ChunkedArtifact:   install.Message.ChunkedArtifact,
		StartTimeUnix:     install.StartTimeUnix,
		StartBlockHeight:  install.StartBlockHeight,
	}, nil
}

// of returns chain storage's data of an account below a path.
func (q Querier) of(ctx context.Context, path string, account sdk.AccAddress) (string, error) {
	if account.Empty() {
		return "", status.Error(codes.InvalidArgument, "the peer is empty")
	}
	text, found, err := q.keeper.storage.Get(ctx, path+"."+account.String())
	switch {
	case err != nil:
		return "", status.Error(codes.Internal, err.Error())
	case !found || text == "":
		return "", status.Errorf(codes.NotFound, "%s of %s not found", path, account)
	}
	return text, nil
}

package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// Querier serves the module's queries.
type Querier struct{ keeper Keeper }

var _ types.QueryServer = Querier{}

// NewQuerier returns the query server of a keeper.
func NewQuerier(keeper Keeper) Querier { return Querier{keeper} }

// Params implements types.QueryServer.
func (q Querier) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.keeper.Params(ctx)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// State implements types.QueryServer.
func (q Querier) State(ctx context.Context, _ *types.QueryStateRequest) (*types.QueryStateResponse, error) {
	state, err := q.keeper.State(ctx)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryStateResponse{State: state}, nil
}

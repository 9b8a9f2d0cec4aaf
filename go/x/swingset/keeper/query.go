package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Querier answers the module's queries.
type Querier struct{ keeper *Keeper }

var _ types.QueryServer = Querier{}

// NewQuerier makes the query server of a keeper.
func NewQuerier(keeper *Keeper) Querier { return Querier{keeper} }

// Params implements types.QueryServer.
func (q Querier) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.keeper.Params(ctx)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

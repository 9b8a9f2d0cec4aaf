package keeper

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/store/v2/prefix"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// Querier serves the module's queries.
type Querier struct{ keeper Keeper }

var _ types.QueryServer = Querier{}

// NewQuerier returns the query server of a keeper.
func NewQuerier(keeper Keeper) Querier { return Querier{keeper} }

// Data implements types.QueryServer. A path without data has the value "".
func (q Querier) Data(ctx context.Context, req *types.QueryDataRequest) (*types.QueryDataResponse, error) {
	if req == nil {
		return nil, status.Error(codes.InvalidArgument, "empty request")
	}
	if err := types.ValidatePath(req.Path); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	value, _, err := q.keeper.Get(ctx, req.Path)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryDataResponse{Value: value}, nil
}

// Children implements types.QueryServer. Without a page request it returns
// all children.
func (q Querier) Children(ctx context.Context, req *types.QueryChildrenRequest) (*types.QueryChildrenResponse, error) {
	if req == nil {
		return nil, status.Error(codes.InvalidArgument, "empty request")
	}
	if err := types.ValidatePath(req.Path); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	// An empty page request, as a command line without flags sends it, counts
	// as none.
	if req.Pagination.Size() == 0 {
		children, err := q.keeper.Children(ctx, req.Path)
		if err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
		return &types.QueryChildrenResponse{Children: children}, nil
	}
	store := runtime.KVStoreAdapter(q.keeper.store.OpenKVStore(ctx))
	children := []string{}
	page, err := query.Paginate(prefix.NewStore(store, types.ChildrenPrefix(req.Path)), req.Pagination,
		func(name, _ []byte) error {
			children = append(children, string(name))
			return nil
		})
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryChildrenResponse{Children: children, Pagination: page}, nil
}

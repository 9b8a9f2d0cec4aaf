package keeper

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

func TestQueryData(t *testing.T) {
	k, ctx := newKeeper(t)
	set(t, k, ctx, "a.b", "x")
	for path, want := range map[string]string{"a.b": "x", "a": "", "none": ""} {
		response, err := NewQuerier(k).Data(ctx, &types.QueryDataRequest{Path: path})
		require.NoError(t, err)
		require.Equal(t, want, response.Value)
	}
	_, err := NewQuerier(k).Data(ctx, &types.QueryDataRequest{Path: "a/b"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	require.ErrorContains(t, err, `path "a/b" contains invalid characters`)
}

func TestQueryChildren(t *testing.T) {
	k, ctx := newKeeper(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		set(t, k, ctx, "p."+name, "")
	}
	for i := range query.DefaultLimit + 1 {
		set(t, k, ctx, fmt.Sprintf("many.%d", i), "")
	}
	querier := NewQuerier(k)
	for _, none := range []*query.PageRequest{nil, {}} {
		all, err := querier.Children(ctx, &types.QueryChildrenRequest{Path: "many", Pagination: none})
		require.NoError(t, err)
		require.Len(t, all.Children, query.DefaultLimit+1)
		require.Nil(t, all.Pagination)
	}

	page, err := querier.Children(ctx, &types.QueryChildrenRequest{Path: "p", Pagination: &query.PageRequest{Limit: 3, CountTotal: true}})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, page.Children)
	require.EqualValues(t, 4, page.Pagination.Total)
	rest, err := querier.Children(ctx, &types.QueryChildrenRequest{Path: "p", Pagination: &query.PageRequest{Key: page.Pagination.NextKey}})
	require.NoError(t, err)
	require.Equal(t, []string{"d"}, rest.Children)

	_, err = querier.Children(ctx, &types.QueryChildrenRequest{Path: "p."})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

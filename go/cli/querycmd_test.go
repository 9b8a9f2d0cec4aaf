package cli

import (
	"bytes"
	"context"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
)

// busyClient is a node in the middle of a block: it has received one more than
// it has committed.
type busyClient struct {
	client.CometRPC
	committed int64
}

func (c busyClient) Status(context.Context) (*coretypes.ResultStatus, error) {
	return &coretypes.ResultStatus{SyncInfo: coretypes.SyncInfo{LatestBlockHeight: c.committed + 1}}, nil
}

func (c busyClient) ABCIInfo(context.Context) (*coretypes.ResultABCIInfo, error) {
	return &coretypes.ResultABCIInfo{Response: abci.ResponseInfo{LastBlockHeight: c.committed}}, nil
}

func (c busyClient) BlockResults(_ context.Context, height *int64) (*coretypes.ResultBlockResults, error) {
	return &coretypes.ResultBlockResults{Height: *height}, nil
}

func TestResultsOfABlockAreOfOneThatHasThem(t *testing.T) {
	setupSDK()
	results := func(committed int64, args ...string) (string, error) {
		var out bytes.Buffer
		ctx := client.Context{}.WithClient(busyClient{committed: committed}).WithOutput(&out)
		cmd, rest, err := queryCommand().Find(append([]string{"block-results"}, args...))
		require.NoError(t, err)
		root := &cobra.Command{Use: "agd", SilenceErrors: true, SilenceUsage: true}
		root.AddCommand(cmd)
		root.SetArgs(append([]string{"block-results"}, rest...))
		root.SetErr(&out)
		err = root.ExecuteContext(context.WithValue(t.Context(), client.ClientContextKey, &ctx))
		return out.String(), err
	}
	out, err := results(7)
	require.NoError(t, err)
	require.Contains(t, out, "\nheight: 7\n")
	require.NotContains(t, out, "Falling back")
	out, err = results(7, "3")
	require.NoError(t, err)
	require.Contains(t, out, "\nheight: 3\n")
	_, err = results(0)
	require.EqualError(t, err, "the chain's first block is not yet complete: wait until the node's log says \"ready\"")
}

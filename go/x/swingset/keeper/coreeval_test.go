package keeper

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

func TestCoreEvalsOfProposalsAreQueuedFirstAndApart(t *testing.T) {
	f := newFixture(t)
	proposal := &types.CoreEvalProposal{Title: "t", Description: "d", Evals: []types.CoreEval{{JsonPermits: "true", JsCode: "x => x"}}}
	require.NoError(t, f.CoreEval(f.ctx, proposal))
	require.NoError(t, f.CoreEval(f.ctx, proposal))
	for path, msgIdx := range map[string]string{"highPriorityQueue.0": "0", "highPriorityQueue.1": "1"} {
		value, _, err := f.vstorage.Get(f.ctx, path)
		require.NoError(t, err)
		require.Equal(t, `{"action":{"type":"CORE_EVAL","blockHeight":9,"blockTime":1000,"evals":[{"json_permits":"true","js_code":"x => x"}]},`+
			`"context":{"blockHeight":9,"txHash":"x/gov","msgIdx":`+msgIdx+`}}`, value)
	}
}

func TestCoreEvalsAreValidated(t *testing.T) {
	f := newFixture(t)
	for _, evals := range [][]types.CoreEval{
		nil, {{JsonPermits: "{", JsCode: "1"}}, {{JsonPermits: "", JsCode: "1"}}, {{JsonPermits: "{}", JsCode: " "}},
	} {
		err := f.CoreEval(f.ctx, &types.CoreEvalProposal{Title: "t", Description: "d", Evals: evals})
		require.ErrorIs(t, err, sdkerrors.ErrInvalidRequest)
	}
	require.Error(t, f.CoreEval(f.ctx, &types.CoreEvalProposal{Evals: []types.CoreEval{{JsonPermits: "{}", JsCode: "1"}}}))
	f.requireQueued(t, "highPriorityQueue")
}

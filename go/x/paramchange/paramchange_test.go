//go:build !next

package paramchange

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	"github.com/cosmos/cosmos-sdk/x/params/types/proposal"

	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// params are the parameters of both modules, in a variable instead of a store.
type params struct {
	swingset swingsettypes.Params
	vbank    vbanktypes.Params
}

func (p *params) change(changes ...proposal.ParamChange) error {
	cdc := moduletestutil.MakeTestEncodingConfig().Codec
	handler := NewHandler(map[string]Module{
		"swingset": Of(cdc,
			func(context.Context) (swingsettypes.Params, error) { return p.swingset, nil },
			func(_ context.Context, next swingsettypes.Params) error {
				p.swingset = next
				return next.Validate()
			}),
		"vbank": Of(cdc,
			func(context.Context) (vbanktypes.Params, error) { return p.vbank, nil },
			func(_ context.Context, next vbanktypes.Params) error {
				p.vbank = next
				return next.Validate()
			}),
	})
	return handler(sdk.Context{}, proposal.NewParameterChangeProposal("t", "d", changes))
}

func defaults() *params {
	return &params{swingsettypes.DefaultParams(), vbanktypes.DefaultParams()}
}

func TestChangesEveryKindOfParameterAndNoOther(t *testing.T) {
	p, want := defaults(), defaults()
	require.NoError(t, p.change(
		proposal.NewParamChange("vbank", "reward_epoch_duration_blocks", `"7"`),
		proposal.NewParamChange("swingset", "queue_max", `[{"key":"inbound","size":5}]`),
		proposal.NewParamChange("vbank", "per_epoch_reward_fraction", `"0.250000000000000000"`),
		proposal.NewParamChange("swingset", "fee_unit_price", `[{"denom":"uist","amount":"9"}]`),
		proposal.NewParamChange("vbank", "reward_epoch_duration_blocks", `"8"`),
		proposal.NewParamChange("vbank", "allowed_monitoring_accounts", `[]`),
	))
	want.vbank.RewardEpochDurationBlocks = 8 // the last one of two
	want.vbank.PerEpochRewardFraction = want.vbank.PerEpochRewardFraction.QuoInt64(4)
	want.vbank.AllowedMonitoringAccounts = nil
	want.swingset.QueueMax = []swingsettypes.QueueSize{{Key: "inbound", Size_: 5}}
	want.swingset.FeeUnitPrice = sdk.NewCoins(sdk.NewInt64Coin("uist", 9))
	require.True(t, want.vbank.Equal(&p.vbank), "%v", p.vbank)
	require.True(t, want.swingset.Equal(&p.swingset), "%v", p.swingset)
}

func TestChangesThatCannotBeMade(t *testing.T) {
	for want, change := range map[string]proposal.ParamChange{
		`"bank": unknown subspace`:                                            proposal.NewParamChange("bank", "x", `1`),
		`vbank: there is no "x": failed to set parameter`:                     proposal.NewParamChange("vbank", "x", `1`),
		`vbank: reward_smoothing_blocks: not JSON: x: failed to set`:          proposal.NewParamChange("vbank", "reward_smoothing_blocks", `x`),
		`vbank: reward_smoothing_blocks cannot be {"a":1,"b":2}: failed`:      proposal.NewParamChange("vbank", "reward_smoothing_blocks", `{"a":1,"b":2}`),
		`swingset: queue_max cannot be [{"x":1}]: failed to set`:              proposal.NewParamChange("swingset", "queue_max", `[{"x":1}]`),
		`vbank: reward_smoothing_blocks must not be negative: -1`:             proposal.NewParamChange("vbank", "reward_smoothing_blocks", `"-1"`),
		`vbank: reward_smoothing_blocks cannot be [1, 2]: failed`:             proposal.NewParamChange("vbank", "reward_smoothing_blocks", "[1,\n 2]"),
		`cannot be "` + strings.Repeat("x", 199) + `…: failed`:                proposal.NewParamChange("vbank", "reward_smoothing_blocks", `"`+strings.Repeat("x", 1<<20)+`"`),
		`swingset: fee_unit_price: ubld occurs twice`:                         proposal.NewParamChange("swingset", "fee_unit_price", `[{"denom":"ubld","amount":"1"},{"denom":"ubld","amount":"2"}]`),
		`swingset: bootstrap_vat_config must not be empty`:                    proposal.NewParamChange("swingset", "bootstrap_vat_config", `""`),
		`vbank: allowed_monitoring_accounts[0] must be "*" or an address: "x`: proposal.NewParamChange("vbank", "allowed_monitoring_accounts", `["x"]`),
	} {
		require.ErrorContains(t, defaults().change(change), want)
	}
	other := govv1beta1.NewTextProposal("t", "d")
	require.ErrorContains(t, NewHandler(nil)(sdk.Context{}, other), "not a change of parameters")
}

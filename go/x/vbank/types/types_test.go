package types

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

func TestGenesisValidate(t *testing.T) {
	require.NoError(t, DefaultGenesisState().Validate())
	for want, spoil := range map[string]func(*GenesisState){
		"vbank: params: reward_epoch_duration_blocks must not be negative: -1": func(gs *GenesisState) { gs.Params.RewardEpochDurationBlocks = -1 },
		"vbank: params: reward_smoothing_blocks must not be negative: -1":      func(gs *GenesisState) { gs.Params.RewardSmoothingBlocks = -1 },
		"vbank: params: per_epoch_reward_fraction must be from 0 to 1: 1.100000000000000000": func(gs *GenesisState) {
			gs.Params.PerEpochRewardFraction = math.LegacyNewDecWithPrec(11, 1)
		},
		"vbank: params: per_epoch_reward_fraction must be from 0 to 1: <nil>": func(gs *GenesisState) {
			gs.Params.PerEpochRewardFraction = math.LegacyDec{}
		},
		`vbank: params: allowed_monitoring_accounts[1] must be "*" or an address: "x"`: func(gs *GenesisState) {
			gs.Params.AllowedMonitoringAccounts = []string{"*", "x"}
		},
		"vbank: state: reward_pool: ": func(gs *GenesisState) {
			gs.State.RewardPool = sdk.Coins{{Denom: "ubld", Amount: math.NewInt(-1)}}
		},
	} {
		gs := DefaultGenesisState()
		spoil(gs)
		require.ErrorContains(t, gs.Validate(), want)
	}
}

func TestMonitors(t *testing.T) {
	require.True(t, Params{AllowedMonitoringAccounts: []string{"*"}}.Monitors("x"))
	require.True(t, Params{AllowedMonitoringAccounts: []string{"y", "x"}}.Monitors("x"))
	require.False(t, Params{AllowedMonitoringAccounts: []string{"y"}}.Monitors("x"))
	require.False(t, Params{}.Monitors("x"))
}

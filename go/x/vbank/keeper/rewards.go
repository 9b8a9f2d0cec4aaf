package keeper

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// distributeRewards pays this block's share of the reward pool to the reward
// distributor. The share is fixed at the start of an epoch: a fraction of the
// pool, spread evenly over the first blocks of the epoch.
func (k Keeper) distributeRewards(ctx sdk.Context) error {
	state, err := k.State(ctx)
	if err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	before := state
	age := ctx.BlockHeight() - state.LastRewardDistributionBlock
	if age >= params.RewardEpochDurationBlocks {
		age = 0
		state.LastRewardDistributionBlock = ctx.BlockHeight()
		state.RewardBlockAmount = blockShare(state.RewardPool, params)
	}
	if age < smoothingBlocks(params) {
		share := state.RewardBlockAmount.Min(state.RewardPool)
		if !share.IsZero() {
			if err := k.bank.SendCoinsFromModuleToModule(ctx, types.ModuleName, k.rewardDistributor, share); err != nil {
				return err
			}
			state.RewardPool = state.RewardPool.Sub(share...)
		}
	}
	if state.Equal(&before) {
		return nil
	}
	return k.setState(ctx, state)
}

// blockShare returns each block's share of the pool in the epoch that begins,
// rounded up, so that nothing remains after the last block.
func blockShare(pool sdk.Coins, params types.Params) sdk.Coins {
	blocks := math.NewInt(smoothingBlocks(params))
	share := sdk.NewCoins()
	for _, coin := range pool {
		amount := params.PerEpochRewardFraction.MulInt(coin.Amount).TruncateInt()
		if amount.IsPositive() {
			share = share.Add(sdk.NewCoin(coin.Denom, amount.SubRaw(1).Quo(blocks).AddRaw(1)))
		}
	}
	return share
}

// smoothingBlocks returns the number of blocks over which an epoch's rewards
// are spread.
func smoothingBlocks(params types.Params) int64 {
	if params.RewardSmoothingBlocks > 0 {
		return params.RewardSmoothingBlocks
	}
	return max(1, params.RewardEpochDurationBlocks)
}

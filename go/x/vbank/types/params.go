package types

import (
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// MonitorAll is the allowed monitoring account that stands for all accounts.
const MonitorAll = "*"

// DefaultParams reports every account's balance to the kernel, which suits a
// local chain, and distributes rewards at once.
func DefaultParams() Params {
	return Params{
		PerEpochRewardFraction:    math.LegacyOneDec(),
		RewardSmoothingBlocks:     1,
		AllowedMonitoringAccounts: []string{MonitorAll},
	}
}

// Validate returns a one-line error if the parameters are invalid.
func (p Params) Validate() error {
	switch fraction := p.PerEpochRewardFraction; {
	case p.RewardEpochDurationBlocks < 0:
		return fmt.Errorf("reward_epoch_duration_blocks must not be negative: %d", p.RewardEpochDurationBlocks)
	case p.RewardSmoothingBlocks < 0:
		return fmt.Errorf("reward_smoothing_blocks must not be negative: %d", p.RewardSmoothingBlocks)
	case fraction.IsNil() || fraction.IsNegative() || fraction.GT(math.LegacyOneDec()):
		return fmt.Errorf("per_epoch_reward_fraction must be from 0 to 1: %s", fraction)
	}
	for i, account := range p.AllowedMonitoringAccounts {
		if account == MonitorAll {
			continue
		}
		if _, err := sdk.AccAddressFromBech32(account); err != nil {
			return fmt.Errorf("allowed_monitoring_accounts[%d] must be \"*\" or an address: %q: %w", i, account, err)
		}
	}
	return nil
}

// Monitors reports whether the kernel gets the balances of an address.
func (p Params) Monitors(address string) bool {
	for _, allowed := range p.AllowedMonitoringAccounts {
		if allowed == MonitorAll || allowed == address {
			return true
		}
	}
	return false
}

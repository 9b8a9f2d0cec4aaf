package types

import "fmt"

// DefaultGenesisState returns the default parameters and an empty state.
func DefaultGenesisState() *GenesisState {
	return &GenesisState{Params: DefaultParams()}
}

// Validate returns a one-line error if the state is invalid.
func (gs *GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return fmt.Errorf("%s: params: %w", ModuleName, err)
	}
	if err := gs.State.RewardPool.Validate(); err != nil {
		return fmt.Errorf("%s: state: reward_pool: %w", ModuleName, err)
	}
	if err := gs.State.RewardBlockAmount.Validate(); err != nil {
		return fmt.Errorf("%s: state: reward_block_amount: %w", ModuleName, err)
	}
	return nil
}

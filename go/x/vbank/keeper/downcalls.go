package keeper

import (
	"context"
	"encoding/json"
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// Downcalls returns what the kernel may ask of the bank. Each takes the
// kernel's message without its type, which its schema has checked, and answers
// with the same JSON text as Agoric's chain.
func (k Keeper) Downcalls() vm.Downcalls {
	return vm.Downcalls{
		"vbank.GetBalance":              onMessage(k.getBalance),
		"vbank.GetModuleAccountAddress": onMessage(k.getModuleAccountAddress),
		"vbank.Grab":                    onMessage(k.grab),
		"vbank.Give":                    onMessage(k.give),
		"vbank.GiveToRewardDistributor": onMessage(k.giveToRewardDistributor),
	}
}

// message has the members of all the kernel's messages.
type message struct {
	Address    string `json:"address"`
	Recipient  string `json:"recipient"`
	Sender     string `json:"sender"`
	ModuleName string `json:"moduleName"`
	Denom      string `json:"denom"`
	Amount     string `json:"amount"`
}

// onMessage makes a downcall of one message. It is all or nothing: when it
// fails, it has moved no coins.
func onMessage(answer func(ctx sdk.Context, msg message) (any, error)) vm.Downcall {
	return func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
		var msg message
		if err := json.Unmarshal(params[0], &msg); err != nil {
			return nil, err
		}
		branch, write := sdk.UnwrapSDKContext(ctx).CacheContext()
		result, err := answer(branch, msg)
		if err != nil {
			return nil, err
		}
		text, err := vm.Marshal(result)
		if err != nil {
			return nil, err
		}
		write()
		return text, nil
	}
}

func (k Keeper) getBalance(ctx sdk.Context, msg message) (any, error) {
	account, err := k.parseAddress(msg.Address)
	if err != nil {
		return nil, err
	}
	if err := validateDenom(msg.Denom); err != nil {
		return nil, err
	}
	return k.bank.GetBalance(ctx, account, msg.Denom).Amount.String(), nil
}

func (k Keeper) getModuleAccountAddress(ctx sdk.Context, msg message) (any, error) {
	account := k.account.GetModuleAccount(ctx, msg.ModuleName)
	if account == nil {
		return nil, fmt.Errorf("module account %s not found", msg.ModuleName)
	}
	return k.account.AddressCodec().BytesToString(account.GetAddress())
}

// grab burns coins of the sender, for the kernel mints them in a purse.
func (k Keeper) grab(ctx sdk.Context, msg message) (any, error) {
	sender, err := k.parseAddress(msg.Sender)
	if err != nil {
		return nil, err
	}
	coins, err := parseCoins(msg)
	if err != nil {
		return nil, err
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, sender, types.ModuleName, coins); err != nil {
		return nil, fmt.Errorf("cannot grab %s coins: %w", coins, err)
	}
	if err := k.bank.BurnCoins(ctx, types.ModuleName, coins); err != nil {
		return nil, fmt.Errorf("cannot grab %s coins: %w", coins, err)
	}
	return k.newUpdate(ctx, []balance{k.balance(ctx, sender, msg.Sender, msg.Denom)})
}

// give mints coins for the recipient, for the kernel burnt them in a purse.
func (k Keeper) give(ctx sdk.Context, msg message) (any, error) {
	recipient, err := k.parseAddress(msg.Recipient)
	if err != nil {
		return nil, err
	}
	coins, err := parseCoins(msg)
	if err != nil {
		return nil, err
	}
	if err := k.bank.MintCoins(ctx, types.ModuleName, coins); err != nil {
		return nil, fmt.Errorf("cannot give %s coins: %w", coins, err)
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, recipient, coins); err != nil {
		return nil, fmt.Errorf("cannot give %s coins: %w", coins, err)
	}
	return k.newUpdate(ctx, []balance{k.balance(ctx, recipient, msg.Recipient, msg.Denom)})
}

// giveToRewardDistributor mints coins into the reward pool.
func (k Keeper) giveToRewardDistributor(ctx sdk.Context, msg message) (any, error) {
	coins, err := parseCoins(msg)
	if err != nil {
		return nil, err
	}
	if err := k.bank.MintCoins(ctx, types.ModuleName, coins); err != nil {
		return nil, fmt.Errorf("cannot store reward %s coins: %w", coins, err)
	}
	state, err := k.State(ctx)
	if err != nil {
		return nil, err
	}
	state.RewardPool = state.RewardPool.Add(coins...)
	return true, k.state.Set(ctx, state)
}

func (k Keeper) parseAddress(text string) (sdk.AccAddress, error) {
	address, err := k.account.AddressCodec().StringToBytes(text)
	if err != nil {
		return nil, fmt.Errorf("cannot convert %s to address: %w", text, err)
	}
	return address, nil
}

func parseCoins(msg message) (sdk.Coins, error) {
	if err := validateDenom(msg.Denom); err != nil {
		return nil, err
	}
	amount, ok := math.NewIntFromString(msg.Amount)
	if !ok {
		return nil, fmt.Errorf("cannot convert %s to int", msg.Amount)
	}
	return sdk.NewCoins(sdk.NewCoin(msg.Denom, amount)), nil
}

func validateDenom(denom string) error {
	if err := sdk.ValidateDenom(denom); err != nil {
		return fmt.Errorf("invalid denom %s: %w", denom, err)
	}
	return nil
}

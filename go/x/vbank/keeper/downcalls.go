package keeper

import (
	"context"
	"encoding/json"
	"errors"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// Downcalls returns the bank's downcalls. Each takes the kernel's message
// without its type, which its schema has checked, and returns the same JSON
// text as Agoric's chain.
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

// onMessage returns a downcall with one message. It is atomic: if it fails, no
// coins have moved. The kernel gets only errors that are Refusals.
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

func (k Keeper) getModuleAccountAddress(_ sdk.Context, msg message) (any, error) {
	address := k.account.GetModuleAddress(msg.ModuleName)
	if address == nil {
		return nil, vm.Refuse("module account " + vm.Echo(msg.ModuleName) + " not found")
	}
	return k.account.AddressCodec().BytesToString(address)
}

// grab burns coins of the sender, because the kernel mints them in a purse.
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
		return nil, refused("grab", coins, err)
	}
	if err := k.bank.BurnCoins(ctx, types.ModuleName, coins); err != nil {
		return nil, refused("grab", coins, err)
	}
	return k.newUpdate(ctx, []balance{k.balance(ctx, sender, msg.Sender, msg.Denom)})
}

// give mints coins for the recipient, because the kernel burnt them in a purse.
func (k Keeper) give(ctx sdk.Context, msg message) (any, error) {
	recipient, err := k.parseAddress(msg.Recipient)
	if err != nil {
		return nil, err
	}
	coins, err := parseCoins(msg)
	if err != nil {
		return nil, err
	}
	if err := k.mint(ctx, "give", coins); err != nil {
		return nil, err
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, recipient, coins); err != nil {
		return nil, refused("give", coins, err)
	}
	return k.newUpdate(ctx, []balance{k.balance(ctx, recipient, msg.Recipient, msg.Denom)})
}

// giveToRewardDistributor mints coins into the reward pool.
func (k Keeper) giveToRewardDistributor(ctx sdk.Context, msg message) (any, error) {
	coins, err := parseCoins(msg)
	if err != nil {
		return nil, err
	}
	if err := k.mint(ctx, "store reward", coins); err != nil {
		return nil, err
	}
	state, err := k.State(ctx)
	if err != nil {
		return nil, err
	}
	state.RewardPool = state.RewardPool.Add(coins...)
	return true, k.setState(ctx, state)
}

// mint mints coins if their supply has room; x/bank would panic otherwise.
func (k Keeper) mint(ctx sdk.Context, to string, coins sdk.Coins) error {
	for _, coin := range coins {
		if _, err := k.bank.GetSupply(ctx, coin.Denom).Amount.SafeAdd(coin.Amount); err != nil {
			return cannot(to, coins, "their supply would be 2^256 or more", err)
		}
	}
	if err := k.bank.MintCoins(ctx, types.ModuleName, coins); err != nil {
		return refused(to, coins, err)
	}
	return nil
}

// refused words an error of x/bank. The error's own text goes to the log only:
// it names the SDK's source files and so changes with the SDK's version. An
// error that x/bank did not register is returned unchanged, because it is not a
// refusal.
func refused(to string, coins sdk.Coins, err error) error {
	switch codespace, _, _ := errorsmod.ABCIInfo(err, false); {
	case errors.Is(err, sdkerrors.ErrInsufficientFunds):
		return cannot(to, coins, "insufficient funds", err)
	case errors.Is(err, sdkerrors.ErrUnauthorized):
		return cannot(to, coins, "the account may not receive coins", err)
	case codespace == errorsmod.UndefinedCodespace:
		return err
	}
	return cannot(to, coins, "the bank refuses", err)
}

func cannot(to string, coins sdk.Coins, why string, cause error) error {
	return &vm.Refusal{Text: "cannot " + to + " " + vm.Echo(coins.String()) + " coins: " + why, Cause: cause}
}

func (k Keeper) parseAddress(text string) (sdk.AccAddress, error) {
	address, err := k.account.AddressCodec().StringToBytes(text)
	if err != nil {
		return nil, &vm.Refusal{Text: "cannot convert " + vm.Echo(text) + " to address", Cause: err}
	}
	return address, nil
}

func parseCoins(msg message) (sdk.Coins, error) {
	if err := validateDenom(msg.Denom); err != nil {
		return nil, err
	}
	amount, ok := math.NewIntFromString(msg.Amount)
	if !ok {
		return nil, vm.Refuse("cannot convert " + vm.Echo(msg.Amount) + " to int")
	}
	return sdk.NewCoins(sdk.NewCoin(msg.Denom, amount)), nil
}

func validateDenom(denom string) error {
	if err := sdk.ValidateDenom(denom); err != nil {
		return &vm.Refusal{Text: "invalid denom " + vm.Echo(denom), Cause: err}
	}
	return nil
}

package keeper

import (
	"cmp"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// balanceUpdate is the kernel's VBANK_BALANCE_UPDATE (@agoric/vats
// src/vat-bank.js reads it).
type balanceUpdate struct {
	Type        string    `json:"type"`
	BlockHeight int64     `json:"blockHeight"`
	BlockTime   int64     `json:"blockTime"`
	Nonce       uint64    `json:"nonce"`
	Updated     []balance `json:"updated"`
}

type balance struct {
	Address string `json:"address"`
	Denom   string `json:"denom"`
	Amount  string `json:"amount"`
}

// maxUpdated bounds the balances of one action, so that the kernel can read it:
// an entry has less than 1 KiB, quotes included.
const maxUpdated = 10_000

// EndBlock distributes rewards. It then queues an action that reports the
// changed balances of monitored accounts to the kernel, or several actions if
// there are more than maxUpdated. The kernel learns what it moves later in the
// block from its downcalls' results.
func (k Keeper) EndBlock(ctx sdk.Context) error {
	if err := k.distributeRewards(ctx); err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	changed, err := k.changed(ctx)
	if err != nil {
		return err
	}
	var updated []balance
	for _, id := range changed {
		address, err := k.account.AddressCodec().BytesToString(id.address)
		if err != nil {
			return err
		}
		if params.Monitors(address) {
			updated = append(updated, k.balance(ctx, id.address, address, id.denom))
		}
	}
	// Agoric's chain has the same order: by the address as text.
	slices.SortFunc(updated, func(a, b balance) int {
		return cmp.Or(cmp.Compare(a.Address, b.Address), cmp.Compare(a.Denom, b.Denom))
	})
	i := 0
	for part := range slices.Chunk(updated, maxUpdated) {
		action, err := k.newUpdate(ctx, part)
		if err != nil {
			return err
		}
		if err := k.actions.PushAction(ctx, action, "x/vbank", i); err != nil {
			return err
		}
		i++
	}
	return nil
}

func (k Keeper) newUpdate(ctx sdk.Context, updated []balance) (balanceUpdate, error) {
	nonce, err := k.nextNonce(ctx)
	return balanceUpdate{
		Type:        "VBANK_BALANCE_UPDATE",
		BlockHeight: ctx.BlockHeight(),
		BlockTime:   ctx.BlockTime().Unix(),
		Nonce:       nonce,
		Updated:     updated,
	}, err
}

func (k Keeper) balance(ctx sdk.Context, account sdk.AccAddress, address, denom string) balance {
	return balance{Address: address, Denom: denom, Amount: k.bank.GetBalance(ctx, account, denom).Amount.String()}
}

package keeper

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

func moduleBalance(module, denom, amount string) balance {
	return balance{authtypes.NewModuleAddress(module).String(), denom, amount}
}

func TestUpdateTellsEveryWayInWhichABalanceChanges(t *testing.T) {
	mint := moduleBalance(minttypes.ModuleName, "ubld", "0")
	for name, test := range map[string]struct {
		change func(f *fixture) error
		want   []balance
	}{
		"send": {
			func(f *fixture) error { return f.bank.SendCoins(f.ctx, alice, bob, coins("ubld", 3)) },
			[]balance{{alice.String(), "ubld", "97"}, {bob.String(), "ubld", "3"}},
		},
		"send of two coins": {
			func(f *fixture) error {
				return f.bank.SendCoins(f.ctx, carol, bob, coins("ubld", 1).Add(coins("uist", 2)...))
			},
			[]balance{
				{bob.String(), "ubld", "1"}, {bob.String(), "uist", "2"},
				{carol.String(), "ubld", "99"}, {carol.String(), "uist", "98"},
			},
		},
		"send of everything deletes the balance": {
			func(f *fixture) error { return f.bank.SendCoins(f.ctx, alice, bob, coins("ubld", 100)) },
			[]balance{{alice.String(), "ubld", "0"}, {bob.String(), "ubld", "100"}},
		},
		"fee": {
			func(f *fixture) error {
				return f.bank.SendCoinsFromAccountToModule(f.ctx, alice, authtypes.FeeCollectorName, coins("ubld", 1))
			},
			[]balance{{alice.String(), "ubld", "99"}, moduleBalance(authtypes.FeeCollectorName, "ubld", "1")},
		},
		"mint": {
			func(f *fixture) error { return f.bank.MintCoins(f.ctx, types.ModuleName, coins("uist", 9)) },
			[]balance{moduleBalance(types.ModuleName, "uist", "9")},
		},
		"burn": {
			func(f *fixture) error {
				if err := f.bank.SendCoinsFromAccountToModule(f.ctx, alice, types.ModuleName, coins("ubld", 2)); err != nil {
					return err
				}
				return f.bank.BurnCoins(f.ctx, types.ModuleName, coins("ubld", 2))
			},
			[]balance{{alice.String(), "ubld", "98"}, moduleBalance(types.ModuleName, "ubld", "0")},
		},
		"between modules": {
			func(f *fixture) error {
				if err := f.bank.MintCoins(f.ctx, minttypes.ModuleName, coins("ubld", 4)); err != nil {
					return err
				}
				return f.bank.SendCoinsFromModuleToModule(f.ctx, minttypes.ModuleName, types.ReservePoolName, coins("ubld", 4))
			},
			[]balance{mint, moduleBalance(types.ReservePoolName, "ubld", "4")},
		},
		"delegate and undelegate": {
			func(f *fixture) error {
				if err := f.bank.DelegateCoinsFromAccountToModule(f.ctx, alice, stakingtypes.BondedPoolName, coins("ubld", 7)); err != nil {
					return err
				}
				return f.bank.UndelegateCoinsFromModuleToAccount(f.ctx, stakingtypes.BondedPoolName, alice, coins("ubld", 5))
			},
			[]balance{{alice.String(), "ubld", "98"}, moduleBalance(stakingtypes.BondedPoolName, "ubld", "2")},
		},
		"nothing": {func(*fixture) error { return nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.fund(t, alice, coins("ubld", 100))
			f.fund(t, carol, coins("ubld", 100).Add(coins("uist", 100)...))
			f.commit()
			require.NoError(t, test.change(f))
			require.ElementsMatch(t, test.want, f.update(t))
			f.commit()
			require.Empty(t, f.update(t), "the next block has no news")
		})
	}
}

func TestUpdateIsOrderedByAddressAndDenom(t *testing.T) {
	f := newFixture(t)
	f.commit()
	f.fund(t, carol, coins("uist", 1))
	f.fund(t, carol, coins("ubld", 1))
	f.fund(t, alice, coins("ubld", 1))
	f.fund(t, bob, coins("ubld", 1))
	updated := f.update(t)
	require.Len(t, updated, 6)
	for i, next := range updated[1:] {
		this := updated[i]
		require.True(t, this.Address < next.Address || this.Address == next.Address && this.Denom < next.Denom,
			"%v before %v", this, next)
	}
}

func TestVeryManyBalancesAreSeveralActions(t *testing.T) {
	f := newFixture(t)
	f.commit()
	require.NoError(t, f.bank.MintCoins(f.ctx, types.ModuleName, coins("ubld", maxUpdated)))
	for i := range maxUpdated {
		account := binary.BigEndian.AppendUint64(make([]byte, 12), uint64(i))
		require.NoError(t, f.bank.SendCoinsFromModuleToAccount(f.ctx, types.ModuleName, account, coins("ubld", 1)))
	}
	require.NoError(t, f.EndBlock(f.ctx))
	require.Len(t, f.actions, 2)
	require.Len(t, f.actions[0].Updated, maxUpdated)
	require.Len(t, f.actions[1].Updated, 1) // with the module's own
	require.Equal(t, f.actions[0].Nonce+1, f.actions[1].Nonce)
	require.Less(t, f.actions[0].Updated[maxUpdated-1].Address, f.actions[1].Updated[0].Address)
}

func TestFailedTransactionIsNotReported(t *testing.T) {
	f := newFixture(t)
	f.fund(t, alice, coins("ubld", 100))
	f.commit()
	failed, _ := f.ctx.CacheContext()
	require.NoError(t, f.bank.SendCoins(failed, alice, bob, coins("ubld", 1)))
	require.Empty(t, f.update(t))

	done, write := f.ctx.CacheContext()
	require.NoError(t, f.bank.SendCoins(done, alice, bob, coins("ubld", 1)))
	write()
	require.Len(t, f.update(t), 2)
}

func TestGenesisBalancesAreReportedInTheFirstBlock(t *testing.T) {
	f := newFixture(t)
	f.bank.InitGenesis(f.ctx, &banktypes.GenesisState{
		Params:   banktypes.DefaultParams(),
		Balances: []banktypes.Balance{{Address: alice.String(), Coins: coins("ubld", 12)}},
	})
	require.Equal(t, []balance{{alice.String(), "ubld", "12"}}, f.update(t))
}

func TestUpdateIsTheKernelsMessage(t *testing.T) {
	f := newFixture(t)
	f.fund(t, alice, coins("ubld", 1))
	f.update(t)
	f.commit()
	require.NoError(t, f.bank.SendCoins(f.ctx, alice, bob, coins("ubld", 1)))
	f.update(t)
	text, err := json.Marshal(f.actions[0])
	require.NoError(t, err)
	require.Equal(t, `{"type":"VBANK_BALANCE_UPDATE","blockHeight":6,"blockTime":1000,"nonce":2,"updated":[`+
		`{"address":"`+alice.String()+`","denom":"ubld","amount":"0"},`+
		`{"address":"`+bob.String()+`","denom":"ubld","amount":"1"}]}`, string(text))
}

package keeper

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/store/v2"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// fixture is the keeper on real stores with the SDK's own auth and bank.
type fixture struct {
	Keeper
	bank    bankkeeper.BaseKeeper
	plain   bankkeeper.BaseKeeper // the same bank without the recording
	stores  storetypes.CommitMultiStore
	ctx     sdk.Context // of block 5, at second 1000
	actions []balanceUpdate
}

var (
	alice = sdk.AccAddress("alice_______________")
	bob   = sdk.AccAddress("bob_________________")
	carol = sdk.AccAddress("carol_______________")
)

// PushAction implements types.ActionPusher.
func (f *fixture) PushAction(_ sdk.Context, action any, txHash string, msgIdx int) error {
	if txHash != "x/vbank" || msgIdx != len(f.actions) {
		return errors.New("unexpected origin")
	}
	f.actions = append(f.actions, action.(balanceUpdate))
	return nil
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, types.StoreKey)
	transient := storetypes.NewTransientStoreKeys(types.TransientStoreKey)
	cdc := moduletestutil.MakeTestEncodingConfig(auth.AppModuleBasic{}).Codec
	authority := authtypes.NewModuleAddress("gov").String()
	account := authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]),
		authtypes.ProtoBaseAccount, map[string][]string{
			types.ModuleName:            {authtypes.Minter, authtypes.Burner},
			types.ReservePoolName:       nil,
			minttypes.ModuleName:        {authtypes.Minter},
			authtypes.FeeCollectorName:  nil,
			stakingtypes.BondedPoolName: {authtypes.Staking},
		}, addresscodec.NewBech32Codec("cosmos"), "cosmos", authority)
	blocked := map[string]bool{authtypes.NewModuleAddress(minttypes.ModuleName).String(): true}
	newBank := func(store corestore.KVStoreService) bankkeeper.BaseKeeper {
		return bankkeeper.NewBaseKeeper(cdc, store, account, blocked, authority, log.NewNopLogger())
	}
	bankStore := runtime.NewKVStoreService(keys[banktypes.StoreKey])
	stores := newStores(t, keys, transient)
	f := &fixture{
		bank:   newBank(NewRecordingStoreService(bankStore, transient[types.TransientStoreKey])),
		plain:  newBank(bankStore),
		stores: stores,
		ctx: sdk.NewContext(stores, cmtproto.Header{}, false, log.NewNopLogger()).
			WithBlockHeight(5).WithBlockTime(time.Unix(1000, 0)),
	}
	f.Keeper = NewKeeper(cdc, runtime.NewKVStoreService(keys[types.StoreKey]), transient[types.TransientStoreKey],
		account, f.bank, f, authtypes.FeeCollectorName)
	require.NoError(t, f.InitGenesis(f.ctx, types.DefaultGenesisState()))
	return f
}

func newStores(t *testing.T, keys map[string]*storetypes.KVStoreKey, transient map[string]*storetypes.TransientStoreKey) storetypes.CommitMultiStore {
	t.Helper()
	stores := store.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger())
	for _, key := range keys {
		stores.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	for _, key := range transient {
		stores.MountStoreWithDB(key, storetypes.StoreTypeTransient, nil)
	}
	require.NoError(t, stores.LoadLatestVersion())
	return stores
}

func coins(denom string, amount int64) sdk.Coins {
	return sdk.NewCoins(sdk.NewInt64Coin(denom, amount))
}

// fund mints coins for an account.
func (f *fixture) fund(t *testing.T, account sdk.AccAddress, amount sdk.Coins) {
	t.Helper()
	require.NoError(t, f.bank.MintCoins(f.ctx, minttypes.ModuleName, amount))
	require.NoError(t, f.bank.SendCoinsFromModuleToAccount(f.ctx, minttypes.ModuleName, account, amount))
}

// commit ends the block and begins the next one.
func (f *fixture) commit() {
	f.stores.Commit()
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1)
	f.actions = nil
}

// update ends the block and returns the balances it reported.
func (f *fixture) update(t *testing.T) []balance {
	t.Helper()
	f.actions = nil
	require.NoError(t, f.EndBlock(f.ctx))
	if len(f.actions) == 0 {
		return nil
	}
	require.Len(t, f.actions, 1)
	return f.actions[0].Updated
}

func TestRecordingCostsNoGas(t *testing.T) {
	f := newFixture(t)
	// Amounts keep their number of digits: gas depends on it.
	f.fund(t, alice, coins("ubld", 50))
	f.fund(t, bob, coins("ubld", 50))
	f.commit()
	gas := func(bank bankkeeper.BaseKeeper) storetypes.Gas {
		ctx := f.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
		require.NoError(t, bank.SendCoins(ctx, alice, bob, coins("ubld", 1)))
		return ctx.GasMeter().GasConsumed()
	}
	require.Equal(t, gas(f.plain), gas(f.bank))
}

func TestMonitoredAccounts(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.AllowedMonitoringAccounts = []string{bob.String()}
	require.NoError(t, f.SetParams(f.ctx, params))
	f.fund(t, alice, coins("ubld", 100))
	f.commit()
	f.fund(t, alice, coins("ubld", 100))
	require.Empty(t, f.update(t))
	require.NoError(t, f.bank.SendCoins(f.ctx, alice, bob, coins("ubld", 1)))
	require.Equal(t, []balance{{bob.String(), "ubld", "1"}}, f.update(t))
}

func TestRewards(t *testing.T) {
	for name, test := range map[string]struct {
		epoch, smoothing int64
		fraction         string
		want             []int64 // what the fee collector has after each block
	}{
		"at once":        {0, 1, "1", []int64{10, 10, 10}},
		"over 3 blocks":  {5, 3, "1", []int64{4, 8, 10, 10}},
		"whole epoch":    {2, 0, "1", []int64{5, 10, 10}},
		"half per epoch": {2, 1, "0.5", []int64{5, 5, 7, 7}},
		"never":          {0, 1, "0", []int64{0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			params := types.DefaultParams()
			params.RewardEpochDurationBlocks, params.RewardSmoothingBlocks = test.epoch, test.smoothing
			params.PerEpochRewardFraction = math.LegacyMustNewDecFromStr(test.fraction)
			require.NoError(t, f.SetParams(f.ctx, params))
			_, err := f.call("GiveToRewardDistributor", `{"denom":"uist","amount":"10"}`)
			require.NoError(t, err)
			for _, want := range test.want {
				f.update(t)
				f.commit()
				got := f.bank.GetBalance(f.ctx, authtypes.NewModuleAddress(authtypes.FeeCollectorName), "uist")
				require.Equal(t, want, got.Amount.Int64())
			}
		})
	}
}

func TestGenesisRoundTrip(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.AllowedMonitoringAccounts = []string{alice.String(), bob.String()}
	params.RewardEpochDurationBlocks, params.RewardSmoothingBlocks = 7, 3
	require.NoError(t, f.SetParams(f.ctx, params))
	f.fund(t, alice, coins("ubld", 1))
	f.update(t)
	_, err := f.call("GiveToRewardDistributor", `{"denom":"uist","amount":"10"}`)
	require.NoError(t, err)
	exported, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, exported.State.LastSequence)
	require.Equal(t, "10uist", exported.State.RewardPool.String())

	other := newFixture(t)
	require.NoError(t, other.InitGenesis(other.ctx, exported))
	again, err := other.ExportGenesis(other.ctx)
	require.NoError(t, err)
	require.Equal(t, exported, again)
	other.fund(t, alice, coins("ubld", 1))
	other.update(t)
	require.EqualValues(t, 2, other.actions[0].Nonce, "nonces go on")

	exported.Params.RewardSmoothingBlocks = -1
	require.ErrorContains(t, other.InitGenesis(other.ctx, exported), "reward_smoothing_blocks")
}

func TestNoncesFollowOneAnotherInBlocksAndDowncalls(t *testing.T) {
	f := newFixture(t)
	var nonces []uint64
	give := func() {
		text, err := f.call("Give", `{"recipient":"`+alice.String()+`","denom":"uist","amount":"1"}`)
		require.NoError(t, err)
		var update balanceUpdate
		require.NoError(t, json.Unmarshal([]byte(text), &update))
		nonces = append(nonces, update.Nonce)
	}
	give()
	f.update(t)
	nonces = append(nonces, f.actions[0].Nonce)
	f.commit()
	f.update(t)
	require.Empty(t, f.actions)
	give()
	_, err := f.call("Give", `{"recipient":"x","denom":"uist","amount":"1"}`)
	require.Error(t, err)
	f.update(t)
	nonces = append(nonces, f.actions[0].Nonce)
	require.Equal(t, []uint64{1, 2, 3, 4}, nonces, "none is left out, not by an idle block, nor by a failure")
}

func TestQueries(t *testing.T) {
	f := newFixture(t)
	_, err := f.call("GiveToRewardDistributor", `{"denom":"uist","amount":"10"}`)
	require.NoError(t, err)
	querier := NewQuerier(f.Keeper)
	params, err := querier.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), params.Params)
	state, err := querier.State(f.ctx, &types.QueryStateRequest{})
	require.NoError(t, err)
	require.Equal(t, "10uist", state.State.RewardPool.String())
}

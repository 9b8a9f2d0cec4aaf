package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vstoragekeeper "github.com/agd-bridge/agd-bridge/go/x/vstorage/keeper"
	vstoragetypes "github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// fakeKernel is the kernel's end of a bridge. It records the block actions that
// it receives.
type fakeKernel struct {
	methods []string
	actions []string
	fail    map[string]error
	answer  map[string]string
}

func (f *fakeKernel) Notify(string, ...json.RawMessage) error { return nil }

func (f *fakeKernel) Call(_ context.Context, method string, params ...json.RawMessage) (json.RawMessage, error) {
	f.methods = append(f.methods, method)
	f.actions = append(f.actions, string(params[0]))
	if err := f.fail[method]; err != nil {
		return nil, err
	}
	if answer, is := f.answer[method]; is {
		return json.RawMessage(answer), nil
	}
	if method == vm.MethodInit {
		return json.RawMessage("true"), nil
	}
	return json.RawMessage("null"), nil
}

// forget returns the methods so far and clears the records.
func (f *fakeKernel) forget() []string {
	methods := f.methods
	f.methods, f.actions = nil, nil
	return methods
}

// fakeBank has issued 5 uist and holds the accounts' balances. It pays into
// module accounts.
type fakeBank map[string]sdk.Coins

func (fakeBank) GetSupply(_ context.Context, denom string) sdk.Coin {
	return sdk.NewInt64Coin(denom, 5)
}

func (b fakeBank) HasBalance(_ context.Context, address sdk.AccAddress, amount sdk.Coin) bool {
	return b[address.String()].AmountOf(amount.Denom).GTE(amount.Amount)
}

func (b fakeBank) SendCoinsFromAccountToModule(_ context.Context, from sdk.AccAddress, module string, amount sdk.Coins) error {
	rest, short := b[from.String()].SafeSub(amount...)
	if short {
		return sdkerrors.ErrInsufficientFunds
	}
	b[from.String()], b[module] = rest, b[module].Add(amount...)
	return nil
}

// fakeAccounts are the accounts that exist.
type fakeAccounts map[string]sdk.AccountI

func (a fakeAccounts) GetAccount(_ context.Context, address sdk.AccAddress) sdk.AccountI {
	return a[address.String()]
}

func (fakeAccounts) NewAccountWithAddress(_ context.Context, address sdk.AccAddress) sdk.AccountI {
	return authtypes.NewBaseAccountWithAddress(address)
}

func (a fakeAccounts) SetAccount(_ context.Context, account sdk.AccountI) {
	a[account.GetAddress().String()] = account
}

type fixture struct {
	*Keeper
	kernel   *fakeKernel
	vstorage vstoragekeeper.Keeper
	accounts fakeAccounts
	bank     fakeBank
	ctx      sdk.Context // of block 9, at second 1000
	restart  func()      // a new process on the same stores
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	keys := storetypes.NewKVStoreKeys(types.StoreKey, vstoragetypes.StoreKey)
	transient := storetypes.NewTransientStoreKeys(vstoragetypes.TransientStoreKey)
	f := &fixture{
		ctx: testutil.DefaultContextWithKeys(keys, transient, nil).
			WithChainID("agoriclocal").WithBlockHeight(9).WithBlockTime(time.Unix(1000, 999)),
		vstorage: vstoragekeeper.NewKeeper(runtime.NewKVStoreService(keys[vstoragetypes.StoreKey]),
			runtime.NewTransientStoreService(transient[vstoragetypes.TransientStoreKey])),
		accounts: fakeAccounts{},
		bank:     fakeBank{},
	}
	f.restart = func() {
		f.kernel = &fakeKernel{}
		f.Keeper = NewKeeper(moduletestutil.MakeTestEncodingConfig().Codec, runtime.NewKVStoreService(keys[types.StoreKey]),
			f.vstorage, f.accounts, f.bank, "collector", "gov", vm.NewController(f.kernel), types.DefaultKernelConfig())
	}
	sdk.GetConfig().SetBech32PrefixForAccount("agoric", "agoricpub")
	f.restart()
	require.NoError(t, f.InitGenesis(f.ctx, types.DefaultGenesisState()))
	return f
}

func TestBlocksOfANewChain(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.Bootstrap(f.ctx))
	for range 2 {
		require.NoError(t, f.BeginBlock(f.ctx))
		require.NoError(t, f.EndBlock(f.ctx))
		require.NoError(t, f.CommitBlock(f.ctx))
		require.NoError(t, f.AfterCommitBlock(f.ctx))
	}
	block := []string{vm.MethodBeginBlock, vm.MethodEndBlock, vm.MethodCommitBlock, vm.MethodAfterCommitBlock}
	require.Equal(t, append(append([]string{vm.MethodInit}, block...), block...), f.kernel.methods)
}

func TestActionsAreTheKernels(t *testing.T) {
	f := newFixture(t)
	params, err := json.Marshal(types.KernelParams(types.DefaultParams()))
	require.NoError(t, err)
	require.NoError(t, f.Bootstrap(f.ctx.WithBlockHeight(0)))
	require.NoError(t, f.BeginBlock(f.ctx))
	require.NoError(t, f.EndBlock(f.ctx))
	require.NoError(t, f.CommitBlock(f.ctx))
	require.Equal(t, []string{
		`{"blockHeight":1,"blockTime":1000,"chainID":"agoriclocal","isBootstrap":true,"params":` + string(params) +
			`,"resolvedConfig":{"maxVatsOnline":50,"vatSnapshotRetention":"operational","vatTranscriptRetention":"operational"}` +
			`,"supplyCoins":[{"denom":"uist","amount":"5"}]}`,
		`{"blockHeight":9,"blockTime":1000,"chainID":"agoriclocal","params":` + string(params) + `}`,
		`{"blockHeight":9,"blockTime":1000}`,
		`{"blockHeight":9,"blockTime":1000}`,
	}, f.kernel.actions)
}

func TestRestartedProcessStartsTheKernelWithItsFirstBlock(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.Bootstrap(f.ctx))
	f.restart()
	require.NoError(t, f.BeginBlock(f.ctx))
	require.Contains(t, f.kernel.actions[0], `"isBootstrap":false`)
	require.NotContains(t, f.kernel.actions[0], "upgradeDetails")
	require.Equal(t, []string{vm.MethodInit, vm.MethodBeginBlock}, f.kernel.forget())
	require.NoError(t, f.BeginBlock(f.ctx))
	require.Equal(t, []string{vm.MethodBeginBlock}, f.kernel.forget())
}

func TestUpgradeReachesTheKernel(t *testing.T) {
	f := newFixture(t)
	f.SetUpgradeDetails(types.UpgradeDetails{
		Plan:          upgradetypes.Plan{Name: "agoric-upgrade-99", Height: 9, Info: "{}"},
		CoreProposals: json.RawMessage(`{"steps":[]}`),
	})
	require.NoError(t, f.BeginBlock(f.ctx))
	require.Contains(t, f.kernel.actions[0], `"upgradeDetails":{"plan":{"name":"agoric-upgrade-99",`)
	require.Contains(t, f.kernel.actions[0], `"height":9,"info":"{}"},"coreProposals":{"steps":[]}}`)

	f.SetUpgradeDetails(types.UpgradeDetails{Plan: upgradetypes.Plan{Name: "next"}})
	require.EqualError(t, f.BeginBlock(f.ctx), `upgrade "next": the kernel runs already; an upgrade must begin in a new process`)
}

func TestFailedActionFailsTheBlock(t *testing.T) {
	f := newFixture(t)
	broken := errors.New("the kernel says no")
	f.kernel.fail = map[string]error{vm.MethodInit: broken}
	require.ErrorIs(t, f.Bootstrap(f.ctx), broken)
	require.ErrorIs(t, f.BeginBlock(f.ctx), broken, "not started yet")
	require.Equal(t, []string{vm.MethodInit, vm.MethodInit}, f.kernel.forget())

	f.kernel.fail = nil
	f.kernel.answer = map[string]string{vm.MethodInit: "false"}
	require.EqualError(t, f.Bootstrap(f.ctx), "swingset.Init: result: expected true")
	f.kernel.answer = nil

	for _, method := range []string{vm.MethodBeginBlock, vm.MethodEndBlock, vm.MethodCommitBlock, vm.MethodAfterCommitBlock} {
		f.kernel.fail = map[string]error{method: broken}
		run := map[string]func(sdk.Context) error{
			vm.MethodBeginBlock: f.BeginBlock, vm.MethodEndBlock: f.EndBlock,
			vm.MethodCommitBlock: f.CommitBlock, vm.MethodAfterCommitBlock: f.AfterCommitBlock,
		}[method]
		require.ErrorIs(t, run(f.ctx), broken, method)
	}
}

func TestPushedActionsAreOnTheKernelsQueues(t *testing.T) {
	f := newFixture(t)
	action := map[string]any{"type": "CORE_EVAL"}
	require.NoError(t, f.PushAction(f.ctx, action, "x/vbank", 0))
	require.NoError(t, f.PushHighPriorityAction(f.ctx, action, "AB12", 3))
	for path, want := range map[string]string{
		"actionQueue.0":       `{"action":{"type":"CORE_EVAL"},"context":{"blockHeight":9,"txHash":"x/vbank","msgIdx":0}}`,
		"actionQueue.tail":    "1",
		"highPriorityQueue.0": `{"action":{"type":"CORE_EVAL"},"context":{"blockHeight":9,"txHash":"AB12","msgIdx":3}}`,
	} {
		value, _, err := f.vstorage.Get(f.ctx, path)
		require.NoError(t, err)
		require.Equal(t, want, value)
	}
}

func TestBeginBlockTellsHowMuchTheQueuesMayStillTake(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.QueueMax[0].Size_ = 5
	require.NoError(t, f.SetParams(f.ctx, params))
	for _, want := range [][2]int32{{5, 2}, {4, 1}, {3, 0}, {2, 0}, {1, 0}, {0, 0}, {0, 0}} {
		require.NoError(t, f.BeginBlock(f.ctx))
		state, err := f.State(f.ctx)
		require.NoError(t, err)
		inbound, _ := types.Size(state.QueueAllowed, types.QueueInbound)
		mempool, _ := types.Size(state.QueueAllowed, types.QueueInboundMempool)
		require.Equal(t, want, [2]int32{inbound, mempool})
		require.NoError(t, f.PushAction(f.ctx, nil, "", 0))
	}
}

func TestExportDataIsInTheStoreAndTheGenesis(t *testing.T) {
	f := newFixture(t)
	const method = "swingset.SwingStoreUpdateExportData"
	call, err := vm.Checked(method, f.Downcalls()[method])
	require.NoError(t, err)
	update := func(params string) (json.RawMessage, error) {
		var raw []json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(params), &raw))
		return call(f.ctx, raw)
	}
	result, err := update(`[["kv.b","2"],["kv.a","1"],["gone","x"],["gone"],["never.was",null]]`)
	require.NoError(t, err)
	require.Equal(t, "true", string(result))
	_, err = update(`[["kv.c","3"],[]]`)
	require.EqualError(t, err, method+": params[1]: expected 1 to 2 elements")

	genesis, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Equal(t, []*types.SwingStoreExportDataEntry{
		{Key: "kv.a", Value: "1"}, {Key: "kv.b", Value: "2"},
	}, genesis.SwingStoreExportData)
	require.NoError(t, genesis.Validate())

	other := newFixture(t)
	require.NoError(t, other.InitGenesis(other.ctx, genesis))
	again, err := other.ExportGenesis(other.ctx)
	require.NoError(t, err)
	require.Equal(t, genesis, again)
	genesis.SwingStoreExportData, genesis.SwingStoreExportDataHash = nil, "sha256:00"
	require.ErrorIs(t, other.InitGenesis(other.ctx, genesis), errHash)
}

// changeStore writes to the kernel's part of the store, as the kernel does.
func (f *fixture) changeStore(t *testing.T, ctx sdk.Context, changes ...string) error {
	t.Helper()
	call, err := vm.Checked("kernelStore.Apply", f.Downcalls()["kernelStore.Apply"])
	require.NoError(t, err)
	params := make([]json.RawMessage, len(changes))
	for i, change := range changes {
		params[i] = json.RawMessage(change)
	}
	_, err = call(ctx, params)
	return err
}

func TestTheKernelStoreIsExportedAndIsNoneOfTheExportData(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.changeStore(t, f.ctx, `["b","2"]`, `["",""]`))
	genesis, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Equal(t, []*types.KernelStoreEntry{{}, {Key: "b", Value: "2"}}, genesis.KernelStore)
	require.Empty(t, genesis.SwingStoreExportData)
	other := newFixture(t)
	require.ErrorContains(t, other.InitGenesis(other.ctx, genesis), "remove kernelStore to boot the kernel anew")

	genesis.SwingStoreExportData = []*types.SwingStoreExportDataEntry{{Key: "kv.a", Value: "1"}}
	require.NoError(t, other.InitGenesis(other.ctx, genesis))
	again, err := other.ExportGenesis(other.ctx)
	require.NoError(t, err)
	require.Equal(t, genesis, again)
}

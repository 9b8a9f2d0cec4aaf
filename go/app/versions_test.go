package app

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// buildFor makes this the build of an x/upgrade plan.
func buildFor(t *testing.T, name string) {
	t.Helper()
	before := upgradeNames
	upgradeNames = name
	t.Cleanup(func() { upgradeNames = before })
}

// ofFormerRelease gives the chain the state that the previous release wrote.
// Export data have no mark, and one is empty. So is x/vbank's zero state. A
// coin was sent to vbank/reserve before its first use, and vbank/provision is
// still unused. An upgrade is due skew blocks after the next one.
func ofFormerRelease(c *testChain, skew int64) {
	c.change(func(ctx sdk.Context) {
		export := ctx.KVStore(c.storeKeys()[swingsettypes.StoreKey])
		export.Set([]byte("swingStore.kv.a"), []byte("1"))
		export.Set([]byte("swingStore.kv.empty"), []byte{})
		export.Set([]byte("swingStore.kv.marked"), []byte{0, 'x'})
		bank := ctx.KVStore(c.storeKeys()[vbanktypes.StoreKey])
		bank.Set([]byte("state"), []byte{})
		reserve := authtypes.NewModuleAddress(vbanktypes.ReservePoolName)
		plain := authtypes.NewBaseAccount(reserve, nil, c.Account.GetAccount(ctx, reserve).GetAccountNumber(), 4)
		c.Account.SetAccount(ctx, plain)
		c.Account.RemoveAccount(ctx, c.Account.GetAccount(ctx, authtypes.NewModuleAddress(vbanktypes.ProvisionPoolName)))
		require.NoError(c.t, c.Upgrade.SetModuleVersionMap(ctx, module.VersionMap{swingsettypes.ModuleName: 1, vbanktypes.ModuleName: 1}))
		require.NoError(c.t, c.Upgrade.ScheduleUpgrade(ctx, upgradetypes.Plan{Name: "next", Height: ctx.BlockHeight() + 1 + skew}))
	})
}

const refusedVersion = `the chain's state at height 3 is of another release: module "swingset" has version 1 there and 3 here: run the release that made it, until the network's upgrade (docs/operating.md)`

func TestAStateOfAnotherReleaseIsRefused(t *testing.T) {
	c := newTestChain(t, nil)
	ofFormerRelease(c, 0)
	require.EqualError(t, c.open(), refusedVersion, "a build that carries out no upgrade")
	buildFor(t, "other")
	require.EqualError(t, c.open(), refusedVersion, "a build for another plan")
	buildFor(t, "next")
	_, err := NewAt(log.NewNopLogger(), c.db, -1, simtestutil.EmptyAppOptions{})
	require.EqualError(t, err, refusedVersion, "an export reads before the upgrade")
	_, err = NewAt(log.NewNopLogger(), c.db, 2, simtestutil.EmptyAppOptions{})
	require.NoError(t, err, "a height of this release")
	require.NoError(t, c.open(), "the upgrade is in the next block")

	early := newTestChain(t, nil)
	ofFormerRelease(early, 1)
	require.EqualError(t, early.open(), refusedVersion, "the upgrade is not in the next block")
}

func TestAStateOfTheFormerReleaseUpgradesInPlace(t *testing.T) {
	c := newTestChain(t, nil)
	ofFormerRelease(c, 0)
	buildFor(t, "next")
	require.NoError(t, c.open())
	requireEntry := func(key, want string) {
		value, found, err := c.SwingSet.ExportDataEntry(c.NewContext(true), key)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, want, value)
	}
	// agd compares the two stores before the block that migrates this one.
	requireEntry("kv.a", "1")
	requireEntry("kv.empty", "")
	c.block()
	requireEntry("kv.a", "1")
	requireEntry("kv.empty", "")
	require.Contains(t, c.inits[len(c.inits)-1], `"upgradeDetails":{"plan":{"name":"next"`)
	ctx := c.NewContext(true)
	requireModuleAccounts(t, c, ctx)
	require.EqualValues(t, 4, c.Account.GetAccount(ctx, authtypes.NewModuleAddress(vbanktypes.ReservePoolName)).GetSequence())
	data, err := c.SwingSet.ExportData(ctx)
	require.NoError(t, err)
	require.Equal(t, []*swingsettypes.SwingStoreExportDataEntry{
		{Key: "kv.a", Value: "1"}, {Key: "kv.empty", Value: ""}, {Key: "kv.marked", Value: "\x00x"},
	}, data)
	versions, err := c.Upgrade.GetModuleVersionMap(ctx)
	require.NoError(t, err)
	require.Equal(t, c.Modules.GetVersionMap(), versions)
	require.NoError(t, c.open(), "once more")
	requireProofs(t, c, c.block())
}

func TestEveryEntryHasAProof(t *testing.T) {
	c := newTestChain(t, func(app *App, genesis map[string]json.RawMessage) {
		// x/vbank's state stays zero.
		genesis[vbanktypes.ModuleName] = json.RawMessage(`{"params":{"reward_epoch_duration_blocks":"1000","per_epoch_reward_fraction":"1.0"}}`)
	})
	c.during = func() {
		for _, call := range [][]string{
			{"swingset.SwingStoreUpdateExportData", `["kv.a","1"]`, `["kv.b",""]`, `["kv.c","3"]`, `["kv.gone","x"]`, `["kv.gone"]`},
			{"kernelStore.Apply", `["",""]`, `["a",""]`, `["b","2"]`},
			{"vstorage.Set", `["a.b.c",""]`, `["a.b.d","1"]`, `["e",""]`},
			{"vbank.GetBalance", `{"address":"` + testAddressText + `","denom":"uist"}`},
		} {
			_, err := c.call(call[0], call[1:]...)
			require.NoError(t, err)
		}
	}
	c.block()
	requireProofs(t, c, c.block())
}

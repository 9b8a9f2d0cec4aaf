package app

import (
	"context"
	"encoding/json"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// upgradeNames are the x/upgrade plans that this build carries out, separated
// by spaces. Governance chooses the names, so they are set at link time: `make
// build UPGRADES="NAME …"`.
var upgradeNames string

// setUpgradeHandlers makes this build carry out its upgrades: the module
// accounts are created, collected fees are moved, the modules migrate, and the kernel, which starts in
// the same block, gets the plan. It then evaluates the core proposals that the
// plan's info names: {"coreProposals": […]} (cosmic-swingset's
// src/launch-chain.js).
func (app *App) setUpgradeHandlers() {
	for _, name := range strings.Fields(upgradeNames) {
		app.Upgrade.SetUpgradeHandler(name, app.upgrade)
	}
}

func (app *App) upgrade(ctx context.Context, plan upgradetypes.Plan, from module.VersionMap) (module.VersionMap, error) {
	if !json.Valid([]byte(plan.Info)) {
		// For example, a URL for cosmovisor. The kernel accepts only JSON.
		plan.Info = ""
	}
	app.makeModuleAccounts(sdk.UnwrapSDKContext(ctx))
	if err := app.moveCollectedFees(sdk.UnwrapSDKContext(ctx)); err != nil {
		return nil, err
	}
	app.SwingSet.SetUpgradeDetails(swingsettypes.UpgradeDetails{Plan: plan})
	return app.Modules.RunMigrations(ctx, app.configurator, from)
}

// moveCollectedFees moves what is in the account from which earlier releases
// distributed rewards to the one from which this release does.
func (app *App) moveCollectedFees(ctx sdk.Context) error {
	collected := app.Bank.GetAllBalances(ctx, authtypes.NewModuleAddress(authtypes.FeeCollectorName))
	if collected.IsZero() {
		return nil
	}
	return app.Bank.SendCoinsFromModuleToModule(ctx, authtypes.FeeCollectorName, vbanktypes.GiveawayPoolName, collected)
}

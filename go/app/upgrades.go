package app

import (
	"context"
	"encoding/json"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// upgradeNames are the x/upgrade plans that this build carries out, separated
// by spaces. Governance chooses the names, so they are set at link time: `make
// build UPGRADES="NAME …"`.
var upgradeNames string

// setUpgradeHandlers makes this build carry out its upgrades: the module
// accounts are created, the modules migrate, and the kernel, which starts in
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
	app.SwingSet.SetUpgradeDetails(swingsettypes.UpgradeDetails{Plan: plan})
	return app.Modules.RunMigrations(ctx, app.configurator, from)
}

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

// upgradeNames are the plans of x/upgrade, separated by spaces, that this
// build carries out. Governance chooses the names, so whoever builds a release
// sets them, when linking: `make build UPGRADES="NAME …"`.
var upgradeNames string

// setUpgradeHandlers makes this build the successor at its upgrades: the
// module accounts are made, the modules migrate, and the kernel, which starts in the same block, learns of
// the plan. It then evaluates the core proposals that the plan's info names:
// {"coreProposals": […]} (cosmic-swingset's src/launch-chain.js).
func (app *App) setUpgradeHandlers() {
	for _, name := range strings.Fields(upgradeNames) {
		app.Upgrade.SetUpgradeHandler(name, app.upgrade)
	}
}

func (app *App) upgrade(ctx context.Context, plan upgradetypes.Plan, from module.VersionMap) (module.VersionMap, error) {
	if !json.Valid([]byte(plan.Info)) {
		// Such as an address for cosmovisor. The kernel takes nothing but JSON.
		plan.Info = ""
	}
	app.makeModuleAccounts(sdk.UnwrapSDKContext(ctx))
	app.SwingSet.SetUpgradeDetails(swingsettypes.UpgradeDetails{Plan: plan})
	return app.Modules.RunMigrations(ctx, app.configurator, from)
}

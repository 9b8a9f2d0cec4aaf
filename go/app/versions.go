package app

import (
	"fmt"
	"maps"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// checkVersions refuses a chain's state that modules of other versions wrote.
// This build would misread it, or continue with another app hash than the
// network. An upgrade migrates the state in the block that the plan names,
// which may be the next one.
func (app *App) checkVersions(mayUpgrade bool) error {
	height := app.LastBlockHeight()
	if height == 0 {
		return nil
	}
	ctx := app.NewContext(true).WithBlockHeight(height)
	stored, err := app.Upgrade.GetModuleVersionMap(ctx)
	if err != nil {
		return fmt.Errorf("chain store: %w", err)
	}
	ours := app.Modules.GetVersionMap()
	if maps.Equal(stored, ours) || mayUpgrade && app.upgradesNext(ctx) {
		return nil
	}
	all := maps.Clone(stored)
	maps.Copy(all, ours)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if stored[name] != ours[name] {
			return fmt.Errorf("the chain's state at height %d is of another release: module %q has version %d there and %d here: run the release that made it, until the network's upgrade (docs/operating.md)",
				height, name, stored[name], ours[name])
		}
	}
	return nil
}

// upgradesNext reports whether this build carries out an upgrade in the next
// block.
func (app *App) upgradesNext(ctx sdk.Context) bool {
	plan, err := app.Upgrade.GetUpgradePlan(ctx)
	next := ctx.BlockHeight() + 1
	return err == nil && plan.Height == next && app.Upgrade.HasHandler(plan.Name) && !app.Upgrade.IsSkipHeight(next)
}

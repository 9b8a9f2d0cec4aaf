package keeper

import (
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/internal/counters"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/kernelstore"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// supplyDenom is the coin whose supply INIT contains.
const supplyDenom = "uist"

// Bootstrap starts the kernel of a new chain. The app calls it at the end of
// InitChainer, when every module has its genesis. It runs the bootstrap vat,
// which may take a minute.
func (k *Keeper) Bootstrap(ctx sdk.Context) error {
	return k.Init(ctx, true)
}

// SetUpgradeDetails sets the upgrade that the chain makes in this block. An
// upgrade handler calls it; BeginBlock passes it to the kernel.
func (k *Keeper) SetUpgradeDetails(details types.UpgradeDetails) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.upgrade = &details
}

// Init starts the kernel. This must happen once per process, before any other
// action. The app need not call it: Bootstrap and BeginBlock do.
func (k *Keeper) Init(ctx sdk.Context, isBootstrap bool) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	k.mu.Lock()
	upgrade := k.upgrade
	k.mu.Unlock()
	_, err = k.blocks.BlockAction(ctx, vm.MethodInit, types.InitAction{
		// The height of the chain's first block, which bootstrap is part of,
		// instead of InitChain's 0. After a crash between the two commits of
		// that block, CometBFT repeats InitChain. The kernel recognises the
		// block by its height and must not run it again.
		BlockHeight:    max(1, ctx.BlockHeight()),
		BlockTime:      ctx.BlockTime().Unix(),
		ChainID:        ctx.ChainID(),
		IsBootstrap:    isBootstrap,
		Params:         types.KernelParams(params),
		ResolvedConfig: k.config,
		SupplyCoins:    sdk.NewCoins(k.bank.GetSupply(ctx, supplyDenom)),
		UpgradeDetails: upgrade,
	})
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.started, k.upgrade = true, nil
	return nil
}

// BeginBlock starts the kernel if this process has not done so, then begins the
// block. The block fails if the kernel does.
func (k *Keeper) BeginBlock(ctx sdk.Context) error {
	defer counters.Took(types.ModuleName, "begin_blocker", time.Now())
	k.mu.Lock()
	started, upgrade := k.started, k.upgrade
	k.mu.Unlock()
	switch {
	case !started:
		if err := k.Init(ctx, false); err != nil {
			return err
		}
	case upgrade != nil:
		return fmt.Errorf("upgrade %q: the kernel runs already; an upgrade must begin in a new process", upgrade.Plan.Name)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	_, err = k.blocks.BlockAction(ctx, vm.MethodBeginBlock, types.BeginBlockAction{
		BlockHeight: ctx.BlockHeight(),
		BlockTime:   ctx.BlockTime().Unix(),
		ChainID:     ctx.ChainID(),
		Params:      types.KernelParams(params),
	})
	if err != nil {
		return err
	}
	return k.updateQueueAllowed(ctx)
}

// EndBlock makes the kernel consume its queues, and forgets announced bundles
// whose chunks have not arrived in time. The block fails if the kernel does.
func (k *Keeper) EndBlock(ctx sdk.Context) error {
	defer counters.Took(types.ModuleName, "end_blocker", time.Now())
	if err := k.blockAction(ctx, vm.MethodEndBlock); err != nil {
		return err
	}
	return k.forgetExpired(ctx)
}

// CommitBlock makes the kernel commit its store. The app calls it before the
// chain's store commits; ctx is the block's. From here on the kernel can only
// read its store inside the chain's, because the app hash is already known.
func (k *Keeper) CommitBlock(ctx sdk.Context) error {
	defer counters.Took(types.ModuleName, "commit_blocker", time.Now())
	return k.blockAction(kernelstore.Seal(ctx), vm.MethodCommitBlock)
}

// AfterCommitBlock notifies the kernel that the chain's store has committed.
func (k *Keeper) AfterCommitBlock(ctx sdk.Context) error {
	return k.blockAction(kernelstore.Seal(ctx), vm.MethodAfterCommitBlock)
}

func (k *Keeper) blockAction(ctx sdk.Context, method string) error {
	_, err := k.blocks.BlockAction(ctx, method, types.BlockAction{
		BlockHeight: ctx.BlockHeight(),
		BlockTime:   ctx.BlockTime().Unix(),
	})
	return err
}

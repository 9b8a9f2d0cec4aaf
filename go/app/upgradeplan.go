package app

import (
	"context"
	"fmt"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/module"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	"github.com/cosmos/cosmos-sdk/x/upgrade"
	upgradekeeper "github.com/cosmos/cosmos-sdk/x/upgrade/keeper"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// maxPlanBytes bounds the bytes of a plan's name and info. The kernel gets the
// plan in its INIT, at each start in that block: a plan that it cannot read
// would stop the chain for good.
const maxPlanBytes = 1 << 20

func checkPlan(plan upgradetypes.Plan) error {
	if size := len(plan.Name) + len(plan.Info); size > maxPlanBytes {
		return errorsmod.Wrapf(sdkerrors.ErrInvalidRequest,
			"the plan's name and info are too large for the kernel: %d bytes, of at most %d (maxPlanBytes)", size, maxPlanBytes)
	}
	return nil
}

// upgradeModule is x/upgrade, except that it refuses plans that the kernel
// could not read.
type upgradeModule struct {
	upgrade.AppModule
	keeper *upgradekeeper.Keeper
}

// RegisterServices implements module.HasServices, as x/upgrade does it.
func (m upgradeModule) RegisterServices(cfg module.Configurator) {
	upgradetypes.RegisterMsgServer(cfg.MsgServer(), planServer{upgradekeeper.NewMsgServerImpl(m.keeper)})
	upgradetypes.RegisterQueryServer(cfg.QueryServer(), m.keeper)
	migrator := upgradekeeper.NewMigrator(m.keeper)
	if err := cfg.RegisterMigration(upgradetypes.ModuleName, 1, migrator.Migrate1to2); err != nil {
		panic(fmt.Sprintf("x/upgrade: %v", err))
	}
}

type planServer struct{ upgradetypes.MsgServer }

// SoftwareUpgrade implements upgradetypes.MsgServer.
func (s planServer) SoftwareUpgrade(ctx context.Context, msg *upgradetypes.MsgSoftwareUpgrade) (*upgradetypes.MsgSoftwareUpgradeResponse, error) {
	if err := checkPlan(msg.Plan); err != nil {
		return nil, err
	}
	return s.MsgServer.SoftwareUpgrade(ctx, msg)
}

// planDecorator refuses a proposal of such a plan before the vote.
type planDecorator struct{}

var _ sdk.AnteDecorator = planDecorator{}

// AnteHandle implements sdk.AnteDecorator.
func (planDecorator) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	for _, msg := range tx.GetMsgs() {
		proposal, is := msg.(*govv1.MsgSubmitProposal)
		if !is {
			continue
		}
		proposed, err := proposal.GetMsgs()
		if err != nil {
			return ctx, errorsmod.Wrap(sdkerrors.ErrTxDecode, err.Error())
		}
		for _, msg := range proposed {
			if upgrade, is := msg.(*upgradetypes.MsgSoftwareUpgrade); is {
				if err := checkPlan(upgrade.Plan); err != nil {
					return ctx, err
				}
			}
		}
	}
	return next(ctx, tx, simulate)
}

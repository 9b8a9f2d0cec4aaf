package app

import (
	"github.com/cosmos/cosmos-sdk/runtime"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"

	"github.com/agd-bridge/agd-bridge/go/x/swingset"
	swingsetkeeper "github.com/agd-bridge/agd-bridge/go/x/swingset/keeper"
	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vbankkeeper "github.com/agd-bridge/agd-bridge/go/x/vbank/keeper"
	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
	vlocalchainkeeper "github.com/agd-bridge/agd-bridge/go/x/vlocalchain/keeper"
	vlocalchaintypes "github.com/agd-bridge/agd-bridge/go/x/vlocalchain/types"
	vstoragekeeper "github.com/agd-bridge/agd-bridge/go/x/vstorage/keeper"
	vstoragetypes "github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// newKernelKeepers adds the keepers of the kernel's own modules, which depend
// on the standard ones.
func newKernelKeepers(k *Keepers, env keeperEnv, authority string) {
	k.VStorage = vstoragekeeper.NewKeeper(
		env.stores.service(vstoragetypes.StoreKey),
		runtime.NewTransientStoreService(env.stores.transient[vstoragetypes.TransientStoreKey]))
	k.SwingSet = swingsetkeeper.NewKeeper(env.Codec, env.stores.service(swingsettypes.StoreKey),
		k.VStorage, k.Account, k.Bank, vbanktypes.ReservePoolName, authority, env.blocks, env.kernelConfig)
	k.VBank = vbankkeeper.NewKeeper(env.Codec, env.stores.service(vbanktypes.StoreKey),
		env.stores.transient[vbanktypes.TransientStoreKey],
		k.Account, k.Bank, k.SwingSet, vbanktypes.GiveawayPoolName)
	k.VLocalchain = vlocalchainkeeper.NewKeeper(env.Codec, env.stores.service(vlocalchaintypes.StoreKey),
		env.base.MsgServiceRouter(), env.base.GRPCQueryRouter(), k.Account)
	k.Gov.SetLegacyRouter(routeParamProposals(govv1beta1.NewRouter().
		AddRoute(govtypes.RouterKey, govv1beta1.ProposalHandler).
		AddRoute(swingsettypes.ModuleName, swingset.NewProposalHandler(k.SwingSet)), k, env.Codec))
}

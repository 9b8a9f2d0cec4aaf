package app

import (
	"github.com/cosmos/cosmos-sdk/types/module"

	icahost "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host"
	icahostkeeper "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host/keeper"
	icahosttypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host/types"
	packetforward "github.com/cosmos/ibc-go/v11/modules/apps/packet-forward-middleware"
	packetforwardkeeper "github.com/cosmos/ibc-go/v11/modules/apps/packet-forward-middleware/keeper"
	packetforwardtypes "github.com/cosmos/ibc-go/v11/modules/apps/packet-forward-middleware/types"
	"github.com/cosmos/ibc-go/v11/modules/apps/transfer"
	transferkeeper "github.com/cosmos/ibc-go/v11/modules/apps/transfer/keeper"
	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"
	ibc "github.com/cosmos/ibc-go/v11/modules/core"
	porttypes "github.com/cosmos/ibc-go/v11/modules/core/05-port/types"
	ibcapi "github.com/cosmos/ibc-go/v11/modules/core/api"
	ibcexported "github.com/cosmos/ibc-go/v11/modules/core/exported"
	ibckeeper "github.com/cosmos/ibc-go/v11/modules/core/keeper"
	solomachine "github.com/cosmos/ibc-go/v11/modules/light-clients/06-solomachine"
	ibctm "github.com/cosmos/ibc-go/v11/modules/light-clients/07-tendermint"

	"github.com/agd-bridge/agd-bridge/go/x/vibc"
	vibckeeper "github.com/agd-bridge/agd-bridge/go/x/vibc/keeper"
	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
	"github.com/agd-bridge/agd-bridge/go/x/vtransfer"
	vtransferkeeper "github.com/agd-bridge/agd-bridge/go/x/vtransfer/keeper"
	vtransfertypes "github.com/agd-bridge/agd-bridge/go/x/vtransfer/types"
)

// newIBCKeepers adds the keepers of IBC and its applications, which depend on
// the standard ones and on the kernel's queue.
func newIBCKeepers(k *Keepers, env keeperEnv, authority string) {
	service := env.stores.service
	k.IBC = ibckeeper.NewKeeper(env.Codec, service(ibcexported.StoreKey), k.Upgrade, authority)
	k.Transfer = transferkeeper.NewKeeper(env.Codec, env.Address, service(transfertypes.StoreKey), k.IBC.ChannelKeeper,
		env.base.MsgServiceRouter(), k.Account, k.Bank, authority)
	k.VIBC = vibckeeper.NewKeeper(service(vibctypes.StoreKey), k.IBC.ChannelKeeper, k.IBC.PortKeeper, k.SwingSet)

	k.VTransfer = vtransferkeeper.NewKeeper(service(vtransfertypes.StoreKey), k.IBC.ChannelKeeper, k.SwingSet)
	k.PacketForward = packetforwardkeeper.NewKeeper(env.Codec, env.Address, service(packetforwardtypes.StoreKey),
		k.Transfer, k.IBC.ChannelKeeper, k.Bank, authority)
	k.ICAHost = icahostkeeper.NewKeeper(env.Codec, service(icahosttypes.StoreKey), k.IBC.ChannelKeeper,
		k.Account, env.base.MsgServiceRouter(), env.base.GRPCQueryRouter(), authority)

	k.IBC.SetRouter(ibcRoutes(map[string]porttypes.IBCModule{
		transfertypes.ModuleName:   transferStack(k),
		icahosttypes.SubModuleName: icahost.NewIBCModule(k.ICAHost),
	}, vibckeeper.NewIBCModule(k.VIBC)))
	// IBC's second version has no application here.
	k.IBC.SetRouterV2(ibcapi.NewRouter())

	clients := k.IBC.ClientKeeper
	tendermint, machine := lightClients(k)
	clients.AddRoute(ibctm.ModuleName, &tendermint)
	clients.AddRoute(solomachine.ModuleName, &machine)
}

// transferStack returns the module of transfers below its middleware, in the
// order of Agoric's chain: IBC, x/vtransfer, packet forwarding, transfers. So a
// forwarded packet is acknowledged through x/vtransfer.
func transferStack(k *Keepers) porttypes.IBCModule {
	return porttypes.NewIBCStackBuilder(k.IBC.ChannelKeeper).
		Base(transfer.NewIBCModule(k.Transfer)).
		Next(packetforward.NewIBCMiddleware(k.PacketForward, forwardRetries,
			packetforwardkeeper.DefaultForwardTransferPacketTimeoutTimestamp)).
		Next(vtransferkeeper.NewMiddleware(k.VTransfer)).
		Build()
}

// forwardRetries is how often a forwarded packet that has timed out is sent
// again, unless its memo says otherwise; as on Agoric's chain.
const forwardRetries = 0

func lightClients(k *Keepers) (ibctm.LightClientModule, solomachine.LightClientModule) {
	cdc, stores := k.IBC.Codec(), k.IBC.ClientKeeper.GetStoreProvider()
	return ibctm.NewLightClientModule(cdc, stores), solomachine.NewLightClientModule(cdc, stores)
}

// ibcRoutes routes each named port to its module, and every other port to the
// kernel, which refuses those that it has not bound.
//
// IBC first looks for a route with the port's name, then for the first route,
// by name, that is part of the port's name. So without more routes a port
// "my-transfer" would reach the module of transfers. The routes of one
// character come before each longer route that starts with it, and so before
// all others. Source: 05-port/keeper of ibc-go.
func ibcRoutes(modules map[string]porttypes.IBCModule, kernel porttypes.IBCModule) *porttypes.Router {
	router := porttypes.NewRouter()
	for port, module := range modules {
		router.AddRoute(port, module)
	}
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for _, character := range characters {
		router.AddRoute(string(character), kernel)
	}
	return router
}

// ibcModules returns the modules of IBC.
//
//lint:ignore SA1019 module.NewManager takes them
func ibcModules(k *Keepers) []module.AppModule {
	tendermint, machine := lightClients(k)
	//lint:ignore SA1019 as above
	return []module.AppModule{
		ibc.NewAppModule(k.IBC),
		ibctm.NewAppModule(tendermint),
		solomachine.NewAppModule(machine),
		transfer.NewAppModule(k.Transfer),
		packetforward.NewAppModule(k.PacketForward),
		newICAHostModule(k.ICAHost),
		vibc.NewAppModule(k.VIBC),
		vtransfer.NewAppModule(k.VTransfer),
	}
}

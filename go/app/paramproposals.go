//go:build !next

package app

import (
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	govclient "github.com/cosmos/cosmos-sdk/x/gov/client"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	paramsclient "github.com/cosmos/cosmos-sdk/x/params/client"
	paramproposal "github.com/cosmos/cosmos-sdk/x/params/types/proposal"

	"github.com/agd-bridge/agd-bridge/go/x/paramchange"
	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// registerParamProposals registers the types by which governance changes
// parameters: x/params' proposals, although the chain has no x/params.
func registerParamProposals(registry codectypes.InterfaceRegistry, amino *codec.LegacyAmino) {
	paramproposal.RegisterInterfaces(registry)
	paramproposal.RegisterLegacyAminoCodec(amino)
}

// routeParamProposals adds their handler to x/gov's router.
func routeParamProposals(router govv1beta1.Router, k *Keepers, cdc codec.Codec) govv1beta1.Router {
	return router.AddRoute(paramproposal.RouterKey, paramchange.NewHandler(map[string]paramchange.Module{
		swingsettypes.ModuleName: paramchange.Of(cdc, k.SwingSet.Params, k.SwingSet.SetParams),
		vbanktypes.ModuleName:    paramchange.Of(cdc, k.VBank.Params, k.VBank.SetParams),
	}))
}

// paramProposalCommands are the commands that submit them.
var paramProposalCommands = []govclient.ProposalHandler{paramsclient.ProposalHandler}

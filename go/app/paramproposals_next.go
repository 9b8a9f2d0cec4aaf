//go:build next

package app

import (
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	govclient "github.com/cosmos/cosmos-sdk/x/gov/client"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
)

// Cosmos SDK 0.55 has no x/params, and so no proposals that change parameters.
// A chain that has some in its state needs their types before it can use it.

func registerParamProposals(codectypes.InterfaceRegistry, *codec.LegacyAmino) {}

func routeParamProposals(router govv1beta1.Router, _ *Keepers, _ codec.Codec) govv1beta1.Router {
	return router
}

var paramProposalCommands []govclient.ProposalHandler

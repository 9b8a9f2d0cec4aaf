package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	ica "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts"
	genesistypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/genesis/types"
	hostkeeper "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host/keeper"
	hosttypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host/types"
	icatypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/types"
)

// icaHostModule is the module of interchain accounts without its controller:
// other chains have accounts here. Vats control accounts elsewhere through
// x/vibc.
type icaHostModule struct{ ica.AppModule }

func newICAHostModule(k *hostkeeper.Keeper) icaHostModule {
	return icaHostModule{ica.NewAppModule(nil, k)}
}

// RegisterInterfaces implements module.AppModuleBasic.
func (icaHostModule) RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	hosttypes.RegisterInterfaces(registry)
	icatypes.RegisterInterfaces(registry)
}

// RegisterGRPCGatewayRoutes implements module.AppModuleBasic.
func (icaHostModule) RegisterGRPCGatewayRoutes(ctx client.Context, mux *runtime.ServeMux) {
	if err := hosttypes.RegisterQueryHandlerClient(context.Background(), mux, hosttypes.NewQueryClient(ctx)); err != nil {
		panic(err)
	}
}

// GetTxCmd implements autocli.HasCustomTxCommand.
func (m icaHostModule) GetTxCmd() *cobra.Command { return hostOnly(m.AppModule.GetTxCmd()) }

// GetQueryCmd implements autocli.HasCustomQueryCommand.
func (m icaHostModule) GetQueryCmd() *cobra.Command { return hostOnly(m.AppModule.GetQueryCmd()) }

func hostOnly(cmd *cobra.Command) *cobra.Command {
	for _, sub := range slices.Clone(cmd.Commands()) {
		if sub.Name() != "host" {
			cmd.RemoveCommand(sub)
		}
	}
	return cmd
}

// ValidateGenesis implements module.HasGenesisBasics. The SDK would ignore the
// controller's accounts.
func (m icaHostModule) ValidateGenesis(cdc codec.JSONCodec, config client.TxEncodingConfig, text json.RawMessage) error {
	if err := m.AppModule.ValidateGenesis(cdc, config, text); err != nil {
		return fmt.Errorf("%s: %w", icatypes.ModuleName, err)
	}
	var state genesistypes.GenesisState
	if err := cdc.UnmarshalJSON(text, &state); err != nil {
		return fmt.Errorf("%s: %w", icatypes.ModuleName, err)
	}
	controller := state.ControllerGenesisState
	if len(controller.ActiveChannels)+len(controller.InterchainAccounts)+len(controller.Ports) > 0 {
		return fmt.Errorf("%s: controller_genesis_state: this build has no controller of interchain accounts: remove its channels, accounts and ports", icatypes.ModuleName)
	}
	return nil
}

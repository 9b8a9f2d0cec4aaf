// Package swingset is the module that drives the kernel through each block and
// covers its state with the app hash.
package swingset

import (
	"context"
	"encoding/json"
	"fmt"

	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/spf13/cobra"

	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/client/cli"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/keeper"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

var (
	_ appmodule.AppModule        = AppModule{}
	_ module.AppModuleBasic      = AppModule{}
	_ module.HasGenesis          = AppModule{}
	_ module.HasServices         = AppModule{}
	_ module.HasConsensusVersion = AppModule{}
	_ appmodule.HasBeginBlocker  = AppModule{}
	_ appmodule.HasEndBlocker    = AppModule{}
)

// AppModule implements the SDK's module interfaces.
type AppModule struct {
	cdc    codec.Codec
	keeper *keeper.Keeper
}

// NewAppModule returns the module of a keeper.
func NewAppModule(cdc codec.Codec, keeper *keeper.Keeper) AppModule {
	return AppModule{cdc: cdc, keeper: keeper}
}

// IsAppModule implements appmodule.AppModule.
func (AppModule) IsAppModule() {}

// IsOnePerModuleType implements depinject.OnePerModuleType.
func (AppModule) IsOnePerModuleType() {}

// Name implements module.HasName.
func (AppModule) Name() string { return types.ModuleName }

// RegisterLegacyAminoCodec implements module.AppModuleBasic.
func (AppModule) RegisterLegacyAminoCodec(amino *codec.LegacyAmino) {
	types.RegisterLegacyAminoCodec(amino)
}

// RegisterInterfaces implements module.AppModuleBasic.
func (AppModule) RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	types.RegisterInterfaces(registry)
}

// RegisterGRPCGatewayRoutes implements module.AppModuleBasic.
func (AppModule) RegisterGRPCGatewayRoutes(clientCtx client.Context, mux *gwruntime.ServeMux) {
	if err := types.RegisterQueryHandlerClient(context.Background(), mux, types.NewQueryClient(clientCtx)); err != nil {
		panic(err)
	}
}

// GetTxCmd implements autocli.HasCustomTxCommand.
func (AppModule) GetTxCmd() *cobra.Command { return cli.TxCommand() }

// GetQueryCmd implements autocli.HasCustomQueryCommand.
func (AppModule) GetQueryCmd() *cobra.Command { return cli.QueryCommand() }

// RegisterServices implements module.HasServices.
func (am AppModule) RegisterServices(cfg module.Configurator) {
	types.RegisterQueryServer(cfg.QueryServer(), keeper.NewQuerier(am.keeper))
	types.RegisterMsgServer(cfg.MsgServer(), keeper.NewMsgServer(am.keeper))
	for from, migrate := range map[uint64]func(context.Context) error{1: am.keeper.Migrate1to2, 2: am.keeper.Migrate2to3} {
		err := cfg.RegisterMigration(types.ModuleName, from, func(ctx sdk.Context) error { return migrate(ctx) })
		if err != nil {
			panic(err) // a bug in this program
		}
	}
}

// ConsensusVersion implements module.HasConsensusVersion. Since version 2 the
// values of the swing-store's export data have a mark; version 3 has bundles in
// chunks.
func (AppModule) ConsensusVersion() uint64 { return 3 }

// DefaultGenesis implements module.HasGenesisBasics.
func (AppModule) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	return cdc.MustMarshalJSON(types.DefaultGenesisState())
}

// ValidateGenesis implements module.HasGenesisBasics.
func (AppModule) ValidateGenesis(cdc codec.JSONCodec, _ client.TxEncodingConfig, bz json.RawMessage) error {
	var state types.GenesisState
	if err := cdc.UnmarshalJSON(bz, &state); err != nil {
		return fmt.Errorf("%s: %w", types.ModuleName, err)
	}
	return state.Validate()
}

// InitGenesis implements module.HasGenesis.
func (am AppModule) InitGenesis(ctx sdk.Context, cdc codec.JSONCodec, bz json.RawMessage) {
	var state types.GenesisState
	cdc.MustUnmarshalJSON(bz, &state)
	if err := am.keeper.InitGenesis(ctx, &state); err != nil {
		panic(err)
	}
}

// ExportGenesis implements module.HasGenesis.
func (am AppModule) ExportGenesis(ctx sdk.Context, cdc codec.JSONCodec) json.RawMessage {
	state, err := am.keeper.ExportGenesis(ctx)
	if err != nil {
		panic(err)
	}
	return cdc.MustMarshalJSON(state)
}

// BeginBlock begins the block in the kernel.
func (am AppModule) BeginBlock(ctx context.Context) error {
	return am.keeper.BeginBlock(sdk.UnwrapSDKContext(ctx))
}

// EndBlock makes the kernel consume its queues. It must run after every module
// that queues actions.
func (am AppModule) EndBlock(ctx context.Context) error {
	return am.keeper.EndBlock(sdk.UnwrapSDKContext(ctx))
}

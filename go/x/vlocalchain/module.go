// Package vlocalchain lets the kernel's vats have accounts on this chain and
// act with them: the bridge `vlocalchain`.
package vlocalchain

import (
	"encoding/json"

	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"

	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"

	"github.com/agd-bridge/agd-bridge/go/x/vlocalchain/keeper"
	"github.com/agd-bridge/agd-bridge/go/x/vlocalchain/types"
)

var (
	_ appmodule.AppModule        = AppModule{}
	_ module.AppModuleBasic      = AppModule{}
	_ module.HasGenesis          = AppModule{}
	_ module.HasConsensusVersion = AppModule{}
)

// AppModule implements the SDK's module interfaces.
type AppModule struct{ keeper *keeper.Keeper }

// NewAppModule returns the module of a keeper.
func NewAppModule(keeper *keeper.Keeper) AppModule { return AppModule{keeper} }

// IsAppModule implements appmodule.AppModule.
func (AppModule) IsAppModule() {}

// IsOnePerModuleType implements depinject.OnePerModuleType.
func (AppModule) IsOnePerModuleType() {}

// Name implements module.HasName.
func (AppModule) Name() string { return types.ModuleName }

// RegisterLegacyAminoCodec implements module.AppModuleBasic.
func (AppModule) RegisterLegacyAminoCodec(*codec.LegacyAmino) {}

// RegisterInterfaces implements module.AppModuleBasic.
func (AppModule) RegisterInterfaces(codectypes.InterfaceRegistry) {}

// RegisterGRPCGatewayRoutes implements module.AppModuleBasic.
func (AppModule) RegisterGRPCGatewayRoutes(client.Context, *gwruntime.ServeMux) {}

// ConsensusVersion implements module.HasConsensusVersion.
func (AppModule) ConsensusVersion() uint64 { return 1 }

// DefaultGenesis implements module.HasGenesisBasics.
func (AppModule) DefaultGenesis(codec.JSONCodec) json.RawMessage {
	return json.RawMessage(`{"last_sequence":"0"}`)
}

// ValidateGenesis implements module.HasGenesisBasics.
func (AppModule) ValidateGenesis(_ codec.JSONCodec, _ client.TxEncodingConfig, text json.RawMessage) error {
	_, err := types.ParseGenesis(text)
	return err
}

// InitGenesis implements module.HasGenesis.
func (am AppModule) InitGenesis(ctx sdk.Context, _ codec.JSONCodec, text json.RawMessage) {
	state, err := types.ParseGenesis(text)
	if err == nil {
		err = am.keeper.InitGenesis(ctx, state)
	}
	if err != nil {
		panic(err)
	}
}

// ExportGenesis implements module.HasGenesis.
func (am AppModule) ExportGenesis(ctx sdk.Context, _ codec.JSONCodec) json.RawMessage {
	last, err := am.keeper.LastSequence(ctx)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(types.GenesisState{LastSequence: last})
	if err != nil {
		panic(err)
	}
	return text
}

// Package portmodule implements the SDK's module interfaces for a module that is
// a port of the kernel: it has a genesis, and neither messages nor queries.
package portmodule

import (
	"context"
	"encoding/json"

	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"

	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
)

var (
	_ appmodule.AppModule        = Module[any]{}
	_ module.AppModuleBasic      = Module[any]{}
	_ module.HasGenesis          = Module[any]{}
	_ module.HasConsensusVersion = Module[any]{}
)

// Module is a module with a genesis of type State, which encoding/json writes.
type Module[State any] struct {
	ModuleName string
	Version    uint64
	// Default is the state of a new chain.
	Default string
	// Parse reads and checks a state.
	Parse  func(text json.RawMessage) (State, error)
	Import func(ctx context.Context, state State) error
	Export func(ctx context.Context) (State, error)
}

// IsAppModule implements appmodule.AppModule.
func (Module[State]) IsAppModule() {}

// IsOnePerModuleType implements depinject.OnePerModuleType.
func (Module[State]) IsOnePerModuleType() {}

// Name implements module.HasName.
func (m Module[State]) Name() string { return m.ModuleName }

// RegisterLegacyAminoCodec implements module.AppModuleBasic.
func (Module[State]) RegisterLegacyAminoCodec(*codec.LegacyAmino) {}

// RegisterInterfaces implements module.AppModuleBasic.
func (Module[State]) RegisterInterfaces(codectypes.InterfaceRegistry) {}

// RegisterGRPCGatewayRoutes implements module.AppModuleBasic.
func (Module[State]) RegisterGRPCGatewayRoutes(client.Context, *gwruntime.ServeMux) {}

// ConsensusVersion implements module.HasConsensusVersion.
func (m Module[State]) ConsensusVersion() uint64 { return m.Version }

// DefaultGenesis implements module.HasGenesisBasics.
func (m Module[State]) DefaultGenesis(codec.JSONCodec) json.RawMessage {
	return json.RawMessage(m.Default)
}

// ValidateGenesis implements module.HasGenesisBasics.
func (m Module[State]) ValidateGenesis(_ codec.JSONCodec, _ client.TxEncodingConfig, text json.RawMessage) error {
	_, err := m.Parse(text)
	return err
}

// InitGenesis implements module.HasGenesis.
func (m Module[State]) InitGenesis(ctx sdk.Context, _ codec.JSONCodec, text json.RawMessage) {
	state, err := m.Parse(text)
	if err == nil {
		err = m.Import(ctx, state)
	}
	if err != nil {
		panic(err)
	}
}

// ExportGenesis implements module.HasGenesis.
func (m Module[State]) ExportGenesis(ctx sdk.Context, _ codec.JSONCodec) json.RawMessage {
	state, err := m.Export(ctx)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(state)
	if err != nil {
		panic(err)
	}
	return text
}

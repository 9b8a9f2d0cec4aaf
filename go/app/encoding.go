package app

import (
	"fmt"

	"cosmossdk.io/core/address"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/std"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"
	"github.com/cosmos/gogoproto/proto"
)

// Encoding is how the chain's types are written: protobuf, JSON, addresses.
type Encoding struct {
	Registry codectypes.InterfaceRegistry
	Codec    codec.Codec
	Amino    *codec.LegacyAmino
	TxConfig client.TxConfig

	Address          address.Codec
	ValidatorAddress runtime.ValidatorAddressCodec
	ConsensusAddress runtime.ConsensusAddressCodec
}

// NewEncoding makes the encoding for the chain's prefixes. Modules register
// their types in it.
func NewEncoding() (Encoding, error) {
	accounts := addresscodec.NewBech32Codec(AccountPrefix)
	validators := addresscodec.NewBech32Codec(AccountPrefix + "valoper")
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          accounts,
			ValidatorAddressCodec: validators,
		},
	})
	if err != nil {
		return Encoding{}, fmt.Errorf("interface registry: %w", err)
	}
	cdc := codec.NewProtoCodec(registry)
	amino := codec.NewLegacyAmino()
	std.RegisterInterfaces(registry)
	std.RegisterLegacyAminoCodec(amino)
	return Encoding{
		Registry:         registry,
		Codec:            cdc,
		Amino:            amino,
		TxConfig:         authtx.NewTxConfig(cdc, authtx.DefaultSignModes),
		Address:          accounts,
		ValidatorAddress: validators,
		ConsensusAddress: addresscodec.NewBech32Codec(AccountPrefix + "valcons"),
	}, nil
}

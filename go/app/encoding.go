package app

import (
	"fmt"
	"io"

	"google.golang.org/protobuf/reflect/protoreflect"

	"cosmossdk.io/core/address"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/std"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/tx/signing/aminojson"
	"github.com/cosmos/gogoproto/proto"

	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Encoding holds the encodings of the chain's types: protobuf, JSON, addresses.
type Encoding struct {
	Registry codectypes.InterfaceRegistry
	Codec    codec.Codec
	Amino    *codec.LegacyAmino
	TxConfig client.TxConfig

	Address          address.Codec
	ValidatorAddress runtime.ValidatorAddressCodec
	ConsensusAddress runtime.ConsensusAddressCodec
}

// NewEncoding returns the encoding for the chain's prefixes. Modules register
// their types in it.
func NewEncoding() (Encoding, error) {
	accounts := addresscodec.NewBech32Codec(AccountPrefix)
	validators := addresscodec.NewBech32Codec(AccountPrefix + "valoper")
	options := signing.Options{AddressCodec: accounts, ValidatorAddressCodec: validators}
	swingsettypes.DefineSigners(&options)
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles:     proto.HybridResolver,
		SigningOptions: options,
	})
	if err != nil {
		return Encoding{}, fmt.Errorf("interface registry: %w", err)
	}
	cdc := codec.NewProtoCodec(registry)
	amino := codec.NewLegacyAmino()
	std.RegisterInterfaces(registry)
	std.RegisterLegacyAminoCodec(amino)
	registerParamProposals(registry, amino)
	txConfig, err := newTxConfig(cdc, registry, accounts)
	if err != nil {
		return Encoding{}, fmt.Errorf("transactions: %w", err)
	}
	return Encoding{
		Registry:         registry,
		Codec:            cdc,
		Amino:            amino,
		TxConfig:         txConfig,
		Address:          accounts,
		ValidatorAddress: validators,
		ConsensusAddress: addresscodec.NewBech32Codec(AccountPrefix + "valcons"),
	}, nil
}

// newTxConfig supports the SDK's sign modes, and bounds how deep a transaction
// is nested. Its amino JSON has one more encoding: addresses that are bytes in
// protobuf are written as text.
func newTxConfig(cdc codec.Codec, registry codectypes.InterfaceRegistry, addresses address.Codec) (client.TxConfig, error) {
	encoder := aminojson.NewEncoder(aminojson.EncoderOptions{FileResolver: registry}).
		DefineFieldEncoding("legacy_address", func(_ *aminojson.Encoder, value protoreflect.Value, w io.Writer) error {
			text := ""
			if bytes := value.Bytes(); len(bytes) > 0 {
				var err error
				if text, err = addresses.BytesToString(bytes); err != nil {
					return err
				}
			}
			_, err := fmt.Fprintf(w, "%q", text)
			return err
		})
	return authtx.NewTxConfigWithOptions(cdc, authtx.ConfigOptions{
		EnabledSignModes: []signingtypes.SignMode{signingtypes.SignMode_SIGN_MODE_DIRECT, signingtypes.SignMode_SIGN_MODE_DIRECT_AUX},
		CustomSignModes: []signing.SignModeHandler{
			aminojson.NewSignModeHandler(aminojson.SignModeHandlerOptions{FileResolver: registry, Encoder: &encoder}),
		},
		ProtoDecoder: boundNesting(authtx.DefaultTxDecoder(cdc), registry),
	})
}

package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterLegacyAminoCodec registers the messages for amino's JSON, which
// hardware wallets sign.
func RegisterLegacyAminoCodec(amino *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(amino, &MsgWalletAction{}, "swingset/WalletAction")
	legacy.RegisterAminoMsg(amino, &MsgWalletSpendAction{}, "swingset/WalletSpendAction")
}

// RegisterInterfaces registers the messages of transactions.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil), &MsgWalletAction{}, &MsgWalletSpendAction{})
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

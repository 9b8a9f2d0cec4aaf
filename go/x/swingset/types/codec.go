package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
)

// RegisterLegacyAminoCodec registers the messages for amino JSON, which
// hardware wallets sign.
func RegisterLegacyAminoCodec(amino *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(amino, &MsgWalletAction{}, "swingset/WalletAction")
	legacy.RegisterAminoMsg(amino, &MsgWalletSpendAction{}, "swingset/WalletSpendAction")
	legacy.RegisterAminoMsg(amino, &MsgProvision{}, "swingset/Provision")
	legacy.RegisterAminoMsg(amino, &MsgInstallBundle{}, "swingset/InstallBundle")
	legacy.RegisterAminoMsg(amino, &MsgDeliverInbound{}, "swingset/DeliverInbound")
	legacy.RegisterAminoMsg(amino, &MsgCoreEval{}, "cosmos-sdk/x/swingset/MsgCoreEval")
	amino.RegisterConcrete(&CoreEvalProposal{}, "swingset/CoreEvalProposal", nil)
}

// RegisterInterfaces registers the messages of transactions and the contents of
// proposals.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil), &MsgWalletAction{}, &MsgWalletSpendAction{},
		&MsgProvision{}, &MsgInstallBundle{}, &MsgSendChunk{}, &MsgDeliverInbound{}, &MsgCoreEval{})
	registry.RegisterImplementations((*govv1beta1.Content)(nil), &CoreEvalProposal{})
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

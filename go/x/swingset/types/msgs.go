package types

import (
	"encoding/json"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"
)

// Every message can be validated without the chain's state.
var (
	_ sdk.HasValidateBasic = (*MsgWalletAction)(nil)
	_ sdk.HasValidateBasic = (*MsgWalletSpendAction)(nil)
	_ sdk.HasValidateBasic = (*MsgProvision)(nil)
	_ sdk.HasValidateBasic = (*MsgInstallBundle)(nil)
	_ sdk.HasValidateBasic = (*MsgDeliverInbound)(nil)
	_ sdk.HasValidateBasic = (*MsgCoreEval)(nil)
)

// signerFields names the signer's field of each message.
var signerFields = map[protoreflect.FullName]protoreflect.Name{
	"agoric.swingset.MsgWalletAction":      "owner",
	"agoric.swingset.MsgWalletSpendAction": "owner",
	"agoric.swingset.MsgProvision":         "submitter",
	"agoric.swingset.MsgInstallBundle":     "submitter",
	"agoric.swingset.MsgSendChunk":         "submitter",
	"agoric.swingset.MsgDeliverInbound":    "submitter",
}

// DefineSigners sets the signers of the messages. Their addresses are bytes, as
// Agoric's clients write them; the SDK's own option supports only text.
func DefineSigners(options *signing.Options) {
	for message, field := range signerFields {
		options.DefineCustomGetSigners(message, signerIn(field))
	}
}

func signerIn(field protoreflect.Name) signing.GetSignersFunc {
	return func(msg proto.Message) ([][]byte, error) {
		m := msg.ProtoReflect()
		signer := m.Get(m.Descriptor().Fields().ByName(field)).Bytes()
		if err := checkAddress(string(field), signer); err != nil {
			return nil, err
		}
		return [][]byte{signer}, nil
	}
}

func checkAddress(field string, address sdk.AccAddress) error {
	if address.Empty() {
		return errorsmod.Wrapf(sdkerrors.ErrInvalidAddress, "%s is empty", field)
	}
	if err := sdk.VerifyAddressFormat(address); err != nil {
		return errorsmod.Wrapf(sdkerrors.ErrInvalidAddress, "%s: %s", field, err)
	}
	return nil
}

// ValidateBasic implements sdk.HasValidateBasic.
func (m *MsgWalletAction) ValidateBasic() error {
	return validateWallet(m.Owner, m.Action)
}

// ValidateBasic implements sdk.HasValidateBasic.
func (m *MsgWalletSpendAction) ValidateBasic() error {
	return validateWallet(m.Owner, m.SpendAction)
}

func validateWallet(owner sdk.AccAddress, action string) error {
	switch err := checkAddress("owner", owner); {
	case err != nil:
		return err
	case strings.TrimSpace(action) == "":
		return errorsmod.Wrap(sdkerrors.ErrUnknownRequest, "the action is empty")
	case !json.Valid([]byte(action)):
		return errorsmod.Wrap(sdkerrors.ErrJSONUnmarshal, "the action is not JSON")
	}
	return nil
}

// ValidateBasic implements sdk.HasValidateBasic.
func (m *MsgProvision) ValidateBasic() error {
	if err := checkAddress("submitter", m.Submitter); err != nil {
		return err
	}
	if err := checkAddress("address", m.Address); err != nil {
		return err
	}
	if m.Nickname == "" {
		return errorsmod.Wrap(sdkerrors.ErrUnknownRequest, "the nickname is empty")
	}
	return nil
}

// ValidateBasic implements sdk.HasValidateBasic.
func (m *MsgDeliverInbound) ValidateBasic() error {
	if err := checkAddress("submitter", m.Submitter); err != nil {
		return err
	}
	if len(m.Messages) != len(m.Nums) {
		return errorsmod.Wrapf(sdkerrors.ErrUnknownRequest, "%d messages have %d numbers", len(m.Messages), len(m.Nums))
	}
	for i, message := range m.Messages {
		if message == "" {
			return errorsmod.Wrapf(sdkerrors.ErrUnknownRequest, "messages[%d] is empty", i)
		}
		if m.Nums[i] > maxNumber {
			return errorsmod.Wrapf(sdkerrors.ErrInvalidRequest, "nums[%d] is too large", i)
		}
	}
	if m.Ack > maxNumber {
		return errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "ack is too large")
	}
	return nil
}

// maxNumber is the largest safe integer of JavaScript. The kernel fails the
// block of a message with a larger one.
const maxNumber = 1<<53 - 1

// ValidateBasic implements sdk.HasValidateBasic.
func (m *MsgCoreEval) ValidateBasic() error {
	return CoreEval{JsonPermits: m.JsonPermits, JsCode: m.JsCode}.ValidateBasic()
}

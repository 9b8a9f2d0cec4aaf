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

// Every message can tell what is wrong with it, without looking at the chain.
var (
	_ sdk.HasValidateBasic = (*MsgWalletAction)(nil)
	_ sdk.HasValidateBasic = (*MsgWalletSpendAction)(nil)
)

// signerFields names the field of each message that has the signer's address.
var signerFields = map[protoreflect.FullName]protoreflect.Name{
	"agoric.swingset.MsgWalletAction":      "owner",
	"agoric.swingset.MsgWalletSpendAction": "owner",
}

// DefineSigners tells who signs the messages. Their addresses are bytes, as
// Agoric's clients write them; the SDK's own option takes only text.
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

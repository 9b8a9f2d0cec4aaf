package keeper

import (
	"encoding/json"
	"fmt"

	"github.com/cosmos/gogoproto/jsonpb"
	"github.com/cosmos/gogoproto/proto"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// executeTx executes messages of one account, all or none, and returns their
// responses. Unlike a transaction it pays no fee and has no gas limit.
func (k *Keeper) executeTx(ctx sdk.Context, msg message) (any, error) {
	msgs := make([]sdk.Msg, len(msg.Messages))
	for i, text := range msg.Messages {
		if err := k.cdc.UnmarshalInterfaceJSON(text, &msgs[i]); err != nil {
			return nil, &vm.Refusal{Text: fmt.Sprintf("messages[%d]: not a message of this chain", i), Cause: err}
		}
		if checked, has := msgs[i].(sdk.HasValidateBasic); has {
			if err := checked.ValidateBasic(); err != nil {
				return nil, k.refused(i, msgs[i], err)
			}
		}
		if err := k.requireSigner(i, msgs[i], msg.Address); err != nil {
			return nil, err
		}
	}
	responses := make([]json.RawMessage, len(msgs))
	for i, each := range msgs {
		var err error
		if responses[i], err = k.execute(ctx, i, each); err != nil {
			return nil, err
		}
	}
	return responses, nil
}

// requireSigner refuses a message that needs the signature of another account.
func (k *Keeper) requireSigner(i int, msg sdk.Msg, account string) error {
	signers, _, err := k.cdc.GetMsgV1Signers(msg)
	if err != nil {
		return &vm.Refusal{Text: fmt.Sprintf("messages[%d]: %s: invalid signer", i, sdk.MsgTypeURL(msg)), Cause: err}
	}
	for _, signer := range signers {
		text, err := k.accounts.AddressCodec().BytesToString(signer)
		if err != nil {
			return &vm.Refusal{Text: fmt.Sprintf("messages[%d]: %s: invalid signer", i, sdk.MsgTypeURL(msg)), Cause: err}
		}
		if text != account {
			return vm.Refuse(fmt.Sprintf("required signer %s does not match actual signer", text))
		}
	}
	return nil
}

// execute runs a message's handler. A handler may panic, as in a transaction;
// the message has then failed.
func (k *Keeper) execute(ctx sdk.Context, i int, msg sdk.Msg) (response json.RawMessage, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			response, err = nil, &vm.Refusal{
				Text:  fmt.Sprintf("messages[%d]: %s failed", i, sdk.MsgTypeURL(msg)),
				Cause: fmt.Errorf("panic: %v", thrown),
			}
		}
	}()
	handler := k.messages.Handler(msg)
	if handler == nil {
		return nil, vm.Refuse(fmt.Sprintf("messages[%d]: no module handles %s", i, sdk.MsgTypeURL(msg)))
	}
	result, err := handler(ctx, msg)
	if err != nil {
		return nil, k.refused(i, msg, err)
	}
	ctx.EventManager().EmitEvents(result.GetEvents())
	if len(result.MsgResponses) != 1 {
		return nil, vm.Refuse(fmt.Sprintf("messages[%d]: %s has no response", i, sdk.MsgTypeURL(msg)))
	}
	answer, is := result.MsgResponses[0].GetCachedValue().(proto.Message)
	if !is {
		return nil, vm.Refuse(fmt.Sprintf("messages[%d]: %s has no response", i, sdk.MsgTypeURL(msg)))
	}
	return protoJSON(answer)
}

// refused returns what the kernel gets for a module's error. The texts of
// errors change with the SDK's versions, their codes do not.
func (k *Keeper) refused(i int, msg sdk.Msg, err error) error {
	codespace, code, _ := errorsmod.ABCIInfo(err, false)
	return &vm.Refusal{Text: fmt.Sprintf("messages[%d]: %s failed: codespace %s, code %d", i, sdk.MsgTypeURL(msg), codespace, code), Cause: err}
}

// protoJSON is protobuf's JSON, with the camel-case names that the kernel's
// @agoric/cosmic-proto has, and with the fields that are zero.
func protoJSON(message proto.Message) (json.RawMessage, error) {
	text, err := (&jsonpb.Marshaler{EmitDefaults: true}).MarshalToString(message)
	return json.RawMessage(text), err
}

package app

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

// maxNesting is how deep messages of a transaction may be nested, the contents
// of a google.protobuf.Any included. It is SDK 0.55's bound; SDK 0.54 looks for
// unknown fields in up to 10,000 levels. Source: codec/unknownproto of SDK
// 0.55.0.
const maxNesting = 64

var errTooDeep = fmt.Errorf("messages are nested deeper than %d levels", maxNesting)

// boundNesting returns a decoder that refuses transactions nested deeper than
// maxNesting before decode sees them. Malformed bytes are left to decode.
func boundNesting(decode sdk.TxDecoder, types protodesc.Resolver) sdk.TxDecoder {
	parts := map[protowire.Number]protoreflect.MessageDescriptor{ // of cosmos.tx.v1beta1.TxRaw
		1: messageNamed(types, "cosmos.tx.v1beta1.TxBody"),
		2: messageNamed(types, "cosmos.tx.v1beta1.AuthInfo"),
	}
	return func(tx []byte) (sdk.Tx, error) {
		err := eachBytesField(tx, func(number protowire.Number, part []byte) error {
			return checkNesting(part, parts[number], types, maxNesting)
		})
		if err != nil {
			return nil, sdkerrors.ErrTxDecode.Wrap(err.Error())
		}
		return decode(tx)
	}
}

// checkNesting returns an error if a message, with its descriptor, has more
// than the given number of levels. An empty message is no level. checkNesting
// ignores fields that the descriptor lacks; a nil descriptor has none.
func checkNesting(message []byte, of protoreflect.MessageDescriptor, types protodesc.Resolver, levels int) error {
	if of == nil || len(message) == 0 {
		return nil
	}
	if levels == 0 {
		return errTooDeep
	}
	return eachBytesField(message, func(number protowire.Number, value []byte) error {
		field := of.Fields().ByNumber(number)
		if field == nil || field.Message() == nil {
			return nil
		}
		content, contentOf := value, field.Message()
		if contentOf.FullName() == "google.protobuf.Any" {
			// The Any itself is a message too, in the place of its content.
			if levels == 1 && len(value) > 0 {
				return errTooDeep
			}
			content, contentOf = unwrapAny(value, types)
		}
		return checkNesting(content, contentOf, types, levels-1)
	})
}

// unwrapAny returns the message in a google.protobuf.Any, with its descriptor,
// which is nil for an unknown type.
func unwrapAny(message []byte, types protodesc.Resolver) (content []byte, of protoreflect.MessageDescriptor) {
	var url string
	_ = eachBytesField(message, func(number protowire.Number, value []byte) error {
		switch number {
		case 1:
			url = string(value)
		case 2:
			content = value
		}
		return nil
	})
	return content, messageNamed(types, protoreflect.FullName(url[strings.LastIndexByte(url, '/')+1:]))
}

func messageNamed(types protodesc.Resolver, name protoreflect.FullName) protoreflect.MessageDescriptor {
	found, err := types.FindDescriptorByName(name)
	if err != nil {
		return nil
	}
	message, _ := found.(protoreflect.MessageDescriptor)
	return message
}

// eachBytesField calls f for each length-delimited field of a message, up to
// the first malformed one or the first error, which it returns.
func eachBytesField(message []byte, f func(protowire.Number, []byte) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil
		}
		message = message[n:]
		if kind == protowire.BytesType {
			value, m := protowire.ConsumeBytes(message)
			if m < 0 {
				return nil
			}
			if err := f(number, value); err != nil {
				return err
			}
			message = message[m:]
			continue
		}
		if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
			return nil
		}
		message = message[n:]
	}
	return nil
}

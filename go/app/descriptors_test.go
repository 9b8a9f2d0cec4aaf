package app

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// The JSON that hardware wallets sign is made from descriptors. It lacks the
// fields of a message that is unresolved there.
func TestEveryMessageIsResolvedWhereItIsSigned(t *testing.T) {
	c := newTestChain(t, nil)
	registry := c.encoding.Registry
	seen := map[protoreflect.FullName]bool{}
	var check func(path string, message protoreflect.MessageDescriptor)
	check = func(path string, message protoreflect.MessageDescriptor) {
		require.False(t, message.IsPlaceholder(), "%s: %s is unresolved", path, message.FullName())
		if seen[message.FullName()] {
			return
		}
		seen[message.FullName()] = true
		for i := range message.Fields().Len() {
			if field := message.Fields().Get(i); field.Message() != nil {
				check(path+"."+string(field.Name()), field.Message())
			}
		}
	}
	for _, url := range registry.ListImplementations(sdk.MsgInterfaceProtoName) {
		if !strings.HasPrefix(url, "/") {
			continue
		}
		found, err := registry.FindDescriptorByName(protoreflect.FullName(url[1:]))
		require.NoError(t, err)
		check(url, found.(protoreflect.MessageDescriptor))
	}
	require.Greater(t, len(seen), 6)
}

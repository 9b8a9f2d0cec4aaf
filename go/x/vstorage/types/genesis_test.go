package types

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

func TestGenesisValidate(t *testing.T) {
	require.NoError(t, DefaultGenesisState().Validate())
	for want, data := range map[string][]*DataEntry{
		`vstorage: data[1]: path "a..b" contains doubled separators`: {{Path: "a"}, {Path: "a..b"}},
		`vstorage: data[1]: path "a" occurs twice`:                   {{Path: "a"}, {Path: "a"}},
		`vstorage: data[0] is null`:                                  {nil},
		`vstorage: data[0]: value at path "a" is too large: 67107842 bytes as the kernel reads it, of at most 67107840 (maxTextBytes)`: {
			{Path: "a", Value: strings.Repeat("<", vm.MaxTextBytes)},
		},
	} {
		require.EqualError(t, (&GenesisState{Data: data}).Validate(), want)
	}
}

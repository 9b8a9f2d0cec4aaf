package types

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGenesisValidate(t *testing.T) {
	require.NoError(t, DefaultGenesisState().Validate())
	for want, data := range map[string][]*DataEntry{
		`vstorage: data[1]: path "a..b" contains doubled separators`: {{Path: "a"}, {Path: "a..b"}},
		`vstorage: data[1]: path "a" occurs twice`:                   {{Path: "a"}, {Path: "a"}},
		`vstorage: data[0] is null`:                                  {nil},
	} {
		require.EqualError(t, (&GenesisState{Data: data}).Validate(), want)
	}
}

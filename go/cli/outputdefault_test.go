package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	clientconfig "github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
)

// A new home's client.toml outranks the defaults of flags.
func TestTheHelpNamesTheOutputThatClientTomlMakes(t *testing.T) {
	setupSDK()
	root, err := newRootCommand(Host{})
	require.NoError(t, err)
	expected := clientconfig.DefaultConfig().Output
	seen := 0
	var check func(*cobra.Command)
	check = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			check(sub)
		}
		output := cmd.Flags().Lookup(flags.FlagOutput)
		if output == nil || output.Hidden {
			return
		}
		seen++
		want := expected
		switch name := cmd.CommandPath(); {
		case name == "agd snapshots dump", // a file
			name == "agd status", strings.Contains(name, "sign"): // JSON whatever client.toml says
			return
		default:
			require.Equal(t, want, output.DefValue, name)
		}
	}
	check(root)
	require.Greater(t, seen, 100)
}

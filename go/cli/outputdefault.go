package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
)

// alwaysJSON are the commands below `agd tx` that print a transaction to sign
// or to broadcast, for any format of the output.
var alwaysJSON = []string{"sign", "sign-batch", "multi-sign", "multisign-batch"}

// showOutputDefault makes the help of a command and its subcommands name the
// default of --output. The default is that of client.toml, which is text in a
// new home; the SDK's transaction flags state json.
func showOutputDefault(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		showOutputDefault(sub)
	}
	output := cmd.Flags().Lookup(flags.FlagOutput)
	if output == nil || slices.Contains(alwaysJSON, cmd.Name()) {
		return
	}
	output.DefValue = flags.OutputFormatText
	_ = output.Value.Set(output.DefValue) // never fails for a string
}

package cli

import (
	"fmt"
	"slices"
	"strings"

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

// checkFormats makes a command and its subcommands refuse an --output that is no
// format. The SDK prints JSON for it, or nothing. Of some commands --output is a
// file.
func checkFormats(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		checkFormats(sub)
	}
	run, output := cmd.RunE, cmd.Flag(flags.FlagOutput)
	if run == nil || output == nil || !strings.Contains(output.Usage, flags.OutputFormatJSON) {
		return
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch format := cmd.Flag(flags.FlagOutput).Value.String(); format {
		case "", flags.OutputFormatText, flags.OutputFormatJSON, "indent":
		default:
			return fmt.Errorf("--%s: expected %s or %s, got %q", flags.FlagOutput, flags.OutputFormatText, flags.OutputFormatJSON, format)
		}
		return run(cmd, args)
	}
}

package cli

import "github.com/spf13/cobra"

// vmJailCommand runs agd-vm-jail under a name that users find in agd's help.
func vmJailCommand(host Host) *cobra.Command {
	return &cobra.Command{
		Use:                "vm-jail",
		Short:              "Enter the VM's jail and become another program (agd start --jail uses this)",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			return host.program().Become("agd vm-jail", host.Files.Jail, args)
		},
	}
}

package cli

import "github.com/spf13/cobra"

// vmJailCommand is agd-vm-jail, by the name under which users look for it.
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

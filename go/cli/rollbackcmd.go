package cli

import "github.com/spf13/cobra"

func rollbackCommand() *cobra.Command {
	return refused(&cobra.Command{Use: "rollback"},
		"the kernel's store cannot go back with the chain's, and would stay ahead; restore the whole home directory from a backup")
}

package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/cosmos/cosmos-sdk/version"

	"github.com/agd-bridge/agd-bridge/go/app"
)

const manName = "man"

// manCommand writes the manual pages of a package.
func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     manName + " DIRECTORY",
		Short:   "Write manual pages of agd and all its commands",
		Example: "agd man /usr/local/share/man/man1",
		Hidden:  true,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // it has the day
			header := &doc.GenManHeader{Section: "1", Source: app.Name + " " + version.Version, Manual: "agd-bridge"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			return nil
		},
	}
}

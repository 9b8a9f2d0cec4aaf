package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	cmtcmd "github.com/cometbft/cometbft/cmd/cometbft/commands"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/snapshot"
	"github.com/cosmos/cosmos-sdk/server"
)

// Commands that change a store of the chain's, where the kernel's must follow
// or the command is refused.

// refused makes a command say why it is not supported, whatever its flags and
// arguments are.
func refused(cmd *cobra.Command, why string) *cobra.Command {
	cmd.Short = "Not supported: " + why
	cmd.Long, cmd.Args = "", cobra.ArbitraryArgs
	cmd.FParseErrWhitelist.UnknownFlags = true
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return fmt.Errorf("%s is not supported: %s", cmd.CommandPath(), why)
	}
	return cmd
}

func rollbackCommand() *cobra.Command {
	return refused(&cobra.Command{Use: "rollback"},
		"the kernel's store cannot go back with the chain's, and would stay ahead; restore the whole home directory from a backup")
}

// snapshotsCommand has what only looks at snapshots or deletes them. Made here,
// or taken in, they would be of the chain's store without the kernel's.
func snapshotsCommand() *cobra.Command {
	const why = "a snapshot holds the chain's store without the kernel's; use `agd export --" + flagExportDir + "`, or copy the whole home directory of a stopped node"
	cmd := snapshot.Cmd(openApp)
	for _, sub := range cmd.Commands() {
		if slices.Contains([]string{"export", "restore", "load"}, sub.Name()) {
			refused(sub, why)
		}
	}
	return cmd
}

// resetAllCommand also removes what CometBFT's command does not know, should
// its databases be elsewhere: the application's and the kernel's are always in
// <home>/data.
func resetAllCommand() *cobra.Command {
	cmd := copyOf(cmtcmd.ResetAllCmd)
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		home, err := cmd.Flags().GetString(flags.FlagHome)
		if err != nil {
			return err
		}
		// First: without the chain's blocks, these would be ahead.
		for _, store := range []string{"agoric", "application.db", "snapshots"} {
			if err := os.RemoveAll(filepath.Join(home, "data", store)); err != nil {
				return err
			}
		}
		return run(cmd, args)
	}
	return cmd
}

func resetStateCommand() *cobra.Command {
	return refused(copyOf(cmtcmd.ResetStateCmd),
		"it removes CometBFT's blocks and leaves the chain's and the kernel's stores ahead of them; reset all with `agd comet unsafe-reset-all`")
}

func bootstrapStateCommand() *cobra.Command {
	return refused(server.BootstrapStateCmd(openApp),
		"CometBFT's state would be set to a height that the kernel's store has not; "+errNoStateSync.Error())
}

// errNoStateSync is why nothing of state-sync is taken: a snapshot would have
// to hold the kernel's store as well.
var errNoStateSync = errors.New("there is no state-sync yet that takes the kernel's store along; let the node replay the chain's blocks, or copy the whole home directory of a stopped node")

// copyOf is for CometBFT's commands: they are variables of a package, which
// every root command of this process would change again.
func copyOf(cmd *cobra.Command) *cobra.Command {
	c := *cmd
	return &c
}

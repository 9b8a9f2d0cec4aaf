package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/snapshot"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/node"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// snapshotsCommand groups the commands that list, move and delete local
// snapshots, and the one that restores from a snapshot with the kernel.
func snapshotsCommand(host Host) *cobra.Command {
	cmd := snapshot.Cmd(openApp)
	for _, sub := range cmd.Commands() {
		switch sub.Name() {
		case "export":
			refused(sub, "the kernel's part is made while a block of its height is the latest: let a node make snapshots, with --state-sync.snapshot-interval")
		case "restore":
			cmd.RemoveCommand(sub)
		default:
			kernelless(locked(sub))
		}
	}
	cmd.AddCommand(restoreSnapshotCommand(host))
	return cmd
}

func restoreSnapshotCommand(host Host) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore HEIGHT FORMAT",
		Short: "Restore the chain's and the kernel's store from a local snapshot",
		Long: `Restore the chain's and the kernel's store from a local snapshot, which
"agd snapshots list" shows. The home directory must have neither store yet
("agd comet unsafe-reset-all" removes both, and the local snapshots too).

Afterwards CometBFT has no block: run "agd comet bootstrap-state", so that it
continues at this height.

The kernel restores its own store: --split selects where it runs, as for start.
Both modes produce the same stores.

Exit codes: 0 done, 1 failed, 98 stopped by a signal.`,
		Example: "agd snapshots list\nagd snapshots restore 1000 3",
		Args:    cobra.ExactArgs(2),
		RunE: logToStderr(func(cmd *cobra.Command, args []string) error {
			height, err := strconv.ParseUint(args[0], 10, 63)
			if err != nil {
				return fmt.Errorf("HEIGHT: expected a block's height, got %q", args[0])
			}
			format, err := strconv.ParseUint(args[1], 10, 32)
			if err != nil {
				return fmt.Errorf("FORMAT: expected the number of a format, got %q", args[1])
			}
			svr := server.GetServerContextFromCmd(cmd)
			if err := checkKernelHome(svr); err != nil {
				return err
			}
			env, temp, err := home.NewVMTemp(host.Env, svr.Config.RootDir)
			if err != nil {
				return err
			}
			host.Env = env
			launch, err := host.enter(svr)
			if err != nil {
				return err
			}
			return node.RestoreSnapshot(svr, launch, temp, height, uint32(format))
		}),
	}
	options.AddKernelFlags(cmd)
	return cmd
}

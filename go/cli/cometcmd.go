package cli

import (
	"fmt"
	"os"

	cmtcmd "github.com/cometbft/cometbft/cmd/cometbft/commands"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/home"
)

func cometCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "comet",
		Aliases: []string{"cometbft", "tendermint"},
		Short:   "CometBFT subcommands",
		RunE:    requireCommand,
	}
	cmd.AddCommand(
		showNodeIDCommand(), server.ShowValidatorCmd(), server.ShowAddressCmd(),
		server.VersionCmd(), locked(resetAllCommand()), resetStateCommand(), bootstrapStateCommand(),
	)
	return cmd
}

// showNodeIDCommand is CometBFT's command, with an error that names an
// unreadable key.
func showNodeIDCommand() *cobra.Command {
	cmd := server.ShowNodeIDCmd()
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := home.CheckNodeKey(server.GetServerContextFromCmd(cmd).Config.NodeKeyFile()); err != nil {
			return err
		}
		return run(cmd, args)
	}
	return cmd
}

// resetAllCommand also removes the application's and the kernel's stores. They
// are always in <home>/data, and CometBFT's command misses them if its
// databases are elsewhere.
func resetAllCommand() *cobra.Command {
	cmd := copyOf(cmtcmd.ResetAllCmd)
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root, err := cmd.Flags().GetString(flags.FlagHome)
		if err != nil {
			return err
		}
		layout := home.Layout(root)
		// First, because without the chain's blocks these stores would be ahead.
		for _, store := range []string{layout.KernelState(), layout.ChainStore(), layout.Snapshots(), layout.VMTemp(), layout.VMInput()} {
			if err := os.RemoveAll(store); err != nil {
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

// bootstrapStateCommand is for a home whose stores `snapshots restore` has
// written: CometBFT's state must have their height.
func bootstrapStateCommand() *cobra.Command {
	cmd := server.BootstrapStateCmd(openApp)
	cmd.Long = cmd.Short + `

Run this after "agd snapshots restore": CometBFT then continues at the height of
the restored stores. It needs rpc_servers, trust_height and trust_hash in
[statesync] of config.toml, as state-sync does.`
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		svr := server.GetServerContextFromCmd(cmd)
		wanted, err := cmd.Flags().GetInt64(server.FlagHeight)
		if err != nil {
			return err
		}
		height, err := home.Height(svr.Config.RootDir, svr.Viper)
		switch {
		case err != nil:
			return err
		case height == 0:
			return fmt.Errorf("%s has no chain's store: restore a snapshot first with `agd snapshots restore`", svr.Config.RootDir)
		case wanted != 0 && wanted != height:
			return fmt.Errorf("--%s %d: both stores are at height %d: omit --%s", server.FlagHeight, wanted, height, server.FlagHeight)
		}
		return run(cmd, args)
	}
	return cmd
}

// copyOf copies one of CometBFT's commands. These are package variables, which
// every root command of this process would change again.
func copyOf(cmd *cobra.Command) *cobra.Command {
	c := *cmd
	return &c
}

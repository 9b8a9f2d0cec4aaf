package cli

import (
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/debug"
	"github.com/cosmos/cosmos-sdk/client/pruning"
	"github.com/cosmos/cosmos-sdk/server"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"

	"github.com/agd-bridge/agd-bridge/go/app"
)

func addCommands(root *cobra.Command, host Host, scratch *app.App) {
	root.AddCommand(
		saveOnly(genutilcli.InitCmd(scratch.Basics, app.DefaultNodeHome), saveMoniker),
		genesisCommand(scratch),
		keysCommand(),
		configCommand(),
		debug.Cmd(),
		server.StatusCommand(),
		queryCommand(),
		txCommand(scratch),
		versionCommand(host),
		doctorCommand(host),
		startCommand(host),
		bridgeCommand(host),
		abCommand(host),
		topCommand(host),
		devnetCommand(host),
		localnetCommand(host),
		vmJailCommand(host),
		kernelless(cometCommand()),
		exportCommand(host),
		kernelless(locked(pruning.Cmd(openApp, app.DefaultNodeHome))),
		snapshotsCommand(host),
		rollbackCommand(),
		manCommand(),
	)
}

// genesisCommand returns the SDK's commands for the genesis.
func genesisCommand(scratch *app.App) *cobra.Command {
	cmd := genutilcli.Commands(scratch.Encoding().TxConfig, scratch.Basics, app.DefaultNodeHome)
	for _, sub := range cmd.Commands() {
		if sub.Name() == "collect-gentxs" {
			saveOnly(sub, savePeers)
		}
	}
	return cmd
}

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/debug"
	"github.com/cosmos/cosmos-sdk/client/pruning"
	"github.com/cosmos/cosmos-sdk/server"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

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
		switch sub.Name() {
		case "collect-gentxs":
			saveOnly(sub, savePeers)
		case "validate":
			validate := sub.RunE
			sub.RunE = func(cmd *cobra.Command, args []string) error {
				if err := checkGenesisFile(cmd, args); err != nil {
					return err
				}
				return validate(cmd, args)
			}
		}
	}
	return cmd
}

// checkGenesisFile makes the checks of agd start, which name the field.
func checkGenesisFile(cmd *cobra.Command, args []string) error {
	file := server.GetServerContextFromCmd(cmd).Config.GenesisFile()
	if len(args) > 0 {
		file = args[0]
	}
	genesis, err := genutiltypes.AppGenesisFromFile(file)
	if err != nil {
		return nil // the SDK's command says why
	}
	if err := app.CheckGenesis(genesis.AppState); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

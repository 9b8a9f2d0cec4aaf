package cli

import (
	"fmt"
	"strings"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	runtimeservices "github.com/cosmos/cosmos-sdk/runtime/services"
	"github.com/cosmos/cosmos-sdk/server"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

func newRootCommand(host Host) (*cobra.Command, error) {
	// An app on an empty store knows the modules' types and commands.
	scratch, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), app.Kernel{}, simtestutil.EmptyAppOptions{})
	if err != nil {
		return nil, err
	}
	initial := client.Context{}.
		WithCodec(scratch.Encoding().Codec).
		WithInterfaceRegistry(scratch.Encoding().Registry).
		WithTxConfig(scratch.Encoding().TxConfig).
		WithLegacyAmino(scratch.Encoding().Amino).
		WithAccountRetriever(authtypes.AccountRetriever{}).
		WithHomeDir(app.DefaultNodeHome).
		WithViper(options.EnvPrefix)

	root := &cobra.Command{
		Use:           app.Name,
		Short:         "Agoric's chain node: Cosmos SDK and CometBFT, with the SwingSet kernel in the same or a separate process",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          requireCommand,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.HasSubCommands() {
				return nil // it only prints its help
			}
			return prepare(cmd, initial)
		},
	}
	root.SetFlagErrorFunc(flagError)
	options.AddLogFlags(root)
	root.PersistentFlags().String(flags.FlagHome, app.DefaultNodeHome, "directory for config and data")
	root.PersistentFlags().String(flags.FlagChainID, "", "The network chain ID")
	addCommands(root, host, scratch)

	options := autocli.AppOptions{
		Modules:               appModules(scratch.Modules),
		ModuleOptions:         runtimeservices.ExtractAutoCLIOptions(scratch.Modules.Modules),
		AddressCodec:          scratch.Encoding().Address,
		ValidatorAddressCodec: scratch.Encoding().ValidatorAddress,
		ConsensusAddressCodec: scratch.Encoding().ConsensusAddress,
		ClientCtx:             initial,
	}
	if err := options.EnhanceRootCommand(root); err != nil {
		return nil, err
	}
	requireCommands(root)
	if tx, _, err := root.Find([]string{"tx"}); err == nil {
		explainRefusals(tx)
	}
	return root, nil
}

// prepare reads configuration and environment for any command.
func prepare(cmd *cobra.Command, initial client.Context) error {
	ctx := initial.WithCmdContext(cmd.Context()).WithViper(options.EnvPrefix).
		WithInput(cmd.InOrStdin()).WithOutput(cmd.OutOrStdout())
	home, err := options.HomeOf(cmd)
	if err != nil {
		return err
	}
	if isConfigCommand(cmd) {
		makeFiles(ctx.WithHomeDir(home))
		return nil
	}
	ctx, err = client.ReadPersistentCommandFlags(ctx.WithHomeDir(home), cmd.Flags())
	if err != nil {
		return err
	}
	if ctx, err = options.ReadClient(ctx.WithHomeDir(home), cmd.Flags()); err != nil {
		return err
	}
	if err := client.SetCmdClientContextHandler(ctx, cmd); err != nil {
		return err
	}
	if err := options.Read(cmd, home); err != nil {
		return err
	}
	svr := server.GetServerContextFromCmd(cmd)
	logger, err := server.CreateSDKLogger(svr, lossy{cmd.OutOrStdout()})
	if err != nil {
		return err
	}
	svr.Logger = logger.With(keyProcess, processAgd, log.ModuleKey, "server")
	return nil
}

// requireCommands makes every command that only groups others name an unknown
// one; cobra would print its help, with success.
func requireCommands(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.RunE = requireCommand
	}
	for _, sub := range cmd.Commands() {
		requireCommands(sub)
	}
}

func requireCommand(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unknown command %q (see %q)", args[0], cmd.CommandPath()+" --help")
	}
	return cmd.Help()
}

// flagError says where the flags of a command are listed; and of the mode,
// which commands have one.
func flagError(cmd *cobra.Command, err error) error {
	if strings.Contains(err.Error(), "unknown flag: --"+options.FlagSplit) {
		return fmt.Errorf("%s needs no kernel: --%s is an option of those that run it: start, export, snapshots restore", cmd.CommandPath(), options.FlagSplit)
	}
	return fmt.Errorf("%w (see %q)", err, cmd.CommandPath()+" --help")
}

func appModules(manager *module.Manager) map[string]appmodule.AppModule {
	modules := map[string]appmodule.AppModule{}
	for name, m := range manager.Modules {
		if m, ok := m.(appmodule.AppModule); ok {
			modules[name] = m
		}
	}
	return modules
}

// maxErrorBytes is how much of an error's text is printed: the VM may have made it.
const maxErrorBytes = 16 << 10

// oneLine makes an error fit on one line, without colons that introduce
// nothing, and without characters that a terminal obeys: its text may be the
// VM's.
func oneLine(err error) string {
	text, more := err.Error(), ""
	if len(text) > maxErrorBytes {
		text, more = text[:maxErrorBytes], fmt.Sprintf("… (%d bytes)", len(text))
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(strings.TrimSpace(line), ": "); line != "" {
			lines = append(lines, supervisor.Visible(line))
		}
	}
	return strings.Join(lines, "; ") + more
}

func wantsTrace(root *cobra.Command) bool {
	trace, err := root.PersistentFlags().GetBool(server.FlagTrace)
	return err == nil && trace
}

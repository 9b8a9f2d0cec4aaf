package cli

import (
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
	"github.com/cosmos/cosmos-sdk/version"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/options"
)

func newRootCommand(host Host) (*cobra.Command, error) {
	version.BuildTags = buildTags()
	// An app on an empty store knows the modules' types and commands.
	scratch, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), app.ChainHooks{}, simtestutil.EmptyAppOptions{})
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
			if cmd.HasSubCommands() || needsNoHome(cmd) {
				return nil // it only prints, and creates no files
			}
			return prepare(cmd, initial, host.Env)
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
	refuseShells(root)
	requireCommands(root)
	explainArguments(root)
	helpClients(root, host)
	checkFormats(root)
	checkAmounts(root)
	requireHome(root)
	arrangeHelp(root)
	completeValues(root, host.Env)
	return root, nil
}

// prepare reads configuration and environment for any command.
func prepare(cmd *cobra.Command, initial client.Context, env []string) error {
	ctx := initial.WithCmdContext(cmd.Context()).WithViper(options.EnvPrefix).
		WithInput(cmd.InOrStdin()).WithOutput(cmd.OutOrStdout())
	home, err := options.HomeOf(cmd, env)
	if err != nil {
		return err
	}
	if made, ok := cmd.Context().Value(emptyDirsKey{}).(*emptyDirs); ok {
		made.expect(home)
	}
	if isConfigCommand(cmd) {
		return prepareConfig(cmd, ctx.WithHomeDir(home))
	}
	if err := options.CheckClientFlags(cmd.Flags()); err != nil {
		return err
	}
	ctx, err = client.ReadPersistentCommandFlags(ctx.WithHomeDir(home), cmd.Flags())
	if err != nil {
		return err
	}
	if ctx, err = readOptions(cmd, ctx.WithHomeDir(home), env); err != nil {
		return err
	}
	if err := preferOwnNode(cmd, ctx, env); err != nil {
		return err
	}
	if err := client.SetCmdClientContextHandler(ctx, cmd); err != nil {
		return err
	}
	if err := options.CheckLog(cmd); err != nil {
		return err
	}
	svr := server.GetServerContextFromCmd(cmd)
	if environ.Get(env, "NO_COLOR") != "" || environ.Get(env, "TERM") == "dumb" {
		svr.Viper.Set(flags.FlagLogNoColor, true)
	}
	svr.Logger, err = newLogger(svr, cmd.OutOrStdout(), processAgd, "server")
	return err
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

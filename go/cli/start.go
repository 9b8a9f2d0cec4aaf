package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/node"
	"github.com/agd-bridge/agd-bridge/go/options"
)

const startName = "start"

// RunsNode reports whether a command line runs a node. A node outlives the
// readers of its output: only log lines are lost. Any other command ends by
// SIGPIPE, as programs do.
func RunsNode(args []string) bool { return slices.Contains(args, startName) }

func startCommand(host Host) *cobra.Command {
	var cmd *cobra.Command
	cmd = server.StartCmdWithOptions(nil, app.DefaultNodeHome, server.StartCmdOptions{
		AddFlags: options.AddStartFlags,
		StartCommandHandler: func(svr *server.Context, ctx client.Context, _ servertypes.AppCreator, withComet bool, _ server.StartCmdOptions) error {
			if !withComet {
				return errors.New("--with-comet=false is not supported: the kernel needs the embedded CometBFT's order of calls")
			}
			return host.start(cmd.Root(), svr, ctx)
		},
	})
	cmd.Args = noArguments
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return options.CheckStart(cmd) }
	cmd.Long = `Run a node: CometBFT and the application, with the SwingSet kernel.

By default Node.js hosts both in one process. With --split the kernel runs in a
separate process. Both modes make the same blocks; a node may change its mode at
any restart.

Exit codes: 1 could not start, 97 reached --halt-height or --halt-time, 98
stopped by a signal (Ctrl-C), 99 ended without a request (the VM died, or a
block failed).`
	return cmd
}

// start chooses the mode before it opens any database, and runs the node.
func (host Host) start(root *cobra.Command, svr *server.Context, ctx client.Context) error {
	pause, err := node.PausePointOf(host.Env)
	if err != nil {
		return err
	}
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
	banner, err := options.NewLogger(svr.Viper, lossy{host.Stdout}, options.IsTerminal(host.Stdout))
	if err != nil {
		return err
	}
	for _, wrong := range mistypedVariables(root, svr.Viper.AllKeys(), host.Env) {
		banner.Warn("a variable of the environment sets no option", "variable", wrong.name, "did you mean", wrong.nearest)
	}
	return node.Start(svr, ctx, launch, temp, pause, node.Banner{
		Log: banner, Agd: host.typed(), Next: devnetNext(host.typed(), svr.Config.RootDir),
	})
}

package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/trace"
)

// mode is where the kernel runs.
type mode string

const (
	modeInProcess mode = "in-process"
	modeSplit     mode = "split"
)

const startName = "start"

// RunsNode tells whether a command line runs a node, which outlives its
// outputs: a reader that goes away costs log lines alone. Any other command
// ends with its output, as programs do.
func RunsNode(args []string) bool { return slices.Contains(args, startName) }

func startCommand(host Host) *cobra.Command {
	cmd := server.StartCmdWithOptions(nil, app.DefaultNodeHome, server.StartCmdOptions{
		AddFlags: options.AddStartFlags,
		StartCommandHandler: func(svr *server.Context, ctx client.Context, _ servertypes.AppCreator, withComet bool, _ server.StartCmdOptions) error {
			if !withComet {
				return errors.New("--with-comet=false is not supported: the kernel needs the embedded CometBFT's order of calls")
			}
			return host.start(svr, ctx)
		},
	})
	cmd.Args = noArguments
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return options.CheckStart(cmd) }
	cmd.Long = `Run the full node: CometBFT and the application, with the SwingSet kernel.

By default Node.js hosts both in one process. With --split the kernel runs in a
separate process. Both modes make the same blocks; a node may change its mode at
any restart.

Exit codes: 0 clean end, 1 could not start, 97 reached --halt-height or
--halt-time, 98 stopped by a signal, 99 ended without a request (the VM
died, or a block failed).`
	return cmd
}

// start decides the mode before any database is opened, and runs the node in it.
func (host Host) start(svr *server.Context, ctx client.Context) error {
	pauseAt, err := pausePointOf(host.Env)
	if err != nil {
		return err
	}
	dir := svr.Config.RootDir
	env, temp, err := home.NewVMTemp(host.Env, dir)
	if err != nil {
		return err
	}
	host.Env = env
	limits, err := host.enterMode(svr)
	if err != nil {
		return err
	}
	config, err := serverconfig.GetConfig(svr.Viper)
	if err != nil {
		return err
	}
	lock, err := home.Lock(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	defer temp.Remove() // after the VM's end
	if err := temp.Empty(); err != nil {
		return err
	}
	if err := host.preflight(svr.Viper, svr.Config, config); err != nil {
		return err
	}
	options.WarnOfTxLimits(svr.Logger, svr.Config, config)
	kernel, stop, err := host.connect(svr, limits)
	if err != nil {
		return err
	}
	defer kernel.end(stop)
	pause := pauseAt.until(svr.Logger, stop.asked.Done(), kernel.Closed())
	return runNode(nodeInputs{svr: svr, client: ctx, config: config, pause: pause, temp: temp}, kernel, stop)
}

// enterMode is how a command that needs the kernel begins: for the in-process
// mode the process becomes Node.js, which runs the same command again and then
// gets past here.
func (host Host) enterMode(svr *server.Context) (bridge.Limits, error) {
	limits, err := options.LimitsOf(svr.Viper)
	if err == nil {
		err = checkJail(svr, modeOf(svr.Viper))
	}
	if err == nil && host.Kernel == nil && modeOf(svr.Viper) == modeInProcess {
		err = host.execInProcess(svr, limits)
	}
	return limits, err
}

// connect takes the signals and connects to the kernel. The caller ends it.
func (host Host) connect(svr *server.Context, limits bridge.Limits) (*kernel, *stopper, error) {
	if host.Tracer == nil {
		host.Tracer = &trace.Tracer{}
	}
	if path := svr.Viper.GetString(options.FlagBridgeTrace); path != "" {
		if err := host.Tracer.Open(path); err != nil {
			return nil, nil, fmt.Errorf("--%s: %w", options.FlagBridgeTrace, err)
		}
	}
	stop := newStopper()
	if host.Signals != nil {
		stop.watchSignals(host.Signals())
	}
	kernel, err := host.openKernel(svr, limits, stop)
	return kernel, stop, err
}

func modeOf(v *viper.Viper) mode {
	if v.GetBool(options.FlagSplit) || v.GetString(options.FlagSplitVM) != "" {
		return modeSplit
	}
	return modeInProcess
}

// execInProcess becomes Node.js, the same process, which loads agd's library
// and runs this same command line there.
func (host Host) execInProcess(svr *server.Context, limits bridge.Limits) error {
	argv, err := host.vmCommand(svr, host.Files.VM)
	if err != nil {
		return err
	}
	if _, err := os.Stat(host.Files.Library); err != nil {
		return fmt.Errorf("no library at %s: run `make build`, or use --%s", host.Files.Library, options.FlagSplit)
	}
	bounds, err := limitsEnv(limits)
	if err != nil {
		return err
	}
	env := append(host.Env, envLibrary+"="+host.Files.Library, bounds)
	return fmt.Errorf("%s: %w", argv[0], host.becomeNode(argv, env))
}

// vmArgs are the VM's arguments: agd's own, with the home resolved. The last
// --home wins, for agd and for the kernel.
func (host Host) vmArgs(home string) []string {
	absolute, err := filepath.Abs(home)
	if err != nil {
		absolute = home
	}
	return append(append([]string{}, host.Args...), "--"+flags.FlagHome, absolute)
}

package cli

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	cmtcfg "github.com/cometbft/cometbft/config"

	"github.com/cosmos/cosmos-sdk/client/flags"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
	"github.com/agd-bridge/agd-bridge/go/node"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// devnetCommand creates and runs a chain for one developer. The chain has its
// own home, whose configuration is the only one that the command reads.
func devnetCommand(host Host) *cobra.Command {
	var given devnetOptions
	cmd := &cobra.Command{
		Use:   "devnet",
		Short: "Run a local chain of one validator, with keys and a faucet",
		Long: `Run a local chain of one validator, in the foreground. The first run makes it,
with the keys alice, bob and faucet in the keyring "test"; the next runs go on
with it. Ctrl-C stops it.

agd becomes "agd start" on the chain's home directory: options come from the
environment (AGD_RPC_LADDR) and the home's files, and exit codes are those of
start.`,
		Example: "agd devnet\nagd devnet --split\nagd devnet --core --split\nagd devnet fund bob\nagd devnet reset --yes",
		Args:    noArguments,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			given, err := given.complete(cmd, host.Env)
			if err != nil {
				return err
			}
			var mode []string
			if cmd.Flags().Changed(options.FlagSplit) {
				mode = []string{fmt.Sprintf("--%s=%t", options.FlagSplit, given.split)}
			}
			return host.runDevnet(given, mode)
		},
	}
	cmd.Flags().BoolVar(&given.split, options.FlagSplit, false, "Run the kernel in a process of its own (see agd start)")
	all := cmd.PersistentFlags()
	all.BoolVar(&given.core, flagCore, false, "The chain with Agoric's core (zoe, bank, board, wallets), whose first start takes about 1.5 minutes")
	all.StringVar(&given.home, flags.FlagHome, "", fmt.Sprintf("Home directory of the chain (default $%s, else %s, with --core %s)", options.EnvOf(flags.FlagHome), devnetHome(false), devnetHome(true)))
	cmd.AddCommand(fundCommand(host, &given), resetDevnetCommand(host, &given))
	return cmd
}

// devnetHome returns the default home directory of the chain.
func devnetHome(core bool) string {
	if core {
		return app.DefaultNodeHome + "-devnet-core"
	}
	return app.DefaultNodeHome + "-devnet"
}

// complete returns the options with the absolute path of the chain's home: flag,
// then environment, then default.
func (given devnetOptions) complete(cmd *cobra.Command, env []string) (devnetOptions, error) {
	if given.home == "" && cmd.Flags().Changed(flags.FlagHome) {
		return given, options.ErrNoHome // as a script has it when it forgets to set a variable
	}
	given.home = cmp.Or(given.home, environ.Get(env, options.EnvOf(flags.FlagHome)), devnetHome(given.core))
	dir, err := filepath.Abs(given.home)
	if err != nil {
		return given, fmt.Errorf("--%s: %w", flags.FlagHome, err)
	}
	given.home = dir
	return given, nil
}

// runDevnet creates the chain if there is none, and becomes `agd start`. mode
// holds the user's flags that choose where the kernel runs, if any.
func (host Host) runDevnet(given devnetOptions, mode []string) error {
	if host.Exec == nil {
		return errors.New("agd devnet needs a process of its own")
	}
	where := shortened(given.home)
	found, err := given.made()
	switch {
	case err == nil:
		given.core = found.Core
		if running := home.Holder(given.home); running != 0 {
			return fmt.Errorf("the chain in %q runs already, as process %d: use it, or stop it first", given.home, running)
		}
	case errors.Is(err, errNoDevnet):
		if err := checkNewDevnet(host.Env); err != nil {
			return err
		}
		if err := host.makeDevnet(given, where); err != nil {
			return err
		}
	default:
		return err
	}
	first := ""
	switch {
	case !given.booted():
		first = "; the kernel boots first, which takes " + bootTime(given.core)
	case given.core:
		first = "; the kernel restores the core's vats first, which takes " + restoreTime
	}
	fmt.Fprintf(host.Stdout, "agd devnet: starting the chain in %s%s\n", where, first)
	argv := append([]string{host.Files.Binary, startName, "--" + flags.FlagHome, given.home}, mode...)
	return fmt.Errorf("%s: %w", argv[0], host.Exec(argv, host.Env))
}

// checkNewDevnet refuses to make a chain whose node could not listen at its
// addresses (packages/localnet/src/devnet/make.ts).
func checkNewDevnet(env []string) error {
	comet, config := cmtcfg.DefaultConfig(), serverconfig.DefaultConfig()
	comet.P2P.ListenAddress = "tcp://127.0.0.1:26656"
	comet.RPC.PprofListenAddress = ""
	comet.Instrumentation.Prometheus = true
	comet.Instrumentation.PrometheusListenAddr = "127.0.0.1:26660"
	return node.CheckNewHome(comet, *config, env)
}

// makeDevnet runs the program that creates the chain, and first says so: where
// is the chain's place for the user. A stop signal ends the program, which then
// leaves nothing.
func (host Host) makeDevnet(given devnetOptions, where string) error {
	args := []string{"make", "--agd", host.Files.Binary, "--" + flags.FlagHome, given.home, "--where", where}
	if given.core {
		args = append(args, "--"+flagCore)
	}
	command, err := supervisor.VMCommand(host.Files.Devnet, nil, args)
	if err != nil {
		return err
	}
	said, stopped, err := supervisor.RunProgram(command, host.Env, host.Stdout, host.Signals())
	switch {
	case stopped:
		return &supervisor.ExitError{Code: supervisor.ExitSignal, Err: errors.New("stopped by a signal")}
	case err != nil && said != "":
		return errors.New(strings.TrimPrefix(said, "agd: "))
	}
	return err
}

// bootTime is how long the kernel's first start takes.
func bootTime(core bool) string {
	if core {
		return "about 1.5 minutes on two cores"
	}
	return "about 20 seconds"
}

// restoreTime is how long the kernel takes to start again on a chain with
// Agoric's core.
const restoreTime = "about 20 seconds on two cores"

// devnetNext returns the commands to type next on a chain that agd devnet has
// made, and nil on any other. They work in any directory. agd is its name as
// the user types it, dir an absolute path.
func devnetNext(agd, dir string) []string {
	found, err := devnetOptions{home: dir}.made()
	if err != nil {
		return nil
	}
	at := " --home " + shell.Quote(dir)
	address := func(key string) string { return fmt.Sprintf(`"$(%s keys show %s -a%s)"`, agd, key, at) }
	fund := agd + " devnet " + commandFund + " bob" + at
	if found.Core {
		// alice can pay for a wallet before anybody has funded bob.
		return []string{
			fund,
			agd + " tx swingset provision-one alice " + address("alice") + " SMART_WALLET --from alice --yes --wait" + at + "  # once; costs 10 BLD",
			agd + " query vstorage follow published.wallet." + address("alice") + ".current --pretty" + at,
		}
	}
	return []string{
		fund,
		agd + " tx bank send alice bob 1000uist --yes --wait" + at,
		agd + " query vstorage data published.bank." + address("bob") + " --pretty" + at,
	}
}

package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/replay"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/trace"
)

// vmOnly are flags without an effect on a chain.
var vmOnly = []string{options.FlagSplitVM, options.FlagSplitTransport, options.FlagVMInspect, options.FlagVMNodeArgs, options.FlagJail}

// replayChain plays the VM's part to a chain in a directory.
func (host Host) replayChain(cmd *cobra.Command, input *trace.Input, file, dir string, given replayOptions, block func(replay.BlockTimes)) (r replayed, err error) {
	i := slices.IndexFunc(vmOnly, func(name string) bool { return cmd.Flags().Changed(name) })
	if i >= 0 {
		return r, fmt.Errorf("--%s is for --vm: with --chain there is no VM", vmOnly[i])
	}
	from := cmd.Flags().Lookup(flags.FlagHome)
	if from == nil || !from.Changed {
		return r, errors.New("--chain needs the blocks of the recorded node: name its home directory with --home")
	}
	opts, err := options.OfVM(cmd, host.Env)
	if err != nil {
		return r, err
	}
	chain, err := openChainHome(from.Value.String(), dir)
	if err != nil {
		return r, fmt.Errorf("--%s: %w", flags.FlagHome, err)
	}
	defer chain.Close()
	svr := server.NewDefaultContext()
	if err := svr.Viper.BindPFlags(cmd.Flags()); err != nil {
		return r, err
	}
	logger, err := newLogger(svr, cmd.ErrOrStderr(), processAgd, "replay")
	if err != nil {
		return r, err
	}
	var stop <-chan os.Signal
	if host.Signals != nil {
		stop = host.Signals()
	}
	report, err := replay.Chain(input, file, replay.ChainOptions{
		Home: chain, Limits: opts.Limits, Blocks: given.blocks,
		Stop: stop, Stopped: &supervisor.ExitError{Code: supervisor.ExitSignal, Err: errors.New("stopped by a signal")},
		Logger: logger, Note: notes(cmd),
		Committed: func(height int64) { logger.Info("block replayed", "height", height) },
		Block:     block,
	})
	if err != nil {
		return r, err
	}
	return replayed{
		Report: report.Report, whole: report, file: file, side: "chain", call: "call",
		also:      fmt.Sprintf(", %d app hashes", report.AppHashes),
		phases:    "What the chain does between two calls of the kernel: transactions, and the commit of its store.",
		downcalls: "The chain's answers to the kernel.",
	}, nil
}

// openChainHome opens the home of a node that does not run.
func openChainHome(path, work string) (*replay.ChainHome, error) {
	// Reading its options would make a home that is not there.
	for _, name := range []string{"config", "app"} {
		if _, err := os.Stat(home.Layout(path).ConfigFile(name)); err != nil {
			return nil, fmt.Errorf("%s is not a node's home directory: %w", path, err)
		}
	}
	comet, err := options.SavedComet(path)
	if err != nil {
		return nil, err
	}
	v := viper.New()
	if _, err := options.ReadFiles(v, path); err != nil {
		return nil, err
	}
	return replay.OpenChainHome(home.Layout(work), comet, v)
}

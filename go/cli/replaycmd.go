package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/replay"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/traceview"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// replayOptions are the flags of `agd bridge replay` beside the VM's.
type replayOptions struct {
	vm, chain, json, inProcess, all bool

	html   string
	blocks trace.Blocks
	// recordedHome is --home, if Node.js hosts this agd: then --home is the replay's
	// own, which the kernel reads from the same command line.
	recordedHome string
}

const (
	replayName    = "replay"
	flagInProcess = "in-process"
	flagAll       = "all"
	// flagRecordedHome is for agd's own use.
	flagRecordedHome = "recorded-home"
)

// PrintsReport reports whether a command line runs the kernel and prints a
// report: then its standard output has nothing else.
func PrintsReport(args []string) bool { return slices.Contains(args, replayName) }

func replayCommand(host Host) *cobra.Command {
	var given replayOptions
	cmd := &cobra.Command{
		Use:   replayName + " FILE (--vm | --chain)",
		Short: "Play a trace to the VM alone, or to the chain alone, and show what differs",
		Long: `Play the trace that "agd start --bridge-trace FILE" writes to one side alone,
and compare what that side does. agd prints the first difference, or the times of
both.

With --vm there is no chain and no CometBFT. agd makes the recorded upcalls and
answers the kernel's downcalls from the trace. The kernel starts as it did in the
trace: with an empty store, or with a copy of the store of --home, a home
directory from before the trace, or with the export that the chain of --home
begins with. With the store of a later block, the replay
begins at the next block. So a flight recorder's file,
data/bridge-crash-….jsonl.zst, can be replayed with the home of the node that
failed. With --split-vm, or after an update of Node.js or of the kernel's
packages, a replay shows whether another version does the same on real traffic.
With --all, the kernel goes on after a difference, with answers of the trace, and
agd prints all differences by block and port. A downcall that the trace does not
have gets the answer to the same call, or to the next call of its method. agd
prints which, and why, if the kernel cannot go on.

With --chain there is no kernel and no network. agd executes the blocks of
--home, the home directory of the recorded node from after the trace, on a copy of
its chain's store, which it first takes back to the block before the trace. It
makes the recorded downcalls, and compares the upcalls, the downcalls' answers
and each block's app hash. With another agd it shows whether that one makes the
same chain.

With --html, agd also writes a page with the times of each block, recorded and
replayed, and the first difference.

Traces of both modes can be replayed. The VM is a process of its own, in its jail,
or, with --in-process, agd's own process. FILE may be - for standard input.

Exit codes: 0 the side did the same, 1 it did not, or the trace cannot be
replayed, 98 stopped by a signal.`,
		Example: "agd bridge replay trace.jsonl --vm\nagd bridge replay trace.jsonl --vm --home ./home-before --to 1000 --json\nagd bridge replay trace.jsonl --vm --home ./home-before --split-vm ./next/agvm --all\nagd bridge replay trace.jsonl --chain --home ./home-after --from 900 --html replay.html",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return host.replay(cmd, args[0], given)
		},
	}
	cmd.Flags().BoolVar(&given.vm, "vm", false, "Play the chain's part to a VM")
	cmd.Flags().BoolVar(&given.chain, "chain", false, "Play the VM's part to a chain")
	cmd.Flags().BoolVar(&given.inProcess, flagInProcess, false, "Play to a VM in agd's own process, as agd start does without --split")
	cmd.Flags().StringVar(&given.recordedHome, flagRecordedHome, "", "")
	_ = cmd.Flags().MarkHidden(flagRecordedHome)
	cmd.Flags().BoolVar(&given.all, flagAll, false, "With --vm: continue after a difference, and print all differences by block and port")
	addBlocks(cmd, &given.blocks, "play")
	cmd.Flags().BoolVar(&given.json, "json", false, "Print the report as JSON")
	cmd.Flags().StringVar(&given.html, "html", "", "Also write a page to this file: the times of each block by phase and method, and the first difference; it loads nothing from elsewhere")
	options.AddVMFlags(cmd)
	return cmd
}

// check returns an error for flags that do not fit together.
func (o replayOptions) check() error {
	switch {
	case o.vm && o.chain:
		return errors.New("--vm and --chain exclude each other: run agd bridge replay twice")
	case !o.vm && !o.chain:
		return errors.New("name the side to play to: --vm or --chain")
	}
	if o.chain && o.inProcess {
		return fmt.Errorf("--%s is for --vm: with --chain there is no VM", flagInProcess)
	}
	if o.chain && o.all {
		return fmt.Errorf("--%s is for --vm: with --chain the first difference ends the replay", flagAll)
	}
	return checkBlocks(o.blocks)
}

// addBlocks adds --from and --to.
func addBlocks(cmd *cobra.Command, blocks *trace.Blocks, verb string) {
	cmd.Flags().Int64Var(&blocks.From, "from", 0, "First block to "+verb+", 0 for that of the trace")
	cmd.Flags().Int64Var(&blocks.To, "to", 0, "Last block to "+verb+", 0 for all")
}

// checkBlocks checks --from and --to.
func checkBlocks(blocks trace.Blocks) error {
	for _, flag := range []struct {
		name  string
		value int64
	}{{"from", blocks.From}, {"to", blocks.To}} {
		if flag.value < 0 {
			return fmt.Errorf("--%s must not be negative, it is %d", flag.name, flag.value)
		}
	}
	if blocks.To > 0 && blocks.To < blocks.From {
		return fmt.Errorf("--to %d is before --from %d", blocks.To, blocks.From)
	}
	return nil
}

func (host Host) replay(cmd *cobra.Command, file string, given replayOptions) error {
	if err := given.check(); err != nil {
		return err
	}
	if given.inProcess {
		if err := host.enterReplay(cmd); err != nil {
			return err
		}
	}
	input, err := openTrace(cmd, file)
	if err != nil {
		return err
	}
	defer input.Close()
	var outcome replayed
	play := func(page io.Writer) (err error) {
		outcome, err = host.play(cmd, input, file, given, page)
		return err
	}
	if given.html == "" {
		err = play(nil)
	} else if err = checkOutput("html", given.html, file, ""); err == nil {
		err = writeFile("html", given.html, play)
	}
	if err != nil {
		return err
	}
	return outcome.print(cmd, given.json)
}

// play plays a trace. page receives the page, if it is not nil.
func (host Host) play(cmd *cobra.Command, input *trace.Input, file string, given replayOptions, page io.Writer) (outcome replayed, err error) {
	dir := homeOf(cmd)
	if !given.inProcess {
		if dir, err = makeReplayDir(); err != nil {
			return outcome, err
		}
	}
	defer os.RemoveAll(dir)
	var shown traceview.ReplayPage
	var block func(replay.BlockTimes)
	if page != nil {
		block = func(b replay.BlockTimes) { shown.Block(b.Height, timed(b.Phases), timed(b.Downcalls)) }
	}
	play := host.replayVM
	if given.chain {
		play = host.replayChain
	}
	outcome, err = play(cmd, input, file, dir, given, block)
	if err == nil && page != nil {
		err = shown.Write(page, outcome.onPage())
	}
	return outcome, err
}

func (host Host) replayVM(cmd *cobra.Command, input *trace.Input, file, dir string, given replayOptions, block func(replay.BlockTimes)) (r replayed, err error) {
	recorded := given.recordedHome
	if !given.inProcess {
		recorded = homeOf(cmd)
	}
	var from replay.KernelHome
	if recorded != "" {
		if from, err = replay.OpenKernelHome(home.Layout(recorded), home.Layout(dir)); err != nil {
			return r, fmt.Errorf("--%s: %w", flags.FlagHome, err)
		}
	}
	launch, err := host.replayLauncher(cmd, dir)
	if err != nil {
		return r, err
	}
	if from.Export != nil {
		launch.Options.KernelExport = from.Export.Dir // the jail lets the kernel read it
	}
	report, err := replay.VM(input, file, replay.Options{
		Launch: launch, From: from, Blocks: given.blocks, Note: notes(cmd), Block: block, All: given.all,
		Committed: func(height int64) { launch.Logger.Info("block replayed", "height", height) },
	})
	if err != nil {
		return r, err
	}
	return replayed{
		Report: report, whole: report, file: file, side: "kernel", call: "upcall",
		phases:    "The kernel's upcalls, which contain its downcalls.",
		downcalls: "agd's answers to the kernel. In the replay they come from the trace.",
	}, nil
}

// homeOf is the home that the command line names; "" for none.
func homeOf(cmd *cobra.Command) string {
	if set := cmd.Flags().Lookup(flags.FlagHome); set != nil && set.Changed {
		return set.Value.String()
	}
	return ""
}

// makeReplayDir makes the home of a replay.
func makeReplayDir() (string, error) { return os.MkdirTemp("", "agd-replay-") }

// enterReplay begins a replay in one process: this process becomes Node.js, which
// runs the same command line, and there enterReplay returns.
func (host Host) enterReplay(cmd *cobra.Command) error {
	for _, name := range []string{options.FlagSplitVM, options.FlagSplitTransport, options.FlagJail} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s is for a VM that is a process of its own: leave out --%s", name, flagInProcess)
		}
	}
	if host.Bridge != nil {
		if !cmd.Flags().Changed(flagRecordedHome) { // --home would be removed
			return fmt.Errorf("--%s needs an agd that is a process of its own", flagInProcess)
		}
		return nil
	}
	dir, err := makeReplayDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // after an error
	launch, err := host.replayLauncher(cmd, dir)
	if err != nil {
		return err
	}
	launch.Args = append(slices.Clone(host.Args), "--"+flagRecordedHome, homeOf(cmd))
	return launch.Enter()
}

func notes(cmd *cobra.Command) func(text string) {
	return func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) }
}

// replayLauncher returns the launcher of a VM with a temporary home.
func (host Host) replayLauncher(cmd *cobra.Command, dir string) (launch vmproc.Launcher, err error) {
	v := viper.New()
	if err := v.BindPFlags(cmd.Flags()); err != nil {
		return launch, err
	}
	if host.Env, _, err = home.NewVMTemp(host.Env, dir); err != nil {
		return launch, err
	}
	opts, err := options.OfVM(cmd, host.Env)
	if err != nil {
		return launch, err
	}
	if inProcess, _ := cmd.Flags().GetBool(flagInProcess); inProcess {
		opts.Split = false
	}
	svr := server.NewDefaultContext()
	svr.Viper = v
	logger, err := newLogger(svr, cmd.ErrOrStderr(), processAgd, "replay")
	if err != nil {
		return launch, err
	}
	vmLogger, err := newLogger(svr, cmd.ErrOrStderr(), processAgvm, "kernel")
	if err != nil {
		return launch, err
	}
	program := host.program()
	program.Args = []string{startName}
	return vmproc.Launcher{
		Program: program, Options: opts, Home: home.Layout(dir),
		Genesis: filepath.Join(dir, "config", "genesis.json"),
		Logger:  logger, VMLogger: vmLogger,
		Hosted: host.Bridge, Tracer: host.Tracer, Signals: host.Signals,
	}, nil
}

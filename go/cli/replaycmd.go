package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/replay"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// replayOptions are the flags of `agd bridge replay` beside the VM's.
type replayOptions struct {
	vm, chain, json bool
	blocks          trace.Blocks
}

func replayCommand(host Host) *cobra.Command {
	var given replayOptions
	cmd := &cobra.Command{
		Use:   "replay FILE (--vm | --chain)",
		Short: "Play a trace to the VM alone, or to the chain alone, and show the first difference",
		Long: `Play the trace that "agd start --bridge-trace FILE" writes to one side alone,
and compare what that side does. agd prints the first difference, or the times of
both.

With --vm there is no chain and no CometBFT. agd makes the recorded upcalls and
answers the kernel's downcalls from the trace. The kernel starts as it did in the
trace: with an empty store, or with a copy of the store of --home, a home
directory from before the trace. With the store of a later block, the replay
begins at the next block. So a flight recorder's file,
data/bridge-crash-….jsonl.zst, can be replayed with the home of the node that
failed. With --split-vm, or after an update of Node.js or of the kernel's
packages, a replay shows whether another version does the same on real traffic.

With --chain there is no kernel and no network. agd executes the blocks of
--home, the home directory of the recorded node from after the trace, on a copy of
its chain's store, which it first takes back to the block before the trace. It
makes the recorded downcalls, and compares the upcalls, the downcalls' answers
and each block's app hash. With another agd it shows whether that one makes the
same chain.

Traces of both modes can be replayed. FILE may be - for standard input.

Exit codes: 0 the side did the same, 1 it did not, or the trace cannot be
replayed, 98 stopped by a signal.`,
		Example: "agd bridge replay trace.jsonl --vm\nagd bridge replay trace.jsonl --vm --home ./home-before --to 1000 --json\nagd bridge replay trace.jsonl --chain --home ./home-after --from 900",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return host.replay(cmd, args[0], given)
		},
	}
	cmd.Flags().BoolVar(&given.vm, "vm", false, "Play the chain's part to a VM")
	cmd.Flags().BoolVar(&given.chain, "chain", false, "Play the VM's part to a chain")
	addBlocks(cmd, &given.blocks, "play")
	cmd.Flags().BoolVar(&given.json, "json", false, "Print the report as JSON")
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
	input, err := openTrace(cmd, file)
	if err != nil {
		return err
	}
	defer input.Close()
	dir, err := os.MkdirTemp("", "agd-replay-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if given.chain {
		return host.replayChain(cmd, input, file, dir, given)
	}
	return host.replayVM(cmd, input, file, dir, given)
}

func (host Host) replayVM(cmd *cobra.Command, input *trace.Input, file, dir string, given replayOptions) error {
	if set := cmd.Flags().Lookup(flags.FlagHome); set != nil && set.Changed {
		if err := replay.CopyStore(home.Layout(set.Value.String()), home.Layout(dir)); err != nil {
			return fmt.Errorf("--%s: %w", flags.FlagHome, err)
		}
	}
	launch, err := host.replayLauncher(cmd, dir)
	if err != nil {
		return err
	}
	report, err := replay.VM(input, file, replay.Options{
		Launch: launch, Blocks: given.blocks, Note: notes(cmd),
		Committed: func(height int64) { launch.Logger.Info("block replayed", "height", height) },
	})
	if err != nil {
		return err
	}
	return printReplay(cmd, given.json, report, printedReplay{file, report, "upcall", "kernel", ""})
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
		Logger:  logger, VMLogger: vmLogger, Signals: host.Signals,
	}, nil
}

// printedReplay is a report with the words for people.
type printedReplay struct {
	file string
	replay.Report
	// call is what the times are of, side what was played to, and also what else
	// was the same, "" for nothing.
	call, side, also string
}

// printReplay prints a report. A difference is an error.
func printReplay(cmd *cobra.Command, asJSON bool, whole any, r printedReplay) error {
	var err error
	if asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(whole)
	} else {
		err = r.print(cmd.OutOrStdout())
	}
	if err == nil && !r.Same {
		return fmt.Errorf("%s:%d: the %s differs from the trace in block %d", r.file, r.Difference.Line, r.side, r.Difference.Height)
	}
	return err
}

func (r printedReplay) print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, r.call+"\tcalls\trecorded\treplayed\treplayed ÷ recorded\t")
	for _, t := range r.Times {
		fmt.Fprintf(table, "%s\t%d\t%.1f ms\t%.1f ms\t%s\t\n", t.Method, t.Calls, t.RecordedMs, t.ReplayedMs, ratio(t.ReplayedMs, t.RecordedMs))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !r.Same {
		_, err := fmt.Fprintln(out, r.Difference.Error())
		return err
	}
	switch end := r.End; {
	case end != nil && end.Error != "":
		fmt.Fprintf(out, "block %d, %s failed as in the record: %s\n", end.Height, end.Method, end.Error)
	case end != nil:
		fmt.Fprintf(out, "the record ends in block %d, %s, without its response: the %s did all that the record has of it\n", end.Height, end.Method, r.side)
	}
	_, err := fmt.Fprintf(out, "the %s did the same: blocks %d to %d, %d upcalls, %d downcalls%s\n", r.side, r.First, r.Last, r.Upcalls, r.Downcalls, r.also)
	return err
}

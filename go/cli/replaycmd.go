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
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// replayOptions are the flags of `agd bridge replay` beside the VM's.
type replayOptions struct {
	vm, json bool
	to       int64
}

func replayCommand(host Host) *cobra.Command {
	var given replayOptions
	cmd := &cobra.Command{
		Use:   "replay FILE --vm",
		Short: "Play a trace to the VM alone, and show the first thing that it does differently",
		Long: `Play the trace that "agd start --bridge-trace FILE" writes to the VM alone: no
chain, no CometBFT. agd makes the recorded upcalls, answers the kernel's
downcalls from the trace, and compares what the kernel does, in order for each
module. It prints the first difference, or the times of both.

The kernel starts as it did in the trace: with an empty store, or with a copy of
the store of --home, a home directory from before the trace. With the store of a
later block, the replay begins at the next block. So a flight recorder's file,
data/bridge-crash-….jsonl.zst, can be replayed with the home of the node that
failed. With --split-vm, or after an update of Node.js or of the kernel's
packages, a replay shows whether another version does the same on real traffic.
Traces of both modes can be replayed. FILE may be - for standard input.

Exit codes: 0 the kernel did the same, 1 it did not, or the trace cannot be
replayed, 98 stopped by a signal.`,
		Example: "agd bridge replay trace.jsonl --vm\nagd bridge replay trace.jsonl --vm --home ./home-before --to 1000 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return host.replay(cmd, args[0], given)
		},
	}
	cmd.Flags().BoolVar(&given.vm, "vm", false, "Play the chain's part to a VM")
	cmd.Flags().Int64Var(&given.to, "to", 0, "Last block to play, 0 for all")
	cmd.Flags().BoolVar(&given.json, "json", false, "Print the report as JSON")
	options.AddVMFlags(cmd)
	return cmd
}

func (host Host) replay(cmd *cobra.Command, file string, given replayOptions) error {
	if !given.vm {
		return errors.New("name the side to play to: --vm")
	}
	if given.to < 0 {
		return fmt.Errorf("--to must not be negative, it is %d", given.to)
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
	if set := cmd.Flags().Lookup(flags.FlagHome); set != nil && set.Changed {
		if err := replay.CopyStore(home.Layout(set.Value.String()), home.Layout(dir)); err != nil {
			return fmt.Errorf("--%s: %w", flags.FlagHome, err)
		}
	}
	launch, err := host.replayLauncher(cmd, dir)
	if err != nil {
		return err
	}
	note := func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) }
	report, err := replay.VM(input, file, replay.Options{
		Launch: launch, To: given.to, Note: note,
		Committed: func(height int64) { launch.Logger.Info("block replayed", "height", height) },
	})
	if err != nil {
		return err
	}
	if given.json {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(report)
	} else {
		err = printReplay(cmd.OutOrStdout(), report)
	}
	if err == nil && !report.Same {
		return fmt.Errorf("%s:%d: the kernel differs from the trace in block %d", file, report.Difference.Line, report.Difference.Height)
	}
	return err
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

// printReplay prints a report for people.
func printReplay(out io.Writer, r replay.Report) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "upcall\tcalls\trecorded\treplayed\treplayed ÷ recorded\t")
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
		fmt.Fprintf(out, "the record ends in block %d, %s, without its response: the kernel did all that the record has of it\n", end.Height, end.Method)
	}
	_, err := fmt.Fprintf(out, "the kernel did the same: blocks %d to %d, %d upcalls, %d downcalls\n", r.First, r.Last, r.Upcalls, r.Downcalls)
	return err
}

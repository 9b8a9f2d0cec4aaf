package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/trace"
)

// bridgeCommand groups the commands that inspect the bridge from outside. It
// reads no configuration and creates no home directory.
func bridgeCommand(host Host) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "bridge",
		Short:             "Inspect the traffic between chain and kernel",
		RunE:              requireCommand,
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
	}
	cmd.AddCommand(traceCommand(host), diffCommand(), replayCommand(host))
	return cmd
}

// traceOptions are the flags of `agd bridge trace`.
type traceOptions struct {
	follow, json         bool
	width                int
	methods              []string
	perfetto, slog, html string
	redact, redactKey    string
	blocks               trace.Blocks
}

func traceCommand(host Host) *cobra.Command {
	var options traceOptions
	cmd := &cobra.Command{
		Use:   "trace FILE",
		Short: "Print the trace that \"agd start --bridge-trace FILE\" writes",
		Long: `Print the trace that "agd start --bridge-trace FILE" writes, one line per frame:
time (UTC), direction, kind (call, answer, error, notify, or broken for a frame
that breaks the protocol), id, method, duration of the call, and params, result
or error. Frames that a call causes are indented below it.

With --perfetto or --html, agd writes a time line or a page of the trace.

With --redact, agd writes a trace for others: each text in it, such as an address,
an amount, a path or a message, is replaced by a token, and equal texts by equal
tokens. Times, methods, numbers and the structure remain, so it can be printed,
drawn and compared, but not replayed.

FILE may be - for standard input. Rotated and compressed files are read too. agd
skips lines that are not part of a trace, and reports them on standard error.`,
		Example: "agd bridge trace trace.jsonl --method 'vstorage.*'\nagd bridge trace --follow trace.jsonl\nagd bridge trace trace.jsonl --perfetto timeline.json --slog slog.jsonl\nagd bridge trace trace.jsonl --html trace.html --from 900 --to 1000\nagd bridge trace trace.jsonl --redact shared.jsonl.zst",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := options.check(cmd); err != nil {
				return err
			}
			switch {
			case options.redact != "":
				return redactTrace(cmd, args[0], options)
			case options.perfetto != "" || options.html != "":
				return showTrace(cmd, args[0], options)
			}
			return host.printTrace(cmd, args[0], options)
		},
	}
	cmd.Flags().BoolVarP(&options.follow, "follow", "f", false, "Follow the file until Ctrl-C")
	cmd.Flags().BoolVar(&options.json, "json", false, "Print JSON lines, with the method and duration (in microseconds) of each answer")
	cmd.Flags().IntVar(&options.width, "width", 0, "Maximum line length in characters, 0 for no limit (default: the terminal's width, no limit elsewhere)")
	cmd.Flags().StringVar(&options.perfetto, "perfetto", "", "Write a time line to this file instead, in the Trace Event format that ui.perfetto.dev and chrome://tracing open")
	cmd.Flags().StringVar(&options.slog, "slog", "", "With --perfetto: the kernel's slog, whose deliveries to vats are added")
	cmd.Flags().StringVar(&options.html, "html", "", "Write a page to this file instead: times of blocks, calls and frames; it loads nothing from elsewhere")
	cmd.Flags().StringVar(&options.redact, "redact", "", "Write the trace to this file instead, with a token in place of each text; compressed if its name ends with .zst")
	cmd.Flags().StringVar(&options.redactKey, "redact-key", "", "With --redact: a secret text; traces that were redacted with the same one can be compared (default: a random one)")
	addBlocks(cmd, &options.blocks, "print")
	cmd.Flags().StringArrayVar(&options.methods, "method", nil, "Print only frames whose method matches this pattern (*, ?, [a-z]); may be repeated")
	return cmd
}

func (host Host) printTrace(cmd *cobra.Command, file string, options traceOptions) error {
	width := func() int { return options.width }
	if !cmd.Flags().Changed("width") {
		width = terminalWidth(cmd.OutOrStdout())
	}
	if options.follow && strings.HasSuffix(file, trace.CompressedSuffix) {
		return fmt.Errorf("--follow: %s is compressed: its lines come late and in blocks; name a file without %s for --bridge-trace", file, trace.CompressedSuffix)
	}
	printer, err := trace.NewPrinter(trace.Options{
		Out: cmd.OutOrStdout(), Notes: cmd.ErrOrStderr(),
		Name: file, Width: width, JSON: options.json, Methods: options.methods,
		Blocks: options.blocks,
	})
	if err != nil {
		return fmt.Errorf("--method: %w", err)
	}
	input, err := openTrace(cmd, file)
	if err != nil {
		return err
	}
	defer input.Close()
	if options.follow {
		return host.followTrace(file, input, printer)
	}
	printer.Locate(input.Where)
	if err := trace.ReadAll(input, printer); err != nil {
		return err
	}
	return printer.End()
}

// followTrace succeeds when a signal ends it.
func (host Host) followTrace(file string, input io.Reader, printer *trace.Printer) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		if file == trace.Stdin {
			done <- trace.ReadAll(input, printer)
		} else {
			done <- trace.Follow(ctx, file, printer)
		}
	}()
	var asked <-chan os.Signal
	if host.Signals != nil {
		asked = host.Signals()
	}
	select {
	case err := <-done:
		return err
	case <-asked:
	}
	if file == trace.Stdin {
		return nil // the read may block; print what was read
	}
	cancel()
	return <-done
}

func openTrace(cmd *cobra.Command, file string) (*trace.Input, error) {
	input, err := trace.OpenInput(file, cmd.InOrStdin())
	var dir *trace.IsDirError
	if errors.As(err, &dir) {
		return nil, fmt.Errorf("%w; name the file that --%s writes", err, options.FlagBridgeTrace)
	}
	return input, err
}

// terminalWidth returns the width of a terminal, 0 for any other output.
func terminalWidth(out io.Writer) func() int {
	file, ok := out.(*os.File)
	return func() int {
		if !ok {
			return 0
		}
		width, _, err := term.GetSize(int(file.Fd()))
		if err != nil {
			return 0
		}
		return width
	}
}

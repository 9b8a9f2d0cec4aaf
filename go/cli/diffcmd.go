package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/agd-bridge/agd-bridge/go/replay"
	"github.com/agd-bridge/agd-bridge/go/trace"
)

func diffCommand() *cobra.Command {
	var asJSON bool
	var blocks trace.Blocks
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two traces block by block, and show the first difference",
		Long: `Compare the blocks that two traces have in common: of two validators, of two
modes, or of two versions. agd compares each block action with its params and
its result, the kernel's downcalls with their answers, in order for each module,
and the changes of the kernel's store. It leaves out what depends on the node:
the kernel's start on an existing store, and blocks that a restart repeats.

agd prints the first difference with the downcalls before it, and the times of
both. One of A and B may be - for standard input. Rotated and compressed files
are read too.

Exit codes: 0 the same, 1 different, or the traces cannot be compared.`,
		Example: "agd bridge diff a.jsonl b.jsonl\nagd bridge diff a.jsonl.zst b.jsonl --from 900 --to 1000 --json",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return diffTraces(cmd, [2]string{args[0], args[1]}, blocks, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print the outcome as JSON")
	addBlocks(cmd, &blocks, "compare")
	return cmd
}

func diffTraces(cmd *cobra.Command, names [2]string, blocks trace.Blocks, asJSON bool) error {
	if err := checkBlocks(blocks); err != nil {
		return err
	}
	if names[0] == trace.Stdin && names[1] == trace.Stdin {
		return errors.New("only one of the traces can be - for standard input")
	}
	var inputs [2]*trace.Input
	for i, name := range names {
		input, err := openTrace(cmd, name)
		if err != nil {
			return err
		}
		defer input.Close()
		inputs[i] = input
	}
	found, err := replay.Diff(inputs, names, blocks, notes(cmd))
	if err != nil {
		return err
	}
	if asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(found)
	} else {
		err = printDiff(cmd.OutOrStdout(), found)
	}
	if err == nil && !found.Same {
		return fmt.Errorf("%s and %s differ in block %d", names[0], names[1], found.Difference.Height)
	}
	return err
}

// printDiff prints a comparison for people.
func printDiff(out io.Writer, c replay.Comparison) error {
	for i, r := range c.Records {
		fmt.Fprintf(out, "%c: %s: blocks %d to %d\n", 'A'+i, r.Name, r.First, r.Last)
	}
	compared := fmt.Sprintf("blocks %d to %d, %d upcalls, %d downcalls", c.First, c.Last, c.Upcalls, c.Downcalls)
	if c.Same {
		fmt.Fprintf(out, "the same: %s\n", compared)
	} else {
		fmt.Fprintf(out, "compared: %s, %d upcalls differ; the first:\n%s\n", compared, c.Differing, c.Difference.Error())
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "upcall\tcalls\tA\tB\tB ÷ A\t")
	for _, t := range c.Times {
		fmt.Fprintf(table, "%s\t%d\t%.1f ms\t%.1f ms\t%s\t\n", t.Method, t.Calls, t.Ms[0], t.Ms[1], ratio(t.Ms[1], t.Ms[0]))
	}
	return table.Flush()
}

// ratio is a ÷ b as text, "" without b.
func ratio(a, b float64) string {
	if b <= 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", a/b)
}

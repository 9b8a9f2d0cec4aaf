package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/agd-bridge/agd-bridge/go/replay"
	"github.com/agd-bridge/agd-bridge/go/traceview"
)

// replayed is the outcome of a replay, with the words for people.
type replayed struct {
	replay.Report
	// whole is what --json prints.
	whole any
	file  string
	// side is what was played to, call what the printed times are of, and also what
	// else was the same, "" for nothing.
	side, call, also string
	// phases and downcalls say what the times of a page are of.
	phases, downcalls string
}

// print prints the outcome. A difference is an error.
func (r replayed) print(cmd *cobra.Command, asJSON bool) error {
	var err error
	if asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(r.whole)
	} else {
		err = r.printText(cmd.OutOrStdout())
	}
	if err == nil && !r.Same {
		return fmt.Errorf("%s:%d: the %s differs from the trace in block %d", r.file, r.Difference.Line, r.side, r.Difference.Height)
	}
	return err
}

func (r replayed) printText(out io.Writer) error {
	if recorded := r.Recorded.String(); recorded != "" {
		fmt.Fprintf(out, "recorded with %s\nreplayed with %s\n", recorded, r.Replayed)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, r.call+"\tcalls\trecorded\treplayed\treplayed ÷ recorded\t")
	for _, t := range r.Times {
		fmt.Fprintf(table, "%s\t%d\t%.1f ms\t%.1f ms\t%s\t\n", t.Method, t.Calls, t.RecordedMs, t.ReplayedMs, ratio(t.ReplayedMs, t.RecordedMs))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	switch {
	case r.Same:
	case r.All != nil:
		return printAll(out, r.All)
	default:
		_, err := fmt.Fprintln(out, r.Difference.Error())
		return err
	}
	if r.End != nil {
		fmt.Fprintln(out, r.end())
	}
	_, err := fmt.Fprintln(out, r.same())
	return err
}

// printAll prints all differences, and a summary at the end.
func printAll(out io.Writer, all *replay.Differences) error {
	for _, port := range all.Ports {
		fmt.Fprintf(out, "%s\n%s", port.Title(), port.Text())
	}
	if all.LeftOut > 0 {
		fmt.Fprintln(out, leftOut(all))
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(differingHeads, "\t"))
	for _, m := range all.Methods {
		fmt.Fprintln(table, strings.Join(differingRow(m), "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, summary(all))
	return err
}

var differingHeads = []string{"port", "differing calls", "changed", "missing", "extra", "moved"}

// differingRow has "upcall" as the port of a response.
func differingRow(m replay.MethodDifferences) []string {
	row := []string{cmp.Or(m.Port, "upcall"), m.Method}
	for _, count := range []int{m.Changed, m.Missing, m.Extra, m.Moved} {
		row = append(row, strconv.Itoa(count))
	}
	return row
}

func leftOut(all *replay.Differences) string {
	return fmt.Sprintf("%d more calls and ports that differ are not listed", all.LeftOut)
}

func summary(all *replay.Differences) string {
	text := fmt.Sprintf("%d of %d blocks differ, %d are equal", all.DifferingBlocks, all.Blocks, all.EqualBlocks)
	if all.Stopped != "" {
		text += "; the replay could not continue: " + all.Stopped
	}
	return text
}

// end describes the end of a trace that ends with a failure, or in a block.
func (r replayed) end() string {
	end := r.End
	if end.Error != "" {
		return fmt.Sprintf("block %d, %s failed as in the trace: %s", end.Height, end.Method, end.Error)
	}
	return fmt.Sprintf("the trace ends in block %d, %s, without its response: the %s did all that the trace has of it", end.Height, end.Method, r.side)
}

func (r replayed) same() string {
	return fmt.Sprintf("the %s did the same: blocks %d to %d, %d upcalls, %d downcalls%s", r.side, r.First, r.Last, r.Upcalls, r.Downcalls, r.also)
}

// onPage describes the outcome for a page.
func (r replayed) onPage() traceview.Replayed {
	about := traceview.Replayed{
		Name: r.file, Lead: "T" + r.same()[1:] + ".", Phases: r.phases, Downcalls: r.downcalls,
		Facts: [][2]string{{"recorded with", r.Recorded.String()}, {"replayed with", r.Replayed.String()}},
	}
	if !r.Same {
		about.Lead = fmt.Sprintf("The %s differs from the trace in block %d, after %d upcalls and %d downcalls.", r.side, r.Difference.Height, r.Upcalls, r.Downcalls)
		about.Difference = r.Difference.Error()
		if r.All != nil {
			about.Lead = fmt.Sprintf("The %s differs from the trace, first in block %d.", r.side, r.Difference.Height)
			about.All = allOnPage(r.All)
		}
	} else if r.End != nil {
		about.Facts = append(about.Facts, [2]string{"end", r.end()})
	}
	return about
}

// allOnPage is what a page shows of all differences.
func allOnPage(all *replay.Differences) *traceview.Differing {
	page := &traceview.Differing{Summary: summary(all) + ".", Heads: differingHeads}
	for _, m := range all.Methods {
		page.Rows = append(page.Rows, differingRow(m))
	}
	for _, port := range all.Ports {
		page.Ports = append(page.Ports, [2]string{port.Title(), port.Text()})
	}
	if all.LeftOut > 0 {
		page.LeftOut = leftOut(all) + "."
	}
	return page
}

// timed is what a page shows of times.
func timed(times replay.Times) []traceview.Timed {
	all := make([]traceview.Timed, len(times))
	for i, t := range times {
		all[i] = traceview.Timed{Name: t.Method, Calls: t.Calls, RecordedMs: t.RecordedMs, ReplayedMs: t.ReplayedMs}
	}
	return all
}

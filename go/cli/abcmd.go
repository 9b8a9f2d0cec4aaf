package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agd-bridge/agd-bridge/go/options"
)

// abOptions are the flags of `agd ab`.
type abOptions struct {
	blocks, actions, seed int
	workload              string
	transport, json, html string
	keep                  bool
}

// files are the output files, each with its flag.
func (given abOptions) files() []struct{ flag, path string } {
	return []struct{ flag, path string }{{"json", given.json}, {"html", given.html}}
}

// mostActions is the maximum number of actions in a block; the queues of the
// test bed have room for them (packages/ab/src/bed.ts).
const mostActions = 1000

// workloads are the kinds of messages (packages/ab/src/workload.ts).
var workloads = []string{"wallet", "bank", "mixed"}

// abCommand compares the modes. It reads no configuration and creates no home
// of the user's: both nodes have temporary homes.
func abCommand(host Host) *cobra.Command {
	var given abOptions
	cmd := &cobra.Command{
		Use:   "ab",
		Short: "Compare the modes: the same transactions through both, block by block",
		Long: `Compare the modes on a temporary chain. Each block runs in both modes, in random
order: with the kernel in-process, and with the kernel in a separate process.

agd makes two copies of the chain in the system's temporary directory, runs both
nodes on free loopback ports, and removes everything at the end. It prints the
duration of blocks and their phases, the downcalls and bytes per block, and the
CPU time and memory of each process, each with the ratio split / in-process and
its 95 % interval.

Exit codes: 0 compared, 1 could not compare, or the modes made different blocks,
98 stopped by a signal.`,
		Example: "agd ab\nagd ab --blocks 50 --actions 200 --workload bank --json ab.json --html ab.html",
		Args:    noArguments,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return host.compareModes(given) },
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if strings.Contains(err.Error(), "unknown flag: --"+options.FlagSplit) {
			return fmt.Errorf("%s runs both modes: it takes no --%s (see %q)", cmd.CommandPath(), options.FlagSplit, cmd.CommandPath()+" --help")
		}
		return flagError(cmd, err)
	})
	flags := cmd.Flags()
	flags.IntVar(&given.blocks, "blocks", 20, "Number of measured blocks in each mode")
	flags.IntVar(&given.actions, "actions", 20, fmt.Sprintf("Messages per block, at most %d", mostActions))
	flags.StringVar(&given.workload, "workload", workloads[0], "Kind of messages: wallet (wallet actions), bank (payments, each of which changes two balances), or mixed (half of each)")
	flags.StringVar(&given.transport, "transport", options.TransportAuto, "Transport of the split mode: pipe, shm, or auto (see agd start --split-transport)")
	flags.IntVar(&given.seed, "seed", 0, "Seed of the random order, to repeat a run; 0 selects a new seed, which the run prints")
	flags.StringVar(&given.json, "json", "", "Write all measurements to this file, as JSON")
	flags.StringVar(&given.html, "html", "", "Write a page with plots to this file")
	flags.BoolVar(&given.keep, "keep", false, "Keep both home directories and the logs, and print their paths")
	return cmd
}

// compareModes becomes the Node.js program that compares them.
func (host Host) compareModes(given abOptions) error {
	if err := given.check(); err != nil {
		return err
	}
	args := []string{
		"--agd", host.Files.Binary,
		"--blocks", strconv.Itoa(given.blocks),
		"--actions", strconv.Itoa(given.actions),
		"--workload", given.workload,
		"--transport", given.transport,
	}
	if given.seed != 0 {
		args = append(args, "--seed", strconv.Itoa(given.seed))
	}
	for _, file := range given.files() {
		if file.path == "" {
			continue
		}
		path, err := filepath.Abs(file.path)
		if err != nil {
			return fmt.Errorf("--%s: %w", file.flag, err)
		}
		args = append(args, "--"+file.flag, path)
	}
	if given.keep {
		args = append(args, "--keep")
	}
	return host.program().Become("agd ab", host.Files.AB, args)
}

// check returns an error for an invalid flag.
func (given abOptions) check() error {
	if given.blocks < 1 {
		return fmt.Errorf("--blocks must be at least 1, not %d", given.blocks)
	}
	if given.actions < 1 || given.actions > mostActions {
		return fmt.Errorf("--actions must be 1 to %d, not %d", mostActions, given.actions)
	}
	if !slices.Contains(workloads, given.workload) {
		return fmt.Errorf("--workload must be wallet, bank or mixed, not %q", given.workload)
	}
	if given.seed < 0 {
		return fmt.Errorf("--seed must not be negative, it is %d", given.seed)
	}
	switch given.transport {
	case options.TransportAuto, options.TransportPipe, options.TransportShm:
	default:
		return fmt.Errorf("--transport must be pipe, shm or auto, not %q", given.transport)
	}
	for _, file := range given.files() {
		if file.path == "" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(file.path)); err != nil || !info.IsDir() {
			return fmt.Errorf("--%s: there is no directory %s", file.flag, filepath.Dir(file.path))
		}
		if info, err := os.Stat(file.path); err == nil && info.IsDir() {
			return fmt.Errorf("--%s: %s is a directory: name a file", file.flag, file.path)
		}
	}
	return nil
}

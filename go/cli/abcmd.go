package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agd-bridge/agd-bridge/go/options"
)

// abOptions are the flags of `agd ab`.
type abOptions struct {
	blocks, actions, seed int
	transport, json, html string
	keep                  bool
}

// files are what is written, each with its flag.
func (given abOptions) files() []struct{ flag, path string } {
	return []struct{ flag, path string }{{"json", given.json}, {"html", given.html}}
}

// mostActions is how many a block may have; the queues of the test bed hold
// them (packages/ab/src/bed.ts).
const mostActions = 1000

// abCommand compares the modes. It reads no configuration and makes no home
// directory of the user's: both nodes have temporary ones.
func abCommand(host Host) *cobra.Command {
	var given abOptions
	cmd := &cobra.Command{
		Use:   "ab",
		Short: "Compare the modes: the same transactions through both, block by block",
		Long: `Compare the modes: run the same transactions through a chain with the kernel
in-process and one with the kernel in a process of its own, a block of the one,
then the same block of the other, in random order.

It makes two copies of one chain below the system's temporary directory, runs
both nodes at the same time on free ports of loopback, and removes all again.
It prints how long blocks and their phases took, the downcalls and bytes of a
block, and the CPU time and the memory of each process; and of each the ratio
split / in-process, with its 95 % interval.

Exit codes: 0 compared, 1 could not, or the modes made different blocks,
98 stopped by a signal.`,
		Example: "agd ab\nagd ab --blocks 50 --actions 200 --transport shm --json ab.json --html ab.html",
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
	flags.IntVar(&given.blocks, "blocks", 20, "Blocks of each mode that are measured")
	flags.IntVar(&given.actions, "actions", 20, fmt.Sprintf("Actions of the kernel in a block, at most %d", mostActions))
	flags.StringVar(&given.transport, "transport", options.TransportAuto, "What carries the frames of the split mode: pipe, shm, or auto (see agd start --split-transport)")
	flags.IntVar(&given.seed, "seed", 0, "Repeats the random order of a run, which prints its seed; 0 for another each time")
	flags.StringVar(&given.json, "json", "", "Write all that was measured to this file, as JSON")
	flags.StringVar(&given.html, "html", "", "Write a page with plots to this file")
	flags.BoolVar(&given.keep, "keep", false, "Keep both homes and the nodes' logs, and print where")
	return cmd
}

// compareModes becomes Node.js on the program that does it.
func (host Host) compareModes(given abOptions) error {
	if err := given.check(); err != nil {
		return err
	}
	args := []string{
		"--agd", host.Files.Binary,
		"--blocks", strconv.Itoa(given.blocks),
		"--actions", strconv.Itoa(given.actions),
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

// check tells what is wrong with the flags.
func (given abOptions) check() error {
	if given.blocks < 1 {
		return fmt.Errorf("--blocks must be at least 1, not %d", given.blocks)
	}
	if given.actions < 1 || given.actions > mostActions {
		return fmt.Errorf("--actions must be 1 to %d, not %d", mostActions, given.actions)
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
	}
	return nil
}

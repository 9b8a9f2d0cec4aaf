package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// localnetOptions are the flags of `agd localnet`. The Node.js program chooses
// the values of flags that the user did not set, because an existing network
// has its own.
type localnetOptions struct {
	validators, split int
	home, vatConfig   string
	changed           func(flag string) bool
}

const (
	flagValidators = "validators"
	flagVatConfig  = "bootstrap-vat-config"
	// mostValidators is a number for which loopback has enough ports and a machine
	// enough memory.
	mostValidators = 64
)

// localnetCommand runs a network of validators, whose homes are below one
// directory.
func localnetCommand(host Host) *cobra.Command {
	var given localnetOptions
	cmd := &cobra.Command{
		Use:   "localnet",
		Short: "Run a network of validators on this machine, some in each mode",
		Long: `Run a network of validators on free loopback ports. The first ones (--split) run
the kernel in a separate process, the others in-process.

agd creates a home directory for each node (node1, node2, …), with its log
(node1/agd.log). If the directory already contains a network, agd continues it;
--split may change each time. Ctrl-C stops all nodes.

Exit codes: 1 could not start, 98 stopped by a signal, 99 every node exited
without a request.`,
		Example: "agd localnet\nagd localnet --validators 7 --split 3 --home ./net",
		Args:    noArguments,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			given.changed = cmd.Flags().Changed
			dir, err := options.HomeOf(cmd, host.Env)
			if err != nil {
				return err
			}
			given.home = dir
			return host.runLocalnet(given)
		},
	}
	local := cmd.Flags()
	local.IntVar(&given.validators, flagValidators, 4, fmt.Sprintf("Validators of a new network, at most %d", mostValidators))
	local.IntVar(&given.split, options.FlagSplit, 2, "How many of them run split: the first ones (default half of them)")
	local.StringVar(&given.home, flags.FlagHome, app.DefaultNodeHome+"-localnet", "Directory of the network (else $"+options.EnvOf(flags.FlagHome)+")")
	local.StringVar(&given.vatConfig, flagVatConfig, "", "What the kernel of a new network boots from: a file, or a module as agd-package/config.json (default the demonstration vat)")
	// The default, half, is written as text: its number depends on the validators.
	local.Lookup(options.FlagSplit).DefValue = "0"
	return cmd
}

// runLocalnet becomes the Node.js program that runs the network.
func (host Host) runLocalnet(given localnetOptions) error {
	if err := given.check(); err != nil {
		return err
	}
	args := []string{"--agd", host.Files.Binary, "--" + flags.FlagHome, given.home}
	if given.changed(flagValidators) {
		args = append(args, "--"+flagValidators, strconv.Itoa(given.validators))
	}
	if given.changed(options.FlagSplit) {
		args = append(args, "--"+options.FlagSplit, strconv.Itoa(given.split))
	}
	if given.changed(flagVatConfig) {
		args = append(args, "--"+flagVatConfig, given.vatConfig)
	}
	return host.program().Become("agd localnet", host.Files.Localnet, args)
}

// check returns an error for an invalid flag.
func (given localnetOptions) check() error {
	if given.validators < 1 || given.validators > mostValidators {
		return fmt.Errorf("--%s must be 1 to %d, not %d", flagValidators, mostValidators, given.validators)
	}
	if given.split < 0 {
		return fmt.Errorf("--%s must not be negative, it is %d", options.FlagSplit, given.split)
	}
	if given.changed(flagValidators) && given.changed(options.FlagSplit) && given.split > given.validators {
		return fmt.Errorf("--%s must be at most the number of validators, %d, not %d", options.FlagSplit, given.validators, given.split)
	}
	if given.changed(flagVatConfig) && strings.TrimSpace(given.vatConfig) == "" {
		return fmt.Errorf("--%s must not be empty", flagVatConfig)
	}
	return nil
}

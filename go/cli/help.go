package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// commandGroups are the groups of agd's own help, with the commands of each.
var commandGroups = []struct {
	title    string
	commands []string
}{
	{"Run a node or a network:", []string{startName, "init", "genesis", "config", "devnet", "localnet", "doctor"}},
	{"Use a chain:", []string{"keys", "tx", "query", "status"}},
	{"Handle the stores of a stopped node:", []string{"export", "snapshots", "prune", "comet"}},
	{"Look inside:", []string{"top", "bridge", "ab", "debug", "version", "completion", "help"}},
}

// flagGroups are the groups of flags in the help of commands that run the
// kernel; all other flags follow. A command has only some flags of each group.
var flagGroups = []struct {
	title string
	names []string
}{
	{"Mode", []string{options.FlagSplit, options.FlagSplitVM}},
	{"Export", []string{options.FlagExportDir, options.FlagSwingStoreMode, "output-document", server.FlagHeight, "for-zero-height"}},
	{"Jail of the VM (split mode)", []string{options.FlagJail, options.FlagJailRead, options.FlagJailWrite}},
	{"Transport between chain and kernel", []string{
		options.FlagSplitTransport, options.FlagBridgeTrace, options.FlagBridgeTraceMaxSize,
		options.FlagFlightRecorder, options.FlagSlowCall,
		"bridge.max-frame-bytes", "bridge.max-nesting", "bridge.max-pending-calls", "bridge.max-queued-bytes",
	}},
	{"Kernel and Node.js", []string{
		options.FlagHandshakeTimeout, options.FlagVMInspect, options.FlagVMNodeArgs, app.FlagSwingStoreExportDir,
	}},
	{"Node", []string{
		flags.FlagHome, flags.FlagChainID, flags.FlagLogLevel, flags.FlagLogFormat, flags.FlagLogNoColor,
		"rpc.laddr", "p2p.laddr", "p2p.persistent_peers", "p2p.seeds", "api.enable", "api.address", "grpc.enable", "grpc.address",
		server.FlagMinGasPrices, server.FlagHaltHeight, server.FlagHaltTime,
		server.FlagStateSyncSnapshotInterval, server.FlagStateSyncSnapshotKeepRecent, server.FlagPruning,
	}},
}

const otherFlags = "Cosmos SDK and CometBFT"

// withoutEffect are flags of the SDK and CometBFT that agd refuses, or that
// have at most one useful value. No help lists them; their behaviour is
// unchanged.
var withoutEffect = []string{
	"abci", "address", "block-executor", "block-stm-pre-estimate", "block-stm-workers", "grpc-only",
	"inv-check-period", "proxy_app", "transport", "with-comet",
}

const (
	startExample = `  agd start --split                             # the kernel in a process of its own
  agd start                                     # Node.js hosts both in one process
  agd start --split --jail=on                   # confine the kernel, or refuse to start
  agd start --split --bridge-trace trace.jsonl  # record what passes between chain and kernel
  agd start --api.enable --log_level info       # with REST; everything that CometBFT logs`
	exportExample = `  agd export --export-dir backup --split        # chain and kernel
  agd export --output-document genesis.json     # the chain's state alone`
	restoreExample = `  agd snapshots list
  agd snapshots restore 1000 3 --split`
	rootExample = `  agd init my-node --chain-id my-chain          # then a genesis, see docs/operating.md
  agd start --split
  agd query vstorage children published`
)

// arrangeHelp orders the help of all commands: agd's own flags and commands
// first.
func arrangeHelp(root *cobra.Command) {
	root.Example = rootExample
	for path, example := range map[string]string{
		startName: startExample, "export": exportExample, "snapshots restore": restoreExample,
	} {
		if cmd, _, err := root.Find(strings.Fields(path)); err == nil {
			cmd.Example = example
		}
	}
	indentExamples(root)
	for _, group := range commandGroups {
		root.AddGroup(&cobra.Group{ID: group.title, Title: group.title})
		for _, cmd := range root.Commands() {
			if slices.Contains(group.commands, cmd.Name()) {
				cmd.GroupID = group.title
			}
		}
	}
	last := commandGroups[len(commandGroups)-1].title
	root.SetCompletionCommandGroupID(last)
	root.SetHelpCommand(helpCommand(last))
	if start, _, err := root.Find([]string{startName}); err == nil {
		for _, name := range withoutEffect {
			if flag := start.Flags().Lookup(name); flag != nil {
				flag.Hidden = true
			}
		}
	}
	usual := root.UsageFunc()
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		if cmd.Flags().Lookup(options.FlagSplitTransport) == nil || cmd.HasSubCommands() {
			return usual(cmd)
		}
		return groupedUsage(cmd, cmd.OutOrStderr())
	})
}

// indentExamples indents the examples of a command and its subcommands, as cobra
// indents everything else below a heading.
func indentExamples(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		indentExamples(sub)
	}
	if cmd.Example != "" && !strings.HasPrefix(cmd.Example, " ") {
		cmd.Example = "  " + strings.ReplaceAll(strings.TrimRight(cmd.Example, "\n"), "\n", "\n  ")
	}
}

// helpCommand is cobra's help command, except that it needs no home and that an
// unknown command is an error.
func helpCommand(group string) *cobra.Command {
	return &cobra.Command{
		Use:     "help [command]",
		Short:   "Help about any command",
		GroupID: group,
		// Replaces the root's hook, which reads the files of a home.
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
		RunE: func(cmd *cobra.Command, args []string) error {
			return helpAbout(cmd.Root(), args)
		},
	}
}

// helpAbout prints the help of a command below cmd.
func helpAbout(cmd *cobra.Command, args []string) error {
	about, rest, err := cmd.Find(args)
	switch {
	case err != nil:
		return err
	case about.HasSubCommands() && len(rest) > 0:
		return requireCommand(about, rest)
	}
	about.InitDefaultHelpFlag()
	return about.Help()
}

// helpName is the word that asks for help, also after a command.
const helpName = "help"

// refuseShells makes `agd completion` refuse a shell that it does not know. Cobra
// would print the help and succeed.
func refuseShells(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion, _, err := root.Find([]string{completionName})
	if err != nil {
		return
	}
	completion.Args = cobra.ArbitraryArgs
	completion.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 || args[0] == helpName {
			return requireCommand(cmd, args)
		}
		var shells []string
		for _, shell := range cmd.Commands() {
			shells = append(shells, shell.Name())
		}
		return fmt.Errorf("unknown shell %q: expected %s%s", args[0], strings.Join(shells, ", "), didYouMean(cmd, args[0]))
	}
}

const completionName = "completion"

// groupedUsage writes the usage of a command, with its flags grouped by
// flagGroups.
func groupedUsage(cmd *cobra.Command, out io.Writer) error {
	left := pflag.NewFlagSet("", pflag.ContinueOnError)
	left.AddFlagSet(cmd.LocalFlags())
	left.AddFlagSet(cmd.InheritedFlags())
	text := fmt.Sprintf("Usage:\n  %s\n", cmd.UseLine())
	if cmd.Example != "" {
		text += fmt.Sprintf("\nExamples:\n%s\n", cmd.Example)
	}
	grouped := map[string]bool{}
	write := func(title string, group *pflag.FlagSet) {
		if group.HasAvailableFlags() {
			text += fmt.Sprintf("\n%s:\n%s", title, group.FlagUsagesWrapped(usageColumns))
		}
	}
	for _, group := range flagGroups {
		part := pflag.NewFlagSet("", pflag.ContinueOnError)
		part.SortFlags = false
		for _, name := range group.names {
			if flag := left.Lookup(name); flag != nil {
				part.AddFlag(flag)
				grouped[name] = true
			}
		}
		write(group.title, part)
	}
	rest := pflag.NewFlagSet("", pflag.ContinueOnError)
	left.VisitAll(func(flag *pflag.Flag) {
		if !grouped[flag.Name] {
			rest.AddFlag(flag)
		}
	})
	write(otherFlags, rest)
	_, err := io.WriteString(out, text)
	return err
}

// usageColumns is the width of a grouped help, in columns.
const usageColumns = 110

package cli

import (
	"slices"
	"strings"

	"github.com/creachadair/tomledit"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
)

// flagValues are the values of flags with few values.
var flagValues = map[string][]string{
	options.FlagSplitTransport: {options.TransportAuto, options.TransportPipe, options.TransportShm},
	options.FlagJail:           {options.JailAuto, options.JailOn, options.JailOff},
	options.FlagSwingStoreMode: {
		string(options.SwingStoreSkip), string(swingstore.ModeOperational), string(swingstore.ModeReplay),
		string(swingstore.ModeArchival), string(swingstore.ModeDebug),
	},
	flags.FlagLogLevel:        options.LogLevels,
	flags.FlagVerboseLogLevel: append(slices.Clone(options.LogLevels), "none"),
	flags.FlagLogFormat:       options.LogFormats,
	flags.FlagOutput:          {flags.OutputFormatText, flags.OutputFormatJSON},
	flags.FlagBroadcastMode:   {flags.BroadcastSync, flags.BroadcastAsync},
	flags.FlagSignMode:        {flags.SignModeDirect, flags.SignModeLegacyAminoJSON, flags.SignModeDirectAux},
	flags.FlagKeyringBackend:  options.KeyringBackends,
	server.FlagPruning:        options.PruningStrategies,
	"db_backend":              {"goleveldb"},
	"workload":                workloads,
}

// directoryFlags take the path of a directory.
var directoryFlags = []string{
	flags.FlagHome, flags.FlagKeyringDir, options.FlagExportDir, app.FlagSwingStoreExportDir,
}

// keyFlags take the name of a key in the keyring.
var keyFlags = []string{flags.FlagFrom, flags.FlagFeePayer, flags.FlagFeeGranter, "multisig"}

// keyCommands take names of keys as arguments.
var keyCommands = []string{"show", "delete", "export", "rename"}

// completeValues registers completion of flag values and names of keys for a
// command and its subcommands.
func completeValues(cmd *cobra.Command, env []string) {
	complete := func(flag *pflag.Flag) {
		switch values, found := flagValues[flag.Name]; {
		case found && !(flag.Name == flags.FlagOutput && flag.DefValue == ""): // a file, of snapshots dump
			// It fails if the SDK already completes this flag.
			_ = cmd.RegisterFlagCompletionFunc(flag.Name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		case slices.Contains(directoryFlags, flag.Name):
			_ = cmd.MarkFlagDirname(flag.Name)
		case slices.Contains(keyFlags, flag.Name):
			_ = cmd.RegisterFlagCompletionFunc(flag.Name, completeKeys(env))
		}
	}
	cmd.LocalNonPersistentFlags().VisitAll(complete)
	cmd.PersistentFlags().VisitAll(complete)
	switch name := nameOf(cmd); {
	case isBelow(name, []string{"keys"}) && slices.Contains(keyCommands, cmd.Name()):
		cmd.ValidArgsFunction = completeKeys(env)
	case isConfigCommand(cmd):
		cmd.ValidArgsFunction = completeConfig(env)
	case name == "devnet "+commandFund:
		cmd.ValidArgsFunction = completeFund(env)
	case !cmd.HasSubCommands() && isBelow(name, []string{"tx", "query"}) && cmd.ValidArgsFunction == nil:
		cmd.ValidArgsFunction = completeAddresses(env)
	}
	for _, sub := range cmd.Commands() {
		completeValues(sub, env)
	}
}

// completeAddresses completes with names of keys the arguments of a client's
// command that are addresses. The command also accepts the names.
func completeAddresses(env []string) cobra.CompletionFunc {
	keys := completeKeys(env)
	return func(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		at := len(args)
		// Of tx bank send: [from_key_or_address].
		words := argumentWords(cmd.Use, at+1)
		takesKey := at < len(words) && strings.Contains(words[at], "key") && strings.Contains(words[at], "addr")
		if kinds := addressKinds(cmd.Use, at+1); takesKey || at < len(kinds) && kinds[at] != noAddress {
			return keys(cmd, args, toComplete)
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
}

// completeFund completes the name of a key of the chain of `agd devnet`.
func completeFund(env []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var given devnetOptions
		given.home, _ = cmd.Flags().GetString(flags.FlagHome)
		given.core, _ = cmd.Flags().GetBool(flagCore)
		given, err := given.complete(cmd, env)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		names, _ := home.KeyNames(given.home)
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeConfig completes a file of `agd config`, its keys, and values of keys
// that have few.
func completeConfig(env []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp
		switch {
		case cmd.Name() == "home", cmd.Name() != "set" && len(args) > 1, cmd.Name() == "view" && len(args) > 0:
			return nil, directive
		case len(args) == 0:
			return configFiles, directive
		}
		dir, err := options.HomeOf(cmd, env)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		document, err := readDocument(home.Layout(dir).ConfigFile(strings.TrimSuffix(args[0], ".toml")))
		if err != nil {
			return nil, directive
		}
		if len(args)%2 == 1 {
			return optionNames(document), directive
		}
		return valuesOf(document, args[len(args)-1]), cobra.ShellCompDirectiveDefault
	}
}

// valuesOf returns the values of a key of a file, if it has few; else none.
func valuesOf(document *tomledit.Document, key string) []string {
	if values, known := flagValues[key]; known {
		return values
	}
	entry, err := findOption(document, "", key)
	if err != nil {
		return nil
	}
	if text := entry.Value.String(); text == "true" || text == "false" {
		return []string{"true", "false"}
	}
	return nil
}

// completeKeys completes the names of keys that can be listed without a password.
func completeKeys(env []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		dir, err := options.HomeOf(cmd, env)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		names, _ := home.KeyNames(dir)
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// needsNoHome reports whether a command prints only information of the program
// itself.
func needsNoHome(cmd *cobra.Command) bool {
	switch cmd.Name() {
	case cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd, manName:
		return true
	}
	return cmd.HasParent() && cmd.Parent().Name() == completionName
}

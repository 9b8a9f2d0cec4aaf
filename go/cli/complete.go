package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/server"
	pruningtypes "github.com/cosmos/cosmos-sdk/store/v2/pruning/types"

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
	flags.FlagKeyringBackend: {
		keyring.BackendOS, keyring.BackendFile, keyring.BackendKWallet,
		keyring.BackendPass, keyring.BackendTest, keyring.BackendMemory,
	},
	server.FlagPruning: {
		pruningtypes.PruningOptionDefault, pruningtypes.PruningOptionNothing,
		pruningtypes.PruningOptionEverything, pruningtypes.PruningOptionCustom,
	},
	"db_backend": {"goleveldb"},
	"workload":   workloads,
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
	if parent := cmd.Parent(); parent != nil && parent.Name() == "keys" && slices.Contains(keyCommands, cmd.Name()) {
		cmd.ValidArgsFunction = completeKeys(env)
	}
	for _, sub := range cmd.Commands() {
		completeValues(sub, env)
	}
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
	return cmd.HasParent() && cmd.Parent().Name() == "completion"
}

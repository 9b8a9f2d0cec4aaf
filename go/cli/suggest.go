package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/agd-bridge/agd-bridge/go/options"
)

// requireCommands makes every command that only groups others name an unknown
// one; cobra would print its help, with success, and the SDK some lines.
func requireCommands(cmd *cobra.Command) {
	// A command with arguments of its own, such as devnet, also runs by itself.
	if cmd.HasSubCommands() && cmd.Args == nil {
		cmd.Args, cmd.RunE, cmd.Run = cobra.ArbitraryArgs, requireCommand, nil
		cmd.DisableFlagParsing = false
	}
	for _, sub := range cmd.Commands() {
		requireCommands(sub)
	}
}

func requireCommand(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unknown command %q%s (see %q)", args[0], didYouMean(cmd, args[0]), cmd.CommandPath()+" --help")
	}
	return cmd.Help()
}

// flagError says where the flags of a command are listed; and of the mode,
// which commands have one.
func flagError(cmd *cobra.Command, err error) error {
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
		return requireCommand(cmd, words) // the flag may be one of the command that was meant
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("%w (see %q)", err, cmd.CommandPath()+" --help")
	}
	name := unknown.GetSpecifiedName()
	if strings.HasPrefix(name, options.FlagSplit) {
		if cmd.Flags().Lookup(options.FlagSplit) == nil {
			return fmt.Errorf("%s needs no kernel: --%s is an option of those that run it: start, export, snapshots restore", cmd.CommandPath(), options.FlagSplit)
		}
	}
	// cobra compares a word with the names of commands: here the flags' names.
	known := &cobra.Command{}
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if !flag.Hidden {
			known.AddCommand(&cobra.Command{Use: "--" + flag.Name, Run: func(*cobra.Command, []string) {}})
		}
	})
	return fmt.Errorf("%w%s (see %q)", err, didYouMean(known, "--"+name), cmd.CommandPath()+" --help")
}

// maxSuggestions is how many names are suggested for a mistyped one.
const maxSuggestions = 3

// didYouMean suggests subcommands that are spelt like this word.
func didYouMean(cmd *cobra.Command, word string) string {
	cmd.SuggestionsMinimumDistance = 2
	if len(strings.TrimLeft(word, "-")) < 4 {
		cmd.SuggestionsMinimumDistance = 1
	}
	names := cmd.SuggestionsFor(word)
	if len(names) == 0 {
		return ""
	}
	return ": did you mean " + strings.Join(names[:min(len(names), maxSuggestions)], ", ") + "?"
}

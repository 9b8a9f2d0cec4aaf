package cli

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/agd-bridge/agd-bridge/go/options"
)

// requireCommands makes every command that only groups others return an error
// for an unknown subcommand. Cobra would print the help and succeed.
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
	switch {
	case len(args) > 1 && args[0] == helpName:
		return helpAbout(cmd, args[1:])
	case len(args) > 0 && args[0] != helpName:
		return fmt.Errorf("unknown command %q%s (see %q)", args[0], didYouMean(cmd, args[0]), cmd.CommandPath()+" --help")
	}
	return cmd.Help()
}

// flagError adds to an error of a flag the command that lists all flags, and
// for flags of the mode the commands that have them.
func flagError(cmd *cobra.Command, err error) error {
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
		return requireCommand(cmd, words) // the flag may belong to the intended command
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		err = explainValue(invalid)
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && strings.IndexFunc(unknown.GetSpecifiedShortnames(), unicode.IsDigit) == 0 {
		return fmt.Errorf("%q looks like a flag: amounts have no sign (see %q)", "-"+unknown.GetSpecifiedShortnames(), cmd.CommandPath()+" --help")
	}
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("%w (see %q)", err, cmd.CommandPath()+" --help")
	}
	name := unknown.GetSpecifiedName()
	if strings.HasPrefix(name, options.FlagSplit) {
		if cmd.Flags().Lookup(options.FlagSplit) == nil {
			return fmt.Errorf("%s needs no kernel: --%s is an option of those that run it: start, export, snapshots restore", cmd.CommandPath(), options.FlagSplit)
		}
	}
	var known []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if !flag.Hidden {
			known = append(known, "--"+flag.Name)
		}
	})
	return fmt.Errorf("%w%s (see %q)", err, didYouMeanOf(known, "--"+name), cmd.CommandPath()+" --help")
}

// flagKinds are descriptions of the values of flags, by the flags' types.
var flagKinds = map[string]string{
	"bool": "true or false", "duration": "a duration such as 10s",
	"int": "a whole number", "int32": "a whole number", "int64": "a whole number",
	"uint": "a whole number, not negative", "uint32": "a whole number, not negative", "uint64": "a whole number, not negative",
}

// explainValue replaces the error of Go's parser, where the flag's type says
// what is expected.
func explainValue(err *pflag.InvalidValueError) error {
	flag := err.GetFlag()
	kind, found := flagKinds[flag.Value.Type()]
	if !found {
		return err
	}
	return fmt.Errorf("--%s: expected %s, got %q", flag.Name, kind, err.GetValue())
}

// maxSuggestions bounds the suggestions for a mistyped name.
const maxSuggestions = 3

// didYouMeanOf suggests those of the names that are similar to this word.
func didYouMeanOf(names []string, word string) string {
	known := &cobra.Command{} // cobra compares a word with names of commands
	for _, name := range names {
		known.AddCommand(&cobra.Command{Use: name, Run: func(*cobra.Command, []string) {}})
	}
	return didYouMean(known, word)
}

// didYouMean suggests subcommands with a name similar to this word.
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

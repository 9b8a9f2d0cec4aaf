package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/agd-bridge/agd-bridge/go/options"
)

// mistypedVariable is a variable of the environment that sets no option, with
// the variable of an option that has nearly its name.
type mistypedVariable struct{ name, nearest string }

// mistypedVariables returns the variables that look like a mistyped one of the
// options of a command. Those of other commands are none of them. keys are the
// options of the command, from flags and files.
func mistypedVariables(root *cobra.Command, keys, env []string) []mistypedVariable {
	known := map[string]bool{}
	names := &cobra.Command{} // cobra compares a word with names of commands
	names.SuggestionsMinimumDistance = 2
	for _, key := range keys {
		name := options.EnvOf(key)
		known[name] = true
		names.AddCommand(&cobra.Command{Use: name, Run: func(*cobra.Command, []string) {}})
	}
	var note func(cmd *cobra.Command)
	note = func(cmd *cobra.Command) {
		for _, flags := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
			flags.VisitAll(func(flag *pflag.Flag) { known[options.EnvOf(flag.Name)] = true })
		}
		for _, sub := range cmd.Commands() {
			note(sub)
		}
	}
	note(root)
	var found []mistypedVariable
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, options.EnvPrefix+"_") || known[name] {
			continue
		}
		// cobra also suggests what a word begins.
		near := slices.DeleteFunc(names.SuggestionsFor(name), func(other string) bool {
			return len(other) > len(name)+names.SuggestionsMinimumDistance
		})
		if len(near) > 0 {
			found = append(found, mistypedVariable{name, near[0]})
		}
	}
	return found
}

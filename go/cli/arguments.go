package cli

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/cometbft/cometbft/crypto/tmhash"
	"github.com/spf13/cobra"

	authcmd "github.com/cosmos/cosmos-sdk/x/auth/client/cli"
)

// wrongCount matches cobra's errors of a wrong number of arguments, which do not
// name the arguments.
var wrongCount = regexp.MustCompile(`^(?:accepts|requires) .*arg\(s\), (?:only )?received (\d+)$`)

// explainArguments makes the commands below cmd name the arguments that they
// expect when there are too few or too many.
func explainArguments(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		explainArguments(sub)
	}
	check := cmd.Args
	if check == nil || cmd.HasSubCommands() {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		found := wrongCount.FindStringSubmatch(err.Error())
		if found == nil {
			return err
		}
		_, expected, _ := strings.Cut(cmd.Use, " ")
		if expected == "" {
			expected = "no argument"
		}
		plural := "s"
		if len(args) == 1 {
			plural = ""
		}
		return fmt.Errorf("expected %s, got %d argument%s (see %q)", expected, len(args), plural, cmd.CommandPath()+" --help")
	}
}

// checkHash makes a command whose first argument is a hash, if it has one and
// the flag --type does not say otherwise, refuse any other text. The SDK would
// wait for it, or report an error of the hexadecimal encoding.
func checkHash(cmd *cobra.Command, of, otherwise string) *cobra.Command {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		kind := cmd.Flags().Lookup(authcmd.FlagType)
		if len(args) > 0 && (kind == nil || kind.Value.String() == authcmd.TypeHash) {
			if hash, err := hex.DecodeString(args[0]); err != nil || len(hash) != tmhash.Size {
				return fmt.Errorf("%q is not the hash of a %s: expected %d hexadecimal digits%s", args[0], of, 2*tmhash.Size, otherwise)
			}
		}
		return run(cmd, args)
	}
	return cmd
}

package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
)

// senderWord begins the word for the sender in the usage of commands that take
// it as an argument: "[from_key_or_address]".
const senderWord = "from_key"

// senderless are the commands with --from that also work without a sender.
var senderless = []string{
	"broadcast", "encode", "decode", "validate-signatures", "multi-sign", "multisign", "multisign-batch",
	"sign", "sign-batch", "simulate", "draft-proposal",
}

var errNoSender = errors.New("no sender: name a key or an address with --" + flags.FlagFrom)

// resolveSender checks that a command that sends a transaction has one sender:
// the SDK ignores --from beside an argument, and an absent sender is an error of
// each message. With --dry-run, it replaces the names of keys by their
// addresses, because the SDK then reads no keyring. args is changed in place.
func resolveSender(cmd *cobra.Command, args []string) error {
	from := cmd.Flags().Lookup(flags.FlagFrom)
	if from == nil || cmd.Flags().Lookup(flags.FlagBroadcastMode) == nil || !strings.HasPrefix(cmd.CommandPath(), cmd.Root().Name()+" tx ") {
		return nil
	}
	at := slices.IndexFunc(argumentWords(cmd.Use, len(args)), func(word string) bool {
		return strings.HasPrefix(word, senderWord)
	})
	given := from.Value.String()
	switch {
	case at >= 0 && from.Changed && !sameAccount(cmd, given, args[at]):
		return fmt.Errorf("--%s is %q, but this command's sender is its argument, %q: leave out --%s", from.Name, given, args[at], from.Name)
	case at < 0 && given == "" && !slices.Contains(senderless, cmd.Name()):
		return errNoSender
	}
	if dry, err := cmd.Flags().GetBool(flags.FlagDryRun); err != nil || !dry {
		return nil
	}
	if at >= 0 {
		address, err := resolve(cmd, accountAddress, args[at])
		if err != nil {
			return err
		}
		args[at] = address
	}
	if given == "" {
		return nil
	}
	address, err := resolve(cmd, accountAddress, given)
	if err != nil {
		return fmt.Errorf("--%s: %w", from.Name, err)
	}
	return from.Value.Set(address)
}

// sameAccount reports whether two names or addresses are of one account. What
// cannot be resolved is left to the SDK.
func sameAccount(cmd *cobra.Command, a, b string) bool {
	if a == b {
		return true
	}
	first, err := resolve(cmd, accountAddress, a)
	if err != nil {
		return true
	}
	second, err := resolve(cmd, accountAddress, b)
	return err != nil || first == second
}

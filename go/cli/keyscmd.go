package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
)

// keysCommand returns the SDK's commands for keys. Its export would ask for a
// passphrase before it looks for the key.
func keysCommand() *cobra.Command {
	cmd := keys.Commands()
	for _, sub := range cmd.Commands() {
		switch sub.Name() {
		case "export", "rename": // the second argument of rename is a new name
			checked(sub, 1, checkKey)
		case "delete":
			checked(sub, math.MaxInt, checkKey)
		case "show":
			checked(sub, math.MaxInt, checkShown)
		case "list":
			sayNoKeys(sub)
		}
		explainNoAnswer(sub)
	}
	return cmd
}

// explainNoAnswer makes a command that asks say so if standard input ends before
// the answer. The SDK reports io.EOF alone.
func explainNoAnswer(cmd *cobra.Command) {
	run := cmd.RunE
	if run == nil {
		return
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		if !errors.Is(err, io.EOF) {
			return err
		}
		remedy := "run it on a terminal"
		if yes := cmd.Flags().Lookup(flags.FlagSkipConfirmation); yes != nil {
			remedy += ", or add --" + yes.Name
		} else if ctx, err := clientContext(cmd); err == nil && cmd.Name() == "add" && len(args) > 0 {
			if names, _ := keysOf(ctx); slices.Contains(names, args[0]) {
				remedy = fmt.Sprintf("the keyring has the key %[1]q already: choose another name, or delete it first (%[2]s keys delete %[1]s)", args[0], app.Name)
			}
		}
		return fmt.Errorf("nothing changed: agd asks a question, and standard input has ended: %s", remedy)
	}
}

// keysOf returns the names of a keyring's keys; known is false if it lists them
// only with a password.
func keysOf(ctx client.Context) (names []string, known bool) {
	if ctx.Keyring == nil {
		return nil, false
	}
	switch backend := ctx.Keyring.Backend(); backend {
	case keyring.BackendTest, keyring.BackendFile:
		return home.KeysIn(ctx.KeyringDir, backend), true
	}
	return nil, false
}

// checked makes a command run only if check returns no error for its first count
// arguments.
func checked(cmd *cobra.Command, count int, check func(cmd *cobra.Command, name string) error) {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range args[:min(count, len(args))] {
			if err := check(cmd, name); err != nil {
				return err
			}
		}
		return run(cmd, args)
	}
}

// checkShown is checkKey for a command that also takes an address.
func checkShown(cmd *cobra.Command, name string) error {
	if checkAddress(accountAddress, name) == nil {
		return nil
	}
	return checkKey(cmd, name)
}

// checkKey fails if a keyring that needs no password for it lacks the key.
func checkKey(cmd *cobra.Command, name string) error {
	ctx, err := clientContext(cmd)
	if err != nil {
		return err
	}
	if names, known := keysOf(ctx); known && !slices.Contains(names, name) {
		return noKey(cmd, ctx, name)
	}
	return nil
}

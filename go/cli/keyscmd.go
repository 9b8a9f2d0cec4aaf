package cli

import (
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"

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
	}
	return cmd
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
	if err != nil || ctx.Keyring == nil {
		return err
	}
	switch backend := ctx.Keyring.Backend(); backend {
	case keyring.BackendTest, keyring.BackendFile:
		if !slices.Contains(home.KeysIn(ctx.KeyringDir, backend), name) {
			return noKey(cmd, ctx, name)
		}
	}
	return nil
}

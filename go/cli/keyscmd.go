package cli

import (
	"fmt"
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
		if sub.Name() != "export" {
			continue
		}
		run := sub.RunE
		sub.RunE = func(cmd *cobra.Command, args []string) error {
			if err := checkKey(cmd, args[0]); err != nil {
				return err
			}
			return run(cmd, args)
		}
	}
	return cmd
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
			return fmt.Errorf("%q: no such key in the keyring %q of %q: see `agd keys list`", name, backend, ctx.KeyringDir)
		}
	}
	return nil
}

package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
)

// Errors of commands that look for a home, a key or a transaction that is not
// there.

// chooseHome is what to do about a directory that is no home. option is what names
// it. The directory of a network has the homes of its nodes below it.
func chooseHome(dir, option string) string {
	node := filepath.Join(dir, "node1")
	if exists, err := home.Exists(node); err == nil && exists {
		return fmt.Sprintf("it has the homes of a network's nodes: use one of them, such as --%s %s", flags.FlagHome, shell.Quote(node))
	}
	return fmt.Sprintf("check %s, make a local chain with `%s devnet`, or a home with `%s init MONIKER`", option, app.Name, app.Name)
}

// noKeys says why a keyring has no keys, and what to do. It returns "" if the
// keyring may have some. It asks the system's keyring only where there is no
// home: that may prompt for a password.
func noKeys(cmd *cobra.Command, ctx client.Context) string {
	if ctx.Keyring == nil {
		return ""
	}
	if names, _ := home.KeyNames(ctx.KeyringDir); len(names) > 0 {
		return ""
	}
	why, kind := "has no keys", "home directory"
	absent := isAbsent(cmd, ctx.KeyringDir)
	if absent {
		why = "does not exist"
	}
	if ctx.KeyringDir != ctx.HomeDir {
		kind = "directory"
	}
	switch ctx.Keyring.Backend() {
	case keyring.BackendTest, keyring.BackendFile:
	default:
		if !absent {
			return ""
		}
		if keys, err := ctx.Keyring.List(); err != nil || len(keys) > 0 {
			return ""
		}
	}
	return fmt.Sprintf("the %s %q %s: name the chain's home with --%s, or add a key with `%s keys add NAME`",
		kind, ctx.KeyringDir, why, flags.FlagHome, app.Name)
}

// isAbsent reports whether a directory did not exist before this command.
func isAbsent(cmd *cobra.Command, dir string) bool {
	made, ok := cmd.Context().Value(emptyDirsKey{}).(*emptyDirs)
	return ok && slices.Contains(made.dirs, dir)
}

// noKey is the error of a name or address that no key of the keyring has.
func noKey(cmd *cobra.Command, ctx client.Context, name string) error {
	if why := noKeys(cmd, ctx); why != "" {
		return fmt.Errorf("no key %q: %s", name, why)
	}
	what := "name"
	if _, err := sdk.AccAddressFromBech32(name); err == nil {
		what = "address"
	}
	return fmt.Errorf("no key in the keyring %q of %q has the %s %q: see `%s keys list`",
		ctx.Keyring.Backend(), ctx.KeyringDir, what, name, app.Name)
}

// explainNoKey replaces the SDK's error of a missing signer, which is the name of
// a file.
func explainNoKey(cmd *cobra.Command, err error) error {
	from := cmd.Flags().Lookup(flags.FlagFrom)
	if !errors.Is(err, sdkerrors.ErrKeyNotFound) || from == nil || from.Value.String() == "" {
		return err
	}
	ctx, fromErr := clientContext(cmd)
	if fromErr != nil || ctx.Keyring == nil {
		return err
	}
	return noKey(cmd, ctx, from.Value.String())
}

// sayNoKeys makes `agd keys list` say why there are none, and fail without a
// home. The SDK's remark does not name the keyring.
func sayNoKeys(cmd *cobra.Command) {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, err := clientContext(cmd)
		if err != nil {
			return err
		}
		why := noKeys(cmd, ctx)
		switch {
		case why != "" && isAbsent(cmd, ctx.KeyringDir):
			return errors.New("no keys: " + why)
		case why == "" || ctx.OutputFormat != flags.OutputFormatText:
			return run(cmd, args)
		}
		_, err = fmt.Fprintln(cmd.ErrOrStderr(), shell.Hints("no keys: "+why, otherHome(cmd)))
		return err
	}
}

// noTxError reports that no block of a node has a transaction.
type noTxError struct{ hash string }

func (e *noTxError) Error() string {
	return fmt.Sprintf("no transaction %s in a block of this node: it may still come (see `%s query wait-tx %s`), or the node does not index it", e.hash, app.Name, e.hash)
}

var txNotFound = regexp.MustCompile(`tx \(([0-9A-F]{64})\) not found`)

// explainNoTx gives the SDK's query of a transaction the error, and so the exit
// code, of an absent answer. The RPC's error is text alone.
func explainNoTx(err error) error {
	if err == nil {
		return nil
	}
	if found := txNotFound.FindStringSubmatch(err.Error()); found != nil {
		return &noTxError{hash: found[1]}
	}
	return err
}

var noDenomination = regexp.MustCompile(`invalid (?:decimal )?coin expression: (\S*)$`)

// explainNoCoins says what coins look like.
func explainNoCoins(err error) error {
	if err == nil {
		return nil
	}
	found := noDenomination.FindStringSubmatch(strings.TrimSpace(err.Error()))
	if found == nil {
		return err
	}
	return fmt.Errorf("%q is no amount of coins: expected a number with a denomination, such as 1000uist", found[1])
}

var noAccount = regexp.MustCompile(`account (\S+) not found: key not found`)

// explainNoAccount replaces the node's error of an account that the chain does
// not have, which reads as if a key were missing.
func explainNoAccount(err error) error {
	if err == nil {
		return nil
	}
	if found := noAccount.FindStringSubmatch(err.Error()); found != nil {
		return fmt.Errorf("the chain has no account %s yet: the first coins that it receives create it", found[1])
	}
	return err
}

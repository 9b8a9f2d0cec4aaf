package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/app"
)

// addressKind is the kind of address that an argument or flag takes.
type addressKind int

const (
	noAddress addressKind = iota
	accountAddress
	validatorAddress
)

// addressFlags are the SDK's flags of type text that take an account's address.
var addressFlags = []string{flags.FlagFeePayer, flags.FlagFeeGranter}

// generatedAddress is the type of address flags in the SDK's generated
// commands. These flags look up names while they are parsed, before there is a
// keyring.
const generatedAddress = "account address or key name"

// lateFlag is a flag that takes its value when the command runs.
type lateFlag struct {
	pflag.Value
	given string
}

// Set implements pflag.Value.
func (f *lateFlag) Set(text string) error {
	f.given = text
	return nil
}

// take sets the flag to an address, or to the address of the key with this
// name.
func (f *lateFlag) take(cmd *cobra.Command) error {
	if f.given == "" || f.Value.Set(f.given) == nil {
		return nil
	}
	var err error
	for _, kind := range []addressKind{accountAddress, validatorAddress} {
		var address string
		if address, err = resolve(cmd, kind, f.given); err != nil {
			return err
		}
		if err = f.Value.Set(address); err == nil {
			return nil
		}
	}
	return err
}

// deferNames makes the generated flags of a command accept names, and returns
// these flags.
func deferNames(cmd *cobra.Command) (late []*lateFlag) {
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Value.Type() == generatedAddress {
			value := &lateFlag{Value: flag.Value}
			flag.Value = value
			late = append(late, value)
		}
	})
	return late
}

// resolveNames returns a command's arguments with names of keys replaced by
// addresses, and sets its flags likewise. Names in the command's usage show
// which arguments are addresses.
func resolveNames(cmd *cobra.Command, args []string, late []*lateFlag) ([]string, error) {
	for _, flag := range late {
		if err := flag.take(cmd); err != nil {
			return nil, err
		}
	}
	for _, name := range addressFlags {
		flag := cmd.Flags().Lookup(name)
		if flag == nil || flag.Value.String() == "" {
			continue
		}
		address, err := resolve(cmd, accountAddress, flag.Value.String())
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", name, err)
		}
		if err := flag.Value.Set(address); err != nil {
			return nil, err
		}
	}
	resolved := slices.Clone(args)
	for i, kind := range addressKinds(cmd.Use, len(args)) {
		address, err := resolve(cmd, kind, args[i])
		if err != nil {
			return nil, err
		}
		resolved[i] = address
	}
	return resolved, nil
}

// argumentWords returns the word of a command's usage for each of its
// arguments, in lower case: "to_address", "delegator-addr". Of a list,
// "[to_address_1 to_address_2 ...]", each is one.
func argumentWords(use string, count int) []string {
	var words []string
	list := -1
	for _, word := range strings.Fields(use)[1:] {
		word = strings.ToLower(strings.Trim(word, "[]<>"))
		if word == "..." {
			list = len(words) - 1
			continue
		}
		words = append(words, word)
	}
	for list >= 0 && len(words) < count {
		words = slices.Insert(words, list, words[list])
	}
	if list >= 0 && len(words) > count {
		words = slices.Delete(words, list, min(len(words), list+len(words)-count))
	}
	return words[:min(len(words), count)]
}

// addressKinds returns the kind of each of a command's arguments, by its usage.
func addressKinds(use string, count int) []addressKind {
	var kinds []addressKind
	for _, word := range argumentWords(use, count) {
		kinds = append(kinds, kindOf(strings.TrimRight(word, "_0123456789")))
	}
	return kinds
}

func kindOf(word string) addressKind {
	isAddress := strings.HasSuffix(word, "addr") || strings.HasSuffix(word, "address")
	switch {
	case !isAddress || strings.Contains(word, "key") || strings.Contains(word, "/"):
		return noAddress // the command looks up names itself, or also accepts something else
	case strings.Contains(word, "val"):
		return validatorAddress
	default:
		return accountAddress
	}
}

// resolve returns an address unchanged, and the address of a key for its name.
func resolve(cmd *cobra.Command, kind addressKind, text string) (string, error) {
	if kind == noAddress {
		return text, nil
	}
	wrong := checkAddress(kind, text)
	if wrong == nil {
		return text, nil
	}
	if strings.HasPrefix(text, app.AccountPrefix+"1") || strings.HasPrefix(text, app.AccountPrefix+"valoper1") {
		return "", fmt.Errorf("%q is not %s: %w", text, kind, wrong)
	}
	ctx, err := clientContext(cmd)
	if err != nil {
		return "", err
	}
	ctx = withKeys(cmd, ctx)
	key, err := keyOf(ctx, text)
	if err != nil {
		if why := noKeys(cmd, ctx); why != "" {
			return "", fmt.Errorf("%q is neither %s nor the name of a key: %s", text, kind, why)
		}
		return "", fmt.Errorf("%q is neither %s nor the name of a key: %w: see `agd keys list`", text, kind, err)
	}
	address, err := key.GetAddress()
	if err != nil {
		return "", err
	}
	if kind == validatorAddress {
		return sdk.ValAddress(address).String(), nil
	}
	return address.String(), nil
}

// withKeys returns a context with the keyring that holds the user's keys. With
// --dry-run the SDK takes an empty one, and so addresses alone.
func withKeys(cmd *cobra.Command, ctx client.Context) client.Context {
	if !ctx.Simulate || ctx.Viper == nil {
		return ctx
	}
	ctx = ctx.WithSimulation(false)
	backend := ctx.Viper.GetString(flags.FlagKeyringBackend)
	if flag := cmd.Flag(flags.FlagKeyringBackend); flag != nil && flag.Changed {
		backend = flag.Value.String()
	}
	if keys, err := client.NewKeyringFromBackend(ctx, backend); err == nil {
		return ctx.WithKeyring(keys)
	}
	return ctx
}

func keyOf(ctx client.Context, name string) (*keyring.Record, error) {
	if ctx.Keyring == nil {
		return nil, fmt.Errorf("there is no keyring")
	}
	key, err := ctx.Keyring.Key(name)
	if err != nil {
		return nil, fmt.Errorf("none in the keyring %q of %q", ctx.Keyring.Backend(), ctx.KeyringDir)
	}
	return key, nil
}

func checkAddress(kind addressKind, text string) (err error) {
	if kind == validatorAddress {
		_, err = sdk.ValAddressFromBech32(text)
	} else {
		_, err = sdk.AccAddressFromBech32(text)
	}
	return err
}

func (k addressKind) String() string {
	if k == validatorAddress {
		return "a validator's address"
	}
	return "an account's address"
}

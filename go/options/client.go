package options

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

// KeyringBackends are the values of --keyring-backend.
var KeyringBackends = []string{
	keyring.BackendOS, keyring.BackendFile, keyring.BackendKWallet,
	keyring.BackendPass, keyring.BackendTest, keyring.BackendMemory,
}

// clientChecks are checks of client.toml's values that the SDK lacks, or whose
// errors do not name the option.
var clientChecks = []func(*viper.Viper) error{
	oneOf(flags.FlagOutput, "", flags.OutputFormatText, flags.OutputFormatJSON),
	oneOf(flags.FlagBroadcastMode, "", flags.BroadcastSync, flags.BroadcastAsync),
	oneOf(flags.FlagKeyringBackend, append([]string{""}, KeyringBackends...)...),
	func(v *viper.Viper) error {
		return checkNode(v.GetString(flags.FlagNode))
	},
	func(v *viper.Viper) error {
		id := v.GetString(flags.FlagChainID)
		if len(id) > cmttypes.MaxChainIDLen || strings.ContainsFunc(id, unicode.IsSpace) {
			return fmt.Errorf("expected at most %d bytes without white space", cmttypes.MaxChainIDLen)
		}
		return nil
	},
}

// CheckClient checks a value of client.toml, if the option has a form.
func CheckClient(option, value string) error {
	v := viper.New()
	v.Set(option, value)
	for _, check := range clientChecks {
		if err := check(v); err != nil {
			return fmt.Errorf("%s: %w, got %q", option, err, value)
		}
	}
	return nil
}

// checkedFlags are flags of a client that the SDK checks without naming the
// option, or the values that it has.
var checkedFlags = []string{flags.FlagNode, flags.FlagBroadcastMode, flags.FlagKeyringBackend}

// CheckClientFlags checks the flags of a client's command. All other sources of
// these options are checked when they are read.
func CheckClientFlags(set *pflag.FlagSet) error {
	for _, name := range checkedFlags {
		flag := set.Lookup(name)
		if flag == nil || !flag.Changed {
			continue
		}
		v := viper.New()
		v.Set(name, flag.Value.String())
		for _, check := range clientChecks {
			if err := check(v); err != nil {
				return source{"--" + name, flag.Value.String()}.of(option{name: name}, err)
			}
		}
	}
	return nil
}

// checkNode checks the address of a node's RPC, "" for none. The errors of the
// RPC's client do not say what an address looks like.
func checkNode(address string) error {
	if address == "" {
		return nil
	}
	malformed := errors.New("expected SCHEME://HOST:PORT, such as tcp://127.0.0.1:26657")
	at, err := url.Parse(address)
	if err != nil {
		return malformed
	}
	switch at.Scheme {
	case "tcp", "http", "https":
		if port := at.Port(); port != "" {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil || at.Hostname() == "" || at.Scheme == "tcp" && at.Port() == "" {
			return malformed
		}
	case "unix":
	default:
		return malformed
	}
	_, err = client.NewClientFromNode(address)
	return err
}

// ReadClient reads client.toml, and the environment variables that outrank it,
// into the context. An absent file is written with its defaults.
func ReadClient(ctx client.Context, set *pflag.FlagSet, env []string) (client.Context, error) {
	var options []option
	eachKey(reflect.TypeFor[config.ClientConfig](), "", func(name string, kind reflect.Type) {
		options = append(options, option{name: name, kind: kind})
		if value := environ.Get(env, envOf(name)); value != "" {
			ctx.Viper.Set(name, value)
		}
	})
	file := home.Layout(ctx.HomeDir).ConfigFile("client")
	if err := home.CheckToml(file); err != nil {
		return ctx, err
	}
	read := viper.New()
	read.SetConfigFile(file)
	_ = read.ReadInConfig() // ReadFromClientConfig reports the error, or creates the file
	given, err := heedOptions(read, options, env, []*viper.Viper{read})
	if err != nil {
		return ctx, err
	}
	for _, check := range clientChecks {
		if err := given.check(read, check); err != nil {
			return ctx, err
		}
	}
	ctx, err = config.ReadFromClientConfig(ctx)
	if err != nil {
		return ctx, tomlError(file, err)
	}
	if usesNoChain(set) {
		ctx = ctx.WithChainID("")
	}
	return ctx, nil
}

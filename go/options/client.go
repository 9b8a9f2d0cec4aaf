package options

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

// clientChecks are checks of client.toml's values that the SDK lacks, or whose
// errors do not name the option.
var clientChecks = []func(*viper.Viper) error{
	oneOf(flags.FlagOutput, "", flags.OutputFormatText, flags.OutputFormatJSON),
	oneOf(flags.FlagBroadcastMode, "", flags.BroadcastSync, flags.BroadcastAsync),
	oneOf(flags.FlagKeyringBackend, "", keyring.BackendOS, keyring.BackendFile, keyring.BackendKWallet,
		keyring.BackendPass, keyring.BackendTest, keyring.BackendMemory),
	func(v *viper.Viper) error {
		return CheckNode(v.GetString(flags.FlagNode))
	},
}

// CheckNode checks the address of a node's RPC, "" for none. The errors of the
// RPC's client do not say what an address looks like.
func CheckNode(address string) error {
	if address == "" {
		return nil
	}
	malformed := fmt.Errorf("--%s: expected SCHEME://HOST:PORT, such as tcp://127.0.0.1:26657, got %q", flags.FlagNode, address)
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

package options

import (
	"reflect"

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
		if v.GetString(flags.FlagNode) == "" {
			return nil
		}
		_, err := client.NewClientFromNode(v.GetString(flags.FlagNode))
		return err
	},
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

package options

import (
	"reflect"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
)

// ReadClientWithoutHome is ReadClient for a home directory that does not exist:
// it reads only the environment, and writes nothing. Without withKeys the
// keyring is empty, because any other keyring creates its directory when it
// looks for a name.
func ReadClientWithoutHome(ctx client.Context, set *pflag.FlagSet, env []string, withKeys bool) (client.Context, error) {
	var options []option
	eachKey(reflect.TypeFor[config.ClientConfig](), "", func(name string, kind reflect.Type) {
		options = append(options, option{name: name, kind: kind})
	})
	given, err := heedOptions(ctx.Viper, options, env, nil)
	if err != nil {
		return ctx, err
	}
	for _, check := range clientChecks {
		if err := given.check(ctx.Viper, check); err != nil {
			return ctx, err
		}
	}
	conf := config.DefaultConfig()
	if err := ctx.Viper.Unmarshal(conf); err != nil {
		return ctx, err
	}
	ctx = ctx.WithOutputFormat(conf.Output).WithChainID(conf.ChainID).WithKeyringDir(ctx.HomeDir).
		WithKeyringDefaultKeyName(conf.KeyringDefaultKeyName).WithNodeURI(conf.Node).WithBroadcastMode(conf.BroadcastMode)
	backend := conf.KeyringBackend
	if !withKeys {
		backend = keyring.BackendMemory
	}
	keys, err := client.NewKeyringFromBackend(ctx, backend)
	if err != nil {
		return ctx, err
	}
	node, err := client.NewClientFromNode(conf.Node)
	if err != nil {
		return ctx, err
	}
	ctx = ctx.WithKeyring(keys).WithClient(node)
	if usesNoChain(set) {
		ctx = ctx.WithChainID("")
	}
	return ctx, nil
}

// ReadWithoutHome is Read for a home directory that does not exist: it reads
// only flags and the environment, and writes nothing.
func ReadWithoutHome(cmd *cobra.Command, home string, env []string) error {
	return read(cmd, home, env, func(v *viper.Viper, _ string) ([]*viper.Viper, error) {
		// The SDK needs this default of the files.
		v.SetDefault(optionMinGasPrices, defaultAppConfig().MinGasPrices)
		return nil, nil
	})
}

package options

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

// ErrNoHome refuses the empty home.
var ErrNoHome = errors.New("--home must not be empty")

// HomeOf returns the absolute home directory: flag, then environment, then
// default. The VM gets it as its own --home.
func HomeOf(cmd *cobra.Command, env []string) (string, error) {
	home, err := cmd.Flags().GetString(flags.FlagHome)
	if err != nil {
		return "", err
	}
	if named := environ.Get(env, envOf(flags.FlagHome)); named != "" && !cmd.Flags().Changed(flags.FlagHome) {
		home = named
	}
	if home == "" {
		return "", ErrNoHome
	}
	home, err = filepath.Abs(home)
	if err != nil {
		return "", err
	}
	return home, cmd.Flags().Set(flags.FlagHome, home)
}

// Read makes the command's server context from flags, environment,
// app.toml and config.toml, in this order of precedence. Absent files are
// written with their defaults. It does what the SDK's
// server.InterceptConfigsPreRunHandler does, with our own prefix for the
// environment, and leaves the logger to the caller.
func Read(cmd *cobra.Command, home string, env []string) error {
	return read(cmd, home, env, ReadFiles)
}

func read(cmd *cobra.Command, home string, env []string, readFiles func(v *viper.Viper, home string) ([]*viper.Viper, error)) error {
	v := viper.New()
	if err := v.BindPFlags(cmd.Flags()); err != nil {
		return err
	}
	files, err := readFiles(v, home)
	if err != nil {
		return err
	}
	given, err := heedOptions(v, optionsOf(cmd.Flags()), env, files)
	if err != nil {
		return err
	}
	cmd.SetContext(context.WithValue(cmd.Context(), givenKey{}, given))
	comet, err := cometConfig(v, given, home)
	if err != nil {
		return err
	}
	heedNoSplit(v, cmd, env)
	if err := heedSlogFile(v, env); err != nil {
		return err
	}
	if err := setFlagsFrom(v, cmd); err != nil {
		return err
	}
	return server.SetCmdServerContext(cmd, server.NewContext(v, comet, log.NewNopLogger()))
}

// givenKey is the key of the givenOptions in a command's context.
type givenKey struct{}

// ReadFiles reads both files of options into v, and returns each, the stronger
// one first.
func ReadFiles(v *viper.Viper, home string) ([]*viper.Viper, error) {
	comet, err := readCometFile(home)
	if err != nil {
		return nil, err
	}
	app, err := readAppFile(home)
	if err != nil {
		return nil, err
	}
	for _, file := range []*viper.Viper{comet, app} {
		v.SetConfigFile(file.ConfigFileUsed())
		if err := v.MergeConfigMap(file.AllSettings()); err != nil {
			return nil, err
		}
	}
	return []*viper.Viper{app, comet}, nil
}

// cometConfig is CometBFT's configuration.
func cometConfig(v *viper.Viper, given givenOptions, home string) (*cmtcfg.Config, error) {
	var config *cmtcfg.Config
	read := func(v *viper.Viper) error {
		config = cmtcfg.DefaultConfig()
		if err := v.Unmarshal(config); err != nil {
			return err
		}
		config.SetRoot(home)
		return config.ValidateBasic()
	}
	if err := given.check(v, read); err != nil {
		return nil, err
	}
	return config, nil
}

// SavedComet returns CometBFT's configuration as the home's file has it: without
// the options of this run, from flags and environment. An absent file is written
// with its defaults.
func SavedComet(dir string) (*cmtcfg.Config, error) {
	file, err := readCometFile(dir)
	if err != nil {
		return nil, err
	}
	config := cmtcfg.DefaultConfig()
	if err := file.Unmarshal(config); err != nil {
		return nil, err
	}
	config.SetRoot(dir)
	return config, nil
}

func readCometFile(dir string) (*viper.Viper, error) {
	file := home.Layout(dir).ConfigFile("config")
	config := cmtcfg.DefaultConfig()
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		config.Consensus.TimeoutCommit = 5 * time.Second
		config.RPC.PprofListenAddress = ""
		config.LogLevel = QuietLogLevel
		allowBundles(config)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		cmtcfg.EnsureRoot(dir)
		cmtcfg.WriteConfigFile(file, config)
	}
	return readToml(file)
}

func readAppFile(dir string) (*viper.Viper, error) {
	file := home.Layout(dir).ConfigFile("app")
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		serverconfig.SetConfigTemplate(appTemplate)
		serverconfig.WriteConfigFile(file, defaultAppConfig())
	}
	return readToml(file)
}

func readToml(path string) (*viper.Viper, error) {
	if err := home.CheckToml(path); err != nil {
		return nil, err
	}
	file := viper.New()
	file.SetConfigFile(path)
	if err := file.ReadInConfig(); err != nil {
		return nil, tomlError(path, err)
	}
	return file, nil
}

// tomlError adds the file to the error, and line and column if it knows them.
func tomlError(file string, err error) error {
	var syntax interface {
		error
		Position() (row, column int)
	}
	if !errors.As(err, &syntax) {
		return fmt.Errorf("%s: %w", file, err)
	}
	row, column := syntax.Position()
	return fmt.Errorf("%s:%d:%d: %w", file, row, column, syntax)
}

// heedNoSplit makes --split=false outrank a split-vm from the environment or a
// file, and AGD_SPLIT=false one from a file. Otherwise split-vm implies split.
func heedNoSplit(v *viper.Viper, cmd *cobra.Command, env []string) {
	byFlag, vmByFlag := cmd.Flags().Changed(FlagSplit), cmd.Flags().Changed(FlagSplitVM)
	_, byEnv := environ.Lookup(env, envOf(FlagSplit))
	_, vmByEnv := environ.Lookup(env, envOf(FlagSplitVM))
	outranks := byFlag && !vmByFlag || byEnv && !vmByFlag && !vmByEnv
	if outranks && !v.GetBool(FlagSplit) {
		v.Set(FlagSplitVM, "")
	}
}

// heedSlogFile makes SLOGFILE, the variable of every Agoric node, outrank
// app.toml's slogfile. A relative path starts at the working directory.
func heedSlogFile(v *viper.Viper, env []string) error {
	file := environ.Get(env, "SLOGFILE")
	if file == "" {
		return nil
	}
	file, err := filepath.Abs(file)
	v.Set("swingset.slogfile", file)
	return err
}

// setFlagsFrom sets every flag that the user did not set from the environment
// or a file, for code that reads flags.
func setFlagsFrom(v *viper.Viper, cmd *cobra.Command) error {
	var failed error
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		unused := flag.Name == flags.FlagChainID && usesNoChain(cmd.Flags())
		if flag.Changed || unused || !v.IsSet(flag.Name) || failed != nil {
			return
		}
		value := fmt.Sprintf("%v", v.Get(flag.Name))
		if slice, ok := flag.Value.(pflag.SliceValue); ok {
			failed = slice.Replace(v.GetStringSlice(flag.Name))
			return
		}
		if value == flag.Value.String() {
			return
		}
		if err := cmd.Flags().Set(flag.Name, value); err != nil {
			failed = fmt.Errorf("option %s: %w", flag.Name, err)
		}
	})
	return failed
}

package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// needHome are the commands that work on the files of a home, without the
// program's name. Without a home they would leave parts of one. Commands that
// run a kernel also need a home; all others, except init and config, work
// without one.
var needHome = []string{"prune", "snapshots", "comet", "genesis"}

// needNoHome are exceptions from needHome.
var needNoHome = []string{
	"comet version", "genesis validate",
	"snapshots restore",                     // calls checkKernelHome
	"snapshots export", "comet reset-state", // refuse in any case
}

// readOptions reads the options of a command from the files of its home. Only
// init and config create an absent home.
func readOptions(cmd *cobra.Command, ctx client.Context, env []string) (client.Context, error) {
	dir := ctx.HomeDir
	name := nameOf(cmd)
	exists, err := home.Exists(dir)
	switch {
	case err != nil && name != "version":
		return ctx, err
	case err == nil && (exists || name == "init"):
		if ctx, err = options.ReadClient(ctx, cmd.Flags(), env); err != nil {
			return ctx, err
		}
		return ctx, options.Read(cmd, dir, env)
	}
	if dir != app.DefaultNodeHome && name != "version" {
		if err := checkNamedHome(cmd, dir, env); err != nil {
			return ctx, err
		}
	}
	if ctx, err = options.ReadClientWithoutHome(ctx, cmd.Flags(), env, !isBelow(name, []string{"query"})); err != nil {
		return ctx, err
	}
	return ctx, options.ReadWithoutHome(cmd, dir, env)
}

// Commands of a client that look for keys in a home, and those that do not
// although they are below one of these. All others of `agd keys` make a keyring,
// or need none.
var (
	needKeys   = []string{"tx", "keys delete", "keys export", "keys list", "keys migrate", "keys rename", "keys show"}
	needNoKeys = []string{"tx broadcast", "tx decode", "tx encode"}
	// needNode are commands that find the node's address in a home.
	needNode = []string{"query", "status", "tx broadcast"}
)

// checkNamedHome refuses a directory that is named as the home and is not one,
// if a client's command would look there for its keys or for the node's address.
// Otherwise a mistyped name would be reported as a key that is missing, or the
// command would use another node.
func checkNamedHome(cmd *cobra.Command, dir string, env []string) error {
	name := nameOf(cmd)
	given := func(flag string) bool {
		found := cmd.Flags().Lookup(flag)
		return found != nil && (found.Changed || environ.Get(env, options.EnvOf(flag)) != "")
	}
	keys := isBelow(name, needKeys) && !isBelow(name, needNoKeys) && !given(flags.FlagKeyringDir) && !keptElsewhere(cmd, env)
	node := isBelow(name, needNode) && !given(flags.FlagNode) && !given(flags.FlagGRPC)
	if !keys && !node || home.HasKeys(dir) {
		return nil
	}
	why := "it does not exist"
	if _, err := os.Stat(dir); err == nil {
		why = "it has neither a configuration nor keys"
	}
	option := "--" + flags.FlagHome
	if variable := options.EnvOf(flags.FlagHome); environ.Get(env, variable) != "" {
		option += " and " + variable
	}
	return fmt.Errorf("%q is no home directory: %s: %s", dir, why, chooseHome(dir, option))
}

// keptElsewhere reports whether a command names a keyring that is in no home.
func keptElsewhere(cmd *cobra.Command, env []string) bool {
	backend := environ.Get(env, options.EnvOf(flags.FlagKeyringBackend))
	if flag := cmd.Flags().Lookup(flags.FlagKeyringBackend); flag != nil && flag.Changed {
		backend = flag.Value.String()
	}
	return backend != "" && backend != keyring.BackendTest && backend != keyring.BackendFile
}

// requireHome makes the commands of needHome refuse to run without a home.
// Commands that run a kernel call checkKernelHome.
func requireHome(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		requireHome(sub)
	}
	name, run := nameOf(cmd), cmd.RunE
	if run == nil || cmd.HasSubCommands() || !isBelow(name, needHome) || isBelow(name, needNoHome) {
		return
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		dir, err := cmd.Flags().GetString(flags.FlagHome)
		if err != nil {
			return err
		}
		if err := refuseNoHome(dir); err != nil {
			return err
		}
		return run(cmd, args)
	}
}

// refuseNoHome refuses a directory that is not a home, before anything is
// written to it.
func refuseNoHome(dir string) error {
	exists, err := home.Exists(dir)
	if err != nil || exists {
		return err
	}
	return fmt.Errorf("no genesis at %s: %q is no home directory: %s",
		filepath.Join(dir, "config", "genesis.json"), dir, chooseHome(dir, "--"+flags.FlagHome))
}

// checkKernelHome is refuseNoHome for commands that run a kernel. It reports an
// error of their options first.
func checkKernelHome(svr *server.Context) error {
	homeless := refuseNoHome(svr.Config.RootDir)
	if homeless == nil {
		return nil
	}
	if _, err := options.Of(svr.Viper); err != nil {
		return err
	}
	return homeless
}

// nameOf returns a command's path without the program's name.
func nameOf(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// isBelow reports whether a command is one of these, or a subcommand of one.
func isBelow(name string, of []string) bool {
	for _, each := range of {
		if name == each || strings.HasPrefix(name, each+" ") {
			return true
		}
	}
	return false
}

// prepareConfig prepares the home for `agd config`. Only `agd config set`
// creates an absent home.
func prepareConfig(cmd *cobra.Command, ctx client.Context) error {
	if cmd.Name() == "home" {
		return nil
	}
	exists, err := home.Exists(ctx.HomeDir)
	switch {
	case err != nil:
		return err
	case !exists && cmd.Name() != "set":
		return fmt.Errorf("no configuration: %q is no home directory: %s", ctx.HomeDir, chooseHome(ctx.HomeDir, "--"+flags.FlagHome))
	}
	makeFiles(ctx)
	return nil
}

// emptyDirs are directories that were absent when a command began. The SDK
// makes the keyring's directory, the home, to look for a key in it; unless the
// command put something there, it is removed at the end.
type emptyDirs struct{ dirs []string }

// emptyDirsKey is the key of a command's emptyDirs in its context.
type emptyDirsKey struct{}

// expect notes a home and its parents, as far as they are absent.
func (e *emptyDirs) expect(home string) {
	for dir := filepath.Clean(home); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
			return
		}
		e.dirs = append(e.dirs, dir)
	}
}

// remove removes them, if they are there and have nothing but empty directories.
func (e *emptyDirs) remove() {
	for _, dir := range e.dirs {
		inside, _ := os.ReadDir(dir)
		for _, entry := range inside {
			if entry.IsDir() { // such as keyring-test
				_ = os.Remove(filepath.Join(dir, entry.Name()))
			}
		}
		_ = os.Remove(dir)
	}
}

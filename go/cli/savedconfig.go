package cli

import (
	"bytes"
	"errors"
	"os"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// saveMoniker is what `agd init` changes in config.toml.
func saveMoniker(saved *cmtcfg.Config, used *cmtcfg.Config) { saved.Moniker = used.Moniker }

// savePeers is what `agd genesis collect-gentxs` changes in config.toml.
func savePeers(saved *cmtcfg.Config, used *cmtcfg.Config) {
	saved.P2P.PersistentPeers = used.P2P.PersistentPeers
}

// saveOnly keeps options of this run, which come from flags and environment, out
// of the config.toml that a command of the SDK writes: it would write every
// option that the command uses. change copies what the command is meant to
// change. A command that fails leaves the file as it was.
func saveOnly(cmd *cobra.Command, change func(saved, used *cmtcfg.Config)) *cobra.Command {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		used := server.GetServerContextFromCmd(cmd).Config
		file := home.Layout(used.RootDir).ConfigFile("config")
		before, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		saved, err := options.SavedComet(used.RootDir)
		if err != nil {
			return err
		}
		if err := run(cmd, args); err != nil {
			after, _ := os.ReadFile(file)
			if bytes.Equal(before, after) {
				return err
			}
			return errors.Join(err, os.WriteFile(file, before, 0o600))
		}
		change(saved, used)
		cmtcfg.WriteConfigFile(file, saved)
		return nil
	}
	return cmd
}

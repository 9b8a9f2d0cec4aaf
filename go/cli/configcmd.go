package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cometbft/cometbft/libs/tempfile"
	"github.com/creachadair/tomledit"
	"github.com/creachadair/tomledit/parser"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
)

// configFiles are the files of <home>/config by their names on the command line.
var configFiles = []string{"app", "client", "config"}

// configCommand reads and writes the TOML files of a home directory, and keeps
// their comments.
func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Read and write the configuration files: app, client, config (.toml)",
		RunE:  requireCommand,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:     "home",
			Short:   "Print the home directory",
			Args:    cobra.NoArgs,
			Example: "agd config home",
			RunE: func(cmd *cobra.Command, _ []string) error {
				home, err := cmd.Flags().GetString(flags.FlagHome)
				if err != nil {
					return err
				}
				return printLine(cmd.OutOrStdout(), home)
			},
		},
		&cobra.Command{
			Use:     "view FILE",
			Short:   "Print a whole file",
			Args:    cobra.ExactArgs(1),
			Example: "agd config view app",
			RunE: func(cmd *cobra.Command, args []string) error {
				path, err := configPath(cmd, args[0])
				if err != nil {
					return err
				}
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				_, err = cmd.OutOrStdout().Write(text)
				return err
			},
		},
		&cobra.Command{
			Use:     "get FILE KEY",
			Short:   "Print one value",
			Args:    cobra.ExactArgs(2),
			Example: "agd config get app api.enable",
			RunE: func(cmd *cobra.Command, args []string) error {
				path, err := configPath(cmd, args[0])
				if err != nil {
					return err
				}
				_, entry, err := findOption(path, args[1])
				if err != nil {
					return err
				}
				return printLine(cmd.OutOrStdout(), entry.Value.String())
			},
		},
		&cobra.Command{
			Use:     "set FILE KEY VALUE",
			Short:   "Change one value",
			Args:    cobra.ExactArgs(3),
			Example: "agd config set app split true",
			RunE: func(cmd *cobra.Command, args []string) error {
				path, err := configPath(cmd, args[0])
				if err != nil {
					return err
				}
				return setOption(path, args[1], args[2])
			},
		},
	)
	return cmd
}

func configPath(cmd *cobra.Command, name string) (string, error) {
	home, err := cmd.Flags().GetString(flags.FlagHome)
	if err != nil {
		return "", err
	}
	name = strings.TrimSuffix(name, ".toml")
	for _, known := range configFiles {
		if name == known {
			return filepath.Join(home, "config", name+".toml"), nil
		}
	}
	return "", fmt.Errorf("no configuration file %q; there are %s", name, strings.Join(configFiles, ", "))
}

func findOption(path, key string) (*tomledit.Document, *parser.KeyValue, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	document, err := tomledit.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	parsed, err := parser.ParseKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("key %q: %w", key, err)
	}
	entry := document.First(parsed...)
	if entry == nil || !entry.IsMapping() {
		return nil, nil, fmt.Errorf("%s has no key %q", path, key)
	}
	return document, entry.KeyValue, nil
}

// setOption replaces the value in the kind that it has: a string stays a
// string, without the user quoting it for TOML.
func setOption(path, key, value string) error {
	document, entry, err := findOption(path, key)
	if err != nil {
		return err
	}
	if strings.HasPrefix(entry.Value.String(), `"`) && !strings.HasPrefix(value, `"`) {
		value = fmt.Sprintf("%q", value)
	}
	parsed, err := parser.ParseValue(value)
	if err != nil {
		return fmt.Errorf("%s = %s: %w", key, value, err)
	}
	parsed.Trailer = entry.Value.Trailer
	entry.Value = parsed
	var text bytes.Buffer
	if err := tomledit.Format(&text, document); err != nil {
		return err
	}
	return tempfile.WriteFileAtomic(path, text.Bytes(), 0o600)
}

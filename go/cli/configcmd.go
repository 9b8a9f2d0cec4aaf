package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/cometbft/cometbft/libs/tempfile"
	"github.com/creachadair/tomledit"
	"github.com/creachadair/tomledit/parser"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// configFiles are the files of <home>/config by their names on the command line.
var configFiles = []string{"app", "client", "config"}

// configCommand reads and writes the TOML files of a home directory. It keeps
// their comments.
func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Read and write the configuration files app.toml, client.toml and config.toml",
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
				document, err := readDocument(path)
				if err != nil {
					return err
				}
				entry, err := findOption(document, path, args[1])
				if err != nil {
					return err
				}
				return printLine(cmd.OutOrStdout(), entry.Value.String())
			},
		},
		&cobra.Command{
			Use:     "set FILE KEY VALUE [KEY VALUE]...",
			Short:   "Set one or more values of a file atomically",
			Args:    fileAndPairs,
			Example: "agd config set app split true\nagd config set app api.enable true telemetry.enabled true",
			RunE: func(cmd *cobra.Command, args []string) error {
				path, err := configPath(cmd, args[0])
				if err != nil {
					return err
				}
				return setOptions(path, args[1:])
			},
		},
	)
	return cmd
}

// isConfigCommand reports whether a command is one of configCommand's. These
// read no options, so that they can repair a file that no other command can
// read.
func isConfigCommand(cmd *cobra.Command) bool {
	return cmd.HasParent() && cmd.Parent().Name() == "config" && !cmd.Parent().Parent().HasParent()
}

// makeFiles writes the missing configuration files of a home.
func makeFiles(ctx client.Context) {
	// Each also reads its file; the other commands report faults in it.
	_, _ = config.ReadFromClientConfig(ctx)
	_, _ = options.ReadFiles(viper.New(), ctx.HomeDir)
}

func fileAndPairs(_ *cobra.Command, args []string) error {
	if len(args) < 3 || len(args)%2 == 0 {
		return fmt.Errorf("expected a file, and pairs of a key and a value; got %d arguments", len(args))
	}
	return nil
}

func configPath(cmd *cobra.Command, name string) (string, error) {
	root, err := cmd.Flags().GetString(flags.FlagHome)
	if err != nil {
		return "", err
	}
	name = strings.TrimSuffix(name, ".toml")
	for _, known := range configFiles {
		if name == known {
			return home.Layout(root).ConfigFile(name), nil
		}
	}
	return "", fmt.Errorf("no configuration file %q; there are %s", name, strings.Join(configFiles, ", "))
}

func readDocument(path string) (*tomledit.Document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	document, err := tomledit.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return document, nil
}

func findOption(document *tomledit.Document, path, key string) (*parser.KeyValue, error) {
	parsed, err := parser.ParseKey(key)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", key, err)
	}
	entry := document.First(parsed...)
	if entry == nil || !entry.IsMapping() {
		return nil, fmt.Errorf("%s has no key %q%s", path, key, didYouMeanOf(optionNames(document), key))
	}
	return entry.KeyValue, nil
}

// optionNames returns the keys of a file, with their sections.
func optionNames(document *tomledit.Document) []string {
	var names []string
	document.Scan(func(key parser.Key, entry *tomledit.Entry) bool {
		if entry.IsMapping() {
			names = append(names, key.String())
		}
		return true
	})
	return names
}

// setOptions writes the file once with all values, or not at all after an
// error.
func setOptions(path string, pairs []string) error {
	document, err := readDocument(path)
	if err != nil {
		return err
	}
	for pair := range slices.Chunk(pairs, 2) {
		entry, err := findOption(document, path, pair[0])
		if err != nil {
			return err
		}
		if err := setOption(entry, pair[0], pair[1]); err != nil {
			return err
		}
		if filepath.Base(path) == "client.toml" {
			value := entry.Value.String()
			if text, err := strconv.Unquote(value); err == nil {
				value = text
			}
			if err := options.CheckClient(pair[0], value); err != nil {
				return err
			}
		}
	}
	var text bytes.Buffer
	if err := tomledit.Format(&text, document); err != nil {
		return err
	}
	return tempfile.WriteFileAtomic(path, text.Bytes(), 0o600)
}

// setOption replaces a value and keeps its type: a string stays a string, and
// the user need not quote it for TOML.
func setOption(entry *parser.KeyValue, key, value string) error {
	if strings.HasPrefix(entry.Value.String(), `"`) && !strings.HasPrefix(value, `"`) {
		value = fmt.Sprintf("%q", value)
	}
	parsed, err := parser.ParseValue(value)
	if err != nil {
		return fmt.Errorf("%s: expected a value such as %s, got %q", key, entry.Value.String(), value)
	}
	parsed.Trailer = entry.Value.Trailer
	entry.Value = parsed
	return nil
}

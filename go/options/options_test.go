package options

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/app"
)

// started is `agd start` before it runs: its flags and the options that it has
// read.
type started struct {
	cmd    *cobra.Command
	server *server.Context
}

// startWith is startIn with this process's environment.
func startWith(home string, args ...string) (started, error) {
	return startIn(home, os.Environ(), args...)
}

// startIn reads the options of `agd start` as the command does.
func startIn(home string, env []string, args ...string) (started, error) {
	cmd := server.StartCmdWithOptions(nil, app.DefaultNodeHome, server.StartCmdOptions{AddFlags: AddStartFlags})
	root := &cobra.Command{Use: "agd", SilenceErrors: true, SilenceUsage: true}
	AddLogFlags(root)
	root.PersistentFlags().String(flags.FlagHome, home, "")
	root.PersistentFlags().String(flags.FlagChainID, "", "")
	root.AddCommand(cmd)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return Read(cmd, home, env) }
	cmd.PreRunE = nil
	cmd.RunE = func(*cobra.Command, []string) error { return nil }
	root.SetArgs(append([]string{"start", "--home", home}, args...))
	root.SetOut(&bytes.Buffer{})
	root.SetErr(&bytes.Buffer{})
	ctx := context.WithValue(context.Background(), server.ServerContextKey, server.NewDefaultContext())
	err := root.ExecuteContext(ctx)
	return started{cmd, server.GetServerContextFromCmd(cmd)}, err
}

// all lists the options of start, with the file that has each.
func allOptions(t *testing.T) (all []option, fileOf map[string]string) {
	t.Helper()
	fileOf = map[string]string{}
	eachKey(reflect.TypeFor[cmtcfg.Config](), "", func(name string, _ reflect.Type) { fileOf[name] = "config.toml" })
	s, err := startWith(t.TempDir())
	require.NoError(t, err)
	for _, o := range optionsOf(s.cmd.Flags()) {
		if fileOf[o.name] == "" {
			fileOf[o.name] = "app.toml"
		}
		all = append(all, o)
	}
	return all, fileOf
}

// choices are three values of options that do not take any value of their type.
var choices = map[string][3]string{
	"log_format":             {"json", "plain", "json"},
	"log_level":              {"debug", "warn", "error"},
	"verbose_log_level":      {"debug", "warn", "none"},
	"version":                {"0.39.1", "0.39.2", "0.39.3"},
	"mempool.type":           {"nop", "flood", "nop"},
	"p2p.libp2p.limits.mode": {"disabled", "default", "disabled"},
	"genesis_hash":           {"AA", "BB", "CC"},
	"blocksync.version":      {"v0", "v0", "v0"},
	"chain-id":               {"a", "b", "c"},
	"grpc.historical-grpc-address-block-range": {`{"a:1":[0,1]}`, `{"b:1":[0,2]}`, `{"c:1":[0,3]}`},
	// At least as large as the options beside them.
	"rpc.experimental_subscription_buffer_size":    {"101", "102", "103"},
	"rpc.experimental_websocket_write_buffer_size": {"301", "302", "303"},
	"p2p.libp2p.scaler.max_workers":                {"1001", "1002", "1003"},
	"telemetry.global-labels":                      {`[["a","1"]]`, `[["a","2"],["b","3"]]`, `[["a","3"]]`},
	"p2p.libp2p.bootstrap_peers":                   {`[]`, `[{"host":"127.0.0.1:1","id":"12D3KooWGzVbGyZ"}]`, `[]`},
	"p2p.libp2p.scaler.overrides":                  {`[]`, `[{"reactor":"MEMPOOL","min_workers":3,"max_workers":9,"threshold_latency":"1s"}]`, `[]`},
}

// needed are the options that another one requires.
var needed = map[string]map[string]string{
	"statesync.enable": {
		"statesync.rpc_servers":  "127.0.0.1:1,127.0.0.1:2",
		"statesync.trust_height": "1",
		"statesync.trust_hash":   "AA",
	},
}

// valuesOf returns the values of an option in file, environment and flag, in
// this order.
func valuesOf(o option, unset string) [3]string {
	if chosen, is := choices[o.name]; is {
		return chosen
	}
	switch {
	case o.kind.Kind() == reflect.Bool && unset == "true":
		return [3]string{"false", "true", "false"}
	case o.kind.Kind() == reflect.Bool:
		return [3]string{"true", "false", "true"}
	case o.kind == reflect.TypeFor[time.Duration]():
		return [3]string{"11s", "12s", "13s"}
	case o.kind == reflect.TypeFor[[]int](), o.kind == reflect.TypeFor[[]string]():
		return [3]string{"48,57", "58,59", "60,61"}
	case o.kind.Kind() == reflect.String && o.flag != nil && strings.HasSuffix(o.name, "_interval"):
		return [3]string{"11s", "12s", "13s"}
	default:
		return [3]string{"11", "12", "13"}
	}
}

// tomlOf returns a value in the notation of a file.
func tomlOf(o option, value string) string {
	switch o.kind.Kind() {
	case reflect.String:
		return fmt.Sprintf("%q", value)
	case reflect.Slice:
		if strings.HasPrefix(value, "[") {
			return tomlOfJSON(value)
		}
		words := strings.Split(value, ",")
		if o.kind.Elem().Kind() == reflect.String {
			return fmt.Sprintf(`["%s"]`, strings.Join(words, `", "`))
		}
		return fmt.Sprintf("[%s]", value)
	}
	if o.kind == reflect.TypeFor[time.Duration]() {
		return fmt.Sprintf("%q", value)
	}
	return value
}

// tomlOfJSON takes lists of lists; what has objects is not written to a file here.
func tomlOfJSON(text string) string {
	if json.Valid([]byte(text)) && !strings.Contains(text, "{") {
		return text
	}
	panic(text)
}

// writeOption writes a file with a single option.
func writeOption(t *testing.T, home, file, name, value string) string {
	t.Helper()
	path := filepath.Join(home, "config", file)
	text := name + " = " + value + "\n"
	if dot := strings.LastIndex(name, "."); dot >= 0 {
		text = fmt.Sprintf("[%s]\n%s = %s\n", name[:dot], name[dot+1:], value)
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// atKey returns the member of a configuration's struct for a key of the file.
func atKey(config any, name string) (found any) {
	var walk func(value reflect.Value, prefix string)
	walk = func(value reflect.Value, prefix string) {
		value = reflect.Indirect(value)
		for i := range value.NumField() {
			key, squashed, _ := strings.Cut(value.Type().Field(i).Tag.Get("mapstructure"), ",")
			field := value.Field(i)
			switch {
			case squashed == "squash":
				walk(field, prefix)
			case key != "" && prefix+key == name:
				found = field.Interface()
			case key != "" && reflect.Indirect(field).Kind() == reflect.Struct:
				walk(field, prefix+key+".")
			}
		}
	}
	walk(reflect.ValueOf(config), "")
	return found
}

// expectOption expects a value wherever it is used: in CometBFT's
// configuration or the SDK's, among the options of the app, and in the flag.
func expectOption(t *testing.T, s started, o option, file, text, title string) {
	t.Helper()
	wanted, err := o.decode(text)
	require.NoError(t, err, title)
	if file == "config.toml" {
		require.Equal(t, wanted, atKey(s.server.Config, o.name), "%s: CometBFT's configuration", title)
	} else {
		config, err := serverconfig.GetConfig(s.server.Viper)
		require.NoError(t, err, title)
		if of := atKey(config, o.name); of != nil {
			require.Equal(t, wanted, of, "%s: the SDK's configuration", title)
		}
	}
	got, err := o.decode(s.server.Viper.Get(o.name))
	require.NoError(t, err, title)
	require.Equal(t, wanted, got, "%s: options of the app", title)
	if o.flag != nil && o.flag.Name == o.name {
		flag := s.cmd.Flags().Lookup(o.flag.Name)
		of, err := o.decode(flag.Value.String())
		require.NoError(t, err, title)
		require.Equal(t, wanted, of, "%s: flag", title)
	}
}

func TestEveryOptionIsTakenFromFlagEnvironmentAndFileInThisOrder(t *testing.T) {
	all, fileOf := allOptions(t)
	require.Greater(t, len(all), 200)
	for _, o := range all {
		if o.name == flags.FlagHome || o.name == "help" {
			continue // says where the files are; reads none
		}
		t.Run(o.name, func(t *testing.T) {
			for name, value := range needed[o.name] {
				t.Setenv(envOf(name), value)
			}
			home, file := t.TempDir(), fileOf[o.name]
			unset := ""
			if s, err := startWith(home); err == nil {
				unset = fmt.Sprint(s.server.Viper.Get(o.name))
			}
			values := valuesOf(o, unset)
			writeOption(t, home, file, o.name, tomlOf(o, values[0]))
			s, err := startWith(home)
			require.NoError(t, err)
			expectOption(t, s, o, file, values[0], "file")

			t.Setenv(envOf(o.name), values[1])
			s, err = startWith(home)
			require.NoError(t, err)
			expectOption(t, s, o, file, values[1], "environment over file")
			if o.flag != nil {
				s, err = startWith(home, "--"+o.flag.Name+"="+values[2])
				require.NoError(t, err)
				expectOption(t, s, o, file, values[2], "flag over both")
			}

			// The files of an older version, without the option and its section.
			for _, name := range []string{"app.toml", "config.toml"} {
				require.NoError(t, os.WriteFile(filepath.Join(home, "config", name), []byte("# no options\n"), 0o600))
			}
			s, err = startWith(home)
			require.NoError(t, err)
			expectOption(t, s, o, file, values[1], "environment alone")
		})
	}
}

func TestABadValueIsRefusedWithItsOptionAndSource(t *testing.T) {
	all, fileOf := allOptions(t)
	const bad = "f?"
	for _, o := range all {
		if _, err := o.decode(bad); err == nil {
			continue // any text is valid, or start itself checks it
		}
		t.Run(o.name, func(t *testing.T) {
			home := t.TempDir()
			path := writeOption(t, home, fileOf[o.name], o.name, fmt.Sprintf("%q", bad))
			_, err := startWith(home)
			require.ErrorContains(t, err, fmt.Sprintf("option %s: %s has %q: expected ", o.name, path, bad))
			t.Setenv(envOf(o.name), bad)
			_, err = startWith(home)
			require.ErrorContains(t, err, fmt.Sprintf("option %s: %s has %q: expected ", o.name, envOf(o.name), bad))
		})
	}
}

// `agd config set` takes the keys that a file has.
func TestEveryOptionOfTheKernelHasAKeyInAppToml(t *testing.T) {
	home := t.TempDir()
	_, err := readCometFile(home) // makes the directory
	require.NoError(t, err)
	file, err := readAppFile(home)
	require.NoError(t, err)
	cmd := &cobra.Command{}
	AddKernelFlags(cmd)
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		require.True(t, file.IsSet(flag.Name), "app.toml has no %s", flag.Name)
	})
}

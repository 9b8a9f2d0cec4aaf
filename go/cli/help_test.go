package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/home/hometest"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// runIn runs a command line that opens no home, and returns what it prints and
// its error's text.
func runIn(t *testing.T, args ...string) (printed, failed string) {
	t.Helper()
	setupSDK()
	root, err := newRootCommand(Host{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	if _, err := execute(root, args); err != nil {
		failed = oneLine(err)
	}
	return out.String(), failed
}

func TestAHelpHasItsPartsInOrder(t *testing.T) {
	for _, c := range []struct {
		args   string
		inside int // the first lines that have all of want
		want   []string
		absent []string
	}{
		{"start --help", 40,
			[]string{"Usage:", "Examples:", "agd start --split", "Mode:", "--split ", "Jail of the VM", "--jail ", "Transport between", "--split-transport"},
			[]string{"--grpc-only", "--with-comet", "--proxy_app", "Global Flags"}},
		{"start --help", 200, []string{"Kernel and Node.js:", "Node:", "--home ", "--log_level", "Cosmos SDK and CometBFT:", "--moniker"}, nil},
		{"export --help", 100, []string{"Examples:", "Mode:", "Export:", "--export-dir", "Jail of", "Cosmos SDK and CometBFT:"}, nil},
		{"snapshots restore --help", 50, []string{"Examples:", "Mode:", "Jail of", "Transport between"}, nil},
		{"--help", 40, []string{"Examples:", "Run a node or a network:", "start ", "Use a chain:", "tx ", "Handle the stores", "export ", "Look inside:", "completion "}, []string{"rollback", "Additional Commands"}},
		{"help snapshots", 40, []string{"Available Commands:", "restore"}, []string{"export", "Not supported"}},
		{"comet --help", 40, []string{"unsafe-reset-all"}, []string{"reset-state", "Not supported"}},
		{"help start", 40, []string{"Mode:"}, nil},
		{"start help", 40, []string{"Mode:"}, nil},
		{"devnet help", 40, []string{"Available Commands:", "fund", "reset"}, nil},
		{"keys help list", 40, []string{"agd keys list"}, nil},
		{"completion", 40, []string{"Available Commands:", "bash", "zsh"}, nil},
	} {
		printed, failed := runIn(t, strings.Fields(c.args)...)
		lines := strings.SplitAfterN(printed, "\n", c.inside+1)
		screen := strings.Join(lines[:min(c.inside, len(lines))], "")
		at := 0
		for _, want := range c.want {
			next := strings.Index(screen[at:], want)
			if next < 0 {
				t.Fatalf("%s (%s): no %q after the first %d bytes of %d lines:\n%s", c.args, failed, want, at, c.inside, printed)
			}
			at += next
		}
		for _, absent := range c.absent {
			if strings.Contains(printed, absent) {
				t.Errorf("%s: has %q", c.args, absent)
			}
		}
	}
}

func TestAMistypedWordIsNamedWithWhatWasMeant(t *testing.T) {
	for args, want := range map[string]string{
		"strat":                        `unknown command "strat": did you mean start? (see "agd --help")`,
		"stat":                         `unknown command "stat": did you mean start, status? (see "agd --help")`,
		"frobnicate":                   `unknown command "frobnicate" (see "agd --help")`,
		"query bnk":                    `unknown command "bnk": did you mean bank? (see "agd query --help")`,
		"query bnk --output json":      `unknown command "bnk": did you mean bank? (see "agd query --help")`,
		"query bank balnces":           `unknown command "balnces": did you mean balance, balances? (see "agd query bank --help")`,
		"tx bank snd":                  `unknown command "snd": did you mean send? (see "agd tx bank --help")`,
		"tx swingset wallet-acton":     `unknown command "wallet-acton": did you mean wallet-action? (see "agd tx swingset --help")`,
		"help strat":                   `unknown command "strat": did you mean start? (see "agd --help")`,
		"help query bnk":               `unknown command "bnk": did you mean bank? (see "agd query --help")`,
		"rollbck":                      `unknown command "rollbck" (see "agd --help")`, // refused flags are not suggested
		"start --splt":                 `unknown flag: --splt: did you mean --split? (see "agd start --help")`,
		"start --split-tranport=x":     `unknown flag: --split-tranport: did you mean --split-transport? (see "agd start --help")`,
		"start --log-level info":       `unknown flag: --log-level: did you mean --log_level? (see "agd start --help")`,
		"start --frobnicate":           `unknown flag: --frobnicate (see "agd start --help")`,
		"devnet --spilt":               `unknown flag: --spilt: did you mean --split? (see "agd devnet --help")`,
		"localnet --validatros 3":      `unknown flag: --validatros: did you mean --validators? (see "agd localnet --help")`,
		"localnet --validators x":      `--validators: expected a whole number, got "x" (see "agd localnet --help")`,
		"start --split=perhaps":        `--split: expected true or false, got "perhaps" (see "agd start --help")`,
		"start -x":                     `unknown shorthand flag: 'x' in -x (see "agd start --help")`,
		"query --frobnicate":           `unknown flag: --frobnicate (see "agd query --help")`,
		"query block --split":          `agd query block needs no kernel: --split is an option of those that run it: start, export, snapshots restore`,
		"completion fsh":               `unknown shell "fsh": expected bash, fish, powershell, zsh: did you mean fish, zsh?`,
		"start --split yes":            `agd start takes no arguments, got "yes": did you mean --split=true or --split=false? (see "agd start --help")`,
		"start yes --split":            `agd start takes no arguments, got "yes" (see "agd start --help")`,
		"devnet help fnd":              `unknown command "fnd": did you mean fund? (see "agd devnet --help")`,
		"devnet help fund":             "",
		"keys help lst":                `unknown command "lst": did you mean list? (see "agd keys --help")`,
		"bridge replay t --vm --chain": `--vm and --chain exclude each other: run agd bridge replay twice`,
		"tx bank send a b c --keyring-backend foo": `option keyring-backend: --keyring-backend has "foo": expected os, file, kwallet, pass, test or memory`,
		"status --log_level nonsense":              `option log_level: --log_level has "nonsense": expected trace, debug, info, warn, error, fatal, panic or disabled, or a list such as *:info,consensus:debug`,
		"status --verbose_log_level x":             `option verbose_log_level: --verbose_log_level has "x": expected trace, debug, info, warn, error, fatal, panic, disabled or none`,
		"keys lst --keyring-backnd":                `unknown command "lst": did you mean list? (see "agd keys --help")`,
	} {
		if _, failed := runIn(t, strings.Fields(args)...); failed != want {
			t.Errorf("agd %s: got %s\nwant %s", args, failed, want)
		}
	}
}

func TestValuesOfFlagsAndNamesOfKeysAreCompleted(t *testing.T) {
	home := hometest.WithFiles(t, "keyring-test/bob.info", "keyring-test/alice.info", "keyring-test/abcd.address", "config/app.toml")
	toml := "split = true\nsplit-vm = \"\"\npruning = \"default\"\n[api]\nenable = false\n"
	if err := os.WriteFile(filepath.Join(home, "config", "app.toml"), []byte(toml), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"start", "--split-transport", ""}, []string{"auto", "pipe", "shm", ":4"}},
		{[]string{"start", "--jail", ""}, []string{"auto", "on", "off", ":4"}},
		{[]string{"export", "--swing-store-export-mode", ""}, []string{"skip", "operational", "replay", "archival", "debug", ":4"}},
		{[]string{"query", "bank", "params", "--output", ""}, []string{"text", "json", ":4"}},
		{[]string{"status", "--log_level", ""}, append(slices.Clone(options.LogLevels), ":4")},
		{[]string{"start", "--log_format", ""}, []string{"plain", "json", ":4"}},
		{[]string{"keys", "list", "--keyring-backend", ""}, []string{"os", "file", "kwallet", "pass", "test", "memory", ":4"}},
		{[]string{"keys", "show", "--home", home, ""}, []string{"alice", "bob", ":4"}},
		{[]string{"tx", "bank", "send", "--home", home, "--from", ""}, []string{"alice", "bob", ":4"}},
		{[]string{"tx", "bank", "send", "--home", home, ""}, []string{"alice", "bob", ":4"}},
		{[]string{"tx", "bank", "send", "alice", "--home", home, ""}, []string{"alice", "bob", ":4"}},
		{[]string{"tx", "bank", "send", "alice", "bob", "--home", home, ""}, []string{":0"}},
		{[]string{"query", "bank", "balances", "--home", home, ""}, []string{"alice", "bob", ":4"}},
		{[]string{"tx", "staking", "delegate", "--home", home, ""}, []string{"alice", "bob", ":4"}},
		{[]string{"devnet", "fund", "--home", home, ""}, []string{"alice", "bob", ":4"}},
		{[]string{"config", "set", "--home", home, ""}, []string{"app", "client", "config", ":4"}},
		{[]string{"config", "set", "app", "--home", home, ""}, []string{"split", "split-vm", "pruning", "api.enable", ":4"}},
		{[]string{"config", "set", "app", "split", "--home", home, ""}, []string{"true", "false", ":0"}},
		{[]string{"config", "set", "app", "pruning", "--home", home, ""}, []string{"default", "nothing", "everything", "custom", ":0"}},
		{[]string{"config", "get", "app", "--home", home, "spl"}, []string{"split", "split-vm", "pruning", "api.enable", ":4"}},
		{[]string{"start", "--home", ""}, []string{":16"}}, // directories
		{[]string{"roll"}, []string{":4"}},
		{[]string{"sta"}, []string{"start", "status", ":4"}},
	} {
		printed, failed := runIn(t, append([]string{cobra.ShellCompNoDescRequestCmd}, c.args...)...)
		got := strings.Fields(printed)
		if end := slices.IndexFunc(got, func(word string) bool { return strings.HasPrefix(word, ":") }); end >= 0 {
			got = got[:end+1]
		}
		if failed != "" || !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q (%s), want %q", c.args, got, failed, c.want)
		}
	}
	if made, _ := os.ReadDir(home); len(made) != 2 {
		t.Errorf("completing made files: %v", made)
	}
}

func TestStartNamesItsExitCodesOnly(t *testing.T) {
	printed, failed := runIn(t, "start", "--help")
	require.Empty(t, failed)
	_, codes, found := strings.Cut(printed, "Exit codes:")
	require.True(t, found, printed)
	codes, _, _ = strings.Cut(codes, ").")
	require.Equal(t, []string{"1", "97", "98", "99"}, regexp.MustCompile(`\d+`).FindAllString(codes, -1), "those of docs/operating.md: no start ends with 0")
}

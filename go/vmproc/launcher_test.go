package vmproc

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/options"
)

func TestAJailIsRefusedWhereItCannotBe(t *testing.T) {
	for _, c := range []struct {
		jail string
		mode Mode
		want string
	}{
		{"", ModeInProcess, ""},
		{options.JailAuto, ModeInProcess, ""},
		{options.JailOff, ModeSplit, ""},
		{options.JailOn, ModeSplit, ""},
		{options.JailOn, ModeInProcess, "--jail=on needs --split: in-process the kernel and agd are one process"},
		{"yes", ModeSplit, `--jail: expected auto, on or off, got "yes"`},
	} {
		err := checkJail(c.jail, c.mode)
		if c.want == "" {
			require.NoError(t, err, c.jail)
		} else {
			require.EqualError(t, err, c.want)
		}
	}
}

func TestTheInspectorsAddress(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "false": "", "true": "127.0.0.1:9229", "0": "127.0.0.1:0", "1024": "127.0.0.1:1024",
		"0.0.0.0:9230": "0.0.0.0:9230", "[::1]:9230": "[::1]:9230",
	} {
		got, err := InspectAddress(value)
		require.NoError(t, err, value)
		require.Equal(t, want, got, value)
	}
	for value, want := range map[string]string{
		":9229":   `expected [HOST:]PORT, such as 127.0.0.1:9229: got ":9229"`,
		"a:b:1":   `expected [HOST:]PORT, such as 127.0.0.1:9229: got "a:b:1"`,
		"80":      `expected [HOST:]PORT, the port 0 or from 1024 to 65535: got "80"`,
		"65536":   `expected [HOST:]PORT, the port 0 or from 1024 to 65535: got "65536"`,
		"h:http":  `expected [HOST:]PORT, the port 0 or from 1024 to 65535: got "h:http"`,
		"inspect": `expected [HOST:]PORT, the port 0 or from 1024 to 65535: got "inspect"`,
	} {
		_, err := InspectAddress(value)
		require.EqualError(t, err, want)
	}
}

func TestWordsThatNoShellWouldTakeAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`"--a`:    `"--a: expected words of a shell: a quote or a bracket has no other end`,
		`--a; ls`: `--a; ls: expected words of a shell: put the one with ';' in quotes`,
		`a.js`:    `expected long options of node, each with its value after =, such as --require=./file.cjs: got "a.js"`,
	} {
		_, err := nodeArgsOf("", text, nil)
		require.EqualError(t, err, want)
	}
	words, err := nodeArgsOf("", "", nil)
	require.NoError(t, err)
	require.Empty(t, words)
}

func TestTheVMGetsTheLimitsAsJSON(t *testing.T) {
	text, err := limitsEnv(bridge.Limits{MaxFrameBytes: 1, MaxNesting: 2, MaxPendingCalls: 3, MaxQueuedBytes: 4})
	require.NoError(t, err)
	require.Equal(t, `AGVM_LIMITS={"maxFrameBytes":1,"maxNesting":2,"maxPendingCalls":3,"maxQueuedBytes":4}`, text)
}

// executed is the program that a Program has become.
type executed struct{ argv, env []string }

func (e *executed) exec(argv, env []string) error {
	e.argv, e.env = argv, env
	return errors.New("not in a test")
}

// script is a program of Node.js beside agd.
func script(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "agvm")
	require.NoError(t, os.WriteFile(file, []byte("#!/bin/sh\n"), 0o700))
	return file
}

func TestInProcessAgdBecomesTheVMWithItsLibrary(t *testing.T) {
	var became executed
	file := script(t)
	launch := Launcher{
		Program: Program{Args: []string{"start"}, Env: []string{"A=1", envPreload + "=other.so"}, Exec: became.exec},
		Options: options.Options{Limits: bridge.DefaultLimits()},
		Home:    home.Layout("/h"),
		Logger:  log.NewNopLogger(),
	}
	launch.Files.VM, launch.Files.Library, launch.Files.EarlySignals = file, file, file
	require.ErrorContains(t, launch.Enter(), "not in a test")
	require.Equal(t, []string{file, "start", "--home", "/h"}, became.argv)
	require.Equal(t, file, environ.Get(became.env, contract.EnvLibrary))
	require.Equal(t, file+":other.so", environ.Get(became.env, envPreload))
	require.NotEmpty(t, environ.Get(became.env, contract.EnvLimits))

	launch.Files.Library = filepath.Join(t.TempDir(), "none")
	require.ErrorContains(t, launch.Enter(), "no library at "+launch.Files.Library+": run `make build`, or use --split")
	launch.Files.Library = ""
	require.EqualError(t, launch.Enter(), "cannot run in-process: this agd is built without cgo: use --split")
	launch.Options.Split = true
	require.NoError(t, launch.Enter(), "split: agd stays what it is")
}

func TestAProgramThatIsNotThereIsNamed(t *testing.T) {
	var became executed
	require.EqualError(t, Program{}.Become("agd ab", "x", nil), "agd ab needs a process of its own")
	require.EqualError(t, Program{Exec: became.exec}.Become("agd ab", "/none/agd-ab", nil), "no program at /none/agd-ab: run `make build`")
}

func TestAPortThatIsNoneIsRefused(t *testing.T) {
	found, err := ports("9229", "9464")
	require.NoError(t, err)
	require.Len(t, found, 2)
	_, err = ports("", "http")
	require.EqualError(t, err, `OTEL_EXPORTER_PROMETHEUS_PORT: expected a port, got "http"`)
}

package options

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
)

// optionsWith returns the options of a command with this environment and these
// flags.
func optionsWith(t *testing.T, root string, env []string, args ...string) (Options, error) {
	t.Helper()
	s, err := startIn(root, env, args...)
	require.NoError(t, err)
	return Of(s.server.Viper)
}

func TestOptionsWithoutAnySourceAreTheDefaults(t *testing.T) {
	root := t.TempDir()
	got, err := optionsWith(t, root, nil)
	require.NoError(t, err)
	require.Equal(t, TransportAuto, got.Transport)
	require.Equal(t, JailAuto, got.Jail)
	require.Equal(t, time.Minute, got.HandshakeTimeout)
	require.Equal(t, bridge.DefaultLimits(), got.Limits)
	require.Equal(t, home.Layout(root).KernelExport(), got.KernelExport)
	require.Equal(t, 50, got.Kernel.MaxVatsOnline)
	require.False(t, got.Split)
	for _, text := range []string{got.SplitVM, got.BridgeTrace, got.Inspect, got.NodeArgs, got.ChainID, got.GenesisHash} {
		require.Empty(t, text)
	}
	require.Empty(t, got.JailRead)
	require.Empty(t, got.JailWrite)
}

func TestEachOptionOfACommandIsReadFromItsFlag(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		env  []string
		want func(o Options) (got, want any)
	}{
		{"split", []string{"--split"}, nil, func(o Options) (any, any) { return o.Split, true }},
		{"split by split-vm", []string{"--split-vm", "x"}, nil, func(o Options) (any, any) { return []any{o.Split, o.SplitVM}, []any{true, "x"} }},
		{"split by environment", nil, []string{"AGD_SPLIT=true"}, func(o Options) (any, any) { return o.Split, true }},
		{"the flag is stronger", []string{"--split=false"}, []string{"AGD_SPLIT=true", "AGD_SPLIT_VM=x"}, func(o Options) (any, any) { return []any{o.Split, o.SplitVM}, []any{false, ""} }},
		{"AGD_SPLIT=false leaves AGD_SPLIT_VM", nil, []string{"AGD_SPLIT=false", "AGD_SPLIT_VM=x"}, func(o Options) (any, any) { return o.SplitVM, "x" }},
		{"transport", []string{"--split-transport", "pipe"}, nil, func(o Options) (any, any) { return o.Transport, TransportPipe }},
		{"timeout", []string{"--vm-handshake-timeout", "5s"}, nil, func(o Options) (any, any) { return o.HandshakeTimeout, 5 * time.Second }},
		{"trace", []string{"--bridge-trace", "t"}, nil, func(o Options) (any, any) { return o.BridgeTrace, "t" }},
		{"trace's size", []string{"--bridge-trace-max-size", "5000000000"}, nil, func(o Options) (any, any) { return o.BridgeTraceMaxBytes, int64(5_000_000_000) }},
		{"flight recorder", nil, nil, func(o Options) (any, any) { return o.FlightRecorderBytes, 16 << 20 }},
		{"flight recorder off", nil, []string{"AGD_BRIDGE_FLIGHT_RECORDER_SIZE=0"}, func(o Options) (any, any) { return o.FlightRecorderBytes, 0 }},
		{"slow call", []string{"--bridge-slow-call", "30s"}, nil, func(o Options) (any, any) { return o.SlowCall, 30 * time.Second }},
		{"inspect", []string{"--vm-inspect"}, nil, func(o Options) (any, any) { return o.Inspect, DefaultInspectPort }},
		{"node args", []string{"--vm-node-args", "--a --b"}, nil, func(o Options) (any, any) { return o.NodeArgs, "--a --b" }},
		{"jail", nil, []string{"AGD_JAIL=on"}, func(o Options) (any, any) { return o.Jail, JailOn }},
		{"jail's paths", []string{"--jail-read", " a,, b ", "--jail-write", "c/"}, nil, func(o Options) (any, any) {
			return [][]string{o.JailRead, o.JailWrite}, [][]string{{"a", "b"}, {"c/"}}
		}},
		{"limit", []string{"--bridge.max-pending-calls", "7000"}, nil, func(o Options) (any, any) { return o.Limits.MaxPendingCalls, 7000 }},
		{"genesis", []string{"--genesis_hash", "AA", "--chain-id", "c"}, nil, func(o Options) (any, any) { return []string{o.GenesisHash, o.ChainID}, []string{"AA", "c"} }},
		{"kernel's export", []string{"--swing-store-export-dir", "/e"}, nil, func(o Options) (any, any) { return o.KernelExport, "/e" }},
		{"slog file", nil, []string{"SLOGFILE=/s"}, func(o Options) (any, any) { return o.Kernel.SlogFile, "/s" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := optionsWith(t, t.TempDir(), c.env, c.args...)
			require.NoError(t, err)
			is, want := c.want(got)
			require.Equal(t, want, is)
		})
	}
}

func TestOptionsOutOfRangeAreRefused(t *testing.T) {
	for _, c := range []struct{ args, env []string }{
		{args: []string{"--bridge.max-nesting", "1"}},
		{env: []string{"AGD_SWINGSET_MAX_VATS_ONLINE=0"}},
	} {
		_, err := optionsWith(t, t.TempDir(), c.env, c.args...)
		require.ErrorContains(t, err, "must be")
	}
}

func TestWhatAnExportCannotBeIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]any
		args []string
		want string
	}{
		"a mode that does not exist": {set: map[string]any{FlagSwingStoreMode: "all"}, want: `--swing-store-export-mode: there is no "all"; there are skip operational replay archival debug`},
		"split without a directory":  {args: []string{"--split=true"}, want: "--split is for exports with --export-dir: other exports do not include the kernel"},
		"a document and a directory": {set: map[string]any{FlagExportDir: "d", "output-document": "x"}, want: "--export-dir and --output-document exclude each other: the genesis is genesis.json in the directory"},
		"for height 0":               {set: map[string]any{FlagExportDir: "d", "for-zero-height": true}, want: "--for-zero-height is not supported: the kernel's state cannot start over at height 0"},
		"some modules":               {set: map[string]any{FlagExportDir: "d", "modules-to-export": []string{"bank"}}, want: "--modules-to-export leaves out what belongs to the kernel's state: add --swing-store-export-mode=skip"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := startWith(t.TempDir())
			require.NoError(t, err)
			v := s.server.Viper
			v.Set(FlagSwingStoreMode, string(swingstore.ModeOperational))
			for key, value := range c.set {
				v.Set(key, value)
			}
			_, err = ExportOf(v, c.args)
			require.EqualError(t, err, c.want)
		})
	}
}

func TestAValueThatStartCannotUseIsNamedWithItsSource(t *testing.T) {
	for want, args := range map[string][]string{
		`option pruning: --pruning has "foo": expected default, nothing, everything or custom`:                                                                                       {"--pruning", "foo"},
		`option minimum-gas-prices: --minimum-gas-prices has "0.1": expected amounts with denominations, separated by commas, such as 0.1uist: invalid decimal coin expression: 0.1`: {"--minimum-gas-prices", "0.1"},
	} {
		s, err := startIn(t.TempDir(), nil, args...)
		require.NoError(t, err)
		require.EqualError(t, CheckStart(s.cmd), want)
	}
}

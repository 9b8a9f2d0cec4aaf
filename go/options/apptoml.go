package options

import (
	"time"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/x/swingset"
)

// appConfig is app.toml: the SDK's options and ours.
type appConfig struct {
	serverconfig.Config `mapstructure:",squash"`
	Split               bool            `mapstructure:"split"`
	SplitVM             string          `mapstructure:"split-vm"`
	SplitTransport      string          `mapstructure:"split-transport"`
	VMHandshakeTimeout  time.Duration   `mapstructure:"vm-handshake-timeout"`
	BridgeTrace         string          `mapstructure:"bridge-trace"`
	BridgeTraceMaxSize  int64           `mapstructure:"bridge-trace-max-size"`
	FlightRecorderSize  int             `mapstructure:"bridge-flight-recorder-size"`
	BridgeSlowCall      time.Duration   `mapstructure:"bridge-slow-call"`
	VMInspect           string          `mapstructure:"vm-inspect"`
	VMNodeArgs          string          `mapstructure:"vm-node-args"`
	Jail                string          `mapstructure:"jail"`
	JailRead            string          `mapstructure:"jail-read"`
	JailWrite           string          `mapstructure:"jail-write"`
	Swingset            swingset.Config `mapstructure:"swingset"`
	Bridge              bridgeConfig    `mapstructure:"bridge"`
}

// appTemplate has our options first, because they are top-level keys, and the
// SDK's template contains tables.
const appTemplate = `###############################################################################
###                                 agd                                     ###
###############################################################################

# Split runs the SwingSet kernel in a separate process. Otherwise Node.js hosts
# agd and the kernel in one process. (--split, AGD_SPLIT)
split = {{ .Split }}

# SplitVM names another entry point of the VM process, and implies split.
# (--split-vm, AGD_SPLIT_VM)
split-vm = "{{ .SplitVM }}"

# SplitTransport carries the frames of split: shm (shared memory), pipe, or auto
# (shm if the VM supports it). (--split-transport, AGD_SPLIT_TRANSPORT)
split-transport = "{{ .SplitTransport }}"

# VMHandshakeTimeout bounds the time from the VM's start to its handshake.
# (--vm-handshake-timeout, AGD_VM_HANDSHAKE_TIMEOUT)
vm-handshake-timeout = "{{ .VMHandshakeTimeout }}"

# BridgeTrace is a file to which agd appends every frame between chain and
# kernel, as JSON lines; "" for none. (--bridge-trace, AGD_BRIDGE_TRACE)
bridge-trace = "{{ .BridgeTrace }}"

# BridgeTraceMaxSize is the size in bytes above which a trace continues in a new
# file, 0 for no limit. (--bridge-trace-max-size, AGD_BRIDGE_TRACE_MAX_SIZE)
bridge-trace-max-size = {{ .BridgeTraceMaxSize }}

# FlightRecorderSize is the memory in bytes for the last frames. agd writes them
# to data/bridge-crash-….jsonl.zst when the VM or a block fails, or when a block
# action takes longer than BridgeSlowCall. 0 switches each off.
# (--bridge-flight-recorder-size, AGD_BRIDGE_FLIGHT_RECORDER_SIZE, …)
bridge-flight-recorder-size = {{ .FlightRecorderSize }}
bridge-slow-call = "{{ .BridgeSlowCall }}"

` + nodeTemplate + jailTemplate + serverconfig.DefaultConfigTemplate + swingset.ConfigTemplate + bridgeTemplate

func defaultAppConfig() appConfig {
	config := serverconfig.DefaultConfig()
	config.MinGasPrices = "0" + app.FeeDenom
	config.StateSync.SnapshotKeepRecent = defaultKeepRecent
	allowBundlesInApp(config)
	return appConfig{
		Config:             *config,
		SplitTransport:     TransportAuto,
		VMHandshakeTimeout: defaultHandshakeTimeout,
		FlightRecorderSize: defaultFlightRecorderBytes,
		Jail:               JailAuto,
		Swingset:           swingset.DefaultConfig(),
		Bridge:             defaultBridgeConfig(),
	}
}

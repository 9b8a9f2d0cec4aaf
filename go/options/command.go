package options

import (
	"strings"
	"time"

	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/x/swingset"
	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Options are agd's own options of a command that runs the kernel. Names of
// paths are as the user gave them, unless they are said to be absolute.
type Options struct {
	// Split: the kernel runs in a process of its own.
	Split bool
	// SplitVM is another entry point of that process, "" for agvm.
	SplitVM string
	// Transport is TransportAuto, TransportPipe or TransportShm, once checked.
	Transport        string
	HandshakeTimeout time.Duration
	// BridgeTrace is the file for the frames, "" for none.
	BridgeTrace string
	// Inspect is [HOST:]PORT, "" for no inspector.
	Inspect string
	// NodeArgs are words of a shell.
	NodeArgs string
	// Jail is JailAuto, JailOn or JailOff, once checked; "" is JailAuto.
	Jail                string
	JailRead, JailWrite []string
	// Limits are the bridge's limits. They are checked.
	Limits bridge.Limits
	// Kernel is the section [swingset]. It is checked.
	Kernel swingsettypes.KernelConfig
	// KernelExport is the directory, absolute, of the kernel's store that a
	// genesis belongs to.
	KernelExport string
	// ChainID is that of the genesis, if not "", and GenesisHash its SHA-256 in
	// hexadecimal.
	ChainID, GenesisHash string
}

// Of returns the options that Read has read into v.
func Of(v *viper.Viper) (Options, error) {
	limits, err := LimitsOf(v)
	if err != nil {
		return Options{}, err
	}
	kernel, err := swingset.KernelConfig(v)
	if err != nil {
		return Options{}, err
	}
	export, err := app.SwingStoreExportDir(v)
	if err != nil {
		return Options{}, err
	}
	return Options{
		Split:            v.GetBool(FlagSplit) || v.GetString(FlagSplitVM) != "",
		SplitVM:          v.GetString(FlagSplitVM),
		Transport:        v.GetString(FlagSplitTransport),
		HandshakeTimeout: v.GetDuration(FlagHandshakeTimeout),
		BridgeTrace:      v.GetString(FlagBridgeTrace),
		Inspect:          v.GetString(FlagVMInspect),
		NodeArgs:         v.GetString(FlagVMNodeArgs),
		Jail:             v.GetString(FlagJail),
		JailRead:         pathList(v.GetString(FlagJailRead)),
		JailWrite:        pathList(v.GetString(FlagJailWrite)),
		Limits:           limits,
		Kernel:           kernel,
		KernelExport:     export,
		ChainID:          v.GetString(flags.FlagChainID),
		GenesisHash:      v.GetString(FlagGenesisHash),
	}, nil
}

// pathList splits a list of paths.
func pathList(text string) []string {
	var paths []string
	for path := range strings.SplitSeq(text, ",") {
		if path = strings.TrimSpace(path); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

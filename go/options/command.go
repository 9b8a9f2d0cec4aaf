package options

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
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
	// BridgeTraceMaxBytes is the size above which that file is rotated, 0 for
	// none.
	BridgeTraceMaxBytes int64
	// FlightRecorderBytes is the memory of the flight recorder, 0 for none.
	FlightRecorderBytes int
	// SlowCall is the duration of a block action after which the flight recorder
	// is written, 0 for never.
	SlowCall time.Duration
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
	opts := ofVM(v, limits)
	opts.Split = v.GetBool(FlagSplit) || opts.SplitVM != ""
	if err := opts.readRecording(v); err != nil {
		return Options{}, err
	}
	opts.Kernel = kernel
	opts.KernelExport = export
	opts.ChainID = v.GetString(flags.FlagChainID)
	opts.GenesisHash = v.GetString(FlagGenesisHash)
	return opts, nil
}

// OfVM reads the options of AddVMFlags alone, for a command that runs the VM in
// a process of its own without a configuration. An option that the command line
// lacks is read from env, which is as os.Environ.
func OfVM(cmd *cobra.Command, env []string) (Options, error) {
	own := &cobra.Command{}
	AddVMFlags(own)
	var err error
	own.Flags().VisitAll(func(flag *pflag.Flag) {
		given := cmd.Flags().Lookup(flag.Name)
		value := environ.Get(env, envOf(flag.Name))
		if given == nil || given.Changed || value == "" {
			return
		}
		if failure := cmd.Flags().Set(flag.Name, value); failure != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", envOf(flag.Name), failure))
		}
	})
	if err != nil {
		return Options{}, err
	}
	v := viper.New()
	if err := v.BindPFlags(cmd.Flags()); err != nil {
		return Options{}, err
	}
	limits, err := LimitsOf(v)
	opts := ofVM(v, limits)
	opts.Split = true
	return opts, err
}

func ofVM(v *viper.Viper, limits bridge.Limits) Options {
	return Options{
		SplitVM:          v.GetString(FlagSplitVM),
		Transport:        v.GetString(FlagSplitTransport),
		HandshakeTimeout: v.GetDuration(FlagHandshakeTimeout),
		Inspect:          v.GetString(FlagVMInspect),
		NodeArgs:         v.GetString(FlagVMNodeArgs),
		Jail:             v.GetString(FlagJail),
		JailRead:         pathList(v.GetString(FlagJailRead)),
		JailWrite:        pathList(v.GetString(FlagJailWrite)),
		Limits:           limits,
	}
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

// Package vmproc connects agd to the VM: to the one in a process of its own,
// which it starts, in a jail if it can (split), or to the one that hosts agd
// (in-process). A Launcher does it and returns a Conn, the bridge to the VM. A
// Stopper gathers the requests to stop.
package vmproc

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/trace"
)

// Mode is where the kernel runs.
type Mode string

const (
	ModeInProcess Mode = "in-process"
	ModeSplit     Mode = "split"
)

// modeOf is the mode that the options choose.
func modeOf(opts options.Options) Mode {
	if opts.Split {
		return ModeSplit
	}
	return ModeInProcess
}

// Launcher connects one command to the VM: Enter first, then Connect.
type Launcher struct {
	Program
	Options options.Options
	Home    home.Layout
	// Genesis is the file with the genesis.
	Genesis string
	// Logger is agd's own, VMLogger for what the VM's process prints, and the
	// workers below it.
	Logger, VMLogger log.Logger
	// Hosted is the bridge to the VM of this process, when agd is a library in
	// it; nil in a process of its own.
	Hosted bridge.Bridge
	// Tracer records the frames of Hosted once it is opened; nil in a process
	// of its own, which makes its own.
	Tracer *trace.Tracer
	// Metrics is where the bridge's metrics are registered; nil if nowhere.
	Metrics prometheus.Registerer
	// Signals starts to deliver SIGINT, SIGTERM and SIGHUP; nil if the VM alone
	// tells of them, over the bridge. It is called once.
	Signals func() <-chan os.Signal
}

// Enter is how a command that needs the kernel begins: for the in-process mode
// the process becomes Node.js, which runs the same command again and then gets
// past here.
func (l Launcher) Enter() error {
	mode := modeOf(l.Options)
	if err := checkJail(l.Options.Jail, mode); err != nil {
		return err
	}
	if l.Hosted == nil && mode == ModeInProcess {
		return l.execInProcess()
	}
	return nil
}

// Connect takes the signals and connects to the VM. The caller calls End of
// the Conn. The Stopper is the command's.
func (l Launcher) Connect() (*Conn, *Stopper, error) {
	if l.Tracer == nil {
		l.Tracer = &trace.Tracer{}
	}
	if path := l.Options.BridgeTrace; path != "" {
		if err := l.Tracer.Open(path); err != nil {
			return nil, nil, fmt.Errorf("--%s: %w", options.FlagBridgeTrace, err)
		}
	}
	stop := NewStopper()
	if l.Signals != nil {
		stop.watchSignals(l.Signals())
	}
	conn, err := l.open(stop)
	return conn, stop, err
}

// execInProcess becomes Node.js, the same process, which loads agd's library
// and runs this same command line there.
func (l Launcher) execInProcess() error {
	argv, err := l.vmCommand(l.Files.VM)
	if err != nil {
		return err
	}
	if _, err := os.Stat(l.Files.Library); err != nil {
		return fmt.Errorf("no library at %s: run `make build`, or use --%s", l.Files.Library, options.FlagSplit)
	}
	bounds, err := limitsEnv(l.Options.Limits)
	if err != nil {
		return err
	}
	env := append(l.Env, contract.EnvLibrary+"="+l.Files.Library, bounds)
	return fmt.Errorf("%s: %w", argv[0], l.becomeNode(argv, env))
}

// limitsEnv returns contract.EnvLimits with its value, as in os.Environ.
func limitsEnv(limits bridge.Limits) (string, error) {
	text, err := json.Marshal(contract.Limits(limits))
	return contract.EnvLimits + "=" + string(text), err
}

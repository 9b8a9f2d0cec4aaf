// Package vmproc connects agd to the VM. In split mode it starts the VM's
// process, in a jail if possible; in-process, the VM hosts agd. A Launcher
// returns a Conn, the bridge to the VM. A Stopper collects the requests to
// stop.
package vmproc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/bridgemetrics"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Launcher connects one command to the VM: Enter first, then Connect.
type Launcher struct {
	Program
	Options options.Options
	Home    home.Layout
	// Genesis is the file with the genesis.
	Genesis string
	// Logger is agd's own; VMLogger is for the output of the VM's process and its
	// workers.
	Logger, VMLogger log.Logger
	// Hosted is the bridge to the VM of this process, if agd is a library in it;
	// nil in agd's own process.
	Hosted bridge.Bridge
	// Tracer records the frames of Hosted. In agd's own process it is nil, or new:
	// then Conn.End closes it.
	Tracer *trace.Tracer
	// SlowCall, if set, is called when a block action has taken Options.SlowCall,
	// if that is not 0. It must not block. Without it there is no flight recorder:
	// only a node, which sets it, writes the recorder's files.
	SlowCall func(method string)
	// Metrics is the registry of the bridge's metrics; nil: none.
	Metrics prometheus.Registerer
	// Signals starts to deliver SIGINT, SIGTERM and SIGHUP; nil if only the VM
	// reports them, over the bridge. It is called once.
	Signals func() <-chan os.Signal
}

// Enter begins a command that needs the kernel. In in-process mode the process
// becomes Node.js, which runs the same command again; there Enter returns.
func (l Launcher) Enter() error {
	if err := supervisor.CheckSystem(); err != nil {
		return err
	}
	mode := modeOf(l.Options)
	if err := checkJail(l.Options.Jail, mode); err != nil {
		return err
	}
	if l.Hosted == nil && mode == ModeInProcess {
		return l.execInProcess()
	}
	return nil
}

// errNoLibrary is the error of an agd that is built without the in-process mode.
var errNoLibrary = errors.New("cannot run in-process: this agd is built without cgo: use --" + options.FlagSplit)

// Connect takes the signals and connects to the VM. The caller calls End of
// the Conn. The Stopper is the command's.
func (l Launcher) Connect() (*Conn, *Stopper, error) {
	if l.Tracer == nil {
		l.Tracer = &trace.Tracer{}
	}
	if err := l.record(); err != nil {
		return nil, nil, err
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
	if l.Files.Library == "" {
		return errNoLibrary
	}
	argv, err := l.vmCommand(l.Files.VM, l.Home, l.Options, l.Logger)
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

// open starts the VM, or uses the one that hosts this library, and performs the
// handshake.
func (l Launcher) open(stop *Stopper) (*Conn, error) {
	timeout := l.Options.HandshakeTimeout
	if timeout <= 0 {
		return nil, fmt.Errorf("--%s must be a positive duration, such as 60s", options.FlagHandshakeTimeout)
	}
	c := &Conn{Mode: ModeSplit, Life: supervisor.NewLifecycle(logStates(l.Logger)), trace: l.Tracer}
	if l.Hosted != nil {
		c.Mode, c.Confined = ModeInProcess, "none: one process"
	}
	measured, err := l.measured(c.Mode)
	if err != nil {
		return nil, err
	}
	wrap := func(b bridge.Bridge) bridge.Bridge { return l.timed(measured(b)) }
	if l.Hosted != nil {
		c.Bridge = wrap(l.Hosted)
	} else {
		if c.process, err = l.startVM(c, wrap); err != nil {
			return nil, err
		}
		c.Bridge = c.process
	}
	if err := c.Handle(contract.MethodStopAgd, stop.handler()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(stop.Asked, timeout)
	defer cancel()
	peer, err := c.handshake(ctx)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no handshake from the VM within %s (--%s)", timeout, options.FlagHandshakeTimeout)
		} else {
			err = c.Died(err)
		}
		// A signal reached only the VM, before it could pass it on.
		stopped := c.process != nil && !stop.IsAsked() && !errors.Is(ctx.Err(), context.DeadlineExceeded) && c.process.Stopped(deathLimit)
		c.End(stop)
		if stop.IsAsked() {
			return nil, stop.ExitError()
		}
		if stopped {
			return nil, &supervisor.ExitError{Code: supervisor.ExitSignal, Err: err}
		}
		return nil, err
	}
	c.Capabilities, c.Software = peer.Capabilities, peer.Software
	if c.process != nil {
		if err := c.checkTransport(l.Options.Transport); err != nil {
			c.End(stop)
			return nil, err
		}
	}
	if l.Metrics != nil {
		if err := bridgemetrics.RegisterInfo(l.Metrics, string(c.Mode), c.Transport(), c.Confined); err != nil {
			l.Logger.Warn("the metrics do not describe the bridge", "reason", err.Error())
		}
	}
	l.Tracer.Head(trace.Head{VM: peer.Software, Mode: string(c.Mode), Transport: c.Transport()})
	l.Logger.Info("kernel connected", "mode", string(c.Mode), "transport", c.Transport(),
		"agd_pid", os.Getpid(), "vm_pid", c.PID(), "vm", peer.Software)
	return c, nil
}

// measured returns the function that adds the metrics of a mode to a bridge.
func (l Launcher) measured(mode Mode) (func(bridge.Bridge) bridge.Bridge, error) {
	if l.Metrics == nil {
		return func(b bridge.Bridge) bridge.Bridge { return b }, nil
	}
	metrics, err := bridgemetrics.Register(l.Metrics, string(mode))
	if err != nil {
		return nil, fmt.Errorf("metrics of the bridge: %w", err)
	}
	return metrics.Wrap, nil
}

func (l Launcher) startVM(c *Conn, wrap func(bridge.Bridge) bridge.Bridge) (*supervisor.VM, error) {
	entry := l.Options.SplitVM
	if entry == "" {
		entry = l.Files.VM
	}
	command, err := l.vmCommand(entry, l.Home, l.Options, l.Logger)
	if err != nil {
		return nil, err
	}
	bounds, err := limitsEnv(l.Options.Limits)
	if err != nil {
		return nil, err
	}
	jailer := jailer{helper: l.Files.Jail, agvm: l.Files.VM, genesis: l.Genesis, home: l.Home, opts: l.Options, logger: l.Logger}
	command, env, confined, err := jailer.jailed(entry, command, append(l.Env, bounds))
	if err != nil {
		return nil, err
	}
	c.Confined = confined
	memory, err := memoryOf(l.Options.Transport)
	if err != nil {
		return nil, err
	}
	process, err := supervisor.Start(command, env, supervisor.Options{
		Options: split.Options{
			Memory: memory,
			Options: bridge.Options{
				PeerName:  contract.VMName,
				Limits:    l.Options.Limits,
				Exclusive: vm.BlockActions,
				Requests:  vm.DowncallMethods,
				Trace:     l.Tracer.Frame,
			},
		},
		Life:   c.Life,
		Wrap:   wrap,
		Output: logLines(l.VMLogger),
	})
	if err != nil {
		return nil, memoryError(err)
	}
	if err := process.MemoryError(); err != nil {
		// For example, a limit on file size also applies to shared memory.
		l.Logger.Warn("the frames go through the pipes", "reason", err.Error())
	}
	return process, nil
}

// limitsEnv returns contract.EnvLimits with its value, as in os.Environ.
func limitsEnv(limits bridge.Limits) (string, error) {
	text, err := json.Marshal(contract.Limits(limits))
	return contract.EnvLimits + "=" + string(text), err
}

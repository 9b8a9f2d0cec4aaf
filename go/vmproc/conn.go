package vmproc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/version"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/shm"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/bridgemetrics"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Conn is the bridge to the VM, in either mode. The caller of Launcher.Connect
// calls End.
type Conn struct {
	bridge.Bridge
	Mode Mode
	Life *supervisor.Lifecycle
	// Capabilities are what the VM can do beyond the protocol's base.
	Capabilities []string
	// process is the VM's process; nil in-process, where it is ours.
	process *supervisor.VM
}

// PID is the process id of the VM.
func (c *Conn) PID() int {
	if c.process != nil {
		return c.process.PID()
	}
	return os.Getpid()
}

// handshake shakes hands with the VM.
func (c *Conn) handshake(ctx context.Context) (bridge.Hello, error) {
	if c.process != nil {
		return c.process.Handshake(ctx, software())
	}
	hello, err := bridge.Handshake(ctx, c, software())
	if err == nil {
		c.Life.Enter(supervisor.StateRunning)
	}
	return hello, err
}

// End tells the VM to end and, in split mode, returns when it has. Safe to
// repeat.
func (c *Conn) End(stop *Stopper) {
	if c.process != nil {
		c.process.Stop(stop.Hurry)
	} else if c.Life.Enter(supervisor.StateStopping) {
		_ = c.Notify(contract.MethodStopVM, json.RawMessage("{}"))
	}
}

// deathLimit is how long to wait for the VM's exit status once its pipe has
// ended.
const deathLimit = time.Second

// Died adds to an error of a VM that has ended by itself how it ended, and what
// it said last.
func (c *Conn) Died(err error) error {
	if c.process == nil {
		return err
	}
	how, said := c.process.LastWords(deathLimit)
	if how != "" {
		err = fmt.Errorf("%w (VM: %s)", err, how)
	}
	return &Error{err, said}
}

// open starts the VM, or takes the one that hosts us, and shakes hands.
func (l Launcher) open(stop *Stopper) (*Conn, error) {
	timeout := l.Options.HandshakeTimeout
	if timeout <= 0 {
		return nil, fmt.Errorf("--%s must be a positive duration, such as 60s", options.FlagHandshakeTimeout)
	}
	c := &Conn{Mode: ModeSplit, Life: supervisor.NewLifecycle(logStates(l.Logger))}
	if l.Hosted != nil {
		c.Mode = ModeInProcess
	}
	measured, err := l.measured(c.Mode)
	if err != nil {
		return nil, err
	}
	if l.Hosted != nil {
		c.Bridge = measured(l.Hosted)
	} else {
		if c.process, err = l.startVM(c.Life, measured); err != nil {
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
		// A signal to the VM alone, before it could pass it on.
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
	c.Capabilities = peer.Capabilities
	if c.process != nil {
		if err := c.checkTransport(l.Options.Transport); err != nil {
			c.End(stop)
			return nil, err
		}
	}
	l.Logger.Info("kernel connected", "mode", string(c.Mode), "transport", c.transport(),
		"agd_pid", os.Getpid(), "vm_pid", c.PID(), "vm", peer.Software)
	return c, nil
}

// transport is what carries the bridge's bytes.
func (c *Conn) transport() string {
	switch {
	case c.process == nil:
		return "memory"
	case c.process.SharesMemory():
		return options.TransportShm
	default:
		return options.TransportPipe
	}
}

func (c *Conn) checkTransport(wanted string) error {
	if wanted != options.TransportShm || c.process.SharesMemory() {
		return nil
	}
	return fmt.Errorf("--%s=%s: the VM does not use shared memory: its addon is not built (make build), or it is not agvm; %s uses pipes then",
		options.FlagSplitTransport, options.TransportShm, options.TransportAuto)
}

// measured returns what puts the metrics of a mode around a bridge.
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

func (l Launcher) startVM(life *supervisor.Lifecycle, wrap func(bridge.Bridge) bridge.Bridge) (*supervisor.VM, error) {
	entry := l.Options.SplitVM
	if entry == "" {
		entry = l.Files.VM
	}
	command, err := l.vmCommand(entry)
	if err != nil {
		return nil, err
	}
	bounds, err := limitsEnv(l.Options.Limits)
	if err != nil {
		return nil, err
	}
	jailer := jailer{helper: l.Files.Jail, agvm: l.Files.VM, genesis: l.Genesis, home: l.Home, opts: l.Options, logger: l.Logger}
	command, env, err := jailer.jailed(entry, command, append(l.Env, bounds))
	if err != nil {
		return nil, err
	}
	memory, err := sharedMemory(l.Options.Transport, l.Logger)
	if err != nil {
		return nil, err
	}
	process, err := supervisor.Start(command, env, supervisor.Options{
		Memory: memory,
		Options: split.Options{
			Limits:    l.Options.Limits,
			Exclusive: vm.BlockActions,
			Requests:  vm.DowncallMethods,
			Trace: func(direction split.Direction, frame []byte) {
				if direction == split.Out {
					l.Tracer.Sent(frame)
				} else {
					l.Tracer.Received(frame)
				}
			},
		},
		Life:   life,
		Wrap:   wrap,
		Output: logLines(l.VMLogger),
	})
	if err != nil && memory != nil {
		err = errors.Join(err, memory.Close())
	}
	return process, err
}

// sharedMemory makes what the VM is offered; nil: only the pipes.
func sharedMemory(transport string, logger log.Logger) (*shm.Memory, error) {
	switch transport {
	case options.TransportPipe:
		return nil, nil
	case options.TransportAuto, options.TransportShm:
	default:
		return nil, fmt.Errorf("--%s: expected %s, %s or %s, got %q", options.FlagSplitTransport, options.TransportAuto, options.TransportPipe, options.TransportShm, transport)
	}
	memory, err := shm.New()
	switch {
	case err == nil:
		return memory, nil
	case transport == options.TransportShm:
		return nil, fmt.Errorf("--%s=%s: %w; %s uses pipes then", options.FlagSplitTransport, options.TransportShm, err, options.TransportAuto)
	default:
		// Such as below a limit on the size of files, which holds for memory, too.
		logger.Warn("the frames go through the pipes", "reason", err.Error())
		return nil, nil
	}
}

func software() string {
	if version.Version == "" {
		return "agd"
	}
	return "agd " + version.Version
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/version"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/shm"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/bridgemetrics"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// kernel is the connection to the kernel, in either mode. Whoever opened it
// calls end.
type kernel struct {
	bridge.Bridge
	mode mode
	life *supervisor.Lifecycle
	// process is the VM's process; nil in-process, where it is ours.
	process *supervisor.VM
	// capabilities are what the VM can do beyond the protocol's base.
	capabilities []string
}

// pid is the process id of the kernel.
func (k *kernel) pid() int {
	if k.process != nil {
		return k.process.PID()
	}
	return os.Getpid()
}

// handshake shakes hands with the VM.
func (k *kernel) handshake(ctx context.Context) (bridge.Hello, error) {
	if k.process != nil {
		return k.process.Handshake(ctx, software())
	}
	hello, err := bridge.Handshake(ctx, k, software())
	if err == nil {
		k.life.Enter(supervisor.StateRunning)
	}
	return hello, err
}

// end tells the VM to end and, in split mode, returns when it has. Safe to
// repeat.
func (k *kernel) end(stop *stopper) {
	if k.process != nil {
		k.process.Stop(stop.hurry)
	} else if k.life.Enter(supervisor.StateStopping) {
		_ = k.Notify(supervisor.MethodStop, json.RawMessage("{}"))
	}
}

// deathLimit is how long to wait for the VM's exit status once its pipe has
// ended.
const deathLimit = time.Second

// died adds to an error of a VM that has ended by itself how it ended, and what
// it said last.
func (k *kernel) died(err error) error {
	if k.process == nil {
		return err
	}
	how, said := k.process.LastWords(deathLimit)
	if how != "" {
		err = fmt.Errorf("%w (VM: %s)", err, how)
	}
	return &vmError{err, said}
}

// openKernel starts the VM, or takes the one that hosts us, and shakes hands.
func (host Host) openKernel(svr *server.Context, limits bridge.Limits, stop *stopper) (*kernel, error) {
	timeout := svr.Viper.GetDuration(options.FlagHandshakeTimeout)
	if timeout <= 0 {
		return nil, fmt.Errorf("--%s must be a positive duration, such as 60s", options.FlagHandshakeTimeout)
	}
	k := &kernel{mode: modeSplit, life: supervisor.NewLifecycle(logStates(svr.Logger))}
	if host.Kernel != nil {
		k.mode = modeInProcess
	}
	measured, err := host.measured(k.mode)
	if err != nil {
		return nil, err
	}
	if host.Kernel != nil {
		k.Bridge = measured(host.Kernel)
	} else {
		if k.process, err = host.startVM(svr, limits, k.life, measured); err != nil {
			return nil, err
		}
		k.Bridge = k.process
	}
	if err := k.Handle(methodStop, stop.handler()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(stop.asked, timeout)
	defer cancel()
	peer, err := k.handshake(ctx)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no handshake from the VM within %s (--%s)", timeout, options.FlagHandshakeTimeout)
		} else {
			err = k.died(err)
		}
		// A signal to the VM alone, before it could pass it on.
		stopped := k.process != nil && !stop.isAsked() && !errors.Is(ctx.Err(), context.DeadlineExceeded) && k.process.Stopped(deathLimit)
		k.end(stop)
		if stop.isAsked() {
			return nil, stop.exitError()
		}
		if stopped {
			return nil, &exitError{supervisor.ExitSignal, err}
		}
		return nil, err
	}
	k.capabilities = peer.Capabilities
	if k.process != nil {
		if err := k.checkTransport(svr.Viper.GetString(options.FlagSplitTransport)); err != nil {
			k.end(stop)
			return nil, err
		}
	}
	svr.Logger.Info("kernel connected", "mode", string(k.mode), "transport", k.transport(),
		"agd_pid", os.Getpid(), "vm_pid", k.pid(), "vm", peer.Software)
	return k, nil
}

// transport is what carries the bridge's bytes.
func (k *kernel) transport() string {
	switch {
	case k.process == nil:
		return "memory"
	case k.process.SharesMemory():
		return options.TransportShm
	default:
		return options.TransportPipe
	}
}

func (k *kernel) checkTransport(wanted string) error {
	if wanted != options.TransportShm || k.process.SharesMemory() {
		return nil
	}
	return fmt.Errorf("--%s=%s: the VM does not use shared memory: its addon is not built (make build), or it is not agvm; %s uses pipes then",
		options.FlagSplitTransport, options.TransportShm, options.TransportAuto)
}

// measured returns what puts the metrics of a mode around a bridge.
func (host Host) measured(m mode) (func(bridge.Bridge) bridge.Bridge, error) {
	if host.Metrics == nil {
		return func(b bridge.Bridge) bridge.Bridge { return b }, nil
	}
	metrics, err := bridgemetrics.Register(host.Metrics, string(m))
	if err != nil {
		return nil, fmt.Errorf("metrics of the bridge: %w", err)
	}
	return metrics.Wrap, nil
}

func (host Host) startVM(svr *server.Context, limits bridge.Limits, life *supervisor.Lifecycle, wrap func(bridge.Bridge) bridge.Bridge) (*supervisor.VM, error) {
	entry := svr.Viper.GetString(options.FlagSplitVM)
	if entry == "" {
		entry = host.Files.VM
	}
	command, err := host.vmCommand(svr, entry)
	if err != nil {
		return nil, err
	}
	bounds, err := limitsEnv(limits)
	if err != nil {
		return nil, err
	}
	command, env, err := host.jailed(svr, entry, command, append(host.Env, bounds))
	if err != nil {
		return nil, err
	}
	logger, err := vmLogger(svr, host.Stdout)
	if err != nil {
		return nil, err
	}
	memory, err := sharedMemory(svr)
	if err != nil {
		return nil, err
	}
	process, err := supervisor.Start(command, env, supervisor.Options{
		Memory: memory,
		Options: split.Options{
			Limits:    limits,
			Exclusive: vm.BlockActions,
			Requests:  vm.DowncallMethods,
			Trace: func(direction split.Direction, frame []byte) {
				if direction == split.Out {
					host.Tracer.Sent(frame)
				} else {
					host.Tracer.Received(frame)
				}
			},
		},
		Life:   life,
		Wrap:   wrap,
		Output: logLines(logger),
	})
	if err != nil && memory != nil {
		err = errors.Join(err, memory.Close())
	}
	return process, err
}

// sharedMemory makes what the VM is offered; nil: only the pipes.
func sharedMemory(svr *server.Context) (*shm.Memory, error) {
	transport := svr.Viper.GetString(options.FlagSplitTransport)
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
		svr.Logger.Warn("the frames go through the pipes", "reason", err.Error())
		return nil, nil
	}
}

func software() string {
	if version.Version == "" {
		return "agd"
	}
	return "agd " + version.Version
}

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/version"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// handshakeLimit is how long the VM may take from its start to its handshake,
// its modules loaded.
const handshakeLimit = 60 * time.Second

// methodStop is the VM's notification that it was asked to stop, by a signal.
const methodStop = "agd.Stop"

// kernel is the connection to the kernel, in either mode.
type kernel struct {
	bridge.Bridge
	mode mode
	// process is the VM's process; nil in-process, where it is ours.
	process *supervisor.VM
}

// pid is the process id of the kernel.
func (k *kernel) pid() int {
	if k.process != nil {
		return k.process.PID()
	}
	return os.Getpid()
}

// end tells the VM to end and, in split mode, returns when it has.
func (k *kernel) end(stop *stopper) {
	if k.process != nil {
		k.process.Stop(stop.hurry)
		return
	}
	_ = k.Notify(supervisor.MethodStop, json.RawMessage("{}"))
}

// deathNote is how the VM ended, for agd's last words.
func (k *kernel) deathNote() string {
	if k.process == nil {
		return k.Err().Error()
	}
	select {
	case <-k.process.Exited():
		return k.process.ExitStatus()
	case <-time.After(time.Second):
		return k.Err().Error()
	}
}

// openKernel starts the VM, or takes the one that hosts us, and shakes hands.
func (host Host) openKernel(svr *server.Context, limits bridge.Limits, stop *stopper) (*kernel, error) {
	k := &kernel{mode: modeInProcess, Bridge: host.Kernel}
	if host.Kernel == nil {
		process, err := host.startVM(svr, limits)
		if err != nil {
			return nil, err
		}
		k = &kernel{mode: modeSplit, Bridge: process, process: process}
	}
	if err := k.Handle(methodStop, stop.handler()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(stop.asked, handshakeLimit)
	defer cancel()
	peer, err := bridge.Handshake(ctx, k, software())
	if err != nil {
		k.end(stop)
		if stop.isAsked() {
			return nil, &exitError{supervisor.ExitSignal, err}
		}
		if k.process != nil {
			return nil, fmt.Errorf("%w (VM: %s)", err, k.process.ExitStatus())
		}
		return nil, err
	}
	svr.Logger.Info("kernel connected", "mode", string(k.mode), "agd_pid", os.Getpid(), "vm_pid", k.pid(), "vm", peer.Software)
	return k, nil
}

func (host Host) startVM(svr *server.Context, limits bridge.Limits) (*supervisor.VM, error) {
	entry := svr.Viper.GetString(flagSplitVM)
	if entry == "" {
		entry = host.Files.VM
	}
	command, err := supervisor.VMCommand(entry, host.vmArgs(svr.Config.RootDir))
	if err != nil {
		return nil, err
	}
	bounds, err := limitsEnv(limits)
	if err != nil {
		return nil, err
	}
	return supervisor.Start(command, append(host.Env, bounds), split.Options{
		Limits:    limits,
		Exclusive: vm.BlockActions,
		Trace: func(direction split.Direction, frame []byte) {
			if direction == split.Out {
				host.Tracer.Sent(frame)
			} else {
				host.Tracer.Received(frame)
			}
		},
	})
}

func software() string {
	if version.Version == "" {
		return "agd"
	}
	return "agd " + version.Version
}

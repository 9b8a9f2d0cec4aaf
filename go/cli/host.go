// Package cli is agd's command line, shared by its two main programs: cmd/agd
// (a process of its own) and cmd/libagd (a library in the VM's process).
package cli

import (
	"io"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// Host is the process that the command line runs in: all that it may touch of
// the world beside files and sockets. An entry point fills it in.
type Host struct {
	// Args is the command line without the program's name.
	Args []string
	// Env is the environment, as in os.Environ, for the VM.
	Env            []string
	Stdout, Stderr io.Writer
	// Files are the parts of the installation.
	Files supervisor.Files
	// Bridge leads to the VM of this process, when agd is a library in it; nil
	// in a process of its own.
	Bridge bridge.Bridge
	// Tracer records the frames of Bridge once it is opened; it is nil in a
	// process of its own, which makes its own.
	Tracer *trace.Tracer
	// Metrics is where the bridge's metrics are registered; nil if nowhere.
	Metrics prometheus.Registerer
	// Signals starts to deliver SIGINT, SIGTERM and SIGHUP; nil if the VM alone
	// tells of them, over the bridge. It is called once.
	Signals func() <-chan os.Signal
	// Exec replaces the process; it returns only an error. It is nil in the
	// library.
	Exec func(argv []string, env []string) error
}

// program is this process as other programs are started from it.
func (host Host) program() vmproc.Program {
	return vmproc.Program{Files: host.Files, Args: host.Args, Env: host.Env, Exec: host.Exec}
}

// enter reads a command's options and, for the in-process mode, becomes Node.js
// (vmproc.Launcher.Enter).
func (host Host) enter(svr *server.Context) (vmproc.Launcher, error) {
	opts, err := options.Of(svr.Viper)
	if err != nil {
		return vmproc.Launcher{}, err
	}
	vmLogger, err := newLogger(svr, host.Stdout, processAgvm, "kernel")
	if err != nil {
		return vmproc.Launcher{}, err
	}
	launch := vmproc.Launcher{
		Program: host.program(),
		Options: opts,
		Home:    home.Layout(svr.Config.RootDir),
		Genesis: svr.Config.GenesisFile(),
		Logger:  svr.Logger, VMLogger: vmLogger,
		Hosted: host.Bridge, Tracer: host.Tracer, Metrics: host.Metrics, Signals: host.Signals,
	}
	return launch, launch.Enter()
}

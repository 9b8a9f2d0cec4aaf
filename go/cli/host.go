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

// Host is the process that the command line runs in: everything outside it,
// except files and sockets. The entry point fills it in.
type Host struct {
	// Args is the command line without the program's name.
	Args []string
	// Env is the environment, as in os.Environ, for the VM.
	Env            []string
	Stdout, Stderr io.Writer
	// Files are the parts of the installation.
	Files supervisor.Files
	// Bridge is the bridge to the VM of this process, if agd is a library in it;
	// nil in agd's own process.
	Bridge bridge.Bridge
	// Tracer records the frames of Bridge once it is opened; nil in agd's own
	// process, which creates a tracer itself.
	Tracer *trace.Tracer
	// Metrics is the registry of the bridge's metrics; nil: none.
	Metrics prometheus.Registerer
	// Signals starts to deliver SIGINT, SIGTERM and SIGHUP; nil if only the VM
	// reports them, over the bridge. It is called once.
	Signals func() <-chan os.Signal
	// Exec replaces the process; it returns only an error. It is nil in the
	// library.
	Exec func(argv []string, env []string) error
}

// program returns this process as the starter of other programs.
func (host Host) program() vmproc.Program {
	return vmproc.Program{Files: host.Files, Args: host.Args, Env: host.Env, Exec: host.Exec}
}

// enter reads a command's options and, in in-process mode, becomes Node.js
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

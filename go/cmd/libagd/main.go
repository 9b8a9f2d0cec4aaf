// Command libagd is the chain node and its command line as a C library, which
// Node.js hosts in-process (packages/bridge-inproc). Built with
// -buildmode=c-shared.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/inproc"
	"github.com/agd-bridge/agd-bridge/go/cli"
	"github.com/agd-bridge/agd-bridge/go/cmd/internal/crash"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// config is the config with which the VM opens the bridge.
type config struct {
	// Args is agd's command line, without the program's name.
	Args []string `json:"args"`
	// Limits bound the bridge; a zero field means its default.
	Limits bridge.Limits `json:"limits"`
	// Signals is the descriptor of the process's signals (inproc.Signals).
	Signals int `json:"signals"`

	tracer *trace.Tracer
}

func init() {
	crash.Loudly()
	inproc.ServeEach(func(raw json.RawMessage) (bridge.Options, bridge.Program, error) {
		var c config
		if err := json.Unmarshal(raw, &c); err != nil {
			return bridge.Options{}, nil, fmt.Errorf("config: %w", err)
		}
		c.tracer = &trace.Tracer{}
		return bridge.Options{Limits: c.Limits, PeerName: contract.VMName, Exclusive: vm.BlockActions, Requests: vm.DowncallMethods, Trace: c.tracer.Frame}, c.run, nil
	})
}

// run runs the command line on the bridge. The command has already printed its
// error, so run returns only the exit code.
func (c config) run(_ context.Context, b bridge.Bridge, _ json.RawMessage) (exitCode int, err error) {
	if cli.RunsNode(c.Args) {
		// As in cmd/agd: Go's handler of SIGPIPE has replaced Node's, which ignores it.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	}
	stdout := os.Stdout
	if cli.PrintsReport(c.Args) {
		if stdout, err = takeOutput(); err != nil {
			return supervisor.ExitFailure, err
		}
	}
	// Without agd beside the library, Files are empty.
	library := os.Getenv(contract.EnvLibrary)
	files, _ := supervisor.FilesBeside(filepath.Join(filepath.Dir(library), "agd"))
	exitCode = cli.Run(cli.Host{
		Args:    c.Args,
		Env:     os.Environ(),
		Stdout:  stdout,
		Stderr:  os.Stderr,
		Files:   files,
		Bridge:  b,
		Tracer:  c.tracer,
		Metrics: prometheus.DefaultRegisterer,
		Signals: c.signals(),
	})
	c.tracer.Close()
	endWithin(endGrace, exitCode)
	return exitCode, nil
}

func main() {}

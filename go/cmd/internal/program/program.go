// Package program is agd as a process of its own: what the executable of
// go/cmd/agd does, and libagd when go/cmd/launcher/launcher.c runs it.
package program

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/agd-bridge/agd-bridge/go/cli"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// Main runs the command line of the process and ends it.
func Main() {
	binary, err := os.Executable()
	if err != nil {
		fatal(err)
	}
	files, err := supervisor.FilesBeside(binary)
	if err != nil {
		fatal(err)
	}
	if !hasLibrary {
		files.Library = ""
	}
	args, env := os.Args[1:], os.Environ()
	if cli.RunsNode(args) {
		// With a handler, a write to a closed output is an error instead of the
		// process's end.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	}
	if hangupIgnored() {
		env = append(env, contract.EnvIgnoreHangup+"=1")
	}
	os.Exit(cli.Run(cli.Host{
		Args:    args,
		Env:     env,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Files:   files,
		Metrics: prometheus.DefaultRegisterer,
		Signals: takeSignals,
		Exec:    exec,
	}))
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "agd:", err)
	os.Exit(supervisor.ExitFailure)
}

// Command agd is the chain node and its command line, as a process of its own.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/agd-bridge/agd-bridge/go/cli"
	"github.com/agd-bridge/agd-bridge/go/cmd/internal/crash"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

func main() {
	crash.Loudly()
	binary, err := os.Executable()
	if err != nil {
		fatal(err)
	}
	files, err := supervisor.FilesBeside(binary)
	if err != nil {
		fatal(err)
	}
	os.Exit(cli.Run(cli.Host{
		Args:    os.Args[1:],
		Env:     os.Environ(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Files:   files,
		Metrics: prometheus.DefaultRegisterer,
		Signals: func() <-chan os.Signal {
			signals := make(chan os.Signal, 2)
			signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
			return signals
		},
		Exec: func(argv, env []string) error { return syscall.Exec(argv[0], argv, env) },
	}))
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "agd:", err)
	os.Exit(supervisor.ExitFailure)
}

// Package cli is agd's command line, shared by its two main programs: cmd/agd
// (a process of its own) and cmd/libagd (a library in the VM's process).
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/internal/panics"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/trace"
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
	// Kernel is the bridge to the kernel of this process, when agd is a
	// library in it; nil in a process of its own.
	Kernel bridge.Bridge
	// Tracer records the frames of Kernel once it is opened; it is nil in a
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

// exitError is an error with the exit code it asks for.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// vmError is an error that the VM's end explains, with what the VM said last.
type vmError struct {
	err error
	// said are the last lines of the VM's standard error.
	said []string
}

func (e *vmError) Error() string { return e.err.Error() }
func (e *vmError) Unwrap() error { return e.err }

// Run runs one command and returns the exit code. An error is one line on
// Stderr.
func Run(host Host) int {
	app.SetupSDK()
	root, err := newRootCommand(host)
	if err == nil {
		root.SetArgs(host.Args)
		root.SetOut(host.Stdout)
		root.SetErr(host.Stderr)
		err = execute(root)
	}
	if err == nil {
		return supervisor.ExitOK
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{supervisor.ExitFailure, err}
	}
	if exit.code != supervisor.ExitSignal {
		printLastWords(host.Stderr, err)
	}
	return exit.code
}

// printLastWords prints an error on one line, below what the VM said last, if
// its end is the reason, or the stack of a panic that --trace asks for.
func printLastWords(out io.Writer, err error) {
	var vm *vmError
	if errors.As(err, &vm) {
		for _, line := range vm.said {
			fmt.Fprintf(out, "agvm: %s\n", strings.TrimPrefix(line, "agvm: "))
		}
	}
	var thrown *panics.Error
	if errors.As(err, &thrown) {
		_, _ = out.Write(thrown.Stack)
	}
	fmt.Fprintf(out, "agd: %s\n", oneLine(err))
}

// execute runs the command.
func execute(root *cobra.Command) error {
	ctx := context.WithValue(context.Background(), client.ClientContextKey, &client.Context{})
	ctx = context.WithValue(ctx, server.ServerContextKey, server.NewDefaultContext())
	trace := func() bool { return wantsTrace(root) }
	return panics.Recovered(trace, func() error { return root.ExecuteContext(ctx) })
}

// Rules is the command of the example: an order service in Go, whose rules are
// JavaScript.
//
//	rules serve           in one process: Node takes this process over and loads librules.so
//	rules serve --split   in two: this process starts Node and opens a bridge to it
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/agd-bridge/agd-bridge/examples/rules/internal/service"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/inproc"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rules:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	binary, err := os.Executable()
	if err == nil {
		binary, err = filepath.EvalSymlinks(binary)
	}
	if err != nil {
		return err
	}
	build := filepath.Dir(binary)
	example := filepath.Dir(build)
	o, err := service.ParseOptions(args, filepath.Join(example, "shop"))
	if err != nil {
		return err
	}
	node := exec.Command("node", filepath.Join(example, "dist", "main.js"))
	if o.Split {
		return serveSplit(node, o)
	}
	node.Args = append(node.Args, "serve", "--listen", o.Listen, "--shop", o.Shop)
	return inproc.Exec(node, filepath.Join(build, "librules.so"))
}

func serveSplit(node *exec.Cmd, o service.Options) error {
	stop, release := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(stop, release) // a second signal ends the process
	orders, err := service.New(o)
	if err != nil {
		return err
	}
	// A process group of its own, so that Ctrl-C reaches only this process,
	// which stops Node.
	node.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	rules, err := split.Start(stop, node, split.Options{Options: bridge.Options{Software: service.Software, Handlers: orders.Handlers()}})
	if err != nil && stop.Err() != nil {
		return nil // stopped during the start
	}
	if err != nil {
		return err
	}
	err = orders.Run(stop, rules, os.Stdout)
	exit := rules.Stop()
	var closed *bridge.ClosedError
	if errors.As(err, &closed) {
		return fmt.Errorf("the rules exited (Node.js): %w", cmp.Or(exit, errors.New("exit status 0")))
	}
	return err
}

// Rules is the command of the example: an order service in Go, whose rules are
// JavaScript.
//
//	rules serve           in one process: Node takes this process over and loads librules.so
//	rules serve --split   in two: this process starts Node and talks to it over pipes
package main

import (
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
	node, err := exec.LookPath("node")
	if err != nil {
		return err
	}
	program := []string{node, filepath.Join(example, "dist", "main.js")}
	if o.Split {
		return serveSplit(program, o)
	}
	return becomeNode(append(program, "serve", "--listen", o.Listen, "--shop", o.Shop), filepath.Join(build, "librules.so"))
}

// becomeNode replaces this process by Node, which loads the library. It returns
// only an error.
func becomeNode(argv []string, library string) error {
	err := syscall.Exec(argv[0], argv, append(os.Environ(), "RULES_LIBRARY="+library))
	return fmt.Errorf("%s: %w", argv[0], err)
}

func serveSplit(program []string, o service.Options) error {
	stop, release := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(stop, release) // a second signal ends the process
	node, err := startNode(program)
	if err != nil {
		return err
	}
	err = service.Run(stop, node.bridge, o, os.Stdout)
	node.wait()
	var closed *bridge.ClosedError
	if errors.As(err, &closed) {
		return fmt.Errorf("the rules exited (Node.js): %s", node.status())
	}
	return err
}

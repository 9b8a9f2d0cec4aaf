// Benchpeer is the Go side of the benchmark's candidates that are no bridge
// (test/bench): it starts a Node program, and speaks with it over two pipes
// or a socket.
//
//	benchpeer raw -- node program.js [arguments]
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// The descriptors of the pipes in the child, as agd gives them.
const (
	fromAgd = 4
	toAgd   = 5
)

// modes say what to do with the child's pipes until it closes them.
var modes = map[string]func(in, out *os.File) error{
	"raw":   raw,
	"spawn": spawn,
}

func main() {
	if len(os.Args) < 4 || modes[os.Args[1]] == nil || os.Args[2] != "--" {
		fmt.Fprintln(os.Stderr, "usage: benchpeer mode -- program [arguments]")
		os.Exit(64)
	}
	if err := run(modes[os.Args[1]], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "benchpeer:", err)
		os.Exit(1)
	}
}

func run(serve func(in, out *os.File) error, argv []string) error {
	childIn, out, err := os.Pipe()
	if err != nil {
		return err
	}
	in, childOut, err := os.Pipe()
	if err != nil {
		return err
	}
	child := exec.Command(argv[0], argv[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.ExtraFiles = []*os.File{nil, childIn, childOut} // 3, 4, 5
	child.Env = append(os.Environ(),
		fmt.Sprintf("AGVM_FROM_AGD=%d", fromAgd), fmt.Sprintf("AGVM_TO_AGD=%d", toAgd))
	started.now()
	if err := child.Start(); err != nil {
		return err
	}
	// Ours must be the only ends left, or nobody would see the end of file.
	_ = childIn.Close()
	_ = childOut.Close()
	served := serve(in, out)
	_ = in.Close()
	_ = out.Close()
	if err := child.Wait(); err != nil {
		// A program that was spawned to be timed ends because its peer is gone.
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			served = errors.Join(served, err)
		}
	}
	return served
}

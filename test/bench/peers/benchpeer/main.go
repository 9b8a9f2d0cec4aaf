// Benchpeer is the Go side of the benchmark's candidates other than the bridge
// (test/bench). It starts a Node program and connects to it over two pipes or
// over sockets.
//
//	benchpeer raw|lsp|http|grpc|spawn -- program [arguments]
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// The child's descriptors of the pipes, the same as with agd.
const (
	fromAgd = 4
	toAgd   = 5
)

// node is the child and its connections.
type node struct {
	*exec.Cmd
	in, out *os.File
	// goSocket and jsSocket are the paths at which Go and JavaScript listen, in
	// modes that use sockets.
	goSocket, jsSocket string
}

// modes serve the child until it closes its end of the pipes.
var modes = map[string]func(*node) error{
	"raw":   raw,
	"lsp":   lsp,
	"http":  overHTTP,
	"grpc":  overGRPC,
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

func run(serve func(*node) error, argv []string) error {
	childIn, out, err := os.Pipe()
	if err != nil {
		return err
	}
	in, childOut, err := os.Pipe()
	if err != nil {
		return err
	}
	// The program that started this one may remove the directory first.
	dir, err := os.MkdirTemp(os.Getenv("BENCH_DIRECTORY"), "sockets-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	child := &node{
		Cmd: exec.Command(argv[0], argv[1:]...), in: in, out: out,
		goSocket: filepath.Join(dir, "go"), jsSocket: filepath.Join(dir, "js"),
	}
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.ExtraFiles = []*os.File{nil, childIn, childOut} // 3, 4, 5
	child.Env = append(os.Environ(),
		fmt.Sprintf("BRIDGE_READ_FD=%d", fromAgd), fmt.Sprintf("BRIDGE_WRITE_FD=%d", toAgd),
		// agvm's names for them, in packages/agvm/src/contract.ts.
		fmt.Sprintf("AGVM_FROM_AGD=%d", fromAgd), fmt.Sprintf("AGVM_TO_AGD=%d", toAgd),
		"BENCH_GO_SOCKET="+child.goSocket, "BENCH_JS_SOCKET="+child.jsSocket)
	started.now()
	if err := child.Start(); err != nil {
		return err
	}
	// Only the child may hold these ends. Otherwise neither side would see the
	// end of file.
	_ = childIn.Close()
	_ = childOut.Close()
	served := serve(child)
	if errors.Is(served, io.EOF) {
		served = nil
	}
	_ = in.Close()
	_ = out.Close()
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) { // it reports its own failure
		served = errors.Join(served, err)
	}
	return served
}

// untilEnd notifies the child that the Go side listens, and returns when the
// child has closed its pipe.
func (n *node) untilEnd() error {
	if _, err := n.out.Write([]byte("\n")); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, n.in)
	return err
}

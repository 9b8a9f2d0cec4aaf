//go:build linux

// Bridgepeer is the Go side of the conformance cases (test/conformance). It
// starts a Node.js program and connects to it over two pipes, with shared memory
// or without.
//
//	bridgepeer split|split-shm -- node program.js [arguments]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
	"unsafe"

	"github.com/agd-bridge/agd-bridge/go/bridge/bridgetest"
	"github.com/agd-bridge/agd-bridge/go/bridge/shm"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

// fionread is Linux's FIONREAD, which returns the number of bytes in a pipe.
const fionread = 0x541b

func main() {
	if len(os.Args) < 4 || !slices.Contains([]string{"split", "split-shm"}, os.Args[1]) || os.Args[2] != "--" {
		fmt.Fprintln(os.Stderr, "usage: bridgepeer split|split-shm -- program [arguments]")
		os.Exit(64)
	}
	memory := split.MemoryNone
	if os.Args[1] == "split-shm" {
		memory = split.MemoryRequired
	}
	code, err := run(memory, os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bridgepeer:", err)
	}
	os.Exit(code)
}

// run waits for the child to exit and returns its exit code.
func run(memory split.Memory, argv []string) (code int, err error) {
	var config bridgetest.Config
	if text := os.Getenv("BRIDGETEST_CONFIG"); text != "" {
		if err := json.Unmarshal([]byte(text), &config); err != nil {
			return 1, err
		}
	}
	var attachment *split.Attachment
	var raw func(bytes []byte) error
	suite := bridgetest.New(config, func(bytes []byte) error { return raw(bytes) }, func(line string) { fmt.Println(line) })
	options := split.Options{Options: suite.Options(), Memory: memory}

	child := exec.Command(argv[0], argv[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	if attachment, err = split.Attach(child, options); err != nil {
		return 1, err
	}
	defer attachment.Close()
	if err := child.Start(); err != nil {
		return 1, err
	}
	in, out := attachment.Streams()
	raw = rawWriter(out)
	b := split.New(in, out, options.Options)
	defer b.Close()
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		if err := suite.Run(context.Background(), b); err != nil {
			fmt.Fprintln(os.Stderr, "bridgepeer:", err)
		}
	}()
	err = child.Wait()
	<-ran // only the child held the pipes' other ends
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return child.ProcessState.ExitCode(), err
}

// rawWriter returns a function that writes past the bridge and returns when the
// peer has read everything.
func rawWriter(out io.Writer) func(bytes []byte) error {
	if pipe, ok := out.(*os.File); ok {
		return func(bytes []byte) error { return writeDrained(pipe, bytes) }
	}
	writer := out.(*shm.Writer)
	return func(bytes []byte) error {
		if _, err := writer.Write(bytes); err != nil {
			return err
		}
		for writer.Unread() > 0 {
			time.Sleep(10 * time.Microsecond)
		}
		return nil
	}
}

// writeDrained writes to a pipe and returns when the reader has emptied the
// pipe, so that the next write is read separately.
func writeDrained(pipe *os.File, bytes []byte) error {
	if _, err := pipe.Write(bytes); err != nil {
		return err
	}
	conn, err := pipe.SyscallConn()
	if err != nil {
		return err
	}
	for waiting := int32(1); waiting > 0; time.Sleep(10 * time.Microsecond) {
		var errno syscall.Errno
		err := conn.Control(func(fd uintptr) {
			_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, fionread, uintptr(unsafe.Pointer(&waiting)))
		})
		if err != nil || errno != 0 {
			return errors.Join(err, errno)
		}
	}
	return nil
}

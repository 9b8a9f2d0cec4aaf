// Bridgepeer is the Go side of the conformance cases (test/conformance), as agd
// is of a chain. It starts the VM's program and connects to it over two pipes,
// with shared memory or without.
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

// The child's descriptors for the pipes and the shared memory; 3 stays closed
// (docs/protocol.md).
const (
	fromAgd    = 4
	toAgd      = 5
	memoryFile = 6
)

// fionread is Linux's FIONREAD, which returns the number of bytes in a pipe.
const fionread = 0x541b

func main() {
	if len(os.Args) < 4 || !slices.Contains([]string{"split", "split-shm"}, os.Args[1]) || os.Args[2] != "--" {
		fmt.Fprintln(os.Stderr, "usage: bridgepeer split|split-shm -- program [arguments]")
		os.Exit(64)
	}
	code, err := run(os.Args[1] == "split-shm", os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bridgepeer:", err)
	}
	os.Exit(code)
}

// run waits for the child to exit and returns its exit code.
func run(shared bool, argv []string) (code int, err error) {
	childIn, out, err := os.Pipe()
	if err != nil {
		return 1, err
	}
	in, childOut, err := os.Pipe()
	if err != nil {
		return 1, err
	}
	child := exec.Command(argv[0], argv[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.ExtraFiles = []*os.File{nil, childIn, childOut} // 3, 4, 5
	child.Env = append(os.Environ(),
		fmt.Sprintf("AGVM_FROM_AGD=%d", fromAgd), fmt.Sprintf("AGVM_TO_AGD=%d", toAgd))
	carrier := carrier{in: in, out: out, raw: func(bytes []byte) error { return writeDrained(out, bytes) }}
	if shared {
		memory, err := shm.New()
		if err != nil {
			return 1, err
		}
		child.ExtraFiles = append(child.ExtraFiles, memory.File()) // 6
		child.Env = append(child.Env, fmt.Sprintf("AGVM_SHM=%d", memoryFile))
		carrier = sharedCarrier(in, out, memory)
	}
	if err := child.Start(); err != nil {
		return 1, err
	}
	// Only the child may hold these ends. Otherwise neither side would see the
	// end of file.
	_ = childIn.Close()
	_ = childOut.Close()

	var config bridgetest.Config
	if text := os.Getenv("BRIDGETEST_CONFIG"); text != "" {
		if err := json.Unmarshal([]byte(text), &config); err != nil {
			return 1, err
		}
	}
	suite := bridgetest.New(config, carrier.raw, func(line string) { fmt.Println(line) })
	b := split.New(carrier.in, carrier.out, suite.Options())
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

// carrier is the byte streams of the bridge.
type carrier struct {
	in  io.ReadCloser
	out io.WriteCloser
	// raw writes past the bridge, as writeDrained does.
	raw func(bytes []byte) error
}

func sharedCarrier(in, out *os.File, memory *shm.Memory) carrier {
	reader, writer := shm.Streams(in, out, memory)
	return carrier{in: reader, out: writer, raw: func(bytes []byte) error {
		if _, err := writer.Write(bytes); err != nil {
			return err
		}
		for writer.Unread() > 0 {
			time.Sleep(10 * time.Microsecond)
		}
		return nil
	}}
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

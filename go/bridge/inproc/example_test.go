package inproc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/inproc"
)

// In the init function of a main package that is built with
// -buildmode=c-shared. examples/hello is complete.
func ExampleServe() {
	inproc.Serve(bridge.Options{Software: "hello 1.0.0"},
		func(ctx context.Context, b bridge.Bridge, _ json.RawMessage) (exitCode int, err error) {
			greeting, err := b.Call(ctx, "js.Greet", json.RawMessage(`"Hello"`))
			if err != nil {
				return 1, err
			}
			fmt.Printf("%s\n", greeting)
			return 0, nil
		})
}

// An error: the library is missing. Otherwise Exec does not return.
func ExampleExec() {
	fmt.Println(inproc.Exec(exec.Command("true", "main.mjs"), "/no/libhello.so"))
	// Output: cannot start true with a library: stat /no/libhello.so: no such file or directory
}

// Node.js writes its signals to a pipe, whose descriptor it passes in the
// config.
func ExampleSignals() {
	in, out, err := os.Pipe()
	if err != nil {
		log.Fatal(err)
	}
	signals := inproc.Signals(int(in.Fd()))
	_, _ = out.Write([]byte{byte(syscall.SIGTERM)})
	fmt.Println(<-signals)
	runtime.KeepAlive(in) // otherwise the garbage collector may close the descriptor
	// Output: terminated
}

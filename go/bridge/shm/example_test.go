//go:build linux

package shm_test

import (
	"fmt"
	"log"
	"os"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/shm"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

// The streams of a bridge that may switch from its pipes to shared memory. The
// peer inherits memory.File(). split.Attach does all of this.
func ExampleStreams() {
	memory, err := shm.New()
	if err != nil {
		log.Fatal(err)
	}
	defer memory.Close()
	fromPeer, peersOut, _ := os.Pipe()
	peersIn, toPeer, _ := os.Pipe()

	in, out := shm.Streams(fromPeer, toPeer, memory, "node")
	b := split.New(in, out, bridge.Options{PeerName: "node"})
	_, _ = peersOut.WriteString("{}\n") // the peer has not switched
	<-b.Closed()
	fmt.Println(b.Err(), in.Shared())
	_ = b.Close()
	_ = peersIn.Close()
	_ = in.Close()
	// Output:
	// from node: byte 1: expected "id" false
}

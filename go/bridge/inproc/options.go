package inproc

import (
	"context"
	"encoding/json"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

// Options of one bridge. The zero value is valid.
type Options struct {
	// Limits bound the bridge; a zero field means its default.
	Limits bridge.Limits
	// Handlers are registered before the first message arrives. A handler must
	// not end its goroutine (runtime.Goexit, testing's FailNow).
	Handlers map[string]bridge.Handler
	// PeerName names JavaScript's side in errors, as in "from node: byte 7: …";
	// default "peer".
	PeerName string
	// Exclusive are methods of the peer of which one may run at a time. While
	// one is pending, a call of another is a *bridge.LocalError.
	Exclusive []string
	// Requests are methods that the peer must call as requests, so that it
	// reads the response. A notification of one is a protocol error.
	Requests []string
	// Trace, if set, receives every frame, in order for each direction, before
	// it is handled or passed to the carrier. It must not keep or change the
	// frame, call the bridge, or block. Calls for the two directions may
	// overlap.
	Trace func(d bridge.Direction, frame []byte)

	// Software, if set, is the name and version of this program in the
	// handshake, such as "hello 1.0.0": the handshake is made before the program
	// begins. Otherwise the program calls bridge.Handshake.
	Software string
	// Capabilities are this side's features in that handshake.
	Capabilities []string
}

func (o Options) peer() peer.Options {
	return peer.Options{
		Limits: o.Limits, Handlers: o.Handlers, PeerName: o.PeerName,
		Exclusive: o.Exclusive, Requests: o.Requests, Trace: o.Trace,
		Spins: true, // frames arrive on a thread of Node.js
	}
}

// introduced returns a program that makes the handshake, if Software is set, and
// then runs run.
func (o Options) introduced(run bridge.Program) bridge.Program {
	if o.Software == "" {
		return run
	}
	return func(ctx context.Context, b bridge.Bridge, config json.RawMessage) (exitCode int, err error) {
		if _, err := bridge.Handshake(ctx, b, o.Software, o.Capabilities...); err != nil {
			return 1, err
		}
		return run(ctx, b, config)
	}
}

package split

import "github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"

// Direction is a frame's direction, for Options.Trace.
type Direction = peer.Direction

const (
	// In is a frame from the VM, Out a frame to the VM.
	In  = peer.In
	Out = peer.Out
)

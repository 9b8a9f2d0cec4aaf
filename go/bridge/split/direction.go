package split

import "github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"

// Direction tells Options.Trace which way a frame went.
type Direction = peer.Direction

const (
	// In is a frame from the VM, Out one to it.
	In  = peer.In
	Out = peer.Out
)

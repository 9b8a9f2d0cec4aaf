package bridge

// Direction is a frame's direction, for a trace hook.
type Direction string

const (
	// In is a frame from the peer.
	In Direction = "in"
	// Out is a frame to the peer.
	Out Direction = "out"
)

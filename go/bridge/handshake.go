package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// HandshakeMethod is the first call on every bridge; Go makes it. Its twin is
// packages/bridge/src/handshake.ts.
const HandshakeMethod = "bridge.Handshake"

// ProtocolVersion is the version of the protocol in docs/protocol.md. Both
// sides must have the same version.
const ProtocolVersion = 1

// Hello is how a side introduces itself in the handshake.
type Hello struct {
	Protocol int `json:"protocol"`
	// Software is the program's name and version, for error messages and logs.
	Software string `json:"software"`
	// Capabilities are the side's optional features beyond the base protocol.
	Capabilities []string `json:"capabilities"`
	// PID is the side's process id, 0 if unknown.
	PID int `json:"pid,omitempty"`
}

// Handshake sends this side's Hello and returns the peer's. Either side refuses
// a peer of another version with an error that names both versions.
func Handshake(ctx context.Context, b Caller, software string, capabilities ...string) (Hello, error) {
	if capabilities == nil {
		capabilities = []string{}
	}
	mine, err := json.Marshal(Hello{Protocol: ProtocolVersion, Software: software, Capabilities: capabilities})
	if err != nil {
		return Hello{}, err
	}
	result, err := b.Call(ctx, HandshakeMethod, mine)
	if err != nil {
		var remote *RemoteError
		if errors.As(err, &remote) {
			return Hello{}, fmt.Errorf("the peer refused the handshake: %w", err)
		}
		return Hello{}, fmt.Errorf("no handshake from the peer: %w", err)
	}
	var peer Hello
	if err := json.Unmarshal(result, &peer); err != nil || peer.Protocol == 0 || peer.Software == "" || peer.PID < 0 {
		return Hello{}, &LocalError{
			`handshake: expected {"protocol":integer,"software":string,"capabilities":[string, …],"pid":integer}`}
	}
	if peer.Protocol != ProtocolVersion {
		return Hello{}, &LocalError{fmt.Sprintf(
			"bridge protocol mismatch: %s speaks version %d, %s speaks version %d; install both from the same release",
			software, ProtocolVersion, peer.Software, peer.Protocol)}
	}
	return peer, nil
}

package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// vm responds to one handshake.
type vm struct {
	result string
	err    error
	asked  json.RawMessage
}

func (v *vm) Call(_ context.Context, _ string, params ...json.RawMessage) (json.RawMessage, error) {
	v.asked = params[0]
	return json.RawMessage(v.result), v.err
}

func (v *vm) Notify(string, ...json.RawMessage) error { return nil }

func TestHandshake(t *testing.T) {
	v := &vm{result: `{"protocol":1,"software":"agvm 8","capabilities":["known","unknown"]}`}
	peer, err := bridge.Handshake(t.Context(), v, "agd 9", "known")
	if err != nil || peer.Software != "agvm 8" || len(peer.Capabilities) != 2 {
		t.Errorf("%+v %v", peer, err)
	}
	if want := `{"protocol":1,"software":"agd 9","capabilities":["known"]}`; string(v.asked) != want {
		t.Errorf("got %s, want %s", v.asked, want)
	}
	if peer.PID != 0 {
		t.Errorf("it did not tell its process id, got %d", peer.PID)
	}
}

func TestHandshakeTellsTheProcessID(t *testing.T) {
	v := &vm{result: `{"protocol":1,"software":"agvm 8","capabilities":[],"pid":4711}`}
	peer, err := bridge.Handshake(t.Context(), v, "agd 9")
	if err != nil || peer.PID != 4711 {
		t.Errorf("%+v %v", peer, err)
	}
}

func TestHandshakeRefusals(t *testing.T) {
	const malformed = `handshake: expected {"protocol":integer,"software":string,"capabilities":[string, …],"pid":integer}`
	for _, test := range []struct{ name, result, want string }{
		{
			"version", `{"protocol":2,"software":"agvm 8","capabilities":[]}`,
			"bridge protocol mismatch: agd 9 speaks version 1, agvm 8 speaks version 2; install both from the same release",
		},
		{"null", "null", malformed},
		{"number", "7", malformed},
		{"no software", `{"protocol":1}`, malformed},
		{"no protocol", `{"software":"agvm"}`, malformed},
		{"protocol not an integer", `{"protocol":1.5,"software":"agvm"}`, malformed},
		{"process id not an integer", `{"protocol":1,"software":"agvm","pid":"7"}`, malformed},
		{"negative process id", `{"protocol":1,"software":"agvm","pid":-7}`, malformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := bridge.Handshake(t.Context(), &vm{result: test.result}, "agd 9")
			var local *bridge.LocalError
			if !errors.As(err, &local) || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	refused := &vm{err: &bridge.RemoteError{Message: "too old"}}
	if _, err := bridge.Handshake(t.Context(), refused, "agd"); err == nil || err.Error() != "the peer refused the handshake: too old" {
		t.Error(err)
	}
}

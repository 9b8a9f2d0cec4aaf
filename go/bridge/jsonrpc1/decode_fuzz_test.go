package jsonrpc1_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// FuzzDecode compares Decode with the rules of docs/protocol.md, checked by
// encoding/json. Decode must accept exactly the frames that follow the rules. A
// message that is encoded again must decode to the same message.
func FuzzDecode(f *testing.F) {
	for _, seed := range seedFrames(f) {
		f.Add(seed, uint16(1024), uint8(8))
		f.Add(seed, uint16(len(seed)), uint8(2))
	}
	f.Fuzz(func(t *testing.T, frame []byte, maxFrameBytes uint16, maxNesting uint8) {
		limits := jsonrpc1.Limits{
			MaxFrameBytes: int(maxFrameBytes),
			// The frame and its params always take two levels.
			MaxNesting: 2 + int(maxNesting),
		}
		var msg jsonrpc1.Message
		var err error
		checkMemory(t, len(frame), func() { msg, err = jsonrpc1.Decode(frame, limits, "from fuzz") })
		if keeps := keepsRules(frame, limits); keeps != (err == nil) {
			t.Fatalf("%q: keeps the rules: %v, but: %v", frame, keeps, err)
		}
		if err != nil {
			var protocol *bridge.ProtocolError
			if !errors.As(err, &protocol) {
				t.Fatalf("%T: %v", err, err)
			}
			checkOffset(t, err, len(frame))
			return
		}
		checkEncodedAgain(t, fromDecoded(msg))
	})
}

func checkEncodedAgain(t *testing.T, msg message) {
	if msg.Method == "" && msg.Kind != "response" {
		return // valid for a reader, never sent by a writer
	}
	large := jsonrpc1.Limits{MaxFrameBytes: 1 << 20, MaxNesting: 1 << 20} // escapes may make it longer
	encoded, err := msg.encode(large)
	if err != nil {
		t.Fatalf("%+v: %v", msg, err)
	}
	again, err := jsonrpc1.Decode(encoded, large, "from fuzz")
	if err != nil || !equal(fromDecoded(again), msg) {
		t.Fatalf("%+v: encoded as %q: %v", msg, encoded, err)
	}
}

var idText = regexp.MustCompile(`^(0|[1-9][0-9]{0,15})$`)

// keepsRules is a second implementation of Decode, without its offsets and its
// speed.
func keepsRules(frame []byte, limits jsonrpc1.Limits) bool {
	if len(frame) > limits.MaxFrameBytes || !isValue(frame, 0, limits.MaxNesting) {
		return false
	}
	members, ok := membersOnce(frame)
	if !ok || len(members) != 3 || members["id"] == nil {
		return false
	}
	id, isNull := string(members["id"]), string(members["id"]) == "null"
	if number, err := strconv.ParseUint(id, 10, 64); !isNull &&
		(err != nil || number > jsonrpc1.MaxID || !idText.MatchString(id)) {
		return false
	}
	method, params, result, failure := members["method"], members["params"], members["result"], members["error"]
	if method != nil && params != nil {
		return method[0] == '"' && params[0] == '['
	}
	if result == nil || failure == nil || isNull {
		return false
	}
	return string(failure) == "null" || string(result) == "null" && isError(failure)
}

func isError(raw json.RawMessage) bool {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) == nil && object != nil {
		raw = object["message"]
	}
	return len(raw) > 0 && raw[0] == '"'
}

// membersOnce returns the members of a valid object; ok is false if a name is
// repeated.
func membersOnce(text []byte) (map[string]json.RawMessage, bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		name, _ := token.(string)
		if err != nil || members[name] != nil {
			return nil, false
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return nil, false
		}
		members[name] = slices.Clone(raw)
	}
	return members, true
}

package jsonrpc1_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// A frame's own braces, brackets and commas, before its first param.
const frameValues = len(`{,,[`)

// arrayOf returns an array that counts as n values.
func arrayOf(n int) string { return "[" + strings.Repeat("1,", n-1) + "1]" }

func TestValuesOfAFrameAreBounded(t *testing.T) {
	wide := jsonrpc1.Limits{MaxFrameBytes: 1 << 26, MaxNesting: 8, Stream: "to peer"}
	most := jsonrpc1.MaxValues - frameValues
	text := `"` + strings.Repeat(`,[{\"`, jsonrpc1.MaxValues/2) + `"`
	head := len(`{"id":1,"method":"m","params":[`)
	past := fmt.Sprintf("byte %d: expected at most %d values (maxValues)", head+2*most, jsonrpc1.MaxValues)
	for _, row := range []struct{ name, param, fault string }{
		{"as many values as there may be", arrayOf(most), ""},
		{"one value more", arrayOf(most + 1), past},
		{"a string of commas and brackets", text, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			frame := []byte(`{"id":1,"method":"m","params":[` + row.param + `]}`)
			_, err := jsonrpc1.Decode(frame, wide, "from peer")
			checkFault(t, err, "from peer: ", row.fault)
			sent, err := jsonrpc1.EncodeRequest(1, "m", []json.RawMessage{json.RawMessage(row.param)}, wide)
			checkFault(t, err, "to peer: ", row.fault)
			if row.fault == "" && !bytes.Equal(sent, frame) {
				t.Error("another frame was sent")
			}
		})
	}
}

func checkFault(t *testing.T, err error, stream, fault string) {
	t.Helper()
	switch {
	case fault == "" && err != nil:
		t.Error(err)
	case fault != "" && (err == nil || err.Error() != stream+fault):
		t.Errorf("got %v, want %s%s", err, stream, fault)
	}
}

package jsonrpc1_test

import (
	"encoding/json"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

var small = jsonrpc1.Limits{MaxFrameBytes: 1 << 10, MaxNesting: 8, Stream: "to node"}

// Frames arrive in any pieces.
func ExampleFrameDecoder() {
	frames := jsonrpc1.NewFrameDecoder(small, "from node")
	for _, chunk := range []string{`{"id":1,"method":"Add","par`, `ams":[1,2]}` + "\n" + `{"id":`} {
		frames.Feed([]byte(chunk))
		for {
			frame, ok, err := frames.Next()
			if err != nil || !ok {
				break
			}
			message, err := jsonrpc1.Decode(frame, small, "from node")
			fmt.Printf("%s%s %v\n", message.Method, message.Params, err)
		}
	}
	fmt.Println(frames.End())
	// Output:
	// Add[1 2] <nil>
	// from node: byte 6: expected "\n", not the end of the stream
}

func ExampleEncodeRequest() {
	frame, err := jsonrpc1.EncodeRequest(7, "Add", []json.RawMessage{json.RawMessage("1"), json.RawMessage("[2")}, small)
	fmt.Printf("%q %v\n", frame, err)
	frame, err = jsonrpc1.EncodeRequest(7, "Add", []json.RawMessage{json.RawMessage("1"), json.RawMessage("2")}, small)
	fmt.Printf("%s %v\n", frame, err)
	// Output:
	// "" params[1]: byte 2: expected "," or "]"
	// {"id":7,"method":"Add","params":[1,2]} <nil>
}

// Codecpeer is the Go codec for the property tests (test/properties). It reads
// one JSON request a line from stdin and writes one JSON outcome a line to
// stdout, until the end of stdin. Bytes are in base64.
//
//	{"op":"decode","limits":{"maxFrameBytes":1024,"maxNesting":8},"stream":"from peer","chunks":["e30K"]}
//	{"op":"encode","limits":{…},"message":{"kind":"request","id":1,"method":"bQ==","params":["MQ=="]}}
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// request asks to decode a stream that arrives in chunks, or to encode a
// message.
type request struct {
	Op      string          `json:"op"`
	Limits  jsonrpc1.Limits `json:"limits"`
	Stream  string          `json:"stream"`
	Chunks  [][]byte        `json:"chunks"`
	Message message         `json:"message"`
}

// message is a jsonrpc1.Message whose texts are bytes, so that no JSON library
// repairs them on the way.
type message struct {
	Kind   string   `json:"kind"`
	ID     uint64   `json:"id"`
	Method []byte   `json:"method"`
	Params [][]byte `json:"params"`
	Result []byte   `json:"result"`
	// Error is nil when the call succeeded.
	Error *[]byte `json:"error"`
}

// outcome is the messages before the failure, and the failure.
type outcome struct {
	Messages    []message `json:"messages"`
	Frame       []byte    `json:"frame"`
	Failure     string    `json:"failure"`
	FailureKind string    `json:"failureKind"`
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "codecpeer:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	requests, outcomes := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	requests.DisallowUnknownFields()
	for {
		var req request
		if err := requests.Decode(&req); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		got, err := run(req)
		if err != nil {
			return err
		}
		if err := outcomes.Encode(got); err != nil {
			return err
		}
	}
}

func run(req request) (outcome, error) {
	var got outcome
	var failure error
	switch req.Op {
	case "decode":
		got.Messages, failure = decode(req)
	case "encode":
		got.Frame, failure = encode(req.Message, req.Limits)
	default:
		return got, fmt.Errorf("unknown op %q", req.Op)
	}
	if failure != nil {
		got.Failure, got.FailureKind = failure.Error(), kindOf(failure)
	}
	return got, nil
}

func kindOf(err error) string {
	var protocol *bridge.ProtocolError
	var local *bridge.LocalError
	switch {
	case errors.As(err, &protocol):
		return "protocol"
	case errors.As(err, &local):
		return "local"
	}
	return fmt.Sprintf("%T", err)
}

// decode runs the whole path: chunks, frames, messages.
func decode(req request) (messages []message, err error) {
	var decoded []jsonrpc1.Message
	// Messages are read only at the end, because later frames must not change
	// them.
	defer func() {
		for _, m := range decoded {
			messages = append(messages, fromDecoded(m))
		}
	}()
	decoder := jsonrpc1.NewFrameDecoder(req.Limits, req.Stream)
	for _, chunk := range req.Chunks {
		decoder.Feed(chunk)
		clear(chunk) // Feed copied it
		for {
			frame, ok, err := decoder.Next()
			if err != nil {
				return nil, err
			}
			if !ok {
				break
			}
			m, err := jsonrpc1.Decode(frame, req.Limits, req.Stream)
			if err != nil {
				return nil, err
			}
			decoded = append(decoded, m)
		}
	}
	return nil, decoder.End()
}

func encode(m message, limits jsonrpc1.Limits) ([]byte, error) {
	params := make([]json.RawMessage, len(m.Params))
	for i, param := range m.Params {
		params[i] = param
	}
	switch {
	case m.Kind == "request":
		return jsonrpc1.EncodeRequest(m.ID, string(m.Method), params, limits)
	case m.Kind == "notification":
		return jsonrpc1.EncodeNotification(string(m.Method), params, limits)
	case m.Error != nil:
		return jsonrpc1.EncodeError(m.ID, string(*m.Error), limits)
	default:
		return jsonrpc1.EncodeResult(m.ID, m.Result, limits)
	}
}

func fromDecoded(m jsonrpc1.Message) message {
	kinds := map[jsonrpc1.Kind]string{
		jsonrpc1.Request: "request", jsonrpc1.Notification: "notification", jsonrpc1.Response: "response",
	}
	got := message{Kind: kinds[m.Kind], ID: m.ID, Result: m.Result}
	if m.Kind != jsonrpc1.Response {
		got.Method = []byte(m.Method)
	}
	for _, param := range m.Params {
		got.Params = append(got.Params, param)
	}
	if m.Error != nil {
		text := []byte(*m.Error)
		got.Error = &text
	}
	return got
}

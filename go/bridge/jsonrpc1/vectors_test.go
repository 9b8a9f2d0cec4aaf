package jsonrpc1_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// vectors reads a file that packages/jsonrpc1/test/vectors.test.ts reads too.
func vectors(tb testing.TB, name string, into any) {
	tb.Helper()
	text, err := os.ReadFile("../../../test/vectors/" + name + ".json")
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		tb.Fatal(err)
	}
}

type message struct {
	Kind   string
	ID     uint64
	Method string
	Params []string
	Result string
	Error  *string
}

func (m message) encode(limits jsonrpc1.Limits) ([]byte, error) {
	params := make([]json.RawMessage, len(m.Params))
	for i, param := range m.Params {
		params[i] = json.RawMessage(param)
	}
	switch {
	case m.Kind == "request":
		return jsonrpc1.EncodeRequest(m.ID, m.Method, params, limits)
	case m.Kind == "notification":
		return jsonrpc1.EncodeNotification(m.Method, params, limits)
	case m.Error != nil:
		return jsonrpc1.EncodeError(m.ID, *m.Error, limits)
	default:
		return jsonrpc1.EncodeResult(m.ID, json.RawMessage(m.Result), limits)
	}
}

func fromDecoded(m jsonrpc1.Message) message {
	kinds := map[jsonrpc1.Kind]string{
		jsonrpc1.Request: "request", jsonrpc1.Notification: "notification", jsonrpc1.Response: "response",
	}
	got := message{Kind: kinds[m.Kind], ID: m.ID, Method: m.Method, Result: string(m.Result), Error: m.Error}
	for _, param := range m.Params {
		got.Params = append(got.Params, string(param))
	}
	return got
}

func equal(a, b message) bool {
	sameError := (a.Error == nil) == (b.Error == nil) && (a.Error == nil || *a.Error == *b.Error)
	return a.Kind == b.Kind && a.ID == b.ID && a.Method == b.Method && a.Result == b.Result &&
		slices.Equal(a.Params, b.Params) && sameError
}

func TestValidFrames(t *testing.T) {
	var file struct {
		Limits jsonrpc1.Limits
		Frames []struct {
			Name, Frame string
			Message     message
			Canonical   bool
		}
	}
	vectors(t, "valid", &file)
	for _, c := range file.Frames {
		t.Run(c.Name, func(t *testing.T) {
			decoded, err := jsonrpc1.Decode([]byte(c.Frame), file.Limits, "test")
			if err != nil {
				t.Fatal(err)
			}
			if got := fromDecoded(decoded); !equal(got, c.Message) {
				t.Errorf("decoded %+v, want %+v", got, c.Message)
			}
			if !c.Canonical {
				return
			}
			encoded, err := c.Message.encode(file.Limits)
			if err != nil || string(encoded) != c.Frame {
				t.Errorf("encoded %s, %v\nwant %s", encoded, err, c.Frame)
			}
		})
	}
}

func TestInvalidFrames(t *testing.T) {
	var file struct {
		Limits jsonrpc1.Limits
		Stream string
		Frames []struct{ Name, Frame, Hex, Error string }
	}
	vectors(t, "invalid", &file)
	for _, c := range file.Frames {
		t.Run(c.Name, func(t *testing.T) {
			frame := []byte(c.Frame)
			if c.Hex != "" {
				frame, _ = hex.DecodeString(c.Hex)
			}
			_, err := jsonrpc1.Decode(frame, file.Limits, file.Stream)
			var protocol *bridge.ProtocolError
			if !errors.As(err, &protocol) || err.Error() != c.Error {
				t.Errorf("got  %v\nwant %s", err, c.Error)
			}
		})
	}
}

func TestBadParams(t *testing.T) {
	var file struct {
		Limits jsonrpc1.Limits
		Params []struct{ Name, Text, Error string }
	}
	vectors(t, "params", &file)
	for _, c := range file.Params {
		t.Run(c.Name, func(t *testing.T) {
			_, err := jsonrpc1.EncodeRequest(1, "m", []json.RawMessage{json.RawMessage(c.Text)}, file.Limits)
			var local *bridge.LocalError
			if !errors.As(err, &local) || err.Error() != c.Error {
				t.Errorf("got  %v\nwant %s", err, c.Error)
			}
		})
	}
}

func TestStreams(t *testing.T) {
	var file struct {
		MaxFrameBytes int
		Stream        string
		Streams       []struct {
			Name           string
			Chunks, Frames []string
			Error          string
		}
	}
	vectors(t, "streams", &file)
	for _, c := range file.Streams {
		t.Run(c.Name, func(t *testing.T) {
			decoder := jsonrpc1.NewFrameDecoder(jsonrpc1.Limits{MaxFrameBytes: file.MaxFrameBytes}, file.Stream)
			frames, err := frames(decoder, c.Chunks)
			if !slices.Equal(frames, c.Frames) {
				t.Errorf("got frames %q, want %q", frames, c.Frames)
			}
			if (err == nil) != (c.Error == "") || (err != nil && err.Error() != c.Error) {
				t.Errorf("got  %v\nwant %s", err, c.Error)
			}
		})
	}
}

func frames(decoder *jsonrpc1.FrameDecoder, chunks []string) ([]string, error) {
	var got []string
	for _, chunk := range chunks {
		decoder.Feed([]byte(chunk))
		for {
			frame, ok, err := decoder.Next()
			if err != nil {
				return got, err
			}
			if !ok {
				break
			}
			got = append(got, string(frame))
		}
	}
	return got, decoder.End()
}

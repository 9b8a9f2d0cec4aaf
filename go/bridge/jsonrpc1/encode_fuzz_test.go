package jsonrpc1_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// FuzzEncodeDecode checks that an encoded message decodes to the same message,
// and that a refused message violates the rule which the error names.
func FuzzEncodeDecode(f *testing.F) {
	var file struct{ Frames []struct{ Message message } }
	vectors(f, "valid", &file)
	for kind := range uint8(4) {
		for _, c := range file.Frames {
			m := c.Message
			first, second := m.Result, "null"
			if len(m.Params) > 0 {
				first, second = m.Params[0], m.Params[len(m.Params)-1]
			}
			text := m.Method
			if m.Error != nil {
				text = *m.Error
			}
			f.Add(kind, m.ID, text, first, second, uint16(1024), uint8(8))
		}
	}
	var bad struct{ Params []struct{ Text string } }
	vectors(f, "params", &bad)
	for i, c := range bad.Params {
		f.Add(uint8(i), uint64(1), "m\xff\u2028\x00", "1", c.Text, uint16(30+i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, kind uint8, id uint64, text, first, second string, maxFrameBytes uint16, maxNesting uint8) {
		limits := jsonrpc1.Limits{MaxFrameBytes: int(maxFrameBytes), MaxNesting: int(maxNesting), Stream: "to fuzz"}
		sent := fuzzMessage(kind, id&jsonrpc1.MaxID, text, first, second)
		var frame []byte
		var err error
		checkMemory(t, len(text)+len(first)+len(second), func() { frame, err = sent.encode(limits) })
		if err != nil {
			checkRefusal(t, sent, limits, err)
			return
		}
		if bytes.ContainsAny(frame, "\r\n") || len(frame) > limits.MaxFrameBytes {
			t.Fatalf("sent %q", frame)
		}
		decoded, err := jsonrpc1.Decode(frame, limits, "from fuzz")
		if got, want := fromDecoded(decoded), arriving(sent); err != nil || !equal(got, want) {
			t.Fatalf("sent %q\ngot  %+v, %v\nwant %+v", frame, got, err, want)
		}
	})
}

func fuzzMessage(kind uint8, id uint64, text, first, second string) message {
	switch kind % 4 {
	case 0:
		return message{Kind: "request", ID: id, Method: text, Params: []string{first, second}}
	case 1:
		return message{Kind: "notification", Method: text, Params: []string{first, second}}
	case 2:
		return message{Kind: "response", ID: id, Result: first}
	default:
		return message{Kind: "response", ID: id, Result: "null", Error: &text}
	}
}

// arriving returns the message as the peer decodes it: without white space
// around its values, and with U+FFFD for each byte of its texts that is not
// UTF-8.
func arriving(m message) message {
	m.Method = string([]rune(m.Method))
	m.Result = strings.Trim(m.Result, " \t")
	params := m.Params
	m.Params = nil
	for _, param := range params {
		m.Params = append(m.Params, strings.Trim(param, " \t"))
	}
	if m.Error != nil {
		text := string([]rune(*m.Error))
		m.Error = &text
	}
	return m
}

// checkRefusal fails unless the error names the first rule that the message
// violates.
func checkRefusal(t *testing.T, m message, limits jsonrpc1.Limits, err error) {
	var local *bridge.LocalError
	if !errors.As(err, &local) {
		t.Fatalf("%T: %v", err, err)
	}
	values, depth, where := m.Params, 2, "params[%d]: byte "
	if m.Kind == "response" {
		values, depth, where = []string{m.Result}, 1, "result: byte "
	} else if m.Method == "" {
		if err.Error() != "method must be a non-empty string" {
			t.Fatal(err)
		}
		return
	}
	for i, value := range values {
		if !isValue([]byte(value), depth, limits.MaxNesting) && m.Error == nil {
			if strings.Contains(where, "%d") {
				where = fmt.Sprintf(where, i)
			}
			if !strings.HasPrefix(err.Error(), where) {
				t.Fatalf("%v, but it is %s that breaks a rule", err, where)
			}
			checkOffset(t, err, len(value))
			return
		}
	}
	max := limits.MaxFrameBytes
	want := fmt.Sprintf("to fuzz: byte %[1]d: expected a frame of at most %[1]d bytes (maxFrameBytes)", max)
	if err.Error() != want {
		t.Fatalf("got  %v\nwant %s", err, want)
	}
	limits.MaxFrameBytes = 1 << 30
	if frame, err := m.encode(limits); err != nil || len(frame) <= max {
		t.Fatalf("%q has only %d bytes: %v", frame, len(frame), err)
	}
}

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"sync"

	"github.com/agd-bridge/agd-bridge/go/bridge/bridgetest"
)

// message is a JSON-RPC 2.0 message.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
}

// connection speaks JSON-RPC 2.0 as language servers do: a header with
// Content-Length, then the message.
type connection struct {
	in  *bufio.Reader
	out io.Writer

	mu      sync.Mutex // guards out, last and pending
	last    int
	pending map[string]chan json.RawMessage
}

// lsp is the Go side of vscode-jsonrpc.
func lsp(n *node) error {
	c := &connection{in: bufio.NewReader(n.in), out: n.out, pending: map[string]chan json.RawMessage{}}
	for {
		m, err := c.read()
		if err != nil {
			return err
		}
		if m.Method == "" {
			c.mu.Lock()
			answer := c.pending[string(m.ID)]
			delete(c.pending, string(m.ID))
			c.mu.Unlock()
			answer <- m.Result
			continue
		}
		var params []json.RawMessage
		if err := json.Unmarshal(m.Params, &params); err != nil {
			return err
		}
		if m.Method == "time" {
			go c.time(m.ID, params[0])
			continue
		}
		if err := c.write(message{ID: m.ID, Result: params[0]}); err != nil {
			return err
		}
	}
}

func (c *connection) read() (m message, err error) {
	header, err := textproto.NewReader(c.in).ReadMIMEHeader()
	if err != nil {
		return m, err
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil {
		return m, err
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(c.in, body); err != nil {
		return m, err
	}
	return m, json.Unmarshal(body, &m)
}

func (c *connection) write(m message) error {
	m.Version = "2.0"
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	head := fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(body))
	_, err = c.out.Write(append(head, body...))
	return err
}

// time calls JavaScript as a load says, and responds with the duration of each
// call.
func (c *connection) time(id, param json.RawMessage) {
	var load bridgetest.Load
	if err := json.Unmarshal(param, &load); err != nil {
		_ = c.write(message{ID: id, Result: told(nil, err)})
		return
	}
	params, _ := json.Marshal([]json.RawMessage{load.Param})
	took, err := bridgetest.Measure(load, func() error { return c.call("echo", params) })
	_ = c.write(message{ID: id, Result: told(took, err)}) // or the reader is gone
}

func (c *connection) call(method string, params json.RawMessage) error {
	answer := make(chan json.RawMessage, 1)
	c.mu.Lock()
	c.last++
	id := strconv.Itoa(c.last)
	c.pending[id] = answer
	c.mu.Unlock()
	if err := c.write(message{ID: json.RawMessage(id), Method: method, Params: params}); err != nil {
		return err
	}
	<-answer
	return nil
}

// told returns the result of a load, for JavaScript.
func told(took []int64, err error) json.RawMessage {
	tell := map[string]any{"nanoseconds": took}
	if err != nil {
		tell["error"] = err.Error()
	}
	text, _ := json.Marshal(tell) // numbers and texts
	return text
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/agd-bridge/agd-bridge/go/bridge/bridgetest"
)

// command is a line of JSON from Node: what to do next on the raw pipes.
type command struct {
	Op string `json:"op"`
	// Request and Response are their sizes in bytes.
	Request  int `json:"request"`
	Response int `json:"response"`
	bridgetest.Load
}

// last is the first byte of the last request of an echo.
const last = 'E'

// raw is the lower bound for pipes: it reads and writes as many bytes as a
// bridge, without parsing them.
func raw(n *node) error {
	in, out := n.in, n.out
	for {
		line, err := readLine(in)
		if err != nil {
			return err
		}
		var c command
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		switch c.Op {
		case "echo":
			err = echo(in, out, c)
		case "ping":
			err = ping(in, out, c)
		default:
			err = fmt.Errorf("unknown op %q", c.Op)
		}
		if err != nil {
			return err
		}
	}
}

// readLine never reads beyond the line.
func readLine(in io.Reader) ([]byte, error) {
	var line []byte
	for b := make([]byte, 1); ; line = append(line, b[0]) {
		if _, err := io.ReadFull(in, b); err != nil {
			return nil, err
		}
		if b[0] == '\n' {
			return line, nil
		}
	}
}

// echo answers requests, the last one included.
func echo(in, out *os.File, c command) error {
	request, response := make([]byte, c.Request), make([]byte, c.Response)
	if _, err := out.Write([]byte("\n")); err != nil { // ready
		return err
	}
	for {
		if _, err := io.ReadFull(in, request); err != nil {
			return err
		}
		if _, err := out.Write(response); err != nil {
			return err
		}
		if request[0] == last {
			return nil
		}
	}
}

// ping measures wake-ups: it wakes Node, and Node wakes it. It then writes the
// durations as one line.
func ping(in, out *os.File, c command) error {
	request, response := bytes.Repeat([]byte("x"), c.Request), make([]byte, c.Response)
	took, err := bridgetest.Measure(c.Load, func() error {
		if _, err := out.Write(request); err != nil {
			return err
		}
		_, err := io.ReadFull(in, response)
		return err
	})
	if err != nil {
		return err
	}
	told, err := json.Marshal(map[string]any{"nanoseconds": took})
	if err != nil {
		return err
	}
	_, err = out.Write(append(told, '\n'))
	return err
}

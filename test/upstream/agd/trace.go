package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// A trace is a file of one JSON object a line, {"to":"agvm","frame":…}, for
// each frame in either direction. The frames keep their text, but for white
// space between tokens and frames.
type trace struct {
	mu  sync.Mutex
	out io.Writer
}

// frames returns a writer of one direction's frames into the trace. A frame may
// arrive in parts; it is traced when its newline arrives.
func (t *trace) frames(to string) io.Writer {
	return &direction{trace: t, to: to}
}

type direction struct {
	trace   *trace
	to      string
	pending []byte
}

func (d *direction) Write(p []byte) (int, error) {
	d.trace.mu.Lock()
	defer d.trace.mu.Unlock()
	d.pending = append(d.pending, p...)
	for {
		frame, rest, found := bytes.Cut(d.pending, []byte("\n"))
		if !found {
			return len(p), nil
		}
		d.pending = rest
		if len(bytes.TrimSpace(frame)) == 0 {
			continue
		}
		if !json.Valid(frame) {
			frame, _ = json.Marshal(string(frame))
		}
		if _, err := fmt.Fprintf(d.trace.out, "{\"to\":%q,\"frame\":%s}\n", d.to, frame); err != nil {
			return 0, err
		}
	}
}

package trace

import (
	"bufio"
	"encoding/json"
	"os"
	"sync"
	"time"
)

// Tracer writes every frame of the bridge to a file, as JSON lines
// {"time","from","frame"}. Frames that pass before it is opened are lost; it
// may be used from any goroutine.
type Tracer struct {
	mu   sync.Mutex
	file *os.File
	out  *bufio.Writer
}

// tracedFrame is one line. from is agd or agvm.
type tracedFrame struct {
	Time  string          `json:"time"`
	From  string          `json:"from"`
	Frame json.RawMessage `json:"frame"`
}

// Open starts a new trace in the file. It appends to an existing file, on a new
// line, even if the writer before it was killed in the middle of one.
func (t *Tracer) Open(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err == nil {
		err = endLine(file)
	}
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.file, t.out = file, bufio.NewWriter(file)
	return nil
}

// endLine ends the last line of a regular file.
func endLine(file *os.File) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, info.Size()-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = file.WriteString("\n")
	return err
}

// Sent records a frame of ours, Received one of the VM's.
func (t *Tracer) Sent(frame []byte)     { t.record("agd", frame) }
func (t *Tracer) Received(frame []byte) { t.record("agvm", frame) }

// record writes the line at once, so that a trace ends with the last frame that
// passed, however the process ends. A frame that is not JSON is written as a
// string. A full disk ends the trace, not the node.
func (t *Tracer) record(from string, frame []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return
	}
	line := tracedFrame{Time: time.Now().UTC().Format(time.RFC3339Nano), From: from, Frame: frame}
	if !json.Valid(frame) {
		line.Frame, _ = json.Marshal(string(frame))
	}
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line); err != nil {
		return
	}
	_ = t.out.Flush()
}

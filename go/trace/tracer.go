package trace

import (
	"bytes"
	"encoding/json"
	"sync"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// Tracer passes every frame of the bridge to a file and to a flight recorder, if
// there are any. It may be used from any goroutine; the zero value is ready to
// use.
type Tracer struct {
	mu sync.Mutex
	// file is nil before Open, and after an error.
	file *outFile
	line []byte
	// heads are those of this run.
	heads []Head
	// recorder is set before the bridge opens.
	recorder *Recorder
	// crash is held while a flight recorder's file is written.
	crash sync.Mutex
}

// side is the sender of a frame.
type side byte

const (
	fromAgd side = iota
	fromAgvm
)

func (s side) String() string {
	if s == fromAgd {
		return Agd
	}
	return Agvm
}

// Open starts a new trace in the file. Frames that passed before are lost. It
// appends to an existing file, on a new line, even if the writer before it was
// killed in the middle of one; compressed data begins a new file. A file of more
// than maxBytes is rotated, if that is not 0.
func (t *Tracer) Open(path string, maxBytes int64) error {
	file, err := openOut(path, maxBytes)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.file = file
	return nil
}

// Keep adds a recorder. It must be called before the bridge carries frames that
// it should keep.
func (t *Tracer) Keep(r *Recorder) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recorder = r
}

// Close ends the file of Open. Frames that follow are lost.
func (t *Tracer) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file != nil {
		t.file.close()
		t.file = nil
	}
}

// Frame records a frame: the hook bridge.Options.Trace.
func (t *Tracer) Frame(d bridge.Direction, frame []byte) {
	from := fromAgvm
	if d == bridge.Out {
		from = fromAgd
	}
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.recorder != nil {
		t.recorder.record(now, from, frame)
	}
	if t.file != nil {
		t.line = appendFrame(t.line[:0], now.UTC(), from, frame)
		t.write(t.line)
	}
}

// Head writes a head, and keeps it for the recorder's files.
func (t *Tracer) Head(h Head) {
	h.Trace = FormatVersion
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heads = append(t.heads, h)
	if t.file != nil {
		t.write(headLine(time.Now(), h))
	}
}

// write writes the line at once, so that a trace ends with the last frame that
// passed, however the process ends. A full disk ends the trace, not the node.
func (t *Tracer) write(line []byte) {
	if err := t.file.write(line); err != nil {
		t.file.close()
		t.file = nil
	}
}

// appendFrame appends the line of a frame. A frame that is not JSON becomes a
// string.
func appendFrame(line []byte, at time.Time, from side, frame []byte) []byte {
	line = append(line, `{"time":"`...)
	line = at.AppendFormat(line, time.RFC3339Nano)
	line = append(line, `","from":"`...)
	line = append(line, from.String()...)
	line = append(line, `","frame":`...)
	switch {
	case !json.Valid(frame):
		frame, _ = json.Marshal(string(frame))
	case bytes.IndexByte(frame, '\n') >= 0: // between two values
		var compact bytes.Buffer
		_ = json.Compact(&compact, frame)
		frame = compact.Bytes()
	}
	line = append(line, frame...)
	return append(line, '}', '\n')
}

func headLine(at time.Time, h Head) []byte {
	text, _ := json.Marshal(h)
	line, _ := json.Marshal(Line{Time: at.UTC().Format(time.RFC3339Nano), Head: text})
	return append(line, '\n')
}

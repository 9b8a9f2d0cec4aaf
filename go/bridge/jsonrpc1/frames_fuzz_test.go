package jsonrpc1_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// FuzzFrames compares the frame decoder with a stream that is cut in one step.
func FuzzFrames(f *testing.F) {
	var file struct {
		MaxFrameBytes int
		Streams       []struct{ Chunks []string }
	}
	vectors(f, "streams", &file)
	for _, c := range file.Streams {
		var stream, sizes []byte
		for _, chunk := range c.Chunks {
			stream = append(stream, chunk...)
			sizes = append(sizes, byte(len(chunk)))
		}
		f.Add(stream, sizes, uint16(file.MaxFrameBytes))
		f.Add(stream, []byte{1}, uint16(file.MaxFrameBytes))
	}
	for _, seed := range seedFrames(f) {
		f.Add(append(seed, '\n'), []byte{3, 0, 7}, uint16(1024))
	}
	f.Fuzz(func(t *testing.T, stream, sizes []byte, maxFrameBytes uint16) {
		limits := jsonrpc1.Limits{MaxFrameBytes: int(maxFrameBytes)}
		got := make([][]byte, 0, bytes.Count(stream, []byte("\n")))
		var err error
		checkMemory(t, len(stream), func() { got, err = appendFrames(got, stream, sizes, limits) })
		want, wantErr := cutAtOnce(stream, int(maxFrameBytes))
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("got frames %q, want %q", got, want)
		}
		if (err == nil) != (wantErr == "") || err != nil && err.Error() != wantErr {
			t.Errorf("got  %v\nwant %s", err, wantErr)
		}
	})
}

// appendFrames feeds a stream in chunks of the given sizes, which repeat.
func appendFrames(frames [][]byte, stream, sizes []byte, limits jsonrpc1.Limits) ([][]byte, error) {
	decoder := jsonrpc1.NewFrameDecoder(limits, "from fuzz")
	if !slices.ContainsFunc(sizes, func(size byte) bool { return size > 0 }) {
		sizes = []byte{255}
	}
	var chunk [255]byte
	for i := 0; len(stream) > 0; i++ {
		n := min(int(sizes[i%len(sizes)]), len(stream))
		decoder.Feed(chunk[:copy(chunk[:], stream[:n])])
		clear(chunk[:]) // Feed copied it
		stream = stream[n:]
		for {
			frame, ok, err := decoder.Next()
			if err != nil {
				return frames, err
			}
			if !ok {
				break
			}
			frames = append(frames, frame)
		}
	}
	return frames, decoder.End()
}

func cutAtOnce(stream []byte, maxFrameBytes int) (frames [][]byte, err string) {
	lines := bytes.Split(stream, []byte("\n"))
	for i, line := range lines {
		if len(line) > maxFrameBytes {
			return frames, fmt.Sprintf("from fuzz: byte %d: expected a frame of at most %d bytes (maxFrameBytes)",
				maxFrameBytes, maxFrameBytes)
		}
		if i < len(lines)-1 {
			frames = append(frames, line)
		} else if len(line) > 0 {
			return frames, fmt.Sprintf(`from fuzz: byte %d: expected "\n", not the end of the stream`, len(line))
		}
	}
	return frames, ""
}

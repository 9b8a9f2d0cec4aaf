package jsonrpc1_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"unicode/utf8"
)

// seedFrames returns the frames of the vectors, and their parts.
func seedFrames(f *testing.F) [][]byte {
	f.Helper()
	var frames struct{ Frames []struct{ Frame, Hex string } }
	var params struct{ Params []struct{ Text string } }
	var seeds [][]byte
	for _, name := range []string{"valid", "invalid"} {
		vectors(f, name, &frames)
		for _, c := range frames.Frames {
			seed, err := hex.DecodeString(c.Hex)
			if err != nil {
				f.Fatal(err)
			}
			seeds = append(seeds, append(seed, c.Frame...))
		}
	}
	vectors(f, "params", &params)
	for _, c := range params.Params {
		seeds = append(seeds, []byte(`{"id":1,"method":"m","params":[`+c.Text+`]}`))
	}
	return seeds
}

// The most that decoding and encoding may allocate. A param of two bytes takes
// a slice of 24 bytes; a name with an escape takes a temporary decoder.
const (
	allocatedPerByte  = 32
	allocatedAnyFrame = 64 << 10
)

// checkMemory runs a codec function on size bytes and fails if it allocates
// more than the bound.
func checkMemory(t *testing.T, size int, run func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	got := after.TotalAlloc - before.TotalAlloc
	if bound := uint64(allocatedPerByte*size + allocatedAnyFrame); got > bound {
		t.Errorf("%d bytes take %d bytes of memory, more than %d", size, got, bound)
	}
}

// isValue reports, by encoding/json, whether text is one JSON value that may
// stand within depth arrays and objects of a frame.
func isValue(text []byte, depth, maxNesting int) bool {
	if !utf8.Valid(text) || !json.Valid(text) || bytes.ContainsAny(text, "\r\n") {
		return false
	}
	levels := nesting(text)
	return levels == 0 || depth+levels <= maxNesting
}

// nesting returns how deep the arrays and objects of a valid text are nested.
func nesting(text []byte) (deepest int) {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']' || c == '}':
			depth--
		}
	}
	return deepest
}

var errorOffset = regexp.MustCompile(`^[^:]+: byte (\d+): expected .`)

// checkOffset fails unless the error names an offset within the text.
func checkOffset(t *testing.T, err error, length int) {
	t.Helper()
	match := errorOffset.FindStringSubmatch(err.Error())
	if match == nil {
		t.Fatalf("no offset in %q", err)
	}
	if offset, _ := strconv.Atoi(match[1]); offset > length {
		t.Errorf("%q: the text has only %d bytes", err, length)
	}
}

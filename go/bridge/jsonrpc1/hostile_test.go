package jsonrpc1_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// hostileFrames are frames for which a careless codec allocates too much. Their
// decoding time is tested together with TypeScript, in test/properties.
func hostileFrames(size int) map[string]string {
	values := map[string]string{
		"arrays never closed":    strings.Repeat("[", size),
		"deep arrays":            strings.Repeat("[", size/2) + strings.Repeat("]", size/2),
		"deep objects":           strings.Repeat(`{"a":`, size/6) + "1" + strings.Repeat("}", size/6),
		"backslashes":            `"` + strings.Repeat(`\\`, size/2) + `"`,
		"lone surrogate escapes": `"` + strings.Repeat(`\ud800`, size/6) + `"`,
		"quotes":                 strings.Repeat(`"`, size),
		"digits":                 strings.Repeat("1", size),
		"small numbers":          "[" + strings.Repeat("0,", size/2) + "0]",
		"empty objects":          "[" + strings.Repeat("{},", size/3) + "0]",
		"one name many times":    "{" + strings.Repeat(`"a":1,`, size/6) + `"a":1}`,
		"names with escapes":     "{" + strings.Repeat(`"\u0061":1,`, size/11) + `"a":1}`,
		"many messages":          "{" + strings.Repeat(`"message":"\n",`, size/15) + `"message":"e"}`,
		"many escaped messages":  "{" + strings.Repeat(`"\u006dessage":"e",`, size/19) + `"message":"e"}`,
	}
	frames := map[string]string{
		"many params":         `{"id":1,"method":"m","params":[` + strings.Repeat("0,", size/2) + `0]}`,
		"a long method":       `{"id":1,"method":"` + strings.Repeat(`\u0000`, size/6) + `","params":[]}`,
		"an id of digits":     `{"id":` + strings.Repeat("1", size) + `,"result":1,"error":null}`,
		"a long name":         `{"` + strings.Repeat(`\u0069`, size/6) + `":1}`,
		"a name many times":   "{" + strings.Repeat(`"id":1,`, size/7) + "}",
		"spaces":              strings.Repeat(" ", size),
		"a bad byte at last":  strings.Repeat("😀", size/4) + "\xff",
		"bytes in the middle": strings.Repeat("\x80", size),
	}
	for name, value := range values {
		frames["params: "+name] = `{"id":1,"method":"m","params":[` + value + `]}`
		frames["result: "+name] = `{"id":1,"result":` + value + `,"error":null}`
		frames["error: "+name] = `{"id":1,"result":null,"error":` + value + `}`
	}
	return frames
}

func TestDecodingTakesMemoryInProportionToTheFrame(t *testing.T) {
	const size = 1 << 20
	deep := jsonrpc1.Limits{MaxFrameBytes: 2 * size, MaxNesting: 2 * size}
	for name, frame := range hostileFrames(size) {
		t.Run(name, func(t *testing.T) {
			bytes := []byte(frame)
			var msg jsonrpc1.Message
			before := liveBytes()
			checkMemory(t, len(bytes), func() { msg, _ = jsonrpc1.Decode(bytes, deep, "test") })
			// A message keeps a slice for each param, in addition to its frame.
			if kept := liveBytes() - before; kept > 16*size {
				t.Errorf("the message keeps %d bytes", kept)
			}
			runtime.KeepAlive(msg)
		})
	}
}

func liveBytes() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func TestAStreamWithoutANewlineIsRefusedAtTheLimit(t *testing.T) {
	const limit = 1 << 20
	chunk := []byte(strings.Repeat(" ", 1<<16))
	decoder := jsonrpc1.NewFrameDecoder(jsonrpc1.Limits{MaxFrameBytes: limit}, "test")
	checkMemory(t, limit, func() {
		for fed := 0; ; fed += len(chunk) {
			if fed > limit+len(chunk) {
				t.Fatalf("%d bytes are buffered", fed)
			}
			decoder.Feed(chunk)
			if _, _, err := decoder.Next(); err != nil {
				break
			}
		}
	})
}

// A decoder that moved or scanned its buffer again for each byte would take
// more than a quarter of an hour. The deadline only ends such a test.
func TestALargeFrameByteByByte(t *testing.T) {
	const size = 4 << 20
	done := make(chan int)
	go func() {
		decoder := jsonrpc1.NewFrameDecoder(jsonrpc1.Limits{MaxFrameBytes: size}, "test")
		for range size {
			decoder.Feed([]byte("x"))
			_, _, _ = decoder.Next()
		}
		decoder.Feed([]byte("\n"))
		frame, _, _ := decoder.Next()
		done <- len(frame)
	}()
	select {
	case got := <-done:
		if got != size {
			t.Errorf("got a frame of %d bytes, want %d", got, size)
		}
	case <-time.After(time.Minute):
		t.Fatal("not done in a minute")
	}
}

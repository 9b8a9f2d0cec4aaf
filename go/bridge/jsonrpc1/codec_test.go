package jsonrpc1_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

var limits = jsonrpc1.Limits{MaxFrameBytes: 1024, MaxNesting: 8}

func wantLocal(t *testing.T, err error, message string) {
	t.Helper()
	var local *bridge.LocalError
	if !errors.As(err, &local) || err.Error() != message {
		t.Errorf("got %v, want local error %q", err, message)
	}
}

func TestInvalidUTF8IsNotSent(t *testing.T) {
	params := []json.RawMessage{[]byte("1"), []byte("\"é\xff\"")}
	_, err := jsonrpc1.EncodeRequest(1, "m", params, limits)
	wantLocal(t, err, "params[1]: byte 3: expected valid UTF-8")
}

func TestMethodMustNotBeEmpty(t *testing.T) {
	_, err := jsonrpc1.EncodeNotification("", nil, limits)
	wantLocal(t, err, "method must be a non-empty string")
}

func TestFrameOverTheLimitIsNotSent(t *testing.T) {
	fits := json.RawMessage(`"` + strings.Repeat("é", 495) + `x"`)
	if frame, err := jsonrpc1.EncodeResult(1, fits, limits); err != nil || len(frame) != 1024 {
		t.Errorf("got %d bytes, %v", len(frame), err)
	}
	_, err := jsonrpc1.EncodeResult(1, json.RawMessage(`"`+strings.Repeat("é", 496)+`"`), limits)
	wantLocal(t, err, "frame: byte 1024: expected a frame of at most 1024 bytes (maxFrameBytes)")
}

func TestAStreamCutAtEveryByteGivesTheSameFrames(t *testing.T) {
	want := []string{`{"id":1,"result":"é𝄞","error":null}`, "[]", "", "\"\u2028\""}
	stream := strings.Join(want, "\n") + "\n"
	for first := range len(stream) {
		for second := first; second <= len(stream); second++ {
			decoder := jsonrpc1.NewFrameDecoder(limits, "test")
			got, err := frames(decoder, []string{stream[:first], stream[first:second], stream[second:]})
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("cut at %d and %d: %q, %v", first, second, got, err)
			}
		}
	}
}

func TestLargeFramesNextToSmallOnes(t *testing.T) {
	decoder := jsonrpc1.NewFrameDecoder(jsonrpc1.Limits{MaxFrameBytes: 8 << 20}, "test")
	sizes := []int{200_000, 3, 3_000_000, 0, 70_000}
	for i := range 500 {
		sizes = append(sizes, i*7919%90_001)
	}
	var want []string
	for i, n := range sizes {
		want = append(want, strings.Repeat(string(rune('0'+i%10)), n))
	}
	var chunks []string
	for chunk := range slices.Chunk([]byte(strings.Join(want, "\n")+"\n"), 65_536) {
		chunks = append(chunks, string(chunk))
	}
	if got, err := frames(decoder, chunks); err != nil || !slices.Equal(got, want) {
		t.Errorf("frames differ: %v", err)
	}
}

func BenchmarkDecodeRequest(b *testing.B) {
	frame := []byte(`{"id":123,"method":"vbank.GetBalance","params":[{"address":"agoric1abc123","denom":"uist"}]}`)
	for b.Loop() {
		if _, err := jsonrpc1.Decode(frame, limits, "bench"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeResult(b *testing.B) {
	result := json.RawMessage(`"654321"`)
	for b.Loop() {
		if _, err := jsonrpc1.EncodeResult(123, result, limits); err != nil {
			b.Fatal(err)
		}
	}
}

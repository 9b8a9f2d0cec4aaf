package vm

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// MaxTextBytes is the longest JSON text, in bytes, of a downcall's params or
// result. It is a limit of the chain, not of a node: every node must refuse the
// same texts. Frames of that size fit into the bridge's default limits, and no
// node may have smaller ones. Its twin is in packages/agvm/src/contract.ts.
const MaxTextBytes = defaultFrameBytes - frameRoom

const (
	defaultFrameBytes = 64 << 20
	// frameRoom exceeds the part of a frame that surrounds params or a result.
	frameRoom = 1 << 10
)

// LeastLimits returns the smallest bridge limits with which a node can follow
// the chain.
func LeastLimits() bridge.Limits {
	return bridge.Limits{
		MaxFrameBytes:   defaultFrameBytes,
		MaxNesting:      bridge.DefaultLimits().MaxNesting,
		MaxPendingCalls: 4,
		MaxQueuedBytes:  defaultFrameBytes,
	}
}

// Marshal returns the JSON of a value with <, >, &, U+2028 and U+2029
// unescaped, as JSON.stringify writes them. json.Marshal writes six bytes for
// each, and more where the text is quoted again. A MarshalJSON method keeps its
// own text, so it must use Marshal too.
func Marshal(value any) (json.RawMessage, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return unescapeSeparators(bytes.TrimSuffix(text.Bytes(), []byte("\n"))), nil
}

// unescapeSeparators unescapes U+2028 and U+2029 in a JSON text. It overwrites
// the text.
func unescapeSeparators(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u202`)) {
		return text
	}
	out := text[:0]
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		switch rest := text[i:]; {
		case bytes.HasPrefix(rest, []byte(`\u2028`)):
			out = append(out, "\u2028"...)
			i += len(`\u2028`) - 1
		case bytes.HasPrefix(rest, []byte(`\u2029`)):
			out = append(out, "\u2029"...)
			i += len(`\u2029`) - 1
		default:
			out = append(out, rest[:2]...)
			i++
		}
	}
	return out
}

// QuotedBytes returns the size of a text after it was quoted as a JSON string
// (Marshal) the given number of times, at least once. Each time doubles the
// quotes and backslashes of the time before.
func QuotedBytes(text string, times int) int {
	// A backslash or a quote becomes 2^times bytes. An escape that the first
	// time adds has one backslash at that point.
	most := 1 << times
	escape := most / 2
	size := 2 * (most - 1) // the quotes around the text, each time
	for i, r := range text {
		switch {
		case r == '"' || r == '\\':
			size += most
		case r >= ' ' && r < 0x80:
			size++
		case r == '\n' || r == '\r' || r == '\t' || r == '\b' || r == '\f':
			size += escape + len(`n`)
		case r < ' ':
			size += escape + len(`u0000`)
		case r < 0x800:
			size += 2
		case r == 0xfffd && text[i] != 0xef: // a byte that is not UTF-8
			size += escape + len(`ufffd`)
		case r < 0x10000:
			size += 3
		default:
			size += 4
		}
	}
	return size
}

// Quotable reports whether QuotedBytes is at most most. It counts only if
// needed.
func Quotable(text string, times, most int) bool {
	// A byte that is not UTF-8, or a quote, grows most.
	growth := max(1<<times, 1<<(times-1)+len(`ufffd`))
	return (len(text)+2)*growth <= most || QuotedBytes(text, times) <= most
}

// checkText refuses a result over the limit.
func checkText(method string, result json.RawMessage) error {
	if len(result) > MaxTextBytes {
		return fmt.Errorf("%s: the answer has %d bytes, of at most %d (maxTextBytes)", method, len(result), MaxTextBytes)
	}
	return nil
}

package vm

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// MaxTextBytes is the longest JSON text, in bytes, that chain and kernel give
// each other in one message: a downcall's params or result. It is the chain's
// limit, not a node's: every node must refuse the same. Frames of that size fit
// into the bridge's default limits, and no node may have smaller ones. Its twin
// is in packages/agvm/src/agcc.ts.
const MaxTextBytes = defaultFrameBytes - frameRoom

const (
	defaultFrameBytes = 64 << 20
	// frameRoom is more than a frame has around params or a result.
	frameRoom = 1 << 10
)

// LeastLimits are the smallest limits of a bridge with which a node can follow
// the chain.
func LeastLimits() bridge.Limits {
	return bridge.Limits{
		MaxFrameBytes:   defaultFrameBytes,
		MaxNesting:      bridge.DefaultLimits().MaxNesting,
		MaxPendingCalls: 4,
		MaxQueuedBytes:  defaultFrameBytes,
	}
}

// Marshal returns the JSON of a value with <, >, &, U+2028 and U+2029 as they
// are, as JSON.stringify writes them. json.Marshal makes six bytes of each, and
// more where the text is quoted once more. A MarshalJSON method keeps its own
// text, so it must use Marshal too.
func Marshal(value any) (json.RawMessage, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return unescapeSeparators(bytes.TrimSuffix(text.Bytes(), []byte("\n"))), nil
}

// unescapeSeparators writes U+2028 and U+2029 of a JSON text as they are. The
// text is overwritten.
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

// QuotedBytes is how many bytes a text has as a JSON string (Marshal), after it
// was quoted so often, at least once: each time quotes and backslashes of the
// time before double.
func QuotedBytes(text string, times int) int {
	// A backslash becomes 2^times, and so does a quote. Escapes that the first
	// time makes have one backslash then.
	most := 1 << times
	escape := most / 2
	size := 2 * (most - 1) // the quotes around the text, of each time
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
		case r == 0xfffd && text[i] != 0xef: // a byte that is no UTF-8
			size += escape + len(`ufffd`)
		case r < 0x10000:
			size += 3
		default:
			size += 4
		}
	}
	return size
}

// Quotable tells whether QuotedBytes is at most this much. It counts only where
// it must.
func Quotable(text string, times, most int) bool {
	// Most grows a byte that is no UTF-8, or a quote.
	growth := max(1<<times, 1<<(times-1)+len(`ufffd`))
	return (len(text)+2)*growth <= most || QuotedBytes(text, times) <= most
}

// checkText refuses a result that the bridge need not carry.
func checkText(method string, result json.RawMessage) error {
	if len(result) > MaxTextBytes {
		return fmt.Errorf("%s: the answer has %d bytes, of at most %d (maxTextBytes)", method, len(result), MaxTextBytes)
	}
	return nil
}

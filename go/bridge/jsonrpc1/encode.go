package jsonrpc1

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/checked"
)

// The number of arrays and objects that enclose a value in its frame.
const (
	paramDepth  = 2
	resultDepth = 1
)

// EncodeRequest returns the frame of a request. Its error is a
// *bridge.LocalError.
func EncodeRequest(id uint64, method string, params []json.RawMessage, limits Limits) ([]byte, error) {
	return encodeCall(strconv.AppendUint(nil, id, 10), method, params, nil, limits)
}

// EncodeTexts is EncodeRequest with params that are checked already.
func EncodeTexts(id uint64, method string, params []bridge.Text, limits Limits) ([]byte, error) {
	raws, depths := make([]json.RawMessage, len(params)), make([]int, len(params))
	for i, param := range params {
		raws[i], depths[i] = param.Raw(), param.Depth()
	}
	return encodeCall(strconv.AppendUint(nil, id, 10), method, raws, depths, limits)
}

// EncodeNotification returns the frame of a notification. Its error is a
// *bridge.LocalError.
func EncodeNotification(method string, params []json.RawMessage, limits Limits) ([]byte, error) {
	return encodeCall(rawNull, method, params, nil, limits)
}

// EncodeResult returns the frame of a successful response. Its error is a *bridge.LocalError.
func EncodeResult(id uint64, result json.RawMessage, limits Limits) ([]byte, error) {
	return EncodeText(id, result, checked.Unknown, limits)
}

// EncodeText is EncodeResult with a result that is checked already, unless depth
// is checked.Unknown.
func EncodeText(id uint64, result json.RawMessage, depth int, limits Limits) ([]byte, error) {
	if depth > limits.MaxNesting-resultDepth {
		if err := checkJSON(result, "result", resultDepth, limits); err != nil {
			return nil, err
		}
	}
	frame := appendResponse(newFrame(len(result)+len(`{"id":,"result":,"error":null}`+"\n")+20), id)
	frame = append(frame, result...)
	return checkSize(append(frame, `,"error":null}`...), limits)
}

// EncodeError returns the frame of a failed response. Its error is a *bridge.LocalError.
func EncodeError(id uint64, message string, limits Limits) ([]byte, error) {
	frame := append(appendResponse(nil, id), `null,"error":`...)
	return checkSize(append(appendString(frame, message), '}'), limits)
}

func appendResponse(frame []byte, id uint64) []byte {
	frame = strconv.AppendUint(append(frame, `{"id":`...), id, 10)
	return append(frame, `,"result":`...)
}

// encodeCall encodes a call. depths are those of params that are checked
// already; nil: none is.
func encodeCall(id []byte, method string, params []json.RawMessage, depths []int, limits Limits) ([]byte, error) {
	if method == "" {
		return nil, &bridge.LocalError{Message: "method must be a non-empty string"}
	}
	size := len(id) + len(method) + len(`{"id":,"method":"","params":[]}`+"\n")
	for i, param := range params {
		if depths == nil || depths[i] > limits.MaxNesting-paramDepth {
			if err := checkJSON(param, "params["+strconv.Itoa(i)+"]", paramDepth, limits); err != nil {
				return nil, err
			}
		}
		size += len(param) + 1
	}
	frame := append(newFrame(size), `{"id":`...)
	frame = append(append(frame, id...), `,"method":`...)
	frame = append(appendString(frame, method), `,"params":[`...)
	for i, param := range params {
		if i > 0 {
			frame = append(frame, ',')
		}
		frame = append(frame, param...)
	}
	return checkSize(append(frame, `]}`...), limits)
}

// Check returns raw as a text, which can be sent within the limits. raw must not
// be changed any more. The error is a *bridge.LocalError.
func Check(raw json.RawMessage, limits Limits) (bridge.Text, error) {
	if err := checkJSON(raw, "text", paramDepth, limits); err != nil {
		return bridge.Text{}, err
	}
	return checked.Trust(raw, limits.MaxNesting-paramDepth), nil
}

// checkJSON checks that text is one JSON value that may stand at this depth of
// a frame.
func checkJSON(text []byte, what string, depth int, limits Limits) (err error) {
	wrap := func(f syntaxFault) error {
		return &bridge.LocalError{Message: fmt.Sprintf("%s: byte %d: expected %s", what, f.offset, f.expected)}
	}
	if !utf8.Valid(text) {
		return wrap(syntaxFault{invalidOffset(text), "valid UTF-8"})
	}
	defer caught(&err, wrap)
	s := scanner{text: text, maxNesting: limits.MaxNesting}
	s.value(depth)
	s.end("the end of the value")
	return nil
}

// checkSize checks the bounds of a whole frame.
func checkSize(frame []byte, limits Limits) ([]byte, error) {
	stream := cmp.Or(limits.Stream, "frame")
	if len(frame) > limits.MaxFrameBytes {
		return nil, &bridge.LocalError{Message: overLimit(limits.MaxFrameBytes, stream).Error()}
	}
	if fault, tooMany := checkValues(frame); tooMany {
		return nil, &bridge.LocalError{Message: protocolError(stream, fault).Error()}
	}
	return frame, nil
}

// appendString writes a string as JSON.stringify does, so that both languages
// send the same bytes. encoding/json escapes more (U+2028, U+2029). Invalid
// UTF-8 becomes U+FFFD.
func appendString(frame []byte, text string) []byte {
	const hex = "0123456789abcdef"
	frame = append(frame, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			frame = append(frame, '\\', byte(r))
		case r >= ' ':
			frame = utf8.AppendRune(frame, r)
		case r == '\b':
			frame = append(frame, `\b`...)
		case r == '\f':
			frame = append(frame, `\f`...)
		case r == '\n':
			frame = append(frame, `\n`...)
		case r == '\r':
			frame = append(frame, `\r`...)
		case r == '\t':
			frame = append(frame, `\t`...)
		default:
			frame = append(frame, '\\', 'u', '0', '0', hex[r>>4], hex[r&0xf])
		}
	}
	return append(frame, '"')
}

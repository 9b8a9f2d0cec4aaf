package jsonrpc1

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

const (
	nullOrID = "null or an integer from 0 to 9007199254740991"
	onlyID   = "an integer from 0 to 9007199254740991"
)

var (
	callNames     = []string{"id", "method", "params"}
	responseNames = []string{"id", "result", "error"}
	rawNull       = json.RawMessage("null")
)

// Decode decodes and checks one frame without its newline. The message's values
// stay raw and share memory with frame. stream names the frame's origin in
// errors, such as "from node". The error is a *bridge.ProtocolError. In addition
// to the frame, a message keeps at most twelve times the frame's bytes: a param of
// two bytes has a slice of 24.
func Decode(frame []byte, limits Limits, stream string) (msg Message, err error) {
	if len(frame) > limits.MaxFrameBytes {
		return Message{}, overLimit(limits.MaxFrameBytes, stream)
	}
	if !utf8.Valid(frame) {
		return Message{}, protocolError(stream, syntaxFault{invalidOffset(frame), "valid UTF-8"})
	}
	if fault, tooMany := checkValues(frame); tooMany {
		return Message{}, protocolError(stream, fault)
	}
	defer caught(&err, func(f syntaxFault) error { return protocolError(stream, f) })
	m := members{scanner: scanner{text: frame, maxNesting: limits.MaxNesting}}
	return m.message(), nil
}

func protocolError(stream string, f syntaxFault) error {
	return &bridge.ProtocolError{Message: fmt.Sprintf("%s: byte %d: expected %s", stream, f.offset, f.expected)}
}

// overLimit is the error for a frame that is too long.
func overLimit(maxFrameBytes int, stream string) error {
	return protocolError(stream, syntaxFault{
		maxFrameBytes, fmt.Sprintf("a frame of at most %d bytes (maxFrameBytes)", maxFrameBytes)})
}

// invalidOffset returns the offset of the first invalid UTF-8 sequence.
func invalidOffset(text []byte) int {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// members reads the members of a frame in any order.
type members struct {
	scanner
	// names are the allowed member names: of both kinds (nil) until the first
	// name that only one kind has.
	names    []string
	seen     [3]bool // by position in names
	id       uint64
	idNull   bool
	idOffset int
	method   string
	params   []json.RawMessage
	result   json.RawMessage
	error    *string
}

func (m *members) message() Message {
	m.result = rawNull
	if !m.take('{') {
		m.fail(m.pos, `"{"`)
	}
	if !m.take('}') {
		m.member()
		for m.take(',') {
			m.member()
		}
		if !m.take('}') {
			m.fail(m.pos, `"," or "}"`)
		}
	}
	end := m.pos - 1
	m.end("the end of the frame")
	return m.assemble(end)
}

func (m *members) member() {
	m.space()
	offset := m.pos
	name := m.admit(nameOf(m.memberName()), offset)
	m.space()
	switch name {
	case "id":
		m.readID()
	case "method":
		m.readMethod()
	case "params":
		m.readParams()
	case "result":
		m.readResult()
	default:
		m.readError()
	}
}

// nameOf returns the value of a raw name, without an allocation for known
// names.
func nameOf(raw []byte) string {
	switch string(raw) {
	case `"id"`:
		return "id"
	case `"method"`:
		return "method"
	case `"params"`:
		return "params"
	case `"result"`:
		return "result"
	case `"error"`:
		return "error"
	case `"message"`:
		return "message"
	}
	return unquote(raw)
}

// admit refuses a name that is unknown, belongs to the other kind, or is
// repeated.
func (m *members) admit(name string, offset int) string {
	isCall := slices.Contains(callNames, name)
	isResponse := slices.Contains(responseNames, name)
	switch {
	case !isCall && !isResponse:
		m.fail(offset, `"id", "method", "params", "result" or "error"`)
	case m.names != nil || name == "id":
	case isCall:
		m.names = callNames
	default:
		m.names = responseNames
	}
	if m.names != nil && !slices.Contains(m.names, name) {
		m.fail(offset, fmt.Sprintf("%q, %q or %q", m.names[0], m.names[1], m.names[2]))
	}
	seen := &m.seen[max(slices.Index(callNames, name), slices.Index(responseNames, name))]
	if *seen {
		m.fail(offset, fmt.Sprintf("%q only once", name))
	}
	*seen = true
	return name
}

// raw skips a value and returns it.
func (m *members) raw(depth int) json.RawMessage {
	start := m.pos
	m.value(depth)
	return m.text[start:m.pos:m.pos]
}

func (m *members) readID() {
	m.idOffset = m.pos
	raw := m.raw(1)
	if bytes.Equal(raw, rawNull) {
		m.idNull = true
		return
	}
	for _, c := range raw {
		if !isDigit(c) || m.id > MaxID {
			m.fail(m.idOffset, nullOrID)
		}
		m.id = m.id*10 + uint64(c-'0')
	}
	if m.id > MaxID {
		m.fail(m.idOffset, nullOrID)
	}
}

func (m *members) readMethod() {
	start := m.pos
	raw := m.raw(1)
	if raw[0] != '"' {
		m.fail(start, "a string")
	}
	m.method = unquote(raw)
}

func (m *members) readParams() {
	if !m.take('[') {
		m.fail(m.pos, `"["`)
	}
	if m.take(']') {
		return
	}
	for {
		m.space()
		if len(m.params) == manyParams {
			m.params = slices.Grow(m.params, m.countParams())
		}
		m.params = append(m.params, m.raw(2))
		if !m.take(',') {
			break
		}
	}
	if !m.take(']') {
		m.fail(m.pos, `"," or "]"`)
	}
}

// manyParams is the number of params after which the rest is counted before it
// is read. Growing the slice step by step would allocate five times its size.
const manyParams = 64

// countParams returns the number of params still to read, without moving.
func (m *members) countParams() int {
	start, count := m.pos, 1
	for m.value(2); m.take(','); m.value(2) {
		count++
	}
	m.pos = start
	return count
}

func (m *members) readResult() {
	start := m.pos
	m.result = m.raw(1)
	m.refuseBoth(start)
}

func (m *members) readError() {
	start := m.pos
	raw := m.raw(1)
	if bytes.Equal(raw, rawNull) {
		return
	}
	if m.error = messageOfError(raw); m.error == nil {
		m.fail(start, `null, a string or an object with a string "message"`)
	}
	m.refuseBoth(start)
}

func (m *members) refuseBoth(offset int) {
	if m.error != nil && !bytes.Equal(m.result, rawNull) {
		m.fail(offset, `"result" or "error" to be null`)
	}
}

func (m *members) assemble(end int) Message {
	response := m.names != nil && m.names[1] == "result"
	required := callNames
	if response {
		required = responseNames
	}
	for i, name := range required {
		if !m.seen[i] {
			m.fail(end, fmt.Sprintf("%q", name))
		}
	}
	switch {
	case response && m.idNull:
		m.fail(m.idOffset, onlyID)
		fallthrough
	case response:
		return Message{Kind: Response, ID: m.id, Result: m.result, Error: m.error}
	case m.idNull:
		return Message{Kind: Notification, Method: m.method, Params: m.params}
	default:
		return Message{Kind: Request, ID: m.id, Method: m.method, Params: m.params}
	}
}

// messageOfError returns the message of an error's valid raw text, or nil. Of
// equal names the last one counts.
func messageOfError(raw json.RawMessage) *string {
	if raw[0] == '{' {
		raw = lastMessage(raw)
	}
	if len(raw) == 0 || raw[0] != '"' {
		return nil
	}
	message := unquote(raw)
	return &message
}

func lastMessage(object json.RawMessage) (value json.RawMessage) {
	s := scanner{text: object, pos: 1, maxNesting: math.MaxInt} // Decode checked its depth
	if s.take('}') {
		return nil
	}
	for {
		name := s.memberName()
		s.space()
		start := s.pos
		s.value(1)
		if nameOf(name) == "message" {
			value = object[start:s.pos]
		}
		if !s.take(',') {
			return value
		}
	}
}

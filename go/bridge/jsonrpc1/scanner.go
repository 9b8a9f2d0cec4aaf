package jsonrpc1

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/bits"
)

// syntaxFault is the reason why a scan stopped. The codec turns it into a
// protocol error or a local error. It is a panic value inside this package
// only.
type syntaxFault struct {
	offset   int
	expected string
}

// scanner checks JSON (RFC 8259) without building values. Its twin is
// packages/jsonrpc1/src/scanner.ts: the same functions, with the same messages
// at the same places. Its one addition to the grammar: it refuses a line break
// between tokens, because it would end the frame.
type scanner struct {
	text       []byte
	pos        int
	maxNesting int
}

// fail stops the scan.
func (s *scanner) fail(offset int, expected string) {
	panic(syntaxFault{offset, expected})
}

// caught recovers a fault into *fault. The codec's entry points defer it.
func caught(fault *error, wrap func(syntaxFault) error) {
	switch r := recover().(type) {
	case nil:
	case syntaxFault:
		*fault = wrap(r)
	default:
		panic(r)
	}
}

// peek returns the next byte, or 0 at the end. A NUL in the text is invalid
// everywhere, too.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

// space skips white space.
func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t':
			s.pos++
		case '\n', '\r':
			s.fail(s.pos, "no line break between tokens")
		default:
			return
		}
	}
}

// take skips white space and reports whether the next byte is c. If so, it
// skips c.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// end skips white space and fails unless the text ends there.
func (s *scanner) end(what string) {
	s.space()
	if s.pos < len(s.text) {
		s.fail(s.pos, what)
	}
}

// value skips one value, which is nested in depth arrays and objects.
func (s *scanner) value(depth int) {
	if end, ok := skip(s.text, s.pos, s.maxNesting-depth); ok {
		s.pos = end
		return
	}
	s.slowValue(depth)
}

// slowValue is value without skip. It fails where the text is invalid.
func (s *scanner) slowValue(depth int) {
	var open []byte
	for {
		s.space()
		c := s.peek()
		if c == '{' || c == '[' {
			if depth+len(open) >= s.maxNesting {
				s.fail(s.pos, fmt.Sprintf("at most %d levels of nesting (maxNesting)", s.maxNesting))
			}
			s.pos++
			end := c + 2 // '{' + 2 is '}', '[' + 2 is ']'
			if !s.take(end) {
				open = append(open, end)
				if end == '}' {
					s.memberName()
				}
				continue
			}
		} else {
			s.scalar(c)
		}
		open = s.closeOrNext(open)
		if len(open) == 0 {
			return
		}
	}
}

// closeOrNext is called after a value. It closes the arrays and objects that
// end there, and moves to the next value if there is one.
func (s *scanner) closeOrNext(open []byte) []byte {
	for len(open) > 0 {
		end := open[len(open)-1]
		if s.take(',') {
			if end == '}' {
				s.memberName()
			}
			return open
		}
		if !s.take(end) {
			s.fail(s.pos, `"," or "`+string(end)+`"`)
		}
		open = open[:len(open)-1]
	}
	return open
}

// memberName skips a member's name and its colon, and returns the raw name.
func (s *scanner) memberName() []byte {
	s.space()
	if s.peek() != '"' {
		s.fail(s.pos, "a member name")
	}
	start := s.pos
	s.string()
	name := s.text[start:s.pos]
	if !s.take(':') {
		s.fail(s.pos, `":"`)
	}
	return name
}

// scalar skips a string, a number or a literal whose first byte is c.
func (s *scanner) scalar(c byte) {
	switch {
	case c == '"':
		s.string()
	case c == '-' || isDigit(c):
		s.number()
	case s.literal("null") || s.literal("true") || s.literal("false"):
	default:
		s.fail(s.pos, "a value")
	}
}

func (s *scanner) literal(word string) bool {
	end := s.pos + len(word)
	if end > len(s.text) || string(s.text[s.pos:end]) != word {
		return false
	}
	s.pos = end
	return true
}

// string skips a string; the next byte is its quote.
func (s *scanner) string() {
	i := s.pos + 1
	for {
		i += plain(s.text[i:])
		if i == len(s.text) {
			s.fail(i, "the end of the string")
		}
		switch s.text[i] {
		case '"':
			s.pos = i + 1
			return
		case '\\':
			i = s.escape(i + 1)
		default:
			s.fail(i, "no control character in a string")
		}
	}
}

// plain returns the number of leading bytes at which a string's scan need not
// stop; it stops at quotes, backslashes and control characters. It checks eight
// bytes at a time: a byte x is less than n where (x - n) &^ x has the high bit
// (https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord).
func plain(text []byte) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	at := 0
	for ; at+8 <= len(text); at += 8 {
		word := binary.LittleEndian.Uint64(text[at:])
		quote, backslash := word^('"'*ones), word^('\\'*ones)
		stops := ((word - ' '*ones) &^ word) | ((quote - ones) &^ quote) | ((backslash - ones) &^ backslash)
		if stops &= highs; stops != 0 {
			// A borrow can reach only bytes above the first stop.
			return at + bits.TrailingZeros64(stops)/8
		}
	}
	for ; at < len(text); at++ {
		if c := text[at]; c == '"' || c == '\\' || c < ' ' {
			break
		}
	}
	return at
}

// escape is called after a backslash and returns the end of the escape.
func (s *scanner) escape(i int) int {
	if i < len(s.text) {
		switch s.text[i] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			return i + 1
		case 'u':
			for at := i + 1; at < i+5; at++ {
				if at >= len(s.text) || !isHexDigit(s.text[at]) {
					s.fail(at, "a hexadecimal digit")
				}
			}
			return i + 5
		}
	}
	s.fail(i, "an escape")
	return 0
}

// number skips a number; the next byte is '-' or a digit.
func (s *scanner) number() {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else {
		s.digits()
	}
	if s.peek() == '.' {
		s.pos++
		s.digits()
	}
	if s.peek()|0x20 == 'e' {
		s.pos++
		if sign := s.peek(); sign == '+' || sign == '-' {
			s.pos++
		}
		s.digits()
	}
}

func (s *scanner) digits() {
	start := s.pos
	for isDigit(s.peek()) {
		s.pos++
	}
	if s.pos == start {
		s.fail(s.pos, "a digit")
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHexDigit(c byte) bool {
	return isDigit(c) || (c|0x20 >= 'a' && c|0x20 <= 'f')
}

// unquote returns the value of a string's valid raw text.
func unquote(raw []byte) string {
	for _, c := range raw {
		if c == '\\' {
			var value string
			if err := json.Unmarshal(raw, &value); err != nil {
				panic(err) // the scanner accepted it
			}
			return value
		}
	}
	return string(raw[1 : len(raw)-1])
}

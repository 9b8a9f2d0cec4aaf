package jsonrpc1

import (
	"encoding/binary"
	"math/bits"
)

// mostOpen is the deepest nesting that skip follows: a bit for each level.
const mostOpen = 64

// skip is a fast path of scanner.value: it returns the end of the value at pos,
// which is nested in at most room arrays and objects. It accepts only what
// scanner.value accepts. ok is false for anything else and for what it does not
// follow: then scanner.value decides, and reports the fault.
//
// One loop without calls, since short strings and numbers leave no time for
// them.
func skip(text []byte, pos, room int) (end int, ok bool) {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	var (
		i = pos
		// objects has a bit for each open array (0) or object (1), the
		// innermost last.
		objects uint64
		open    int
		named   bool // the string at i is a member's name
	)
	room = min(room, mostOpen)

value:
	if i >= len(text) {
		return 0, false
	}
	switch c := text[i]; c {
	case '"':
		named = false
		goto str
	case '{', '[':
		if open >= room {
			return 0, false
		}
		open++
		i++
		objects <<= 1
		if c == '{' {
			objects |= 1
			goto first
		}
		if i < len(text) && text[i] == ']' {
			i++
			goto closed
		}
		goto value
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		i, ok = skipNumber(text, i)
	case 'n':
		ok = i+4 <= len(text) && string(text[i:i+4]) == "null"
		i += 4
	case 't':
		ok = i+4 <= len(text) && string(text[i:i+4]) == "true"
		i += 4
	case 'f':
		ok = i+5 <= len(text) && string(text[i:i+5]) == "false"
		i += 5
	case ' ', '\t':
		i++
		goto value
	default:
		return 0, false
	}
	if !ok {
		return 0, false
	}

next: // after a value
	if open == 0 {
		return i, true
	}
	if i >= len(text) {
		return 0, false
	}
	switch c := text[i]; {
	case c == ',':
		i++
		if objects&1 == 0 {
			goto value
		}
		goto name
	case objects&1 == 0 && c == ']', objects&1 == 1 && c == '}':
		i++
		goto closed
	case c == ' ' || c == '\t':
		i++
		goto next
	}
	return 0, false

closed:
	objects >>= 1
	open--
	goto next

first: // after the opening brace
	if i < len(text) && text[i] == '}' {
		i++
		goto closed
	}

name:
	if i >= len(text) {
		return 0, false
	}
	if c := text[i]; c != '"' {
		if c != ' ' && c != '\t' {
			return 0, false
		}
		i++
		goto name
	}
	named = true

str: // the next byte is a string's quote, or an escape's last byte
	i++
	// A byte x is less than n where (x - n) &^ x has the high bit
	// (https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord). A
	// borrow can reach only bytes above the first stop.
	for ; i+8 <= len(text); i += 8 {
		word := binary.LittleEndian.Uint64(text[i:])
		quote, backslash := word^('"'*ones), word^('\\'*ones)
		stops := ((word - ' '*ones) &^ word) | ((quote - ones) &^ quote) | ((backslash - ones) &^ backslash)
		if stops &= highs; stops != 0 {
			i += bits.TrailingZeros64(stops) / 8
			goto stop
		}
	}
	for i < len(text) && text[i] != '"' && text[i] != '\\' && text[i] >= ' ' {
		i++
	}
	if i >= len(text) {
		return 0, false
	}

stop:
	switch text[i] {
	case '\\':
		if i, ok = skipEscape(text, i+1); !ok {
			return 0, false
		}
		goto str
	case '"':
		i++
		if !named {
			goto next
		}
	default:
		return 0, false
	}

colon:
	if i >= len(text) {
		return 0, false
	}
	switch text[i] {
	case ':':
		i++
		goto value
	case ' ', '\t':
		i++
		goto colon
	}
	return 0, false
}

// skipEscape returns the position of an escape's last byte; i is after the
// backslash.
func skipEscape(text []byte, i int) (last int, ok bool) {
	if i >= len(text) {
		return 0, false
	}
	switch text[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i, true
	case 'u':
		if i+4 >= len(text) {
			return 0, false
		}
		for _, c := range text[i+1 : i+5] {
			if !isHexDigit(c) {
				return 0, false
			}
		}
		return i + 4, true
	}
	return 0, false
}

// skipNumber returns the end of a number; the next byte is '-' or a digit.
func skipNumber(text []byte, i int) (end int, ok bool) {
	if text[i] == '-' {
		i++
	}
	from := i
	i = skipDigits(text, i)
	if i == from {
		return 0, false
	}
	if text[from] == '0' {
		i = from + 1
	}
	if i < len(text) && text[i] == '.' {
		from = i + 1
		if i = skipDigits(text, from); i == from {
			return 0, false
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		from = i
		if i = skipDigits(text, from); i == from {
			return 0, false
		}
	}
	return i, true
}

func skipDigits(text []byte, i int) int {
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	return i
}

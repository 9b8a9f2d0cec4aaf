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
		// Unsigned, so that the compiler sees what is within bounds.
		i, n = uint(pos), uint(len(text))
		// objects has a bit for each open array (0) or object (1), the
		// innermost last.
		objects uint64
		open    int
		named   bool // the string at i is a member's name
	)
	room = min(room, mostOpen)

value:
	if i >= n {
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
		if i < n && text[i] == ']' {
			i++
			goto closed
		}
		goto value
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		i, ok = skipNumber(text, i)
	case 'n':
		i, ok = skipWord(text, i, "null")
	case 't':
		i, ok = skipWord(text, i, "true")
	case 'f':
		i, ok = skipWord(text, i, "false")
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
		return int(i), true
	}
	if i >= n {
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
	if i < n && text[i] == '}' {
		i++
		goto closed
	}

name:
	if i >= n {
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
	// Of a byte x below 0x80, x - n has the high bit if x is less than n
	// (https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord). A
	// borrow can reach only bytes above the first stop.
	for ; i+8 <= n; i += 8 {
		word := binary.LittleEndian.Uint64(text[i : i+8])
		stops := (word - ' '*ones) | (word ^ '"'*ones - ones) | (word ^ '\\'*ones - ones)
		if stops = stops &^ word & highs; stops != 0 {
			i += uint(bits.TrailingZeros64(stops)) / 8
			goto stop
		}
	}
	for i < n && text[i] != '"' && text[i] != '\\' && text[i] >= ' ' {
		i++
	}

stop:
	if i >= n {
		return 0, false
	}
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
	if i >= n {
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

func skipWord(text []byte, i uint, word string) (end uint, ok bool) {
	end = i + uint(len(word))
	return end, end <= uint(len(text)) && string(text[i:end]) == word
}

// skipEscape returns the position of an escape's last byte; i is after the
// backslash.
func skipEscape(text []byte, i uint) (last uint, ok bool) {
	if i >= uint(len(text)) {
		return 0, false
	}
	switch text[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i, true
	case 'u':
		if i+4 >= uint(len(text)) {
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
func skipNumber(text []byte, i uint) (end uint, ok bool) {
	n := uint(len(text))
	if i < n && text[i] == '-' {
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
	if i < n && text[i] == '.' {
		from = i + 1
		if i = skipDigits(text, from); i == from {
			return 0, false
		}
	}
	if i < n && text[i]|0x20 == 'e' {
		i++
		if i < n && (text[i] == '+' || text[i] == '-') {
			i++
		}
		from = i
		if i = skipDigits(text, from); i == from {
			return 0, false
		}
	}
	return i, true
}

func skipDigits(text []byte, i uint) uint {
	for i < uint(len(text)) && isDigit(text[i]) {
		i++
	}
	return i
}

package jsonrpc1

import (
	"bytes"
	"fmt"
)

// MaxValues is the most values in a frame. The bytes of a frame bound its text,
// not what a reader makes of it: a number of one byte becomes an object of many
// in either language. Each comma and each opening bracket or brace outside
// strings counts as one value. The TypeScript codec has the same constant
// (packages/jsonrpc1/src/values.ts).
const MaxValues = 4 << 20

// checkValues fails if a frame has more than MaxValues values. The frame need
// not be valid JSON.
func checkValues(frame []byte) (fault syntaxFault, tooMany bool) {
	if len(frame) <= MaxValues {
		return syntaxFault{}, false
	}
	count := 0
	for i := 0; i < len(frame); i++ {
		switch frame[i] {
		case '"':
			i = endOfString(frame, i)
		case ',', '[', '{':
			if count++; count > MaxValues {
				return syntaxFault{i, fmt.Sprintf("at most %d values (maxValues)", MaxValues)}, true
			}
		}
	}
	return syntaxFault{}, false
}

// endOfString returns the position of the closing quote of the string that
// starts at start, or the frame's length if there is none.
func endOfString(frame []byte, start int) int {
	for end := start; ; {
		next := bytes.IndexByte(frame[end+1:], '"')
		if next < 0 {
			return len(frame)
		}
		end += 1 + next
		first := end // of the backslashes before it
		for first-1 > start && frame[first-1] == '\\' {
			first--
		}
		if (end-first)%2 == 0 {
			return end
		}
	}
}

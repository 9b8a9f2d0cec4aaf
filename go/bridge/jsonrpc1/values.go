package jsonrpc1

import "fmt"

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
	count, inString := 0, false
	for i := 0; i < len(frame); i++ {
		switch c := frame[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == ',' || c == '[' || c == '{'):
			if count++; count > MaxValues {
				return syntaxFault{i, fmt.Sprintf("at most %d values (maxValues)", MaxValues)}, true
			}
		}
	}
	return syntaxFault{}, false
}

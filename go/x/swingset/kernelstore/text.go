package kernelstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// errSurrogate refuses a text that is not UTF-8. Replacing a lone surrogate, as
// encoding/json does, could make two keys equal.
var errSurrogate = errors.New("expected a string without lone surrogates")

// parseText parses a JSON string whose schema was checked.
func parseText(raw json.RawMessage) (string, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	if hasLoneSurrogate(raw) {
		return "", errSurrogate
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err
}

// textOf returns a JSON string. It escapes only what must be escaped.
func textOf(text string) json.RawMessage {
	escaped := strings.Count(text, `"`) + strings.Count(text, `\`)
	quoted := make([]byte, 0, len(text)+escaped+len(`""`))
	quoted = append(quoted, '"')
	done := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		quoted = append(quoted, text[done:i]...)
		done = i + 1
		if c < ' ' {
			quoted = append(quoted, '\\', 'u', '0', '0', '0'+c>>4, hexDigits[c&15])
		} else {
			quoted = append(quoted, '\\', c)
		}
	}
	return append(append(quoted, text[done:]...), '"')
}

const hexDigits = "0123456789abcdef"

// hasLoneSurrogate reports whether a text has an escape such as \ud800 that is
// not half of a pair.
func hasLoneSurrogate(raw json.RawMessage) bool {
	for {
		start := bytes.IndexByte(raw, '\\')
		if start < 0 {
			return false
		}
		raw = raw[start:]
		unit, escaped := escapedUnit(raw)
		if !escaped {
			raw = raw[2:]
			continue
		}
		raw = raw[6:]
		if !utf16.IsSurrogate(unit) {
			continue
		}
		low, escaped := escapedUnit(raw)
		if !escaped || utf16.DecodeRune(unit, low) == unicode.ReplacementChar {
			return true
		}
		raw = raw[6:]
	}
}

// escapedUnit parses a leading \uXXXX, if there is one.
func escapedUnit(raw json.RawMessage) (unit rune, escaped bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	value, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return rune(value), err == nil
}

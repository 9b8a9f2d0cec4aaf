package jsonrpc1

import (
	"strings"
	"testing"
)

// FuzzSkip holds the fast path to the scanner's own answers.
func FuzzSkip(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,-2.5e+3,{"b":"c\u00e9\n"},null],"d":{}}`, `[]`, `[ ]`, `{ }`, ` [1 , 2]`, `[1,]`, `[1,}`, `{"a":1,}`,
		`01`, `1.`, `1e`, `-`, `"`, `"\`, `"\x"`, `"\u12"`, "\"\x01\"", `nul`, `truefalse`, `{"a" : 1}`, `{"a"}`, "[1\n]",
		`"eight by` + `te words and more of them"`, `"` + strings.Repeat("x", 40) + `\"` + `"`,
		strings.Repeat("[", mostOpen) + strings.Repeat("]", mostOpen), strings.Repeat("[", mostOpen+1) + strings.Repeat("]", mostOpen+1),
	} {
		f.Add([]byte(text), uint8(0), uint8(70))
		f.Add([]byte(text), uint8(2), uint8(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, depth, maxNesting uint8) {
		end, ok := skip(text, 0, int(maxNesting)-int(depth))
		want, err := slowEnd(text, int(depth), int(maxNesting))
		if ok && (err != nil || end != want) {
			t.Fatalf("skip of %q ends at %d, the scanner at %d: %v", text, end, want, err)
		}
		if !ok && err == nil && isUsual(text[:want]) {
			t.Fatalf("skip refuses %q", text[:want])
		}
	})
}

// isUsual reports whether skip must accept a valid text: nested less deep than
// it follows, and without white space in an empty container.
func isUsual(text []byte) bool {
	return strings.Count(string(text), "[")+strings.Count(string(text), "{") <= mostOpen &&
		!strings.ContainsAny(string(text), " \t")
}

func slowEnd(text []byte, depth, maxNesting int) (end int, err error) {
	defer caught(&err, func(f syntaxFault) error { return protocolError("", f) })
	s := scanner{text: text, maxNesting: maxNesting}
	s.slowValue(depth)
	return s.pos, nil
}

// Package visible makes text safe to print.
package visible

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text returns a text in a form that is safe on one line of a terminal
// or a log. It escapes, such as \x1b, \r or \u202e, each character that is not
// printable, a space or a tab, and each byte that is not UTF-8.
func Text(text string) string {
	var b strings.Builder
	from := 0 // the text before from is in b
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(text[from:at])
			fmt.Fprintf(&b, `\x%02x`, text[at])
			from = at + size
		case r != '\t' && !strconv.IsPrint(r):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(text[from:at])
			b.WriteString(quoted[1 : len(quoted)-1])
			from = at + size
		}
		at += size
	}
	if from == 0 {
		return text
	}
	b.WriteString(text[from:])
	return b.String()
}

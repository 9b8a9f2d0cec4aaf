package supervisor

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Visible returns a text that a VM may have written as it may stand on one line
// of a terminal or a log: with an escape, such as \x1b, \r or \u202e, for each
// character that is no printable one, a space or a tab, and for each byte that
// is no UTF-8.
func Visible(text string) string {
	var b strings.Builder
	from := 0 // what is before is in b
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

package trace

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const ellipsis = '…'

// Format returns the entry as one readable line of at most width characters;
// any length if width is 0. Times are in UTC.
func Format(e Entry, width int) string {
	var b strings.Builder
	b.WriteString(e.Time.UTC().Format("15:04:05.000000"))
	b.WriteByte(' ')
	if e.Kind == Heading {
		return shorten(b.String()+"head ", e.Text, width)
	}
	b.WriteString(strings.Repeat("  ", e.Depth))
	fmt.Fprintf(&b, "%s %-6s", e.From+"→"+peerOf(e.From), e.Kind)
	if e.ID != nil {
		fmt.Fprintf(&b, " #%d", *e.ID)
	}
	switch {
	case e.Method != "":
		b.WriteString(" " + e.Method)
	case e.Kind == Answer || e.Kind == Failure:
		b.WriteString(" (its call is not in the trace)")
	}
	if e.Micros != nil {
		b.WriteString(" " + (time.Duration(*e.Micros) * time.Microsecond).String())
	}
	if e.Reason != "" {
		b.WriteString(" (" + e.Reason + ")")
	}
	b.WriteByte(' ')
	if e.Kind == Call || e.Kind == Notify { // an array: omit its brackets
		e.Text = e.Text[1 : len(e.Text)-1]
	}
	return shorten(b.String(), e.Text, width)
}

// shorten joins head and tail, cut to width characters, and escapes each
// character that a terminal could interpret.
func shorten(head string, tail []byte, width int) string {
	var b strings.Builder
	b.Grow(len(head) + min(len(tail), max(width, 64)))
	left := width
	put := func(text string) bool {
		if width == 0 {
			b.WriteString(text)
			return true
		}
		if left -= utf8.RuneCountInString(text); left < 0 {
			return false
		}
		b.WriteString(text)
		return true
	}
	cut := func() string {
		runes := []rune(b.String())
		if len(runes) >= width {
			runes = runes[:width-1]
		}
		return string(runes) + string(ellipsis)
	}
	for _, part := range []string{head, string(window(tail, width))} {
		for _, r := range part {
			if !put(visible(r)) {
				return cut()
			}
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// window returns the part of a text that width characters can need, plus one
// character.
func window(text []byte, width int) []byte {
	if width == 0 {
		return text
	}
	return text[:min(len(text), (width+1)*utf8.UTFMax)]
}

func visible(r rune) string {
	if r == ' ' || strconv.IsPrint(r) {
		return string(r)
	}
	quoted := strconv.QuoteRuneToASCII(r)
	return quoted[1 : len(quoted)-1]
}

// FormatJSON returns the entry as one line of JSON, with params, result, error
// or frame as they were sent.
func FormatJSON(e Entry) ([]byte, error) {
	line := struct {
		Entry
		Params json.RawMessage `json:"params,omitempty"`
		Result json.RawMessage `json:"result,omitempty"`
		Error  json.RawMessage `json:"error,omitempty"`
		Frame  json.RawMessage `json:"frame,omitempty"`
	}{Entry: e}
	switch e.Kind {
	case Call, Notify:
		line.Params = e.Text
	case Answer:
		line.Result = e.Text
	case Failure:
		line.Error = e.Text
	case Broken:
		line.Frame = e.Text
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(line)
	return []byte(text.String()), err
}

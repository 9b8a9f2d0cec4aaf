// Package pretty shows the data at a path of vstorage as people read them:
// stream cells, CapData in both of its encodings, and JSON inside JSON.
package pretty

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// Value returns data as text of one or more lines, without a final newline, and
// without control characters. Data that are not JSON are text. It is safe for
// concurrent use.
func Value(data string) string {
	parsed, err := parse(data)
	if err != nil {
		return lines(data)
	}
	if cell, is := streamCell(parsed); is {
		return cell
	}
	return block(reveal(parsed, maxNesting), "")
}

// lines shows text that is not JSON, line by line.
func lines(text string) string {
	shown := strings.Split(text, "\n")
	for i := range shown {
		shown[i] = visible(shown[i])
	}
	return strings.Join(shown, "\n")
}

// streamCell shows what a block has appended: {"blockHeight": text, "values":
// [text, ...]}.
func streamCell(value node) (string, bool) {
	cell, is := value.(*object)
	if !is || len(cell.names) != 2 {
		return "", false
	}
	height, hasHeight := cell.text("blockHeight")
	list, _ := cell.get("values")
	values, hasValues := list.([]node)
	if !hasHeight || !hasValues {
		return "", false
	}
	shown := []string{"block " + visible(height) + ":"}
	for _, value := range values {
		text, is := value.(string)
		if !is {
			return "", false
		}
		inner := lines(text)
		if parsed, err := parse(text); err == nil {
			inner = block(reveal(parsed, maxNesting), "")
		}
		shown = append(shown, indent+strings.ReplaceAll(inner, "\n", "\n"+indent))
	}
	return strings.Join(shown, "\n"), true
}

// maxNesting bounds the nesting of JSON inside strings of JSON.
const maxNesting = 8

// reveal decodes the CapData of a tree, and the strings that hold JSON objects
// or lists.
func reveal(value node, nesting int) node {
	switch value := value.(type) {
	case string:
		trimmed := strings.TrimSpace(value)
		if nesting > 0 && (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")) {
			if parsed, err := parse(trimmed); err == nil {
				return reveal(parsed, nesting-1)
			}
		}
	case []node:
		for i := range value {
			value[i] = reveal(value[i], nesting)
		}
	case *object:
		if decoded, is := capData(value); is {
			return decoded
		}
		for i := range value.values {
			value.values[i] = reveal(value.values[i], nesting)
		}
	}
	return value
}

// tagged is a value with a tag: copySet, copyBag, match:any.
type tagged struct {
	tag     string
	payload node
}

const (
	indent = "  "
	// width is the maximum length of a list or object on one line.
	width = 76
)

// block shows a value on several lines if necessary.
func block(value node, margin string) string {
	if text := inline(value); len(margin)+len(text) <= width {
		return text
	}
	inner := margin + indent
	switch value := value.(type) {
	case []node:
		var text strings.Builder
		for _, each := range value {
			text.WriteString(inner + block(each, inner) + ",\n")
		}
		return "[\n" + text.String() + margin + "]"
	case *object:
		var text strings.Builder
		for i, name := range value.names {
			text.WriteString(inner + memberName(name) + ": " + block(value.values[i], inner) + ",\n")
		}
		return "{\n" + text.String() + margin + "}"
	case *tagged:
		return visible(value.tag) + " " + block(value.payload, margin)
	default:
		return inline(value)
	}
}

// inline shows a value on one line. It gives up on one that is too long for
// that, with a text that is longer than width.
func inline(value node) string {
	var text strings.Builder
	writeInline(&text, value)
	return text.String()
}

func writeInline(text *strings.Builder, value node) {
	switch value := value.(type) {
	case nil:
		text.WriteString("null")
	case bool:
		text.WriteString(strconv.FormatBool(value))
	case json.Number:
		text.WriteString(string(value))
	case string:
		text.WriteString(strconv.Quote(value))
	case word:
		text.WriteString(string(value))
	case *tagged:
		text.WriteString(visible(value.tag) + " ")
		writeInline(text, value.payload)
	case []node:
		text.WriteByte('[')
		for i, each := range value {
			if i > 0 {
				text.WriteString(", ")
			}
			if text.Len() > width {
				return
			}
			writeInline(text, each)
		}
		text.WriteByte(']')
	case *object:
		if len(value.names) == 0 {
			text.WriteString("{}")
			return
		}
		text.WriteString("{ ")
		for i, name := range value.names {
			if i > 0 {
				text.WriteString(", ")
			}
			if text.Len() > width {
				return
			}
			text.WriteString(memberName(name) + ": ")
			writeInline(text, value.values[i])
		}
		text.WriteString(" }")
	}
}

var identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

func memberName(name string) string {
	if identifier.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

// visible returns text with escapes for control characters and invisible ones.
func visible(text string) string {
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`), `\\`, `\`)
}

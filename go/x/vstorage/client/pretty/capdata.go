package pretty

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// capData is a body with its slots: {"body": text, "slots": [...]}. A body
// that starts with # is smallcaps, any other one has @qclass.
func capData(o *object) (node, bool) {
	body, hasBody := o.text("body")
	value, hasSlots := o.get("slots")
	slots, isList := value.([]node)
	if len(o.names) != 2 || !hasBody || !hasSlots || !isList {
		return nil, false
	}
	small, isSmall := strings.CutPrefix(body, "#")
	parsed, err := parse(small)
	if err != nil {
		return nil, false
	}
	if isSmall {
		return smallcaps{slots}.decode(parsed), true
	}
	return (&qclass{slots: slots}).decode(parsed), true
}

// slotOf names a slot: its name in vstorage, such as a board id, and the
// interface of its object.
func slotOf(slots []node, index int, kind, iface string) node {
	id := "slot " + strconv.Itoa(index)
	if index >= 0 && index < len(slots) && slots[index] != nil {
		id = inline(slots[index])
		if text, is := slots[index].(string); is {
			id = visible(text)
		}
	}
	name := kind
	if iface != "" {
		name = visible(strings.TrimPrefix(iface, "Alleged: "))
	}
	return word("<" + name + " " + id + ">")
}

// errorOf shows an error as JavaScript does.
func errorOf(name, message string) node {
	return word(visible(name) + "(" + strconv.Quote(message) + ")")
}

// bigint shows digits as a bigint if they are one.
func bigint(digits string) (node, bool) {
	if !bigints.MatchString(digits) {
		return nil, false
	}
	return word(digits + "n"), true
}

var bigints = regexp.MustCompile(`^-?[0-9]+$`)

// smallcaps is the encoding whose strings have a prefix where they are not
// plain text.
type smallcaps struct{ slots []node }

func (s smallcaps) decode(value node) node {
	switch value := value.(type) {
	case string:
		return s.text(value)
	case []node:
		for i := range value {
			value[i] = s.decode(value[i])
		}
	case *object:
		return s.object(value)
	}
	return value
}

func (s smallcaps) text(text string) node {
	if text == "" {
		return text
	}
	rest := text[1:]
	switch text[0] {
	case '!':
		return rest
	case '#':
		return word(visible(rest)) // undefined, NaN, Infinity, -Infinity
	case '%':
		return word("Symbol(" + visible(rest) + ")")
	case '+':
		if shown, is := bigint(rest); is {
			return shown
		}
	case '-':
		if shown, is := bigint(text); is {
			return shown
		}
	case '$', '&':
		number, iface, _ := strings.Cut(rest, ".")
		if index, err := strconv.Atoi(number); err == nil {
			kind := "remotable"
			if text[0] == '&' {
				kind = "promise"
			}
			return slotOf(s.slots, index, kind, iface)
		}
	}
	return text
}

func (s smallcaps) object(o *object) node {
	if tag, is := o.get("#tag"); is {
		payload, _ := o.get("payload")
		return &tagged{plainText(s.decode(tag)), s.decode(payload)}
	}
	if message, is := o.get("#error"); is {
		name, _ := o.get("name")
		return errorOf(plainText(s.decode(name)), plainText(s.decode(message)))
	}
	for i := range o.values {
		o.names[i] = plainText(s.decode(o.names[i]))
		o.values[i] = s.decode(o.values[i])
	}
	return o
}

// qclass is the older encoding, with objects for what JSON lacks.
type qclass struct{ slots []node }

func (q *qclass) decode(value node) node {
	switch value := value.(type) {
	case []node:
		for i := range value {
			value[i] = q.decode(value[i])
		}
	case *object:
		if class, is := value.text("@qclass"); is {
			if shown, known := q.special(class, value); known {
				return shown
			}
		}
		for i := range value.values {
			value.values[i] = q.decode(value.values[i])
		}
	}
	return value
}

func (q *qclass) special(class string, o *object) (node, bool) {
	text := func(name string) string { value, _ := o.text(name); return value }
	switch class {
	case "undefined", "NaN", "Infinity", "-Infinity":
		return word(class), true
	case "bigint":
		return bigint(text("digits"))
	case "@@asyncIterator":
		return word("Symbol(@@asyncIterator)"), true
	case "symbol":
		return word("Symbol(" + visible(text("name")) + ")"), true
	case "slot":
		value, _ := o.get("index")
		number, _ := value.(json.Number)
		index, err := strconv.Atoi(string(number))
		return slotOf(q.slots, index, "slot", text("iface")), err == nil
	case "error":
		return errorOf(text("name"), text("message")), true
	case "tagged":
		payload, _ := o.get("payload")
		return &tagged{text("tag"), q.decode(payload)}, true
	case "hilbert":
		original, _ := o.get("original")
		shown := &object{names: []string{"@qclass"}, values: []node{q.decode(original)}}
		rest, _ := o.get("rest")
		if others, is := q.decode(rest).(*object); is {
			shown.names = append(shown.names, others.names...)
			shown.values = append(shown.values, others.values...)
		}
		return shown, true
	default:
		return nil, false
	}
}

func plainText(value node) string {
	if text, is := value.(string); is {
		return text
	}
	if value == nil {
		return "Error"
	}
	return inline(value)
}

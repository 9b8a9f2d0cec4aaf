// Package capdata decodes CapData, in smallcaps and in the older encoding with
// @qclass, into JSON's values. Source: @endo/marshal's docs/smallcaps-cheatsheet.md
// and src/encodeToCapData.js.
package capdata

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Transformations say what the values that JSON lacks become. Without a
// transformation such a value is an error.
type Transformations struct {
	// Bigint gets the decimal digits, after a "-" if the bigint is negative.
	Bigint func(digits string) any
	// Remotable gets a slot and the name of its interface, "" if none is known.
	Remotable func(slot any, iface string) any
}

// Decode decodes the JSON of CapData. The result has the types of encoding/json:
// numbers are float64, as in JavaScript.
func Decode(text string, with Transformations) (any, error) {
	var data struct {
		Body  string `json:"body"`
		Slots []any  `json:"slots"`
	}
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		return nil, err
	}
	if data.Body == "" || data.Slots == nil {
		return nil, errors.New("invalid CapData")
	}
	d := &decoder{slots: data.Slots, bigint: with.Bigint, ifaces: map[int]*string{}}
	body, isSmallcaps := strings.CutPrefix(data.Body, "#")
	decode := d.legacy
	if isSmallcaps {
		decode = d.smallcaps
	}
	var encoded any
	if err := json.Unmarshal([]byte(body), &encoded); err != nil {
		return nil, err
	}
	decoded, err := decode(encoded)
	if err != nil || len(d.ifaces) == 0 {
		return decoded, err
	}
	if with.Remotable == nil {
		return nil, errors.New("untransformed remotable")
	}
	return d.resolve(decoded, with.Remotable), nil
}

// decoder decodes one body.
type decoder struct {
	slots  []any
	bigint func(digits string) any
	// ifaces has an entry for each slot that the body refers to: its interface,
	// nil while none is known. Any reference to a slot may be the one that names
	// the interface, so remotables are resolved at the end.
	ifaces map[int]*string
}

// remotable is a reference to a slot, until it is resolved.
type remotable int

func (d *decoder) remotable(slot int, iface *string) (any, error) {
	if known := d.ifaces[slot]; known != nil && iface != nil && *known != *iface {
		return nil, fmt.Errorf("slot iface mismatch: %q", *iface)
	}
	if d.ifaces[slot] == nil {
		d.ifaces[slot] = iface
	}
	return remotable(slot), nil
}

// resolve replaces the remotables of a decoded value.
func (d *decoder) resolve(value any, transform func(slot any, iface string) any) any {
	switch value := value.(type) {
	case remotable:
		iface := ""
		if known := d.ifaces[int(value)]; known != nil {
			iface = *known
		}
		return transform(d.slots[value], iface)
	case []any:
		for i := range value {
			value[i] = d.resolve(value[i], transform)
		}
	case map[string]any:
		for name := range value {
			value[name] = d.resolve(value[name], transform)
		}
	}
	return value
}

var digitsOfBigint = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// bigintOf transforms the digits of a bigint; shown is the encoded one.
func (d *decoder) bigintOf(digits string, shown any) (any, error) {
	if !digitsOfBigint.MatchString(digits) {
		return nil, fmt.Errorf("invalid bigint: %s", quoted(shown))
	}
	if d.bigint == nil {
		return nil, errors.New("untransformed bigint")
	}
	return d.bigint(digits), nil
}

// slotNumber parses an index into the slots.
func (d *decoder) slotNumber(digits string) (int, bool) {
	index, err := strconv.ParseUint(digits, 10, 31)
	return int(index), err == nil && index < uint64(len(d.slots))
}

func (d *decoder) smallcaps(encoded any) (any, error) {
	switch encoded := encoded.(type) {
	case []any:
		return each(encoded, d.smallcaps)
	case map[string]any:
		return d.smallcapsRecord(encoded)
	case string:
		return d.smallcapsText(encoded)
	}
	return encoded, nil
}

func (d *decoder) smallcapsRecord(encoded map[string]any) (any, error) {
	for _, kind := range []string{"#tag", "#error"} {
		if _, is := encoded[kind]; is {
			return nil, fmt.Errorf("not implemented: %s", kind)
		}
	}
	decoded := make(map[string]any, len(encoded))
	for name, value := range encoded {
		plain := name
		switch {
		case strings.HasPrefix(name, "#"):
			return nil, fmt.Errorf("unrecognized record type: %q", name)
		case strings.HasPrefix(name, "!"):
			plain = name[1:]
		case name != "" && isSpecial(name[0]):
			return nil, fmt.Errorf("invalid copyRecord key: %q", name)
		}
		var err error
		if decoded[plain], err = d.smallcaps(value); err != nil {
			return nil, err
		}
	}
	return decoded, nil
}

// isSpecial reports whether a character at the start of a smallcaps string
// makes it another value than text.
func isSpecial(first byte) bool { return first >= '!' && first <= '-' }

func (d *decoder) smallcapsText(text string) (any, error) {
	if text == "" || !isSpecial(text[0]) {
		return text, nil
	}
	switch rest := text[1:]; text[0] {
	case '!':
		return rest, nil
	case '+':
		return d.bigintOf(rest, text)
	case '-':
		return d.bigintOf(text, text)
	case '$':
		number, name, named := strings.Cut(rest, ".")
		slot, is := d.slotNumber(number)
		if !is {
			return nil, fmt.Errorf("invalid slot index: %q", text)
		}
		if !named {
			return d.remotable(slot, nil)
		}
		return d.remotable(slot, &name)
	case '#', '%', '&':
		return nil, fmt.Errorf("not implemented: %q", text)
	}
	return nil, fmt.Errorf("invalid smallcaps encoding prefix: %q", text[:1])
}

func (d *decoder) legacy(encoded any) (any, error) {
	switch encoded := encoded.(type) {
	case []any:
		return each(encoded, d.legacy)
	case map[string]any:
		class, is := encoded["@qclass"]
		if is {
			return d.legacyClass(class, encoded)
		}
		for name, value := range encoded {
			decoded, err := d.legacy(value)
			if err != nil {
				return nil, err
			}
			encoded[name] = decoded
		}
	}
	return encoded, nil
}

func (d *decoder) legacyClass(class any, encoded map[string]any) (any, error) {
	name, is := class.(string)
	if !is {
		return nil, fmt.Errorf("invalid @qclass: %s", quoted(class))
	}
	switch name {
	case "bigint":
		digits, _ := encoded["digits"].(string)
		return d.bigintOf(digits, encoded["digits"])
	case "slot":
		return d.legacySlot(encoded["index"], encoded["iface"])
	case "hilbert", "undefined", "NaN", "Infinity", "-Infinity", "symbol", "tagged", "error":
		return nil, fmt.Errorf("not implemented: @qclass %q", name)
	}
	return nil, fmt.Errorf("unrecognized @qclass: %q", name)
}

func (d *decoder) legacySlot(index, iface any) (any, error) {
	number, is := index.(float64)
	slot, within := d.slotNumber(strconv.FormatFloat(number, 'f', -1, 64))
	if !is || !within {
		return nil, fmt.Errorf("invalid slot index: %s", quoted(index))
	}
	if iface == nil {
		return d.remotable(slot, nil)
	}
	name, is := iface.(string)
	if !is {
		return nil, fmt.Errorf("invalid slot iface: %s", quoted(iface))
	}
	return d.remotable(slot, &name)
}

// each decodes the elements of a list in place.
func each(list []any, decode func(any) (any, error)) (any, error) {
	for i := range list {
		decoded, err := decode(list[i])
		if err != nil {
			return nil, err
		}
		list[i] = decoded
	}
	return list, nil
}

// quoted shows a value of JSON in an error.
func quoted(value any) string {
	if text, is := value.(string); is {
		return strconv.Quote(text)
	}
	text, _ := json.Marshal(value)
	return string(text)
}
